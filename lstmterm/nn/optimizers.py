"""AdamW, Adam, SGD and RMSprop over torch's functional forms.

The classes of torch.optim import torch's compiler with the first one that is made, which takes a second, and
nothing here is compiled.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from lstmterm.nn.pieces import Pieces

BETAS = (0.9, 0.99)  # of Adam's two averages
MOMENTUM = 0.9  # of SGD, Nesterov's
ALPHA = 0.99  # of RMSprop's average
EPSILON = 1e-8


@dataclass
class Group:
    """Parameters with the same settings."""

    parameters: list[nn.Parameter]
    rate: float
    weight_decay: float = 0.0
    decay_share: float = 1.0  # of the weight decay, in the next step

    @property
    def decay(self) -> float:
        """The weight decay of the next step."""
        return self.weight_decay * self.decay_share


class Optimizer(ABC):
    """Updates parameters by their gradients; what it remembers of each is in `memory`."""

    remembers: ClassVar[frozenset[str]]  # of every parameter, from its first step on
    fused: ClassVar[bool] = True  # whether it checks on the device, without waiting, that a step is finite

    def __init__(self, groups: Iterable[Group]) -> None:
        self.groups = [group for group in groups if group.parameters]
        self.memory: dict[nn.Parameter, dict[str, Tensor]] = {}
        self.pieces: Pieces | None = None  # threads that work apart, for what is worth it

    def memory_of(self, parameter: nn.Parameter) -> frozenset[str]:
        """Return the names of what it remembers of a parameter."""
        return self.remembers

    def set_rate(self, rate: float, decay_share: float = 1.0) -> None:
        """Set the learning rate of the next step, and the share of the weight decay."""
        for group in self.groups:
            group.rate, group.decay_share = rate, decay_share

    def forget_gradients(self) -> None:
        """Remove all gradients, so that the next backward pass sets them."""
        for group in self.groups:
            for parameter in group.parameters:
                parameter.grad = None

    @torch.no_grad()
    def step(self, bad: Tensor | None = None) -> None:
        """Update every parameter that has a gradient; a `bad` step (a scalar, 1.0) changes nothing.

        Those that are not `fused` ignore `bad`.
        """
        for group in self.groups:
            parameters = [p for p in group.parameters if p.grad is not None]
            if parameters:
                gradients = [p.grad for p in parameters if p.grad is not None]
                self.update(group, parameters, gradients, bad)

    @abstractmethod
    def update(
        self, group: Group, parameters: list[nn.Parameter], gradients: list[Tensor], bad: Tensor | None
    ) -> None:
        """Update these parameters of a group, all of which have a gradient."""

    def _remembered(self, parameters: list[nn.Parameter], name: str) -> list[Tensor]:
        """What is remembered under a name: zeros at first, of a parameter's shape, or one number for "step"."""
        found: list[Tensor] = []
        for p in parameters:
            memory = self.memory.setdefault(p, {})
            if name not in memory:
                is_count = name == "step"
                home = p.device if self.fused else torch.device("cpu")
                memory[name] = torch.zeros((), device=home) if is_count else torch.zeros_like(p)
            found.append(memory[name])
        return found


class Adam(Optimizer):
    """Adam (Kingma & Ba 2015), fused; weight decay is added to the gradient."""

    remembers = frozenset(("step", "exp_avg", "exp_avg_sq"))
    decoupled: ClassVar[bool] = False

    def update(
        self, group: Group, parameters: list[nn.Parameter], gradients: list[Tensor], bad: Tensor | None
    ) -> None:
        adam(
            list[Tensor](parameters),
            gradients,
            self._remembered(parameters, "exp_avg"),
            self._remembered(parameters, "exp_avg_sq"),
            [],
            self._remembered(parameters, "step"),
            fused=True,
            found_inf=bad,
            decoupled_weight_decay=self.decoupled,
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=group.rate,
            weight_decay=group.decay,
            eps=EPSILON,
            maximize=False,
        )


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019), fused."""

    decoupled = True


class SGD(Optimizer):
    """Stochastic gradient descent with Nesterov's momentum, fused."""

    remembers = frozenset(("momentum_buffer",))

    def update(
        self, group: Group, parameters: list[nn.Parameter], gradients: list[Tensor], bad: Tensor | None
    ) -> None:
        kept = [self.memory.get(p, {}).get("momentum_buffer") for p in parameters]
        sgd(
            list[Tensor](parameters),
            gradients,
            kept,
            fused=True,
            found_inf=bad,
            weight_decay=group.decay,
            momentum=MOMENTUM,
            lr=group.rate,
            dampening=0.0,
            nesterov=True,
            maximize=False,
        )
        for p, momentum in zip(parameters, kept, strict=True):
            if momentum is not None:
                self.memory.setdefault(p, {})["momentum_buffer"] = momentum


class RMSprop(Optimizer):
    """RMSprop (Tieleman & Hinton 2012)."""

    remembers = frozenset(("step", "square_avg"))
    fused = False

    def update(
        self, group: Group, parameters: list[nn.Parameter], gradients: list[Tensor], bad: Tensor | None
    ) -> None:
        rmsprop(
            list[Tensor](parameters),
            gradients,
            self._remembered(parameters, "square_avg"),
            [],
            [],
            self._remembered(parameters, "step"),
            lr=group.rate,
            alpha=ALPHA,
            eps=EPSILON,
            weight_decay=group.decay,
            momentum=0.0,
            centered=False,
        )
