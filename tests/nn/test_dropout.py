"""Locked dropout: one mask a lane and window."""

import torch

from lstmterm.nn.dropout import LockedDropout


def test_a_lane_keeps_its_mask_through_the_window_and_lanes_differ() -> None:
    torch.manual_seed(0)
    kept = LockedDropout(0.5)(torch.ones(7, 3, 200)) > 0
    assert (kept == kept[:1]).all()
    assert not torch.equal(kept[0, 0], kept[0, 1])
    assert not torch.equal(LockedDropout(0.5)(torch.ones(7, 3, 200)) > 0, kept), "each window draws anew"


def test_the_mean_is_kept() -> None:
    torch.manual_seed(0)
    assert abs(LockedDropout(0.3)(torch.ones(1, 100, 1000)).mean() - 1) < 0.01


def test_at_work_nothing_is_dropped() -> None:
    x = torch.randn(4, 2, 9)
    layer = LockedDropout(0.5)
    assert torch.equal(layer.eval()(x), x)
    assert torch.equal(LockedDropout(0.0)(x), x)
