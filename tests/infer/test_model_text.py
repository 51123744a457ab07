"""Texts in a model's character numbers: its own as it was trained on, and any other."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from lstmterm import paths
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer import model_text
from lstmterm.infer.model_text import (
    any_text,
    held_out_text,
    own_text,
    prompt_text,
    renumbered,
    training_text,
)
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from tests.character_models import TorchModel, trained_on

LINES = "The tide turns, and the boats turn with it.\n" * 20


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "tide.txt"
    path.write_text(LINES, encoding="utf-8")
    return path


def card_of(text: Path, source: str = "", **reading: object) -> ModelCard:
    """A model that was trained on the first 700 characters of `text`, and says that it read `source`."""
    name = f"tide{len(reading)}"
    trained_on(text, (700, 800, 801), name, source, **reading)
    return model_file.load(library.find(name).path).card


def test_a_split_of_the_models_own_text(text: Path) -> None:
    card = card_of(text)
    own = own_text(card, "val")
    assert card.vocabulary.decode(own.ids) == LINES[700:800]
    assert own.name == "tide, val"
    with pytest.raises(InputError, match="without a test text"):
        own_text(card, "test")


def test_the_training_text_is_found_only_as_it_was(text: Path) -> None:
    card = card_of(text)
    found = training_text(card)
    assert found is not None
    assert card.vocabulary.decode(found) == LINES[:700]
    text.write_text(LINES.upper(), encoding="utf-8")
    shutil.rmtree(paths.encoded())
    assert training_text(card) is None
    with pytest.raises(InputError, match="has changed"):
        own_text(card, "train")


def test_stdin_is_never_waited_for(text: Path) -> None:
    assert training_text(card_of(text, source="-")) is None


def test_no_folder_is_looked_through_unasked(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = card_of(text, source=str(text.parent))
    opened: list[str] = []

    def own(_card: ModelCard, _split: str, _progress: object, place: str) -> None:
        opened.append(place)
        raise InputError("not here")

    monkeypatch.setattr(model_text, "own_corpus", own)
    assert model_text.training_corpus(card) is None
    assert str(text.parent) in opened
    opened.clear()
    assert model_text.training_corpus(card, folders=False) is None
    assert str(text.parent) not in opened


def test_any_text_is_read_as_the_models_own_was(text: Path) -> None:
    other = text.with_name("other.txt")
    other.write_bytes("a\r\nte\u0301☃".encode())
    card = card_of(text)
    plain = any_text(card, str(other), None)
    assert plain.ids.tolist()[:2] == card.vocabulary.encode("a\n").tolist()
    assert plain.ids[-1] == card.vocabulary.unknown
    assert len(plain.ids) == 6
    assert len(any_text(card_of(text, nfc=True), str(other), None).ids) == 5


def test_a_model_of_bytes_reads_bytes(text: Path) -> None:
    path = TorchModel(vocabulary=Vocabulary("".join(map(chr, range(256))), "byte")).publish("bytes")
    text.write_bytes(b"\xff\x00\r\n")
    assert any_text(model_file.load(path).card, str(text), None).ids.tolist() == [255, 0, 13, 10]


def test_a_prompt_is_normalised_as_the_training_text_was(text: Path) -> None:
    assert prompt_text(card_of(text), "one\r\ntwo\re\u0301") == "one\ntwo\ne\u0301"
    assert prompt_text(card_of(text, nfc=True), "e\u0301") == "\u00e9"
    assert prompt_text(card_of(text, raw_newlines=True, nfc=False), "one\r\n") == "one\r\n"


def test_a_large_text_is_mapped_and_not_held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LSTMTERM_HOME", str(tmp_path))
    (tmp_path / "cache" / "encoded").mkdir(parents=True)
    table = np.array([3, 1, 2], np.uint8)
    ids = np.array([0, 1, 2, 2, 0, 1, 0], np.uint8)
    monkeypatch.setattr(model_text, "_LARGE", 3)
    found = model_text._through(table, ids)
    assert isinstance(found, np.memmap)
    assert found.tolist() == table[ids].tolist()
    assert not list((tmp_path / "cache" / "encoded").iterdir())


def test_what_was_held_out_is_the_validation_text_or_else_the_test_text(text: Path) -> None:
    found = held_out_text(card_of(text))
    assert (found.characters(1000), found.name, found.span) == (LINES[700:800], "tide, val", (700, 800))
    trained_on(text, (700, 700, 850), "tested")
    assert held_out_text(model_file.load(library.find("tested").path).card).span == (700, 850)
    trained_on(text, (len(LINES), len(LINES), len(LINES)), "everything")
    with pytest.raises(InputError, match="give a text"):
        held_out_text(model_file.load(library.find("everything").path).card)


def test_characters_are_renumbered_and_those_unknown_to_either_vocabulary_are_unknown() -> None:
    old, new = Vocabulary("abc"), Vocabulary("cx\ufffda")
    ids = renumbered(np.array([0, 1, 2, 3]), old, new)
    assert ids.tolist() == [3, new.unknown, 0, new.unknown]
    assert ids.dtype == new.dtype
    assert renumbered(ids, new, new) is ids
    assert renumbered(np.arange(256), Vocabulary.bytes(), Vocabulary.bytes()).tolist() == [*range(256)]
