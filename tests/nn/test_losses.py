"""The loss of every kind of model."""

import pytest
import torch

from lstmterm.nn.losses import mean_nll


@pytest.mark.parametrize("kind", ["cross-entropy", "nll"])
@pytest.mark.parametrize("unscored", [-1, 7], ids=["tagger", "character model"])
def test_the_loss_is_the_mean_over_the_scored_targets(kind: str, unscored: int) -> None:
    logits = torch.randn(10, 5, 7, generator=torch.Generator().manual_seed(1)) * 5
    targets = torch.arange(50).view(10, 5) % 8 + min(unscored, 0)  # some are not scored
    scored = targets != unscored
    assert 0 < scored.sum() < scored.numel()
    by_hand = -logits.log_softmax(-1)[scored].gather(1, targets[scored][:, None]).mean()
    assert mean_nll(logits, targets, kind, unscored).item() == pytest.approx(by_hand.item(), abs=1e-6)


@pytest.mark.parametrize("kind", ["cross-entropy", "nll"])
def test_without_scored_targets_the_loss_is_zero(kind: str) -> None:
    assert mean_nll(torch.randn(4, 1, 5), torch.full((4, 1), 5), kind, 5) == 0, "not nan"


def test_losses_are_computed_in_float32() -> None:
    loss = mean_nll(torch.randn(4, 1, 5).bfloat16(), torch.randint(5, (4, 1)), "cross-entropy", 5)
    assert loss.dtype == torch.float32
