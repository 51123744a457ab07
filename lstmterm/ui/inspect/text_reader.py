"""Reads a model and a text, in a thread: posts messages and touches no widget."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from textual.message import Message

from lstmterm.amounts import progress
from lstmterm.errors import InputError, within_memory
from lstmterm.infer.characters import text_of
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.model_text import any_corpus, large_beginning, prompt_text, text_or_default
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.inspect.reading import Reading, Source
from lstmterm.ui.messages import on_screen

MOST = 100_000  # characters of a text that are shown
MOST_OWN = 20_000  # of the model's own, which nobody chose


@dataclass(frozen=True)
class Request:
    """A text to read with a model."""

    number: int  # the newest counts
    model: str
    source: Source


@dataclass
class ReaderMessage(Message):
    """What the reader posts about a request."""

    number: int


@dataclass
class ModelRead(ReaderMessage):
    """The model was read."""

    card: ModelCard


@dataclass
class TextRead(ReaderMessage):
    """The text was read, and there are remarks about it."""

    reading: Reading
    notes: tuple[str, ...]


@dataclass
class Working(ReaderMessage):
    """What is being done, and how much is done."""

    what: str


@dataclass
class ReadingFailed(ReaderMessage):
    """Why a text or a model cannot be read, in a sentence."""

    reason: str


class _Cancelled(Exception):
    """A newer request came."""


class TextReader:
    """Works on one request at a time; a model stays in memory until another one is read."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._busy = threading.Lock()
        self._version: library.Version | None = None
        self._card: ModelCard | None = None
        self._model: CharLSTM | None = None

    def read(self, request: Request, is_stale: Callable[[], bool]) -> None:
        """Read the model and the text, and post both, until `is_stale`."""
        with self._busy:
            try:
                with within_memory():
                    self._read(request, is_stale)
            except (InputError, OSError) as error:
                self._post(ReadingFailed(request.number, on_screen(error)))
            except _Cancelled:
                pass

    def _read(self, request: Request, is_stale: Callable[[], bool]) -> None:
        def working(what: str, done: int, total: int | None) -> None:
            if is_stale():
                raise _Cancelled
            self._post(Working(request.number, progress(what, done, total)))

        working("loading the model", 0, None)
        model, card = self._read_model(request.model)
        self._post(ModelRead(request.number, card))
        name, text, ids, notes = _text(card, request.source, working)
        if len(ids) < 2:
            raise InputError("The text has fewer than two characters, so there is nothing to predict.")
        reading = Reading(request.model, model, card, name, text, ids, request.source)
        self._post(TextRead(request.number, reading, notes))

    def _read_model(self, reference: str) -> tuple[CharLSTM, ModelCard]:
        version = library.version(reference)
        if version != self._version or self._model is None or self._card is None:
            self._model, self._card = read_character_model(reference, version.path)
            self._version = version
        return self._model, self._card


def read_character_model(reference: str, path: Path) -> tuple[CharLSTM, ModelCard]:
    """The character model in a file. Raises `InputError`, which names it by its `reference`, for a tagger."""
    loaded = model_file.load(path)
    if loaded.card.kind != "charlm":
        raise InputError(f"{reference} is a tagger, not a character model.")
    return CharLSTM.from_tensors(loaded.tensors), loaded.card


def _text(
    card: ModelCard, source: Source, working: Callable[[str, int, int | None], None]
) -> tuple[str, str, np.ndarray, tuple[str, ...]]:
    """A name for the text, its characters, their numbers, and remarks."""
    if source.kind == "typed":
        return _prepared(card, "typed", prompt_text(card, source.value))
    if source.kind == "own":
        found = text_or_default(card, 2, working)
        shown = found.characters(MOST_OWN)
        if found.notes:
            return _prepared(card, found.name, shown, before=found.notes)
        return found.name, shown, np.asarray(found.ids[:MOST_OWN]), ()
    if (large := large_beginning(card, source.value)) is not None:
        start = large.text[:MOST]
        only = f"Only the first {len(start):,} characters are shown."
        return _prepared(card, large.name, start, before=[only], after=large.notes)
    corpus = any_corpus(card, source.value, None, working)
    whole = len(corpus) if len(corpus) > MOST else 0
    notes = [] if card.vocabulary.level == "byte" else [*corpus.notes]
    shown = text_of(corpus.vocabulary, np.asarray(corpus.ids[:MOST]))
    return _prepared(card, corpus.name, shown, whole, after=notes)


def _prepared(
    card: ModelCard,
    name: str,
    text: str,
    whole: int = 0,
    *,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> tuple[str, str, np.ndarray, tuple[str, ...]]:
    """A text and its numbers, at most `MOST` characters; `whole` is the length before it was cut, if it was.

    Its remarks stand between those `before` and `after`.
    """
    shown = text[:MOST]
    notes = [*before]
    if max(whole, len(text)) > len(shown):
        notes.append(f"Only the first {len(shown):,} of {max(whole, len(text)):,} characters are shown.")
    if unknown := card.vocabulary.missing(shown):
        notes.append(f"The model does not know {' '.join(list(unknown)[:12])}.")
    return name, shown, card.vocabulary.encode(shown), (*notes, *after)
