"""Dynamic evaluation: honest, in a copy, and better where a text is like itself; what is saved."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from lstmterm.cli import lstmterm
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError, RunError
from lstmterm.infer import adapt, backprop
from lstmterm.infer.adapt import (
    DEFAULTS,
    EPSILON,
    Adaptation,
    AdaptingModel,
    Rule,
    root_mean_square,
)
from lstmterm.infer.backprop import SequenceReader
from lstmterm.infer.lstm import CharLSTM, State
from lstmterm.infer.score import score, surprisals
from lstmterm.models import library, model_file
from lstmterm.spec.character import AdaptPart
from tests.character_models import LETTERS, TorchModel, trained_on

RULES: tuple[Rule, ...] = ("sgd", "rms")
SHORT_FIRST = Adaptation("sgd", rate=0.0, seq_length=32, decay=0.0, first_length=24)
STILL = Adaptation("sgd", rate=0.0, seq_length=20, decay=0.0)
LINES = "".join(f"{i % 7} gulls over the harbour, {i % 3} boats below them.\n" for i in range(60))


def _read(model: TorchModel, ids: np.ndarray, settings: Adaptation) -> np.ndarray:
    """All losses of a fresh copy of `model` that reads `ids`."""
    scale = (
        root_mean_square(model.tensors(), ids[::-1], settings.seq_length) if settings.rule == "rms" else None
    )
    return np.concatenate(list(AdaptingModel(model.tensors(), settings, scale).surprisals(ids)))


# Honesty


@pytest.mark.parametrize("rule", RULES)
def test_a_prediction_depends_on_nothing_after_it(rule: Rule) -> None:
    settings, model = DEFAULTS[rule], TorchModel()
    ids = LETTERS.encode(LINES)
    scale = root_mean_square(model.tensors(), ids, settings.seq_length) if rule == "rms" else None
    other = ids.copy()
    changed = 500  # in the middle of a sequence
    other[changed:] = LETTERS.encode("~")[0]
    one, two = (
        np.concatenate(list(AdaptingModel(model.tensors(), settings, scale).surprisals(text)))
        for text in (ids, other)
    )
    np.testing.assert_array_equal(
        one[: changed - 1], two[: changed - 1]
    )  # the loss of character t is at t - 1
    assert (one[changed - 1 :] != two[changed - 1 :]).all()


def test_sequences_are_shorter_at_the_beginning_of_a_text_unless_the_user_chose_their_length() -> None:
    ids = np.resize(LETTERS.encode(LINES), 4_200)
    model = TorchModel()
    lengths = [len(losses) for losses in AdaptingModel(model.tensors(), SHORT_FIRST).surprisals(ids)]
    assert lengths == [24] * 171 + [32, 32, 31]
    assert adapt.adaptation(AdaptPart(), "rms").first_length == 24
    assert adapt.adaptation(AdaptPart(seq_length=40), "rms").length_at(0) == 40


@pytest.mark.parametrize("rule", RULES)
def test_losses_are_final_before_they_are_learned_from(rule: Rule) -> None:
    """A sequence's losses are those of a plain reader with the weights before it."""
    model, ids = TorchModel(2), LETTERS.encode(LINES)[:101]
    settings = replace(DEFAULTS[rule], seq_length=50, first_length=None)
    scale = root_mean_square(model.tensors(), ids, 50) if rule == "rms" else None
    adapting = AdaptingModel(model.tensors(), settings, scale)
    sequences = adapting.surprisals(ids)
    first = next(sequences)
    plain = np.concatenate(list(surprisals(CharLSTM.from_tensors(model.tensors()), ids[:51])))
    np.testing.assert_allclose(first, plain, atol=1e-5)
    second = next(sequences)
    moved = CharLSTM.from_tensors(adapting.tensors())
    _, state = CharLSTM.from_tensors(model.tensors()).run(
        ids[:50], CharLSTM.from_tensors(model.tensors()).initial()
    )
    np.testing.assert_allclose(second, np.concatenate(list(surprisals(moved, ids[50:], state))), atol=1e-5)
    assert not np.array_equal(adapting.tensors()["output.bias"], model.tensors()["output.bias"])


@pytest.mark.parametrize(
    ("layers", "embedding", "learned"), [(1, 16, False), (2, 16, True), (1, 0, False), (2, 0, True)]
)
def test_at_the_rate_0_it_is_the_plain_score(layers: int, embedding: int, learned: bool) -> None:
    ids = np.random.default_rng(3).integers(0, len(LETTERS) + 1, 777).astype(np.uint8)
    model = TorchModel(layers, embedding=embedding, learned=learned)
    plain = np.concatenate(list(surprisals(CharLSTM.from_tensors(model.tensors()), ids)))
    still = _read(model, ids, STILL)
    np.testing.assert_array_equal(np.isnan(still), np.isnan(plain))
    assert np.isnan(plain).any()
    assert np.nanmean(still) == pytest.approx(np.nanmean(plain), abs=1e-5)
    np.testing.assert_allclose(still, plain, rtol=2e-4)


# What it is for


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("layers", "embedding"), [(1, 16), (2, 0)])
def test_a_repetitive_text_becomes_easier(rule: Rule, layers: int, embedding: int) -> None:
    model, ids = TorchModel(layers, embedding=embedding), LETTERS.encode(LINES)
    losses = _read(model, ids, DEFAULTS[rule])
    plain = score(CharLSTM.from_tensors(model.tensors()), ids).nats_per_char
    assert losses.mean() < plain - 0.2
    assert losses[-500:].mean() < losses[:500].mean() - 0.2


@pytest.mark.parametrize("rule", RULES)
def test_decay_holds_the_weights_near_the_trained_ones(rule: Rule) -> None:
    model, ids = TorchModel(), LETTERS.encode(LINES)
    trained = learned_vector(model.tensors())
    scale = root_mean_square(model.tensors(), ids, 20) if rule == "rms" else None
    settings, far = replace(DEFAULTS[rule], rate=DEFAULTS[rule].rate / 4, seq_length=20), []
    for decay in (0.0, 0.05, 1.0):
        adapting = AdaptingModel(model.tensors(), replace(settings, decay=decay), scale)
        for _ in adapting.surprisals(ids):
            pass
        far.append(float(np.linalg.norm(learned_vector(adapting.tensors()) - trained)))
    assert far[0] > 1.5 * far[1] > 3 * far[2] > 0


@pytest.mark.parametrize("rule", RULES)
def test_the_weights_move_by_the_rule(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Part by part, as the formula says of all of them at once."""
    monkeypatch.setattr(backprop, "_PART", 100)
    model, ids = TorchModel(2), LETTERS.encode(LINES)[:121]
    settings = replace(DEFAULTS[rule], seq_length=20, first_length=None, decay=0.05)
    tensors = model.tensors()
    r = root_mean_square(tensors, ids, 20)
    adapting = AdaptingModel(tensors, settings, r if rule == "rms" else None)
    reader, state = SequenceReader(tensors), State.initial(tensors)
    weights, start = reader.weights, reader.weights.flat.copy()
    step, pull = np.float32(settings.rate), np.float32(settings.decay)
    if rule == "rms":
        r /= r.mean()
        step, pull = step / (r + EPSILON), np.minimum(1, pull * r)
    for k, _ in enumerate(adapting.surprisals(ids)):
        _, state = reader.read(ids[20 * k : 20 * k + 21], state)
        gradient = np.zeros_like(start)
        for part, numbers in reader.backward():
            gradient[part] = numbers
        weights.flat += pull * (start - weights.flat) - step * gradient
    for name, tensor in (tensors | weights).items():  # the others stay
        np.testing.assert_allclose(adapting.tensors()[name], tensor, atol=1e-5, err_msg=name)
    assert np.abs(weights.flat - start).max() > 1e-3


def test_the_size_of_all_gradients_together_does_not_matter() -> None:
    model, ids = TorchModel(), LETTERS.encode(LINES)[:401]
    scale = root_mean_square(model.tensors(), ids, 20)
    one, two = (
        np.concatenate(list(AdaptingModel(model.tensors(), DEFAULTS["rms"], r).surprisals(ids)))
        for r in (scale, 8 * scale)
    )
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("rule", RULES)
def test_a_small_decay_for_several_sequences_at_once_is_nearly_the_same(
    rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, ids = TorchModel(2), LETTERS.encode(LINES)
    settings = replace(
        DEFAULTS[rule], rate=DEFAULTS[rule].rate / 4, seq_length=20, first_length=None, decay=0.001
    )
    some = _read(model, ids, settings).mean()
    monkeypatch.setattr(adapt, "_TOGETHER", 1)
    every = _read(model, ids, settings).mean()
    assert some != every
    assert some == pytest.approx(every, abs=1e-3)
    assert abs(_read(model, ids, replace(settings, decay=0.0)).mean() - every) > 2 * abs(some - every)


def learned_vector(tensors: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([tensors[name].ravel() for name in sorted(tensors)])


def test_divergence_is_reported_and_stops() -> None:
    ids, wild = LETTERS.encode(LINES), replace(DEFAULTS["sgd"], rate=1e38)
    seen: list[np.ndarray] = []
    with pytest.raises(RunError, match=r"smaller rate \(--adapt-rate"):
        seen.extend(AdaptingModel(TorchModel().tensors(), wild).surprisals(ids))
    assert np.isfinite(np.concatenate(seen)).all()

    adapting = AdaptingModel(TorchModel().tensors(), wild)
    list(adapting.surprisals(ids[: wild.seq_length + 1]))  # nothing is read after the one wild step
    with pytest.raises(RunError, match=r"smaller rate \(--adapt-rate"):
        adapting.tensors()


# A model of the library


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "gulls.txt"
    path.write_text(LINES, encoding="utf-8")
    return path


def _run(*words: str) -> Any:
    return CliRunner().invoke(lstmterm, ["score", *words])


def test_it_prints_what_it_reached_and_leaves_the_model_alone(text: Path) -> None:
    path = TorchModel().publish("bard")
    before = path.read_bytes()
    plain = json.loads(_run("bard", str(text), "--json").stdout)
    done = _run("bard", str(text), "--adapt", "--json")
    figures = json.loads(done.stdout)
    assert figures["nats_per_char"] < plain["nats_per_char"] - 0.5
    assert figures["chars"] == plain["chars"] == len(LINES) - 1
    assert figures["adapted"]["rule"] == "sgd"
    assert "with sgd because the text that bard was trained on was not found" in done.stderr
    assert path.read_bytes() == before
    still = json.loads(_run("bard", str(text), "--adapt", "--adapt-rate", "0", "--json").stdout)
    assert still["nats_per_char"] == pytest.approx(plain["nats_per_char"], abs=1e-5)
    each = _run("bard", str(text), "--adapt", "--per-char", "--json", "--quiet").stdout.splitlines()
    nats = [json.loads(line)["nats"] for line in each]
    assert nats[0] is None
    assert np.mean(nats[1:]) == pytest.approx(figures["nats_per_char"], abs=1e-5)


def test_rms_if_the_training_text_is_available(text: Path) -> None:
    trained_on(text, (len(LINES) - 1000, len(LINES), len(LINES)), val=0.1)
    done = _run("own", "--split", "val", "--adapt", "--json")
    figures = json.loads(done.stdout)
    assert (figures["adapted"]["rule"], figures["chars"]) == ("rms", 999)
    assert "with rms, scaled by gradients on gulls" in done.stderr
    words = ("--adapt", "--adapt-rule", "sgd", "--adapt-seq-length", "7", "--json")
    chosen = json.loads(_run("own", "--split", "val", *words).stdout)["adapted"]
    assert chosen == {"rule": "sgd", "rate": DEFAULTS["sgd"].rate, "window": 7, "decay": 0.0}

    other = text.with_name("other.txt")
    other.write_text(LINES[:500], encoding="utf-8")
    text.write_text(LINES.replace("gulls", "terns"), encoding="utf-8")  # no longer the training text
    (text.parent / "home" / "cache").rename(text.parent / "gone")
    assert json.loads(_run("own", str(other), "--adapt", "--json").stdout)["adapted"]["rule"] == "sgd"
    refused = _run("own", str(other), "--adapt", "--adapt-rule", "rms")
    assert isinstance(refused.exception, InputError)
    assert "use --adapt-rule sgd" in str(refused.exception)


def test_the_adapted_model_is_saved_and_records_what_it_is(text: Path) -> None:
    trained_on(text, (len(LINES) - 1000, len(LINES), len(LINES)), val=0.1)
    own = library.find("own").path
    before = own.read_bytes()
    done = _run("own", str(text), "--adapt", "--save", "gulls", "--json")
    assert own.read_bytes() == before
    loaded = model_file.load(library.find("gulls").path)
    meta, figures = loaded.card.metadata, json.loads(done.stdout)
    assert (meta["name"], meta["complete"], meta["kind"]) == ("gulls", True, "charlm")
    assert meta["metrics"] == {"loss_while_adapting": pytest.approx(figures["nats_per_char"])}
    assert meta["adapted"] == {
        "from": "own", "text": "gulls", "sha256": open_corpus(str(text)).sha256, "chars": len(LINES),
        **figures["adapted"],
    }  # fmt: skip
    for stale in ("steps", "seed"):  # these belong to the training of the other model
        assert stale not in meta
    plain = score(CharLSTM.from_tensors(loaded.tensors), loaded.card.vocabulary.encode(LINES)).nats_per_char
    assert plain < figures["nats_per_char"]  # it has learned all of it
    assert "was trained on" in str(_run("gulls", "--split", "val").exception)  # it may have seen every split
    again = _run("gulls", str(text), "--adapt", "--json")  # and it adapts further
    assert json.loads(again.stdout)["adapted"]["rule"] == "rms"

    card = CliRunner().invoke(lstmterm, ["show", "gulls"]).stdout
    assert f"adapted\tfrom own, to gulls, {len(LINES):,} characters" in card
    assert "\ncommand\t" not in card

    taken = _run("own", str(text), "--adapt", "--save", "gulls")
    assert "--overwrite" in str(taken.exception)
    assert taken.stdout == ""
    assert _run("own", str(text), "--adapt", "--save", "gulls", "--overwrite", "--quiet").exit_code == 0
