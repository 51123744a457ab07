"""Character models side by side."""

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer import side_by_side
from lstmterm.infer.score import Score
from lstmterm.infer.side_by_side import (
    CharacterFigures,
    SampleSettings,
    SharedText,
    adapted,
    chosen,
    measured,
)
from lstmterm.models import library, model_file
from tests.character_models import LETTERS, TorchModel
from tests.corpora.files import write

TEXT = "The tide turns,\nand the boats turn with it.\n" * 20


@pytest.fixture
def models(tmp_path: Path) -> side_by_side.Models:
    TorchModel().publish("one")
    TorchModel(2, 16, vocabulary=Vocabulary("\n ,.Tabdehinorstuw"), seed=2).publish("two")
    return chosen(("one", "two"))


def test_only_what_all_models_know_is_scored(models: side_by_side.Models, tmp_path: Path) -> None:
    text = SharedText.of(models, write(tmp_path, "To ☃ a zoo"))
    assert text.known.tolist() == [c not in "☃z" for c in "To ☃ a zoo"]
    assert text.notes == ("Not all models know these characters, so they are read but not scored: z ☃",)
    done: list[tuple[int, int]] = []

    def losses(ids: np.ndarray) -> Iterator[np.ndarray]:
        assert ids.tolist() == [*LETTERS.encode("To ☃ a zoo")]
        yield from (
            np.array([1, 2], np.float32),
            np.array([], np.float32),
            np.arange(3, 10, dtype=np.float32),
        )

    score = text.score(LETTERS, losses, lambda *seen: done.append(seen))
    assert score == Score(7, 1 + 2 + 4 + 5 + 6 + 8 + 9, 2)
    assert done == [(2, 9), (2, 9), (9, 9)]


def test_a_text_of_unknown_characters_is_refused(models: side_by_side.Models, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No character of text after the first is known to all"):
        SharedText.of(models, write(tmp_path, "T☃☃", "text.txt"))


def test_a_model_of_bytes_is_scored_by_character(tmp_path: Path) -> None:
    TorchModel().publish("one")
    TorchModel(vocabulary=Vocabulary.bytes()).publish("bytes")
    for names in (("one", "bytes"), ("bytes", "one")):
        text = SharedText.of(chosen(names), write(tmp_path, "a☃b é"))
        assert (text.characters, text.known.tolist()) == ("a☃b é", [True, False, True, True, False])
        nats = np.array([1, 2, 3, 4, 5, 6, 7], np.float32)  # of ☃ (3 bytes), b, space, é (2 bytes)
        assert text.score(Vocabulary.bytes(), lambda _, nats=nats: [nats], lambda *_: None) == Score(
            2, 9.0, 2
        )


def test_a_long_text_is_cut_and_that_is_said(
    models: side_by_side.Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "MOST", 100)
    text = SharedText.of(models, write(tmp_path, TEXT))
    assert text.characters == TEXT[:100]
    assert text.notes == (f"Only the first 100 of {len(TEXT)} characters are compared.",)
    with pytest.raises(InputError, match="only one character"):
        SharedText.of(models, write(tmp_path, "T", "short.txt"))


def test_the_stages_are_told_and_can_be_ended(models: side_by_side.Models, tmp_path: Path) -> None:
    text = SharedText.of(models, write(tmp_path, TEXT))
    stages: dict[str, tuple[int, int | None]] = {}
    figures = measured(
        models[0][0], text, SampleSettings(1, 130), lambda what, *rest: stages.update({what: rest})
    )
    every = len(TEXT) - 1
    assert stages == {"scoring": (every, every), "scoring, reset": (every, every), "writing": (128, 130)}
    assert (len(figures.sample), figures.copied) == (130, None)
    adapted(models[0][0], text, lambda what, *rest: stages.update({what: rest}))
    assert stages["adapting"] == (every, every)

    class Ended(Exception): ...

    def end(what: str, done: int, whole: int | None) -> None:
        if what == last:
            raise Ended

    for last in ("scoring", "scoring, reset", "writing"):
        with pytest.raises(Ended):
            measured(models[0][0], text, SampleSettings(1), end)
        assert last  # read by `end`


def test_the_cells_of_a_model() -> None:
    path = TorchModel(2, 16, 8).publish("bard")
    card = model_file.describe(path)
    parameters = sum(tensor.size for tensor in TorchModel(2, 16, 8).tensors().values())
    figures = CharacterFigures(
        library.find("bard"), card, Score(10, 12.344, 1), Score(10, 15, 1), "abc", 12_345.6,
        {"longest": 7, "share_8": 0.5, "share_16": 0.0625},
    )  # fmt: skip
    cells = figures.cells()
    assert cells == {
        "size": "2x16", "params": f"{parameters / 1000:.3g}k", "file": f"{path.stat().st_size / 1000:.3g} kB",
        "loss": "1.234", "reset": "1.500", "chars/s": "12.3k", "copied": "6.2%",
    }  # fmt: skip
    adapting = dataclasses.replace(
        figures, adapted=Score(10, 11, 1), copied={"longest": 2}, reset=Score(0, 0, 9)
    )
    more = adapting.cells()
    assert {name: more[name] for name in more if more[name] != cells.get(name)} == {
        "reset": "–", "adapted": "1.100", "copied": "–",
    }  # fmt: skip
    facts = adapting.to_dict()
    assert facts["parameters"] == parameters
    assert facts["nats_per_char_reset"] is None
    assert facts["bits_per_char"] == pytest.approx(1.2344 / math.log(2))
