"""Units are ranked by figures that plain definitions give, and chance findings are none."""

import numpy as np
import pytest

from lstmterm.errors import InputError
from lstmterm.infer import units
from lstmterm.infer.features import features
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.streams import StreamReading
from lstmterm.infer.units import Ranker, rank
from tests.character_models import LETTERS, TorchModel, read_in_one_stream

BRACKETS = "()ab\n"


def _brackets(length: int, deepest: int = 6) -> str:
    """Random brackets and letters, never deeper than `deepest`."""
    random = np.random.default_rng(1)
    text, depth = "", 0
    while len(text) < length:
        choice = random.random()
        if choice < 0.25 and depth < deepest:
            text, depth = text + "(", depth + 1
        elif choice < 0.5 and depth:
            text, depth = text + ")", depth - 1
        else:
            text += "ab"[int(random.random() < 0.5)]
    return text


def _counting_model(hidden: int = 8) -> tuple[CharLSTM, int]:
    """A random model of `LETTERS` in which one unit of layer 0 adds 1 at `(` and takes 1 at `)`."""
    reference = TorchModel(1, hidden, embedding=0)
    tensors = {name: tensor.copy() for name, tensor in reference.tensors().items()}
    unit = 3
    for gate in range(4):  # torch's order: input, forget, g, output
        row = gate * hidden + unit
        tensors["lstm.weight_hh_l0"][row] = 0
        tensors["lstm.weight_ih_l0"][row] = 0
        tensors["lstm.bias_hh_l0"][row] = 0
        tensors["lstm.bias_ih_l0"][row] = 0 if gate == 2 else 20
    opening, closing = LETTERS.encode("()")
    tensors["lstm.weight_ih_l0"][2 * hidden + unit, opening] = 20
    tensors["lstm.weight_ih_l0"][2 * hidden + unit, closing] = -20
    return CharLSTM.from_tensors(tensors), unit


def test_the_depth_of_brackets_is_found_without_help() -> None:
    model, unit = _counting_model()
    text = _brackets(20_000)
    found = rank(model, LETTERS.encode(text), text, "c")
    best = found.best_units("depth")[0]
    assert (best.layer, best.unit) == (0, unit)
    assert best.correlation == pytest.approx(1, abs=0.02)
    assert best.beyond_chance
    assert best.information > 1
    assert found.best_feature(0, unit).feature in ("depth", "parentheses")
    assert found.best_pairs()[0].feature == "depth"


@pytest.mark.parametrize("quantity", ["c", "tanh_c", "forget"])
def test_the_figures_are_those_of_their_definitions(
    quantity: units.Quantity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "_EVERY", 1)
    monkeypatch.setattr(units, "_FOR_EDGES", 10**9)  # bins by all values
    model = CharLSTM.from_tensors(TorchModel(2, hidden=6).tensors())
    text = ("It was (a dark) night, " + "and 12 men sat. ") * 60 + "\nOne\n"
    ids = LETTERS.encode(text)
    found = rank(model, ids, text, quantity)
    assert found.positions == len(text)
    for name, values in features(text).items():
        for layer in range(2):
            states = read_in_one_stream(model, ids, layer, quantity)
            for unit in range(6):
                finding = found.finding(layer, unit, name)
                r = np.corrcoef(states[:, unit], values)[0, 1]
                assert finding.correlation == pytest.approx(r, abs=1e-3), (name, layer, unit)
                if name in units.BINARY:
                    expected = _information(states[:, unit], values)
                    assert finding.information == pytest.approx(expected, abs=5e-3), (name, layer, unit)


def _information(unit: np.ndarray, feature: np.ndarray) -> float:
    """Mutual information in bits, with eight bins of equally many values of the unit."""
    edges = np.quantile(unit, np.arange(1, 8) / 8)
    bins = (unit[:, None] > edges).sum(axis=1)
    joint = np.zeros((8, 2))
    for k, f in zip(bins, feature.astype(int), strict=True):
        joint[k, f] += 1 / len(unit)
    independent = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    mask = joint > 0
    return float((joint[mask] * np.log2(joint[mask] / independent[mask])).sum())


def test_what_is_found_by_chance_is_not_shown_as_found() -> None:
    """The units read one random text, the features are of another."""
    model = CharLSTM.from_tensors(TorchModel(1, hidden=32).tensors())
    chance = 0
    for seed in range(4):
        random = np.random.default_rng(seed)
        letters = random.choice([*"abcde (.)1A\n"], (2, 4000))
        text, other = ("".join(row) for row in letters)
        found = rank(model, LETTERS.encode(other), text, seed=seed)
        for name in found.names:
            best = found.best_units(name, 1)[0]
            chance += best.beyond_chance
    assert chance <= 6  # of about 60 features; one in 20, and both figures must be beyond


def test_the_baseline_keeps_what_a_feature_is_but_its_place() -> None:
    """A feature of long stretches agrees with slow units by chance, and more than one of short ones."""
    model, _ = _counting_model()
    random = np.random.default_rng(2)
    text = "".join("(" + "a" * int(n) + ")" + "b" * int(n) for n in random.integers(100, 300, 20))
    found = rank(model, LETTERS.encode(_brackets(len(text))), text, "c")
    chance = dict(zip(found.names, found.chance_correlation, strict=True))
    assert chance["parentheses"] > 2 * chance["word-start"] > 0


def test_parallel_streams_find_the_same() -> None:
    model, unit = _counting_model()
    text = _brackets(40_000)
    seen: list[tuple[int, int]] = []
    found = rank(model, LETTERS.encode(text), text, "h", lambda *now: seen.append(now))
    assert seen[-1] == (40_000, 40_000)
    assert found.positions == 40_000
    assert found.best_units("depth")[0].unit == unit


def test_a_text_that_was_read_before_gives_the_same_ranking() -> None:
    model, _ = _counting_model()
    text = _brackets(9_000)
    ids = LETTERS.encode(text)
    reading = StreamReading(model, ids)
    reading.join()
    seen: list[tuple[int, int]] = []
    ranker = Ranker(model, text, "c")
    for _ in reading.collect([ranker], lambda *now: seen.append(now)):
        pass
    assert seen[-1] == (9_000, 9_000)
    expected = rank(model, ids, text, "c").correlation
    np.testing.assert_allclose(ranker.result().correlation, expected, atol=1e-6)


def test_a_text_without_features_is_a_sentence() -> None:
    model, _ = _counting_model()
    with pytest.raises(InputError, match="No feature changes"):
        rank(model, LETTERS.encode(" "), " ")
