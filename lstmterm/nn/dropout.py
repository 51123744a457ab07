"""Dropout with one mask for all characters of a sequence."""

import torch
from torch import Tensor, nn


class LockedDropout(nn.Module):
    """Drops the same hidden units of a stream at every character of a step (Gal & Ghahramani 2016).

    Each stream and each step draws its own units. One mask per step costs almost nothing; one per
    character takes a quarter of a training step on a CPU.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x_TBH: Tensor, kept_BH: Tensor | None = None) -> Tensor:
        """Drop a share `p` of the units of `x_TBH` (T, B, H), or those that are 0 in `kept_BH`, and scale the others."""
        if not self.training or self.p == 0:
            return x_TBH
        return x_TBH * (self.drawn(x_TBH[0]) if kept_BH is None else kept_BH)

    def drawn(self, like_BH: Tensor) -> Tensor:
        """Draw which units are kept: 1 / (1 - p) or 0, (B, H)."""
        return torch.empty_like(like_BH).bernoulli_(1 - self.p).div_(1 - self.p)

    def extra_repr(self) -> str:
        """Show the share when the model is printed."""
        return f"p={self.p}"
