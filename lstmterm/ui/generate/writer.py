"""A model that writes for a page, in a thread: it posts messages and never touches a widget."""

import math
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from textual.message import Message

from lstmterm.amounts import count
from lstmterm.errors import InputError, within_memory
from lstmterm.infer.lstm import CharLSTM, Held
from lstmterm.infer.model_text import prompt_text
from lstmterm.infer.text_stream import TextStream
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.ui.messages import on_screen

_POST_INTERVAL = 1 / 25  # seconds between two pieces of text
_BREATH = 0.002  # seconds that a thread at full speed leaves to the screen after each piece
_MOST_CHOICES = 40  # next characters that are shown


@dataclass(frozen=True)
class PageSettings:
    """The settings of a page; `speed` is in characters a second, None as fast as possible."""

    sampling: Sampling = field(default_factory=Sampling)
    generation: Generation = field(default_factory=Generation)
    speed: float | None = None


@dataclass
class WriterMessage(Message):
    """What the writer of a page posts."""

    page: int


class WritingStarted(WriterMessage):
    """The prompt was read; text follows."""


@dataclass
class TextWritten(WriterMessage):
    """A piece of text."""

    text: str


@dataclass
class Notice(WriterMessage):
    """A remark: unknown characters in a prompt, newer weights."""

    text: str


@dataclass
class WritingEnded(WriterMessage):
    """A text ended, by itself or because it was stopped."""

    chars: int
    seconds: float
    seed: int
    nats: float  # per character; nan if nothing was written

    def summaries(self) -> tuple[str, str, str]:
        """What was written, with the seed and, where there is little room, without it; where there is less, the loss."""
        rate = self.chars / self.seconds if self.seconds > 0 else math.nan
        written = f"{self.chars:,} characters · {count(rate)}/s"
        nats = "" if math.isnan(self.nats) else f" · {self.nats:.2f} nats"
        return f"{written} · seed {self.seed}{nats}", f"{written}{nats}", nats.removeprefix(" · ") or written


class WriterIdle(WriterMessage):
    """The last message of a call, whatever happened."""


@dataclass
class ModelLoaded(WriterMessage):
    """A model was read."""

    card: ModelCard


@dataclass
class WritingFailed(WriterMessage):
    """The model cannot be read or cannot write; why, in a sentence."""

    reason: str


@dataclass
class ProbabilitiesReady(WriterMessage):
    """The next characters and their probabilities, likeliest first."""

    choices: list[tuple[str, float]]


class Writer:
    """A model and the hidden state that it carries from prompt to prompt, until `forget`.

    `settings` and `held` may be replaced at any time, also while it writes: they apply from the next character.
    """

    def __init__(self, page: int, post: Callable[[Message], object], settings: PageSettings) -> None:
        self.page = page
        self.settings = settings
        self.reference = ""  # the model's name or path
        self.seed: int | None = None  # of the last text
        self.held: Held = {}  # hidden units whose c is held; those that the model does not have are left out
        self._post = post
        self._stopping = threading.Event()
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._version: library.Version | None = None  # of the file that was read
        self._card: ModelCard | None = None
        self._stream: TextStream | None = None
        self._holding: Held | None = None  # what was given to the stream last

    # --- called by the screen's thread -----------------------------------------------------------

    def stop(self) -> None:
        """End the text after the current character."""
        self._stopping.set()

    def allow(self) -> None:
        """Let a text begin after `stop`."""
        self._stopping.clear()

    def forget(self) -> None:
        """Forget everything: the next text starts from the initial state."""
        if self._stream is not None:
            self._stream.reset()

    def rewind(self) -> None:
        """Return to the state before the last prompt."""
        if self._stream is not None:
            self._stream.rewind()

    # --- called in a thread of its own -----------------------------------------------------------

    def read_model(self, *, chosen: bool = False) -> TextStream | None:
        """Read the model's file if it changed; returns a stream of the model, None if there is none.

        Posts `ModelLoaded` if it is read; for one that was `chosen`, also if it was read before.
        """
        with self._reading:  # so that a slow read is not started twice
            try:
                with within_memory():
                    return self._read_model(chosen)
            except (InputError, OSError) as error:
                self._post(WritingFailed(self.page, on_screen(error)))
                return None

    def _read_model(self, chosen: bool) -> TextStream | None:
        version = library.version(self.reference)
        if version == self._version:
            if chosen and self._card is not None:
                self._post(ModelLoaded(self.page, self._card))
            return self._stream
        loaded = model_file.load(version.path)
        card = loaded.card
        if card.kind != "charlm":
            raise InputError(f"{self.reference} is a tagger, not a character model.")
        model = CharLSTM.from_tensors(loaded.tensors)
        newer = self._version is not None and self._version.path == version.path
        if newer and self._stream is not None:
            self._stream = self._stream.continued_by(model, card.vocabulary, self.seed or 0)
        else:
            self._stream = TextStream(model, card.vocabulary, measure=True, stopping=self._stopping)
        self._holding = None
        self._card, self._version = card, version
        self._post(ModelLoaded(self.page, card))
        if newer:
            loss = card.metrics.get("val_loss")
            self._post(
                Notice(self.page, "newer weights" + (f" (val {loss:.3f})" if loss is not None else ""))
            )
        return self._stream

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Post an error that is raised in the block."""
        try:
            with within_memory():
                yield
        except InputError as error:
            self._post(WritingFailed(self.page, on_screen(error)))

    def write(self, prompt: str, seed: int | None) -> None:
        """Read `prompt` and continue it; with no prompt and no seed, continue the last text.

        `WriterIdle` is posted last.
        """
        try:
            with self._reporting(), self._writing:
                stream = self.read_model()
                if stream is not None:
                    self._prepare(stream, prompt, seed)
                    self._post(WritingStarted(self.page))
                    self._write(stream)
        finally:
            self._post(WriterIdle(self.page))

    def take(self, text: str) -> None:
        """Continue the text with `text`. `WriterIdle` is posted last."""
        try:
            with self._reporting(), self._writing:
                stream = self.read_model()
                if stream is not None:
                    self._prepare(stream, "", None)
                    self._hold(stream)
                    stream.feed(text)
                    self._post(TextWritten(self.page, text))
                    self._post_probabilities(stream)
        finally:
            self._post(WriterIdle(self.page))

    def look_ahead(self) -> None:
        """Post the probabilities of the next character."""
        with self._reporting(), self._writing:
            stream = self.read_model()
            if stream is not None:
                self._prepare(stream, "", None)
                self._post_probabilities(stream)

    def _post_probabilities(self, stream: TextStream) -> None:
        stream.sampling = self.settings.sampling
        probabilities = stream.expected()
        likeliest = probabilities.argsort()[::-1][:_MOST_CHOICES]
        choices = [
            (stream.vocabulary.symbols[i], float(probabilities[i]))
            for n, i in enumerate(likeliest)
            if probabilities[i] > (5e-4 if n >= 8 else 0)
        ]
        self._post(ProbabilitiesReady(self.page, choices))

    def _prepare(self, stream: TextStream, prompt: str, seed: int | None) -> None:
        """Have the stream read the prompt; it stays as it is with no prompt and no seed."""
        if stream.started and not prompt and seed is None:
            return
        assert self._card is not None
        self._hold(stream)
        self.seed = secrets.randbelow(1_000_000) if seed is None else seed
        unknown = stream.start(prompt_text(self._card, prompt), [self.seed])
        if unknown:
            self._post(Notice(self.page, f"the model does not know {' '.join(list(unknown)[:12])}"))

    def _write(self, stream: TextStream) -> None:
        """Write a text at the speed and with the settings of each moment."""
        generation = self.settings.generation
        stream.stop, stream.unit, stream.beam = generation.stop, generation.unit, generation.beam
        self._steer(stream)
        pieces: list[str] = []
        began = posted = due = time.monotonic()
        for written in stream.write():
            pieces.append(written.text)
            now = time.monotonic()
            speed = self.settings.speed
            if now - posted >= _POST_INTERVAL or (speed is not None and speed * _POST_INTERVAL < 1):
                self._post_text(pieces)
                posted = now
                time.sleep(_BREATH)
            if speed is not None:
                due = max(due + 1 / speed, now - 0.5)
                if due > now:
                    if due - now > _POST_INTERVAL:
                        self._post_text(pieces)
                    self._stopping.wait(due - now)
            self._steer(stream)
        self._post_text(pieces)
        seconds = time.monotonic() - began
        if remark := stream.remark():
            self._post(Notice(self.page, remark))
        nats = stream.nats_per_char()
        self._post(WritingEnded(self.page, sum(stream.chars), seconds, self.seed or 0, nats))

    def _steer(self, stream: TextStream) -> None:
        stream.sampling, stream.length = self.settings.sampling, self.settings.generation.length
        if self.held is not self._holding:
            self._hold(stream)

    def _hold(self, stream: TextStream) -> None:
        """Have the stream hold the units, or release them if it held some."""
        held = self._holding = self.held
        known = {unit: value for unit, value in held.items() if stream.model.has_unit(*unit)}
        if known or stream.held:
            stream.held = known

    @property
    def card(self) -> ModelCard | None:
        """The card of the model that was read last."""
        return self._card

    @property
    def model(self) -> CharLSTM | None:
        """The model that was read last."""
        return None if self._stream is None else self._stream.model

    def _post_text(self, pieces: list[str]) -> None:
        text = "".join(pieces)
        pieces.clear()
        if text:
            self._post(TextWritten(self.page, text))
