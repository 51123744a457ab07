"""Muon: momentum that is orthogonalised before it updates the weights.

The update of a weight matrix is its momentum with all singular values near 1, so that all directions
of the gradient count equally, including rare ones (Jordan et al. 2024, "Muon: an optimizer for hidden
layers in neural networks"). On LSTMs this needs about half of AdamW's steps. The four gates of a
weight are four matrices, each orthogonalised on its own. AdamW updates everything that is not a
matrix from hidden units to hidden units: embedding, input and output weights, biases.
"""

from collections.abc import Iterable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from lstmterm.nn.optimizers import AdamW, Group, Optimizer

MOMENTUM = 0.95
# The odd quintic polynomials a x + b x^3 + c x^5 that come nearest to 1, one after the other, for singular values from
# 0.005 of the norm up (the construction of Amsel et al. 2025, "The Polar Express", for three rounds).
POLYNOMIALS = ((8.2987, -24.4305, 18.0903), (3.9152, -2.9211, 0.5592), (3.1746, -2.3804, 0.4978))
# The root mean square of a step, in learning rates: about that of AdamW, so that one learning rate
# serves both (Liu et al. 2025, "Muon is scalable for LLM training"). Weight decay uses the same unit.
STEP_SIZE = 0.2


class Muon(Optimizer):
    """Muon for the recurrent matrices of an LSTM and fused AdamW for the rest, in one optimizer."""

    remembers = frozenset(("momentum",))

    def __init__(
        self,
        gates: Iterable[nn.Parameter],
        others: Iterable[nn.Parameter],
        lr: float,
        weight_decay: float,
        precision: str,
    ) -> None:
        """`gates`: parameters (4H, D), D >= H, updated as 4 matrices (H, D); `others`: for AdamW, without decay.

        `precision` is that of the orthogonalisation: "float32", or "bfloat16" where it is faster.
        """
        self.gates = Group(list(gates), lr, weight_decay)
        rest = Group(list(others), lr)
        super().__init__([self.gates, rest])
        self.rest = AdamW([rest])
        self.rest.memory = self.memory
        self.dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32

    def memory_of(self, parameter: nn.Parameter) -> frozenset[str]:
        is_gate = any(parameter is gate for gate in self.gates.parameters)
        return self.remembers if is_gate else self.rest.remembers

    def update(
        self, group: Group, parameters: list[nn.Parameter], gradients: list[Tensor], bad: Tensor | None
    ) -> None:
        if group is not self.gates:
            self.rest.update(group, parameters, gradients, bad)
            return
        momenta = self._remembered(parameters, "momentum")
        # all four matrices of a weight at once, or each by a thread
        each, count = (map, 4) if self.pieces is None else (self.pieces.each, 1)
        parts = (
            part
            for tensors in zip(parameters, gradients, momenta, strict=True)
            for part in zip(*(t.detach().unflatten(0, (4, -1)).split(count) for t in tensors), strict=True)
        )
        for _ in each(partial(self._update_matrices, group, bad), parts):
            pass

    def _update_matrices(self, group: Group, bad: Tensor | None, part: Sequence[Tensor]) -> None:
        """Update matrices (G, H, D): `part` is their weights, gradients and momenta."""
        weights, slopes, momenta = part
        gradient = _unless(bad, slopes, momenta)  # momentum towards itself: no change
        momenta.lerp_(gradient, 1 - MOMENTUM)
        ahead = gradient.lerp(momenta, MOMENTUM)  # Nesterov
        update = orthogonal(ahead.to(self.dtype)).float()
        if group.decay:
            update.add_(weights, alpha=group.decay)
        change = update.mul_(-group.rate * STEP_SIZE * weights.shape[-1] ** 0.5)
        weights.add_(_unless(bad, change, change.new_zeros(())))


def _unless(bad: Tensor | None, change: Tensor, instead: Tensor) -> Tensor:
    """Return `change`, or `instead` in a bad step."""
    return change if bad is None else torch.where(bad > 0, instead, change)


def orthogonal(matrices: Tensor) -> Tensor:
    """Return matrices (G, H, D), D >= H, with the same singular vectors and singular values near 1.

    Each round is a polynomial of the matrix, which needs only matrix products. Singular values end between 0.5 and 1.5,
    except those below 0.005 of the norm. More rounds come nearer to 1, but do not train better.
    """
    x = matrices / (torch.linalg.matrix_norm(matrices, keepdim=True) + 1e-7)
    for a, b, c in POLYNOMIALS:
        square = x @ x.mT
        polynomial = torch.baddbmm(square, square, square, beta=b, alpha=c)
        x = torch.baddbmm(x, polynomial, x, beta=a)
    return x
