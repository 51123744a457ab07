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

    def forward(self, x_TBH: Tensor) -> Tensor:
        """Drop a share `p` of the units of `x_TBH` (T, B, H), and scale the others by 1 / (1 - p)."""
        if not self.training or self.p == 0:
            return x_TBH
        kept_BH = torch.empty_like(x_TBH[0]).bernoulli_(1 - self.p).div_(1 - self.p)
        return x_TBH * kept_BH

    def extra_repr(self) -> str:
        """Show the share when the model is printed."""
        return f"p={self.p}"
