"""Optimizers, learning-rate schedules, and the moving average of weights."""

import contextlib
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from lstmterm.nn.muon import Muon
from lstmterm.nn.optimizers import SGD, Adam, AdamW, Group, Optimizer, RMSprop
from lstmterm.nn.task import Tensors
from lstmterm.spec.training import TrainingPart

RULES: dict[str, type[Optimizer]] = {"adamw": AdamW, "adam": Adam, "sgd": SGD, "rmsprop": RMSprop}
STEP_DROPS = 4  # times that the step schedule halves the rate, at equal distances


def make_optimizer(model: nn.Module, part: TrainingPart) -> Optimizer:
    """Make the optimizer of a spec, fused where torch offers it.

    Weights decay, but biases and vectors do not. With Muon only its own matrices decay, which measured
    better than decaying the embedding and the output too.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    if part.optimizer == "muon":
        gates = [p for p in recurrent_matrices(model) if p.requires_grad]
        others = [p for p in parameters if all(p is not gate for gate in gates)]
        return Muon(gates, others, part.learning_rate, part.weight_decay, part.precision)
    matrices = Group([p for p in parameters if p.ndim > 1], part.learning_rate, part.weight_decay)
    vectors = Group([p for p in parameters if p.ndim <= 1], part.learning_rate)
    return RULES[part.optimizer]([matrices, vectors])


def recurrent_matrices(model: nn.Module) -> list[nn.Parameter]:
    """Return the LSTM weights from hidden units to hidden units: (4H, H), or (4H, 2H) above two directions."""
    return [
        p
        for module in model.modules()
        if isinstance(module, nn.LSTM)
        for name, p in module.named_parameters()
        if name.startswith("weight_hh") or (name.startswith("weight_ih") and "_l0" not in name)
    ]


def scheduled_rate(part: TrainingPart, step: int) -> float:
    """Return the learning rate of step `step`, counted from 0: linear warm-up, the schedule, linear cool-down."""
    if step < part.warmup:
        return part.learning_rate * (step + 1) / part.warmup
    done = (step - part.warmup) / max(part.steps - part.warmup, 1)
    match part.schedule:
        case "constant":
            share = 1.0
        case "cosine":
            fallen = 0.5 * (1 - math.cos(math.pi * min(done, 1.0)))
            share = 1 - (1 - part.final_rate) * fallen
        case "step":
            share = 0.5 ** math.floor(min(done, 1.0) * (STEP_DROPS + 1))
    left = max(1 - step / part.steps, 0.0)
    return part.learning_rate * share * (min(left / part.cooldown, 1.0) if part.cooldown else 1.0)


def clip_gradients(model: nn.Module, longest: float) -> Tensor:
    """Clip the gradient to a norm of `longest` (0: do not clip); return its norm before, a scalar."""
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients)
    if longest > 0:
        torch.nn.utils.clip_grads_with_norm_(model.parameters(), longest, norm)
    return norm


def guarded_step(optimizer: Optimizer, finite: Tensor) -> None:
    """Make a step unless `finite` (a boolean scalar) is false.

    Fused optimizers check it on the device, without waiting; for the others the host checks it.
    """
    if optimizer.fused:
        optimizer.step((~finite).float())
    elif finite.item():
        optimizer.step()


class MovingAverage:
    """An exponential moving average of the weights (Polyak & Juditsky 1992) from the first step on.

    The decay ramps up as (1 + n) / (10 + n), so that the initial weights are soon forgotten.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.parameters = dict(model.named_parameters())
        self.weights: Tensors = {name: p.detach().clone() for name, p in self.parameters.items()}
        self.decay = decay

    def update(self, step: int) -> None:
        """Add the weights after step `step`."""
        decay = min(self.decay, (1 + step) / (10 + step))
        averaged, latest = list(self.weights.values()), [p.detach() for p in self.parameters.values()]
        get_ema_multi_avg_fn(decay)(averaged, latest, None)

    def swap(self) -> None:
        """Exchange the average and the model's weights: once to use it, and again to continue training."""
        with torch.no_grad():
            for name, p in self.parameters.items():
                kept = p.detach().clone()
                p.copy_(self.weights[name])
                self.weights[name].copy_(kept)


@contextlib.contextmanager
def as_used(model: nn.Module, average: MovingAverage | None) -> Iterator[None]:
    """Use the model as it will be used: averaged weights, no dropout, no gradients."""
    model.eval()
    if average:
        average.swap()
    try:
        with torch.no_grad():
            yield
    finally:
        if average:
            average.swap()
        model.train()
