"""Comparing in a thread: what is posted, what is kept, and what ends it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.message import Message

from lstmterm.models import library
from lstmterm.ui.inspect import against_reader
from lstmterm.ui.inspect.against_reader import AgainstReader, Compared, Comparing, NotCompared, Request
from lstmterm.ui.inspect.reading import Reading, Source
from lstmterm.ui.inspect.text_reader import read_character_model
from tests.ui.conftest import keep_model
from tests.ui.inspect.models import TEXT, keep_trained
from tests.ui.tagger_models import WORDS, keep_tagger

ON = "the sea owes us a bucket, the tide is late.\n"


def reading_of(name: str, text: str = ON) -> Reading:
    model, card = read_character_model(name, library.find(name).path)
    return Reading(name, model, card, "typed", text, card.vocabulary.encode(text), Source("typed", text))


def compared(
    reader: AgainstReader,
    posted: list[Message],
    reading: Reading,
    other: str,
    stale: Callable[[], bool] = bool,
) -> Message:
    reader.compare(Request(1, reading, other), stale)
    return posted[-1]


@pytest.fixture
def posted() -> list[Message]:
    return []


@pytest.fixture
def reader(posted: list[Message]) -> AgainstReader:
    return AgainstReader(posted.append)


def test_what_was_found_is_kept_while_the_text_and_the_models_stay(
    reader: AgainstReader, posted: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_trained(tmp_path)
    keep_model("other", seed=3)
    read: list[str] = []
    monkeypatch.setattr(
        against_reader,
        "training_text",
        lambda card, progress: read.append(card.name) or training_text(card, progress),
    )
    reading = reading_of("trained")
    first = {other: compared(reader, posted, reading, other) for other in ("5-gram", "other", "2-gram")}
    assert all(isinstance(message, Compared) for message in first.values())
    assert any("predicting with 5-gram" in m.what for m in posted if isinstance(m, Comparing))
    again = {other: compared(reader, posted, reading, other) for other in first}
    assert all(again[other].found is first[other].found for other in first)  # type: ignore[attr-defined]
    assert read == ["trained"]
    keep_model("other", seed=4)
    assert compared(reader, posted, reading, "other").found is not first["other"].found  # type: ignore[attr-defined]
    shorter = Reading("trained", reading.model, reading.card, "typed", ON[:20], reading.ids[:20], Source())
    assert compared(reader, posted, shorter, "5-gram").found.text == ON[:20]  # type: ignore[attr-defined]
    assert read == ["trained"], "the same model was trained on the same text"


training_text = against_reader.training_text


def test_n_grams_need_the_training_text_and_a_model_does_not(
    reader: AgainstReader, posted: list[Message]
) -> None:
    keep_model("one")
    keep_model("other", seed=3)
    reading = reading_of("one", "the sea owes us")
    refused = compared(reader, posted, reading, "5-gram")
    assert isinstance(refused, NotCompared)
    assert "The 5-gram needs the text that 'one' was trained on" in refused.reason
    found = compared(reader, posted, reading, "other")
    assert isinstance(found, Compared)
    assert not found.found.comparison.rare_known


def test_what_cannot_be_read_is_a_sentence(reader: AgainstReader, posted: list[Message]) -> None:
    keep_model("one")
    keep_tagger("tags", WORDS)
    reading = reading_of("one", "the sea owes us")
    for other, said in (("nobody", "no model named 'nobody'"), ("tags", "tags is a tagger")):
        refused = compared(reader, posted, reading, other)
        assert isinstance(refused, NotCompared)
        assert said in refused.reason


def test_a_stale_request_ends_at_its_next_report(
    reader: AgainstReader, posted: list[Message], tmp_path: Path
) -> None:
    keep_trained(tmp_path)
    reading = reading_of("trained", TEXT)
    for patience in range(1, 5):
        reports = iter(range(patience))
        before = len(posted)
        compared(reader, posted, reading, "5-gram", lambda reports=reports: next(reports, None) is None)
        assert len(posted) == before + patience
        assert all(isinstance(message, Comparing) for message in posted)
    assert isinstance(compared(reader, posted, reading, "5-gram"), Compared)
