"""The loss of every kind of model."""

from collections.abc import Sequence

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


def distilled_nll(logits: Tensor, targets: Tensor, teachers: Tensor, share: float, unscored: int) -> Tensor:
    """Return the mean negative log-likelihood in nats, with the gradient of what is learned from teachers, too.

    `teachers` (..., V) are their mean probabilities. The gradient is that of a cross-entropy in which they
    have this `share` and the `targets` (...) have the rest; the value is the targets' alone, so that it can be
    compared with other losses.
    """
    logs = F.log_softmax(logits.float(), dim=-1)
    scored = targets != unscored
    count = scored.sum().clamp(min=1)
    own = -(logs.gather(-1, targets.where(scored, 0)[..., None])[..., 0] * scored).sum() / count
    theirs = -((teachers * logs).sum(-1) * scored).sum() / count
    learned = torch.lerp(own, theirs, share)
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
