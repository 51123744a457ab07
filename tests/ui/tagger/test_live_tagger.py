"""The tagger that tags while a text is typed."""

from pathlib import Path

import numpy as np
import pytest
from textual.message import Message

from lstmterm.infer.tag import Tagger
from lstmterm.ui.tagger.live_tagger import LiveTagger, TaggerLoaded, TaggerRefused, beginning_of
from lstmterm.ui.tagger.tagged_text import TaggedText
from tests.ui.tagger_models import ROT13, WORDS, keep_tagger


def test_the_places_of_words_in_a_text() -> None:
    text = "The  tide\nrises. I don't\n\nknow"
    found, cut = beginning_of(text, "word")
    assert not cut
    assert [
        text[start : start + len(word)] for s in found for word, start in zip(s.words, s.starts, strict=True)
    ] == [word for s in found for word in s.words]
    assert beginning_of("a " * 6000, "word")[1]


def test_a_tagger_is_read_once_and_stays_when_another_one_cannot_be(home: Path) -> None:
    path = keep_tagger("upos", WORDS)
    posted: list[Message] = []
    live = LiveTagger(posted.append)
    live.tag("the tide", 1, lambda: False)
    assert posted == [], "none is requested"
    live.requested = "upos"
    live.tag("the tide", 2, lambda: False)
    loaded, text = posted
    assert isinstance(loaded, TaggerLoaded)
    assert isinstance(text, TaggedText)
    assert (loaded.reference, text.number, text.sentences[0].tags) == ("upos", 2, ("DET", "NOUN"))
    live.load()
    assert len(posted) == 2, "nothing changed"
    path.unlink()
    live.load()
    live.requested = "none"
    live.load()
    assert [m.reference for m in posted[2:] if isinstance(m, TaggerRefused)] == ["none"]
    live.tag("the", 3, lambda: True)
    assert not any(isinstance(m, TaggedText) and m.number == 3 for m in posted)


def test_characters_that_a_tagger_does_not_know(home: Path) -> None:
    keep_tagger("rot", ROT13, "char")
    posted: list[Message] = []
    live = LiveTagger(posted.append)
    live.requested = "rot"
    live.tag("FUVE\n\nxN", 1, lambda: False)
    text = posted[-1]
    assert isinstance(text, TaggedText)
    assert (text.unknown, "".join(text.sentences[0].tags)) == ("x", "THIS")
    assert text.sentences[1].known == (False, True)


@pytest.mark.parametrize("damage", ["an appended byte", "not a number", "no bias", "no text"])
def test_a_damaged_tagger_is_refused_and_the_one_in_use_stays(home: Path, damage: str) -> None:
    keep_tagger("upos", WORDS)
    bad = keep_tagger("bad", WORDS)
    raw = bad.read_bytes()
    damaged = {
        "an appended byte": raw + b"\0",
        "not a number": raw[:-4] + np.float32(np.nan).tobytes(),
        "no bias": raw.replace(b"output.bias", b"output.bins"),
        "no text": raw.replace(b'level\\": \\"word', b'level\\": \\"wort'),
    }
    assert damaged[damage] != raw
    bad.write_bytes(damaged[damage])
    posted: list[Message] = []
    live = LiveTagger(posted.append)
    for name in ("upos", "bad"):
        live.requested = name
        live.tag("the tide", 1, lambda: False)
    *_, refused, text = posted
    assert isinstance(refused, TaggerRefused)
    assert "is damaged: " in refused.reason
    assert isinstance(text, TaggedText)
    assert live.reference == "upos"


def test_memory_that_runs_out_is_a_message(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> object:
        raise MemoryError

    keep_tagger("upos", WORDS)
    posted: list[Message] = []
    live = LiveTagger(posted.append)
    live.requested = "upos"
    monkeypatch.setattr(Tagger, "from_model", full)
    live.tag("the tide", 1, lambda: False)
    monkeypatch.undo()
    monkeypatch.setenv("LSTMTERM_HOME", str(home))
    live.load()
    monkeypatch.setattr(Tagger, "tag_all", full)
    live.tag("the tide", 2, lambda: False)
    refused = [message.reason for message in posted if isinstance(message, TaggerRefused)]
    assert [reason.partition(".")[0] for reason in refused] == 2 * ["There is not enough memory"]
