"""A text read in parallel streams is the text read in one."""

import numpy as np
import pytest

from lstmterm.infer import streams
from lstmterm.infer.lstm import CharLSTM, Reader
from lstmterm.infer.running import RunningLayer
from lstmterm.infer.streams import Collector, StreamReading
from lstmterm.infer.text_part import STEPS, Stretch
from lstmterm.infer.trace import looked_at
from lstmterm.spec.units import Quantity
from tests.character_models import LETTERS, TorchModel, near, read_in_one_stream


def _model(layers: int = 2, *, remembers: bool = False, learned: bool = False) -> CharLSTM:
    tensors = TorchModel(layers, hidden=8, learned=learned).tensors()
    if remembers:  # every unit keeps everything, so no two readings ever agree
        for layer in range(layers):
            tensors[f"lstm.bias_ih_l{layer}"][8:16] += 30
    return CharLSTM.from_tensors(tensors)


def _ids(length: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, len(LETTERS) + 1, length).astype(np.uint8)


def _read(reading: StreamReading, layer: int, quantity: Quantity) -> np.ndarray:
    """A quantity of a layer after each character, (T, H), from the stretches."""
    found = np.full((reading.length, reading.model.hidden), np.nan, np.float32)
    for stretch in reading.read(lambda _, running: (looked_at(running, quantity),)):
        if stretch.layer == layer:
            stretch.write(stretch.seen[0], found)
    return found


@pytest.mark.parametrize("length", [1, 63, 65, 8_191, 8_192, 8_201, 33_001, 66_000])
@pytest.mark.parametrize("learned", [False, True])
def test_every_state_is_that_of_one_stream(length: int, learned: bool) -> None:
    model, ids = _model(learned=learned), _ids(length)
    found = _read(StreamReading(model, ids), 1, "h")
    expected, _ = model.run(ids, model.initial())
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_a_model_that_forgets_nothing_is_read_one_stream_after_the_other() -> None:
    model, ids = _model(remembers=True), _ids(9_000)
    found = _read(StreamReading(model, ids), 0, "c")
    reader = Reader(model, model.initial())
    for t in range(len(ids)):
        reader.read(ids[t])
        if t % 1000 == 999:
            np.testing.assert_allclose(found[t], reader.layers[0].c, rtol=2e-3, atol=2e-2)


def test_only_the_streams_that_are_wrong_are_read_again() -> None:
    """A model that forgets when it reads the first letter, and that letter in three of 16 streams only."""
    tensors = TorchModel(1, hidden=8).tensors()
    tensors["lstm.bias_ih_l0"][8:16] += 30
    forget = np.zeros((32, tensors["embedding.weight"].shape[1]), np.float32)
    forget[8:16, 0] = 1
    tensors["lstm.weight_ih_l0"] += forget
    tensors["lstm.weight_hh_l0"][:] = 0
    tensors["embedding.weight"][:, 0] = 0
    tensors["embedding.weight"][0, 0] = -200
    stretches = 16_384 // (16 * STEPS) + 1
    length = stretches * STEPS
    model, ids = CharLSTM.from_tensors(tensors), np.maximum(_ids(16 * length), 1)
    ids[::length] = 0  # where the streams begin: one step is enough
    ids[[3 * length, 9 * length, 12 * length]] = 1
    ids[[3 * length + 500, 9 * length + 600, 12 * length + 700]] = 0
    sizes = [s.positions.shape for s in StreamReading(model, ids).read(lambda layer, running: ())]
    assert sizes[:stretches] == [(STEPS, 16)] * stretches
    again = sum(steps * side for steps, side in sizes[stretches:])
    assert again < 16 * STEPS + 3 * length


@pytest.mark.parametrize("values", [1 << 24, 8 * 4000])
def test_a_state_in_between_is_read_from_a_kept_one(monkeypatch: pytest.MonkeyPatch, values: int) -> None:
    monkeypatch.setattr(streams, "_MOST_VALUES", values)
    model, ids = _model(), _ids(9_000)
    reading = StreamReading(model, ids)
    with pytest.raises(ValueError, match="not read yet"):
        reading.state_at(3)
    for _ in reading.read(lambda layer, running: ()):
        pass
    for position in (0, 1, 64, 1124, 1125, 1126, 4000, 8_999, 9_000):
        expected = model.read(ids[:position], model.initial())
        assert near(reading.state_at(position), expected, 3e-3), position


@pytest.mark.parametrize("values", [1 << 24, 8 * 4000])
def test_a_text_that_was_read_is_read_once_and_as_few_layers_as_are_wanted(
    monkeypatch: pytest.MonkeyPatch, values: int
) -> None:
    monkeypatch.setattr(streams, "_MOST_VALUES", values)
    model, ids = _model(), _ids(17_000)
    reading = StreamReading(model, ids)
    with pytest.raises(ValueError, match="few layers"):
        next(reading.read(lambda layer, running: (), layers=1))
    reading.join()
    seen = np.zeros(len(ids), int)
    for stretch in reading.read(lambda layer, running: (), layers=1):
        assert stretch.layer == 0
        seen[stretch.positions[stretch.positions < len(ids)]] += 1
    assert (seen == 1).all()
    np.testing.assert_allclose(
        _read(reading, 1, "c"), read_in_one_stream(model, ids, 1, "c"), atol=2e-4, rtol=2e-4
    )


class Noting(Collector):
    """Keeps the h of the top layer, and notes what is reached."""

    def __init__(self, length: int) -> None:
        self.h = np.full((length, 8), np.nan, np.float32)
        self.reached: list[tuple[int, int, int, bool]] = []
        self.known: list[bool] = []

    def look(self, layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
        return (running.h,) if layer else ()

    def take(self, stretch: Stretch) -> None:
        for values in stretch.seen:
            stretch.write(values, self.h)

    def reach(self, layer: int, first: int, end: int, *, right: bool) -> None:
        self.reached.append((layer, first, end, right))
        self.known.append(not np.isnan(self.h[first:end]).any())


def test_collectors_know_each_layer_of_a_part_early_and_then_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_MOST_VALUES", 8 * 9_000)
    model, ids = _model(), _ids(17_000)
    reading = StreamReading(model, ids)
    first, other = Noting(17_000), Noting(17_000)
    yielded = list(reading.collect([first, other]))
    parts = (0, 8_500), (8_500, 17_000)
    every = [(k, *part) for part in parts for k in range(2)]
    assert first.reached == [(*each, right) for each in every for right in (False, True)]
    assert first.known == [False, False, True, True] * 2
    assert yielded == [(k, end) for k, _, end, _ in first.reached]
    assert (first.h == other.h).all()
    np.testing.assert_allclose(first.h, model.run(ids, model.initial())[0], atol=2e-4)
    again = Noting(17_000)
    list(reading.collect([again]))
    assert again.reached == [(*each, True) for each in every], "nothing is corrected then"
    np.testing.assert_allclose(again.h, first.h, atol=2e-4)


def test_a_reading_that_holds_units_is_that_of_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_MOST_VALUES", 8 * 9_000)
    model, ids = _model(3), _ids(17_000)
    reading = StreamReading(model, ids)
    for held in ({(2, 1): 0.7}, {(1, 1): -3.0, (2, 0): 1.0}, {(0, 4): 2.0}):
        for _ in range(2):  # of a text that was not read, and of one that was
            holding = reading.holding(held)
            expected = read_in_one_stream(holding.model, ids, 2, "c")
            found = _read(holding, 2, "c")
            np.testing.assert_allclose(found, expected, atol=3e-4, rtol=3e-4)
            for (layer, unit), value in held.items():
                if layer == 2:
                    assert (found[:, unit] == np.float32(value)).all()
            reading.join()


def test_a_reading_that_was_left_begins_again() -> None:
    model, ids = _model(), _ids(9_000)
    reading = StreamReading(model, ids)
    for _, _ in zip(range(20), reading.read(lambda layer, running: ()), strict=False):
        pass
    np.testing.assert_allclose(_read(reading, 1, "h"), model.run(ids, model.initial())[0], atol=2e-4)


def test_a_state_takes_the_place_of_the_initial_one() -> None:
    model, ids = _model(), _ids(200)
    state = model.read(ids[:100], model.initial())
    found = _read(StreamReading(model, ids[100:], state), 1, "h")
    np.testing.assert_allclose(found, model.run(ids, model.initial())[0][100:], atol=1e-5)
