"""A silenced unit is held, and what the loss rises by is the difference of two scores."""

import numpy as np
import pytest

from lstmterm.infer import streams
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score
from lstmterm.infer.silencing import Silenced, silence, silencing
from lstmterm.infer.surprise import Surprise
from tests.character_models import LETTERS, TorchModel

IDS = np.append(np.resize(LETTERS.encode("The quick brown fox\njumps over. "), 300), len(LETTERS))


def test_silencing_tells_the_rise_of_the_loss_and_where() -> None:
    tensors = TorchModel(2, hidden=10).tensors()
    model = CharLSTM.from_tensors(tensors)
    tensors["output.weight"] = tensors["output.weight"].copy()
    seen: list[tuple[int, int]] = []
    found = silence(Surprise.of(model, IDS), 1, 4, progress=lambda *now: seen.append(now))
    tensors["output.weight"][:, 4] = (
        0  # of the top layer, h 0 is no word to the output; nor to the layer itself
    )
    tensors["lstm.weight_hh_l1"] = tensors["lstm.weight_hh_l1"].copy()
    tensors["lstm.weight_hh_l1"][:, 4] = 0
    without = score(CharLSTM.from_tensors(tensors), IDS).nats_per_char
    assert found.rise == pytest.approx(without - score(model, IDS).nats_per_char, abs=1e-5)
    assert seen[-1] == (301, 301)
    characters = found.characters()
    assert sum(c.count for c in characters) == 299
    assert sum(c.share for c in characters) == pytest.approx(1)
    assert [c.rise * c.count for c in characters] == sorted(
        (c.rise * c.count for c in characters), reverse=True
    )
    first = characters[0]
    mask = IDS[1:] == first.symbol
    assert first.rise == pytest.approx(found.rises[mask].mean(), abs=1e-5)


@pytest.mark.parametrize("layer", [0, 1])
def test_what_was_read_is_used_and_the_losses_are_those_of_a_reading_of_its_own(layer: int) -> None:
    model, ids = CharLSTM.from_tensors(TorchModel(2, hidden=10).tensors()), np.resize(IDS, 17_000)
    before = Surprise.of(model, ids)
    *early, found = silencing(before, layer, 2, 1.5)
    held = Surprise.of(model.holding({(layer, 2): 1.5}), ids).nats
    np.testing.assert_allclose(found.after, held, atol=2e-3)
    assert found.rise == pytest.approx(float(np.nanmean(held - before.nats)), abs=1e-5)
    assert len(early) == 1, "as soon as all is known"
    assert not (np.isnan(early[0].after) ^ np.isnan(held)).any()
    assert early[0].rise == pytest.approx(found.rise, abs=0.01)


def test_the_losses_of_a_long_text_come_part_after_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_MOST_VALUES", 10 * 9_000)
    model, ids = CharLSTM.from_tensors(TorchModel(2, hidden=10).tensors()), np.resize(IDS, 17_000)
    found = list(silencing(Surprise.of(model, ids), 0, 2))
    unknown = [[bool(np.isnan(half).all()) for half in np.array_split(each.after, 2)] for each in found]
    assert unknown == [[False, True]] * 2 + [[False, False]] * 2
    assert np.isfinite(found[0].rise)


def test_the_error_is_that_of_the_mean_of_blocks_and_the_unknown_count_for_nothing() -> None:
    rises = np.random.default_rng(0).normal(0.5, 1, 10_000).astype(np.float32)
    rises[::7] = np.nan
    zeros = np.zeros_like(rises)
    found = Silenced(0, 0, 0.0, zeros, rises, np.zeros(len(rises), np.int64))
    assert found.rise == pytest.approx(0.5, abs=3 * found.error)
    assert found.error == pytest.approx(1 / np.sqrt(np.isfinite(rises).sum()), rel=0.3)
    alike = Silenced(0, 0, 0.0, zeros, np.repeat(rises[:100], 100), found.targets)
    assert alike.error > 5 * found.error, "neighbours that are alike say less than so many others"
    assert np.isnan(Silenced(0, 0, 0.0, zeros[:300], rises[:300], found.targets[:300]).error)
