"""Muon: momentum that is orthogonalised before it updates the weights.

The update of a weight matrix is its momentum with all singular values near 1, so that all directions
of the gradient count equally, including rare ones (Jordan et al. 2024, "Muon: an optimizer for hidden
layers in neural networks"). On LSTMs this needs about half of AdamW's steps. The four gates of a
weight are four matrices, each orthogonalised on its own. AdamW updates everything that is not a
matrix from hidden units to hidden units: embedding, input and output weights, biases.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

MOMENTUM = 0.95
ROUNDS = 5  # of the Newton-Schulz iteration
COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of its quintic polynomial, tuned by Jordan et al. for few rounds
# The root mean square of a step, in learning rates: about that of AdamW, so that one learning rate
# serves both (Liu et al. 2025, "Muon is scalable for LLM training"). Weight decay uses the same unit.
STEP_SIZE = 0.2


class Muon(Optimizer):
    """Muon for the recurrent matrices of an LSTM and fused AdamW for the rest, in one optimizer."""

    found_inf: Tensor | None = None  # 1.0 to skip a step, as with fused optimizers

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
        rest = AdamW(others, lr=lr, betas=(0.9, 0.99), weight_decay=0.0, fused=True)
        group = {"params": list(gates), "weight_decay": weight_decay}
        super().__init__([group], {"lr": lr, "fused": True})
        self.gates = self.param_groups[0]
        self.param_groups += rest.param_groups  # the same dicts: a rate set here is set there
        rest.state = self.state
        self.rest = rest
        self.dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Update every parameter that has a gradient."""
        self.rest.found_inf = self.found_inf  # pyright: ignore[reportAttributeAccessIssue]
        self.rest.step()
        rate, decay = self.gates["lr"], self.gates["weight_decay"]
        for weight in self.gates["params"]:
            if weight.grad is None:
                continue
            memory = self.state[weight]
            if not memory:
                memory["momentum"] = torch.zeros_like(weight)
            momentum = memory["momentum"]
            gradient = self._unless_bad(weight.grad, momentum)  # momentum towards itself: no change
            momentum.lerp_(gradient, 1 - MOMENTUM)
            ahead = gradient.lerp(momentum, MOMENTUM)  # Nesterov
            update = orthogonal(torch.stack(ahead.chunk(4)).to(self.dtype)).view_as(weight).float()
            if decay:
                update.add_(weight, alpha=decay)
            change = update.mul_(-rate * STEP_SIZE * weight.shape[1] ** 0.5)
            weight.add_(self._unless_bad(change, change.new_zeros(())))

    def _unless_bad(self, change: Tensor, instead: Tensor) -> Tensor:
        """Return `change`, or `instead` if this step is skipped."""
        return change if self.found_inf is None else torch.where(self.found_inf > 0, instead, change)


def orthogonal(matrices: Tensor) -> Tensor:
    """Return matrices (G, H, D), D >= H, with the same singular vectors and singular values near 1.

    Uses the Newton-Schulz iteration, which needs only matrix products. Singular values end between about
    0.7 and 1.2, except those below a thousandth of the largest.
    """
    a, b, c = COEFFICIENTS
    x = matrices / (torch.linalg.matrix_norm(matrices, keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        square = x @ x.mT
        polynomial = torch.baddbmm(square, square, square, beta=b, alpha=c)
        x = torch.baddbmm(x, polynomial, x, beta=a)
    return x
