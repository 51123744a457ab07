"""Locked dropout: one mask per stream and step."""

import torch

from lstmterm.nn.dropout import LockedDropout


def test_a_stream_keeps_its_mask_for_a_step_and_streams_differ() -> None:
    torch.manual_seed(0)
    kept = LockedDropout(0.5)(torch.ones(7, 3, 200)) > 0
    assert (kept == kept[:1]).all()
    assert not torch.equal(kept[0, 0], kept[0, 1])
    assert not torch.equal(LockedDropout(0.5)(torch.ones(7, 3, 200)) > 0, kept), "each step draws a new mask"


def test_the_mean_is_kept() -> None:
    torch.manual_seed(0)
    assert abs(LockedDropout(0.3)(torch.ones(1, 100, 1000)).mean() - 1) < 0.01


def test_nothing_is_dropped_in_evaluation() -> None:
    x = torch.randn(4, 2, 9)
    layer = LockedDropout(0.5)
    assert torch.equal(layer.eval()(x), x)
    assert torch.equal(LockedDropout(0.0)(x), x)
