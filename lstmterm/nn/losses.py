"""The loss of every kind of model."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F


def mean_nll(logits: Tensor, targets: Tensor, kind: str, unscored: int) -> Tensor:
    """Return the mean negative log-likelihood in nats, computed in float32.

    `logits` (..., V), `targets` (...); targets equal to `unscored` do not count. `kind` is
    "cross-entropy" of the logits or "nll" of their log-softmax, two names for the same value.
    """
    flat, wanted = logits.float().flatten(0, -2), targets.flatten()
    if kind == "nll":
        total = F.nll_loss(F.log_softmax(flat, dim=-1), wanted, ignore_index=unscored, reduction="sum")
    else:
        total = F.cross_entropy(flat, wanted, ignore_index=unscored, reduction="sum")
    return total / (wanted != unscored).sum().clamp(min=1)


class Taught(NamedTuple):
    """Probabilities to learn besides the text, and their share; the text has the rest."""

    expected_TBV: Tensor
    share: float

    def of(self, streams: slice) -> "Taught":
        """Return those of some of the streams."""
        return Taught(self.expected_TBV[:, streams], self.share)

    def with_another(self, other: "Taught") -> "Taught":
        """Return both as one: the other has its share of all, and this one its share of the rest."""
        share = other.share + (1 - other.share) * self.share
        return Taught(torch.lerp(self.expected_TBV, other.expected_TBV, other.share / share), share)


def distilled_nll(logits: Tensor, targets: Tensor, taught: Taught, unscored: int) -> Tensor:
    """Return the mean negative log-likelihood in nats, with the gradient of what is `taught`, too.

    The gradient is that of a cross-entropy in which the `targets` (T, B) have the share that is left; the value is
    the targets' alone, so that it can be compared with other losses.
    """
    logs = F.log_softmax(logits.float(), dim=-1)
    scored = targets != unscored
    count = scored.sum().clamp(min=1)
    own = -(logs.gather(-1, targets.where(scored, 0)[..., None])[..., 0] * scored).sum() / count
    theirs = -((taught.expected_TBV * logs).sum(-1) * scored).sum() / count
    learned = torch.lerp(own, theirs, taught.share)
    return learned + (own - learned).detach()


def nll_by_temperature(
    logits: Tensor, targets: Tensor, temperatures: Sequence[float], vocabulary_size: int
) -> Tensor:
    """Return the summed negative log-likelihood of `targets` at each of K temperatures, (K,).

    The logits (..., V) are divided by a temperature; targets equal to `vocabulary_size` are left out.
    """
    known = targets != vocabulary_size
    known_NV, wanted_N = logits.float()[known], targets[known]
    chosen = known_NV.gather(1, wanted_N[:, None]).sum()
    return torch.stack([(known_NV / t).logsumexp(1).sum() - chosen / t for t in temperatures])
