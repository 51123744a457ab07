"""What one unit does is what its traces say."""

import numpy as np
import pytest

from lstmterm.infer.activity import GateCounts, observe, peaks, saturation
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.streams import StreamReading
from lstmterm.infer.trace import GATES
from lstmterm.spec.units import QUANTITIES
from tests.character_models import LETTERS, TorchModel, read_in_one_stream

IDS = np.resize(LETTERS.encode("The quick brown fox\njumps over the lazy dog. "), 400)


@pytest.fixture(scope="module")
def model() -> CharLSTM:
    return CharLSTM.from_tensors(TorchModel(2, hidden=10).tensors())


def test_an_observed_unit_has_all_its_traces(model: CharLSTM) -> None:
    activity = observe(StreamReading(model, IDS), 1, 4)
    for quantity in QUANTITIES:
        expected = read_in_one_stream(model, IDS, 1, quantity)[:, 4]
        np.testing.assert_allclose(activity.values[quantity], expected, atol=1e-5)
    counts, edges = activity.histogram("h")
    assert counts.sum() == len(IDS)
    assert edges[0] == activity.values["h"].min()


def test_saturated_gates_are_counted(model: CharLSTM) -> None:
    seen: list[tuple[int, int]] = []
    found = saturation(model, IDS, lambda *now: seen.append(now))
    assert seen[-1] == (400, 400)
    reading, again = StreamReading(model, IDS), GateCounts(model)
    reading.join()
    for _ in reading.collect([again]):
        pass
    for layer in range(2):
        for gate in GATES:
            values = read_in_one_stream(model, IDS, layer, gate)
            np.testing.assert_allclose(found.left[gate][layer], (values < 0.1).mean(0), atol=0.003)
            np.testing.assert_allclose(found.right[gate][layer], (values > 0.9).mean(0), atol=0.003)
            np.testing.assert_array_equal(again.result(400).left[gate], found.left[gate])
            left, right = observe(StreamReading(model, IDS), layer, 2).saturation(gate)
            assert left == pytest.approx(found.left[gate][layer, 2], abs=0.003)
            assert right == pytest.approx(found.right[gate][layer, 2], abs=0.003)


def test_passages_are_the_extremes_and_apart(model: CharLSTM) -> None:
    activity = observe(StreamReading(model, IDS), 0, 1)
    high, low = activity.extremes(3)
    values = activity.values["c"]
    assert values[high[0]] == values.max()
    assert values[low[0]] == values.min()
    for found in (high, low):
        assert len(found) == 3
        assert min(abs(a - b) for k, a in enumerate(found) for b in found[:k]) > 60


def test_peaks_pass_over_what_is_not_a_number() -> None:
    values = np.array([1, np.nan, 5, 4, np.nan, 3, 2])
    assert peaks(values, 10, 0) == [2, 3, 5, 6, 0]
    assert peaks(values, 2, 1) == [2, 5]
    assert peaks(values[:0], 3, 1) == []
