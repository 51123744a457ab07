"""Muon: momentum whose matrices are made orthogonal before they move the weights.

The update of a weight matrix is its momentum with all singular values brought near 1, so
that every direction the gradient points in is followed equally, rare ones too (Jordan et al. 2024,
"Muon: an optimizer for hidden layers in neural networks"). On LSTMs this needs about half of the
steps that AdamW needs. The four gates of a weight are four matrices, each made orthogonal alone.
What does not lead from cells to cells (embedding, input and output weights, biases) is moved by AdamW.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

MOMENTUM = 0.95
ROUNDS = 5  # of the Newton-Schulz iteration
COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of its quintic polynomial, tuned by Jordan et al. for few rounds
# A step's root mean square in learning rates: about what AdamW's is, so that one learning rate
# serves both (Liu et al. 2025, "Muon is scalable for LLM training"). Weight decay is counted in the same steps.
STEP_SIZE = 0.2


class Muon(Optimizer):
    """Muon for the recurrent matrices of an LSTM, fused AdamW for all else, in one optimizer."""

    found_inf: Tensor | None = None  # 1.0 where the step must change nothing, as with fused optimizers

    def __init__(
        self,
        gates: Iterable[nn.Parameter],
        others: Iterable[nn.Parameter],
        lr: float,
        weight_decay: float,
        precision: str,
    ) -> None:
        """`gates`: parameters (4H, D), D >= H, moved as 4 matrices (H, D). `others`: what AdamW moves, without decay.

        The orthogonal matrices are found in `precision`: "float32", or "bfloat16", where it is fast enough.
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
        """Move every parameter that has a gradient."""
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
            gradient = self._unless_bad(weight.grad, momentum)  # the momentum towards itself: no change
            momentum.lerp_(gradient, 1 - MOMENTUM)
            ahead = gradient.lerp(momentum, MOMENTUM)  # Nesterov's
            update = orthogonal(torch.stack(ahead.chunk(4)).to(self.dtype)).view_as(weight).float()
            if decay:
                update.add_(weight, alpha=decay)
            change = update.mul_(-rate * STEP_SIZE * weight.shape[1] ** 0.5)
            weight.add_(self._unless_bad(change, change.new_zeros(())))

    def _unless_bad(self, change: Tensor, instead: Tensor) -> Tensor:
        """`change`, or `instead` where this step must change nothing."""
        return change if self.found_inf is None else torch.where(self.found_inf > 0, instead, change)


def orthogonal(matrices: Tensor) -> Tensor:
    """Matrices (G, H, D), D >= H, with their singular vectors, and singular values near 1 (from 0.7 to 1.2 or so,
    but for those that were less than a thousandth of the largest).

    The Newton-Schulz iteration: only products of matrices, which every device is fastest at.
    """
    a, b, c = COEFFICIENTS
    x = matrices / (torch.linalg.matrix_norm(matrices, keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        square = x @ x.mT
        polynomial = torch.baddbmm(square, square, square, beta=b, alpha=c)
        x = torch.baddbmm(x, polynomial, x, beta=a)
    return x
