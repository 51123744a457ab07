"""A model that writes for the screen: in a thread, posting what it wrote.

An author has a model and what it remembers. Its hidden state goes on from one prompt to the next
until `forget`. `manner` may be replaced at any moment, also while it writes: every character is
chosen by the manner of that moment. Nothing here touches a widget.
"""

import math
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM, State
from lstmterm.infer.sample import Sampling, Spelling, Writer
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard

_POSTS_EVERY = 1 / 25  # seconds; text comes in pieces of this long
_BREATH = 0.002  # seconds that a thread at full speed leaves to the screen after each piece


@dataclass(frozen=True)
class Manner:
    """How to write: how characters are chosen, how many, what ends it, how many a second (None: all it can)."""

    sampling: Sampling
    length: int | None = 500
    stop: str = ""
    speed: float | None = None


@dataclass
class Began(Message):
    """The prompt is read; what is written behind it follows, with the author's new seed."""

    page: int


@dataclass
class Wrote(Message):
    """A piece of text."""

    page: int
    text: str


@dataclass
class Noted(Message):
    """Something to know: unknown characters of a prompt, newer weights."""

    page: int
    told: str


@dataclass
class Ended(Message):
    """It stopped: by itself, or by request."""

    page: int
    chars: int
    seconds: float
    seed: int
    nats: float  # a character, as the model has it; nan if nothing was written


@dataclass
class Rested(Message):
    """Nothing more follows from a call, whatever came of it."""

    page: int


@dataclass
class Loaded(Message):
    """A model was read."""

    page: int
    card: ModelCard


@dataclass
class Broke(Message):
    """The model cannot be read or cannot write; in a sentence."""

    page: int
    reason: str


@dataclass
class Expected(Message):
    """What may come next: characters and their probabilities, likeliest first."""

    page: int
    choices: list[tuple[str, float]]


class Author:
    """One model and its memory; its methods run in a thread, one at a time."""

    def __init__(self, page: int, post: Callable[[Message], object], manner: Manner) -> None:
        self.page = page
        self.manner = manner
        self.reference = ""
        self.seed: int | None = None  # of the last text
        self._post = post
        self._stopping = threading.Event()
        self._busy = threading.Lock()
        self._reading = threading.Lock()
        self._stamp: tuple[Path, float, int] | None = None
        self._model: CharLSTM | None = None
        self._vocabulary: Vocabulary | None = None
        self._writer: Writer | None = None
        self._before: State | None = None  # what was remembered before the last prompt

    # --- what the screen's thread calls ---------------------------------------------------------

    def stop(self) -> None:
        """End the text after the character at hand."""
        self._stopping.set()

    def allow(self) -> None:
        """Let a text begin: what was stopped until now is over."""
        self._stopping.clear()

    # --- what its own thread calls --------------------------------------------------------------

    def read_model(self) -> bool:
        """Read the model's file if it is another one than last time; whether there is a model."""
        with self._reading:  # a slow reading is not begun again beside itself
            return self._read_model()

    def _read_model(self) -> bool:
        try:
            path = library.find(self.reference).path
            found = path.stat()
            stamp = (path, found.st_mtime, found.st_size)
            if stamp == self._stamp:
                return True
            loaded = model_file.load(path)
            if loaded.card.kind != "charlm":
                raise InputError(f"{self.reference} is a {loaded.card.kind}; it does not write.")
            model = CharLSTM.from_tensors(loaded.tensors)
        except (InputError, OSError) as error:
            self._post(Broke(self.page, str(error)))
            return False
        newer = self._stamp is not None and self._stamp[0] == path
        kept = self._writer.state if newer and self._writer is not None else None
        same = self._vocabulary is not None and self._vocabulary.symbols == loaded.card.vocabulary.symbols
        if kept is not None and same and kept.h.shape == model.initial().h.shape:
            self._writer = Writer(model, loaded.card.vocabulary, [self.seed or 0], kept)
        else:
            self._writer = None
        self._model, self._vocabulary, self._stamp = model, loaded.card.vocabulary, stamp
        self._post(Loaded(self.page, loaded.card))
        if newer:
            loss = loaded.card.metrics.get("val_loss")
            told = f" (val {loss:.3f})" if loss is not None else ""
            self._post(Noted(self.page, f"newer weights{told}"))
        return True

    def forget(self) -> None:
        """Remember nothing: what comes next is a beginning."""
        self._writer = self._before = None

    def go_back(self) -> None:
        """Remember what was remembered before the last prompt."""
        if self._model is not None and self._vocabulary is not None and self._before is not None:
            self._writer = Writer(self._model, self._vocabulary, [0], self._before)
        else:
            self._writer = None

    def write(self, prompt: str, seed: int | None) -> None:
        """Read `prompt` and go on from it; with no prompt and no seed go on where the last text stopped.

        `Rested` is posted last.
        """
        try:
            with self._busy:
                if self.read_model():
                    writer = self._prepare(prompt, seed)
                    self._post(Began(self.page))
                    self._go_on(writer)
        except InputError as error:
            self._post(Broke(self.page, str(error)))
        finally:
            self._post(Rested(self.page))

    def choose(self, text: str) -> None:
        """Take `text` as what was written next. `Rested` is posted last."""
        try:
            with self._busy:
                if self.read_model():
                    writer = self._prepare("", None)
                    writer.feed(text)
                    self._post(Wrote(self.page, text))
                    self._look_ahead(writer)
        finally:
            self._post(Rested(self.page))

    def look_ahead(self) -> None:
        """Post what may come next."""
        with self._busy:
            if self.read_model():
                self._look_ahead(self._prepare("", None))

    def _look_ahead(self, writer: Writer) -> None:
        chances = writer.expected(self.manner.sampling)
        order = chances.argsort()[::-1][:40]
        symbols = writer.vocabulary.symbols
        self._post(
            Expected(
                self.page,
                [
                    (symbols[i], float(chances[i]))
                    for n, i in enumerate(order)
                    if chances[i] > 5e-4 or (chances[i] > 0 and n < 8)
                ],
            )
        )

    def _prepare(self, prompt: str, seed: int | None) -> Writer:
        """A writer that has read the prompt; the present one with no prompt and no seed."""
        assert self._model is not None
        assert self._vocabulary is not None
        before = self._writer
        if before is not None and not prompt and seed is None:
            return before
        self.seed = secrets.randbelow(1_000_000) if seed is None else seed
        state = before.state if before is not None else None
        self._before = state
        writer = Writer(self._model, self._vocabulary, [self.seed], state, measure=True)
        self._writer = writer
        unknown = writer.begin(prompt) if state is None else writer.feed(prompt)
        if unknown:
            shown = " ".join(list(unknown)[:12])
            self._post(Noted(self.page, f"the model does not know {shown}"))
        return writer

    def _go_on(self, writer: Writer) -> None:
        spelling = Spelling(writer.vocabulary, self.manner.stop)
        writer.measure = True
        began = posted = time.monotonic()
        pieces: list[str] = []
        chars, nats = 0, 0.0
        due = began
        while not (self._stopping.is_set() or spelling.stopped):
            manner = self.manner
            if manner.length is not None and chars >= manner.length:
                break
            (symbol,) = writer.step(manner.sampling)
            pieces.append(spelling.add(symbol))
            chars += 1
            nats += writer.nats[0]
            now = time.monotonic()
            if manner.speed is not None:
                due = max(due + 1 / manner.speed, now - 0.5)
            if now - posted >= _POSTS_EVERY or (manner.speed is not None and manner.speed < 25):
                self._send(pieces)
                posted = now
                time.sleep(_BREATH)
            if manner.speed is not None and due > now:
                if pieces and due - now > _POSTS_EVERY:
                    self._send(pieces)
                self._stopping.wait(due - now)
        pieces.append(spelling.end())
        self._send(pieces)
        took = time.monotonic() - began
        self._post(Ended(self.page, chars, took, self.seed or 0, nats / chars if chars else math.nan))

    def _send(self, pieces: list[str]) -> None:
        text = "".join(pieces)
        pieces.clear()
        if text:
            self._post(Wrote(self.page, text))
