"""Optimizers, learning-rate schedules, and the moving average of weights."""

import math

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from torch.optim.swa_utils import get_ema_multi_avg_fn

from lstmterm.nn.muon import Muon
from lstmterm.nn.task import Tensors
from lstmterm.spec.training import TrainingPart

_MEMORIES: dict[type[Optimizer], frozenset[str]] = {
    Adam: frozenset(("step", "exp_avg", "exp_avg_sq")),
    AdamW: frozenset(("step", "exp_avg", "exp_avg_sq")),
    SGD: frozenset(("momentum_buffer",)),
    RMSprop: frozenset(("step", "square_avg")),
}
STEP_DROPS = 4  # times that the step schedule halves the rate, at equal distances


def make_optimizer(model: nn.Module, part: TrainingPart) -> Optimizer:
    """Make the optimizer of a spec, fused where torch offers it.

    Weights decay, but biases and vectors do not. With Muon only its own matrices decay, which measured
    better than decaying the embedding and the output too.
    """
    parameters = list(model.parameters())
    if part.optimizer == "muon":
        gates = recurrent_matrices(model)
        others = [p for p in parameters if all(p is not gate for gate in gates)]
        return Muon(gates, others, part.learning_rate, part.weight_decay, part.precision)
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": part.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [g for g in groups if g["params"]]
    match part.optimizer:
        case "adamw":
            return AdamW(groups, lr=part.learning_rate, betas=(0.9, 0.99), fused=True)
        case "adam":
            return Adam(groups, lr=part.learning_rate, betas=(0.9, 0.99), fused=True)
        case "sgd":
            return SGD(groups, lr=part.learning_rate, momentum=0.9, nesterov=True, fused=True)
        case "rmsprop":
            return RMSprop(groups, lr=part.learning_rate, alpha=0.99)


def recurrent_matrices(model: nn.Module) -> list[nn.Parameter]:
    """Return the LSTM weights from hidden units to hidden units: (4H, H), or (4H, 2H) above two directions."""
    return [
        p
        for module in model.modules()
        if isinstance(module, nn.LSTM)
        for name, p in module.named_parameters()
        if name.startswith("weight_hh") or (name.startswith("weight_ih") and "_l0" not in name)
    ]


def memory_of(optimizer: Optimizer, parameter: nn.Parameter) -> frozenset[str]:
    """Return the names of what an optimizer of `make_optimizer` keeps of a parameter from its first step on."""
    if isinstance(optimizer, Muon):
        is_gate = any(parameter is gate for gate in optimizer.gates["params"])
        return frozenset(("momentum",)) if is_gate else _MEMORIES[AdamW]
    return _MEMORIES[type(optimizer)]


def set_rate(optimizer: Optimizer, rate: float) -> None:
    """Set the learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def scheduled_rate(part: TrainingPart, step: int) -> float:
    """Return the learning rate of step `step`, counted from 0: linear warm-up, then the schedule."""
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
    return part.learning_rate * share


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
    if optimizer.defaults.get("fused"):
        # what torch.amp.GradScaler sets for fused optimizers; torch has no setter for it
        optimizer.found_inf = (~finite).float()  # pyright: ignore[reportAttributeAccessIssue]
        optimizer.step()
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
