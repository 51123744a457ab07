"""A writer on its own, without a screen: what it posts."""

import contextlib
import math
import threading
import time
from pathlib import Path

import pytest
from textual.message import Message

from lstmterm.infer.draft_writing import CONTEXT
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.text_stream import write_text
from lstmterm.models import library, model_file
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.stopwatch import Stopwatch
from lstmterm.ui.generate import writer as writing
from lstmterm.ui.generate.several_writer import SeveralEnded
from lstmterm.ui.generate.writer import (
    LookedAhead,
    ModelLoaded,
    Notice,
    PageSettings,
    TextWritten,
    Writer,
    WriterIdle,
    WritingEnded,
    WritingFailed,
    WritingStarted,
)
from tests.ui.conftest import keep_model


def test_a_model_is_read_once_however_many_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_model()
    load, both = model_file.load, threading.Barrier(2)

    def slowly(path: Path) -> model_file.LoadedModel:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.2)  # where two read at once, they are here together
        return load(path)

    monkeypatch.setattr(model_file, "load", slowly)
    posted: list[Message] = []
    writer = Writer(0, posted.append, PageSettings())
    writer.reference = "tiny"
    readers = [threading.Thread(target=writer.read_model) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert [type(message) for message in posted] == [ModelLoaded]


@pytest.fixture
def posted() -> list[Message]:
    return []


@pytest.fixture
def writer(posted: list[Message]) -> Writer:
    keep_model()
    settings = PageSettings(Sampling(temperature=1), Generation(length=40))
    writer = Writer(0, posted.append, settings)
    writer.reference = "tiny"
    return writer


def text_of(posted: list[Message]) -> str:
    return "".join(message.text for message in posted if isinstance(message, TextWritten))


def test_it_writes_what_generate_writes_and_says_what_it_did(writer: Writer, posted: list[Message]) -> None:
    writer.write("The", 7, 40)
    loaded = model_file.load(library.find("tiny").path)
    model = CharLSTM.from_tensors(loaded.tensors)
    assert text_of(posted) == write_text(model, loaded.card.vocabulary, "The", 40, Sampling(1), 7)
    kinds = [type(message) for message in posted if type(message) is not TextWritten]
    assert kinds == [ModelLoaded, WritingStarted, WritingEnded, WriterIdle]
    started = posted[1]
    assert isinstance(started, WritingStarted)
    assert started.origin.arguments == ("--seed", "7", "--temperature", "1")
    assert started.origin.context == 3
    assert started.origin.sha256 == library.sha256("tiny")
    ended = posted[-2]
    assert isinstance(ended, WritingEnded)
    assert ended.chars == 40
    assert ended.nats > 0
    long, *_, short = ended.summaries()
    assert long.startswith("40 characters · ")
    assert long.endswith(f"{ended.nats / math.log(2):.2f} bits/char")
    assert len(short) < len(long)


def test_the_speed_is_that_of_the_time_in_which_it_was_not_suspended(
    writer: Writer, posted: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = iter([0.0, *(0.1 * k for k in range(1, 21)), *(3600 + 0.1 * k for k in range(21, 10_000))])
    monkeypatch.setattr(writing, "Stopwatch", lambda: Stopwatch(lambda: next(readings), lambda: 0.0))
    writer.write("The", 7, 40)
    ended = posted[-2]
    assert isinstance(ended, WritingEnded)
    assert 3.5 < ended.seconds < 10


def test_it_reads_the_end_of_a_long_text(writer: Writer, posted: list[Message]) -> None:
    writer.write("abc " * 1_000, 7, 40)
    long = text_of(posted)
    started = next(message for message in posted if isinstance(message, WritingStarted))
    assert started.origin.context == CONTEXT
    posted.clear()
    writer.write(("abc " * 1_000)[-CONTEXT:], 7, 40)
    assert text_of(posted) == long


def test_a_prompt_is_normalised_and_its_unknown_characters_are_named(
    writer: Writer, posted: list[Message]
) -> None:
    writer.write("a\r\nQ", 7, 40)
    notices = [message.text for message in posted if isinstance(message, Notice)]
    assert notices == ["The model does not know Q."]


def test_it_says_what_may_follow_a_text(writer: Writer, posted: list[Message]) -> None:
    writer.settings = PageSettings(Sampling(0.4))
    writer.look_ahead("The", " end")
    ready = posted[-1]
    assert isinstance(ready, LookedAhead)
    assert (ready.there, ready.words.begun) == (" end", "The")
    for ahead in (ready.characters, ready.words):
        chances = [each.probability for each in ahead.texts]
        assert chances == sorted(chances, reverse=True)
        assert 0 < sum(chances) <= 1 + 1e-6
        assert any(each.probability != each.plain for each in ahead.texts)


def test_units_are_held_that_the_model_has(writer: Writer, posted: list[Message]) -> None:
    writer.held = {(0, 1): 2.0, (9, 9): 1.0}
    writer.write("The", 7, 40)
    started = next(message for message in posted if isinstance(message, WritingStarted))
    assert started.origin.arguments[-2:] == ("--hold", "0:1=2")


def test_a_model_that_is_missing_is_a_sentence(posted: list[Message]) -> None:
    writer = Writer(0, posted.append, PageSettings())
    writer.reference = "nobody"
    writer.write("The", 7, 40)
    assert [type(message) for message in posted] == [WritingFailed, WriterIdle]


def started(writer: Writer, posted: list[Message]) -> threading.Thread:
    """The thread of a text without an end, once it has written something."""
    thread = threading.Thread(target=writer.write, args=("The", 7, None))
    thread.start()
    while not text_of(posted):
        time.sleep(0.005)
    return thread


def test_stopping_ends_a_slow_text_at_once(writer: Writer, posted: list[Message]) -> None:
    writer.settings = PageSettings(generation=Generation(length=None), speed=0.01)
    thread = started(writer, posted)
    writer.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert len(text_of(posted)) == 1


def test_it_gives_way_for_a_moment_and_stops_meanwhile_too(
    writer: Writer, posted: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmterm.ui.generate.writer.WAY", 1_000.0)
    writer.settings = PageSettings(generation=Generation(length=None))
    thread = started(writer, posted)
    writer.give_way()
    time.sleep(0.2)
    before = text_of(posted)
    time.sleep(0.1)
    assert text_of(posted) == before
    writer.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_it_writes_calmly_while_the_user_types(
    writer: Writer, posted: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmterm.ui.generate.writer.CALM", 1_000.0)
    monkeypatch.setattr("lstmterm.ui.generate.writer.CALM_SPEED", 40.0)
    writer.settings = PageSettings(generation=Generation(length=None))
    thread = started(writer, posted)
    time.sleep(0.1)
    writer.give_way()
    time.sleep(0.1)  # the key's own moment
    before, began = len(text_of(posted)), time.monotonic()
    time.sleep(0.5)
    after, seconds = len(text_of(posted)), time.monotonic() - began
    writer.stop()
    thread.join(10)
    assert 0 < after - before <= 40 * (seconds + 0.1)  # far below full speed


@pytest.mark.parametrize(("speed", "pieces"), [(None, False), (1_000.0, True)], ids=["full", "limited"])
def test_pieces_come_less_often_at_full_speed(
    writer: Writer,
    posted: list[Message],
    monkeypatch: pytest.MonkeyPatch,
    speed: float | None,
    pieces: bool,
) -> None:
    monkeypatch.setattr("lstmterm.ui.generate.writer.FULL_INTERVAL", 1_000.0)
    writer.settings = PageSettings(speed=speed)
    writer.write("a", 1, 400)
    written = [message for message in posted if isinstance(message, TextWritten)]
    assert isinstance(written[-1], WritingEnded)
    assert (len(written) > 1) == pieces


def test_memory_that_runs_out_is_a_message(
    writer: Writer, posted: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> object:
        raise MemoryError

    monkeypatch.setattr(CharLSTM, "from_tensors", full)
    for act in (lambda: writer.write("a", 1, 40), lambda: writer.look_ahead("a")):
        posted.clear()
        act()
        said = [message.reason for message in posted if isinstance(message, WritingFailed)]
        assert [reason.partition(".")[0] for reason in said] == ["There is not enough memory"]


def test_the_likeliest_text_is_the_same_for_every_seed(writer: Writer, posted: list[Message]) -> None:
    writer.settings = PageSettings(Sampling(2), Generation(length=40, beam=3))
    writer.write("The", 7, 40)
    first = text_of(posted)
    posted.clear()
    writer.write("The", 8, 40)
    assert text_of(posted) == first
    assert len(first) == 40


def test_several_texts_are_drawn_also_where_a_beam_is_set(writer: Writer) -> None:
    writer.settings = PageSettings(Sampling(1), Generation(length=40, beam=3))
    posted: list[Message] = []
    writer.several("The", 40).write([7, 8], 0, posted.append)
    ended = next(message for message in posted if isinstance(message, SeveralEnded))
    loaded = model_file.load(library.find("tiny").path)
    model = CharLSTM.from_tensors(loaded.tensors)
    for seed, written in zip((7, 8), ended.written, strict=True):
        assert written.text == write_text(model, loaded.card.vocabulary, "The", 40, Sampling(1), seed)
        assert written.origin.arguments == ("--seed", str(seed), "--temperature", "1")
