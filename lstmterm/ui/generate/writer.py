"""A model that writes for a page, in a thread: it posts messages and never touches a widget."""

import math
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from textual.message import Message

from lstmterm.amounts import count, figure
from lstmterm.drafts.tree import Origin
from lstmterm.errors import InputError, within_memory
from lstmterm.infer import draft_writing
from lstmterm.infer.lstm import CharLSTM, Held
from lstmterm.infer.model_text import prompt_text, training_copies
from lstmterm.infer.next_words import Ahead
from lstmterm.infer.surprise import Measures
from lstmterm.infer.text_stream import TextStream
from lstmterm.infer.unit_count import UnitCount
from lstmterm.infer.written_measures import WrittenMeasures
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.stopwatch import Stopwatch
from lstmterm.ui.generate.pace import BREATH, CALM, CALM_SPEED, FULL_INTERVAL, POST_INTERVAL, WAY
from lstmterm.ui.generate.several_writer import SeveralWriter
from lstmterm.ui.messages import on_screen


@dataclass(frozen=True)
class PageSettings:
    """The settings of a page; `speed` is in characters a second, None as fast as possible."""

    sampling: Sampling = field(default_factory=Sampling)
    generation: Generation = field(default_factory=Generation)
    speed: float | None = None

    def new_seed(self) -> int:
        """The pinned seed, else a random one."""
        pinned = self.generation.seed
        return secrets.randbelow(1_000_000) if pinned is None else pinned


@dataclass
class WriterMessage(Message):
    """What the writer of a page posts."""

    page: int


@dataclass
class WritingStarted(WriterMessage):
    """The text so far was read; what follows comes to be in this way."""

    origin: Origin


@dataclass
class TextWritten(WriterMessage):
    """A piece of text, and what was written since `WritingStarted`."""

    text: str
    chars: int
    seconds: float
    nats: float  # per character
    measures: Measures | None = (
        None  # of the characters of the text, by the model as it is; None if units were held
    )

    def summaries(self) -> list[str]:
        """How much, how fast and how surprising, each text shorter than the one before."""
        rate = f"{count(self.chars / self.seconds if self.seconds > 0 else math.nan)}/s"
        bits = "" if math.isnan(self.nats) else f" · {self.nats / math.log(2):.2f} bits"
        spelled = f"{bits}/char" if bits else ""
        return [
            f"{self.chars:,} characters · {rate}{spelled}",
            f"{self.chars:,} · {rate}{bits}",
            f"{self.chars:,}{bits}",
        ]


@dataclass
class WritingEnded(TextWritten):
    """A text ended, on its own or because it was stopped."""

    units: int = 0  # what its length counts: characters, lines or sentences
    stopped: bool = False


@dataclass
class Notice(WriterMessage):
    """A remark: unknown characters in a prompt, newer weights."""

    text: str


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
class LookedAhead(WriterMessage):
    """What may come next, the likeliest first, and what comes there now."""

    characters: Ahead
    words: Ahead
    there: str


@dataclass(frozen=True)
class _Model:
    """A model that was read, with the version of its file."""

    lstm: CharLSTM
    card: ModelCard
    version: library.Version
    sha256: str


class Writer:
    """A model that writes a text after another one.

    It reads the last characters of the text before, each time from its initial state. `settings` and `held`
    apply to the text that is written next; only the speed holds at once.
    """

    def __init__(self, page: int, post: Callable[[Message], object], settings: PageSettings) -> None:
        self.page = page
        self.settings = settings
        self.reference = ""  # the model's name or path
        self.held: Held = {}  # hidden units whose c is held; those that the model does not have are left out
        self._post = post
        self._stopping = threading.Event()
        self._way_until = -math.inf  # see `give_way`
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._model: _Model | None = None

    # --- called by the screen's thread -----------------------------------------------------------

    def stop(self) -> None:
        """End the text after the current character."""
        self._stopping.set()

    def give_way(self) -> None:
        """Write nothing for a moment, and calmly for another, so that the screen shows at once what keys do."""
        self._way_until = time.monotonic() + WAY

    def allow(self) -> None:
        """Let a text begin after `stop`."""
        self._stopping.clear()

    @property
    def card(self) -> ModelCard | None:
        """The card of the model that was read last."""
        return None if self._model is None else self._model.card

    @property
    def model(self) -> CharLSTM | None:
        """The model that was read last."""
        return None if self._model is None else self._model.lstm

    # --- called in a thread of its own -----------------------------------------------------------

    def read_model(self, *, chosen: bool = False) -> None:
        """Read the model's file if it changed; post `ModelLoaded` if it did, for one that was `chosen` in any case."""
        with self._reporting():
            before = self._model
            if self._read_model() is before and before is not None and chosen:
                self._post(ModelLoaded(self.page, before.card))

    def newest(self) -> tuple[CharLSTM, ModelCard] | None:
        """The model, read if its file changed; None if it cannot be read, which is posted."""
        with self._reporting():
            model = self._read_model()
            return model.lstm, model.card
        return None

    def write(self, text: str, seed: int, length: int | None) -> None:
        """Continue `text` by up to `length` characters. `WriterIdle` is posted last."""
        try:
            with self._reporting(), self._writing:
                stream, (begun,) = self._started(text, [seed], length)
                self._post(WritingStarted(self.page, begun))
                self._write(stream)
        finally:
            self._post(WriterIdle(self.page))

    def look_ahead(self, text: str, there: str = "") -> None:
        """Post what may follow `text`, which `there` follows now."""
        with self._reporting(), self._writing:
            stream, _ = self._started(text, [0], 0)
            self._post(LookedAhead(self.page, *stream.ahead(text), there))

    def several(self, text: str, length: int | None) -> SeveralWriter:
        """What writes several texts of up to `length` characters after `text`, with the present settings."""
        return SeveralWriter(
            lambda seeds: self._started(text, seeds, length), lambda: training_copies(self._read_model().card)
        )

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Post an error that is raised in the block."""
        try:
            with within_memory():
                yield
        except (InputError, OSError) as error:
            self._post(WritingFailed(self.page, on_screen(error)))

    def _read_model(self) -> _Model:
        with self._reading:  # so that a slow read is not started twice
            before, version = self._model, library.version(self.reference)
            if before is not None and version == before.version:
                return before
            loaded = model_file.load(version.path)
            card = loaded.card
            if card.kind != "charlm":
                raise InputError(f"{self.reference} is a tagger, not a character model.")
            lstm, digest = CharLSTM.from_tensors(loaded.tensors), library.sha256(self.reference)
            self._model = model = _Model(lstm, card, version, digest)
        self._post(ModelLoaded(self.page, card))
        if before is not None and before.version.path == version.path:
            loss = card.metrics.get("val_loss")
            val = f" (val {figure(loss)})" if loss is not None else ""
            self._post(Notice(self.page, f"Newer weights{val}."))
        return model

    def _started(
        self, text: str, seeds: Sequence[int], length: int | None
    ) -> tuple[TextStream, list[Origin]]:
        """A stream that has read the end of `text`, and how what it writes for each seed comes to be."""
        model, settings, read = self._read_model(), self.settings, draft_writing.read_part(text)
        generation = settings.generation
        if len(seeds) > 1:
            generation = replace(generation, beam=0)  # of which there is one text only
        stream = TextStream(
            model.lstm,
            model.card.vocabulary,
            sampling=settings.sampling,
            length=length,
            unit=generation.unit,
            stop=generation.stop,
            beam=generation.beam,
            measure=True,
            held={unit: value for unit, value in self.held.items() if model.lstm.has_unit(*unit)},
            stopping=self._stopping,
        )
        unknown = stream.start(prompt_text(model.card, read), seeds)
        if unknown:
            self._post(Notice(self.page, f"The model does not know {' '.join(list(unknown)[:12])}."))
        begun = [
            draft_writing.origin(self.reference, model.sha256, stream, generation, seed, len(read))
            for seed in seeds
        ]
        return stream, begun

    def _speed(self) -> float | None:
        """In characters a second, None as fast as possible: as set, but calm while the user types."""
        speed = self.settings.speed
        if time.monotonic() - self._way_until < CALM and (speed is None or speed > CALM_SPEED):
            return CALM_SPEED
        return speed

    def _write(self, stream: TextStream) -> None:
        """Write a text at the speed of each moment."""
        units = None if stream.unit == "characters" else UnitCount(stream.unit)
        pieces: list[str] = []
        measures = None if stream.held else WrittenMeasures(stream.vocabulary)
        watch = Stopwatch()
        posted = due = time.monotonic()

        def take() -> tuple[int, str, int, float, float, Measures | None]:
            text = "".join(pieces)
            pieces.clear()
            if units is not None:
                units.read(text)
            known = measures and measures.take()
            return self.page, text, sum(stream.chars), watch.read(), stream.nats_per_char(), known

        for written in stream.write():
            watch.read()
            pieces.append(written.text)
            if measures is not None:
                measures.add(written)
            if (left := self._way_until - time.monotonic()) > 0:
                self._stopping.wait(left)
            now, speed = time.monotonic(), self._speed()
            interval = FULL_INTERVAL if speed is None else POST_INTERVAL
            if now - posted >= interval or (speed is not None and speed * POST_INTERVAL < 1):
                self._post(TextWritten(*take()))
                posted = now
                time.sleep(BREATH)
            if speed is not None:
                due = max(due + 1 / speed, now - 0.5)
                if due > now:
                    if due - now > POST_INTERVAL:
                        self._post(TextWritten(*take()))
                    self._stopping.wait(due - now)
                    watch.read(due - now)
            else:
                due = now
        if remark := stream.remark():
            self._post(Notice(self.page, remark))
        last = take()
        complete = sum(stream.chars) if units is None else units.complete
        self._post(WritingEnded(*last, units=complete, stopped="stopped" in stream.endings))
