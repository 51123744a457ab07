"""Finds what a page's text copies from the training text, in a thread: posts messages and touches no widget.

While the text grows the thread takes a small part of the time, so that writing and keys stay as quick as
without it. A text that is written faster than it is looked at is caught up with when it pauses.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from textual.message import Message

from lstmterm.amounts import progress
from lstmterm.corpora.copied import CopyIndex, Span
from lstmterm.corpora.growing import WINDOW, GrowingText, Stretch
from lstmterm.errors import InputError, within_memory
from lstmterm.infer.model_text import NoCopies, training_copies
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.messages import on_screen

LEAST = 24  # characters of a stretch that is underlined
_INTERVAL = 0.25  # seconds between two looks at least
_REST = 20  # times as long as a look took, until the next one while the text grows
_AT_ONCE = 8_000  # characters of a look at most
_PAUSE = 0.5  # seconds without more text after which nothing is written


@dataclass
class CopiesMessage(Message):
    """What is posted about a text, by its number."""

    text: int


@dataclass
class CopiesFound(CopiesMessage):
    """What the text copies so far: the first `kept` stretches stay, the others are replaced."""

    index: CopyIndex
    kept: int
    stretches: list[Stretch]
    longest: int  # the length of the longest stretch
    share: float  # of the windows; nan for a text shorter than one

    def summaries(self) -> list[str]:
        """The figures, each text shorter than the one before."""
        unit = parse_unit(self.index)
        if not isfinite(self.share):
            return [f"longest copy {self.longest:,} {unit}", f"copy {self.longest:,}"]
        share = f"{self.share:.0%}"
        return [
            f"longest copy from the training text {self.longest:,} {unit} · {share} of windows of {WINDOW}",
            f"longest copy {self.longest:,} {unit} · {share} of windows of {WINDOW}",
            f"longest copy {self.longest:,} · {share}",
            f"copy {self.longest:,} · {share}",
        ]


@dataclass
class CopiesRemark(CopiesMessage):
    """What is being done, or why nothing can be found."""

    sentence: str


@dataclass(frozen=True)
class Passage:
    """Where a copied stretch occurs in the training text, and the text around it."""

    corpus: str
    unit: str
    length: int
    line: int
    before: str
    copied: str
    after: str

    def summaries(self) -> list[str]:
        """Sentences that say it, each shorter than the previous one."""
        where = f"{self.length:,} {self.unit} from line {self.line:,}"
        return [f"{where} of {self.corpus}", where]


@dataclass
class PassageFound(Message):
    """Where a chosen stretch occurs; `opened` to show the text around it."""

    passage: Passage
    opened: bool


def parse_unit(index: CopyIndex) -> str:
    """What the lengths of an index count."""
    return "bytes" if index.corpus.vocabulary.level == "byte" else "characters"


def passage(index: CopyIndex, stretch: Stretch, around: int) -> Passage:
    """The passage of the training text, with `around` characters before and after the stretch."""
    corpus = index.corpus
    begin, end = stretch.position, stretch.position + stretch.length
    (line,) = index.lines([Span(stretch.start, stretch.length, begin)])
    return Passage(
        corpus.name,
        parse_unit(index),
        stretch.length,
        line,
        corpus.text(max(begin - around, 0), begin),
        corpus.text(begin, end),
        corpus.text(end, min(end + around, len(corpus))),
    )


class CopyFinder:
    """Follows the text of a page. An index stays open until another model's is needed."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._waiting: list[str] = []
        self._card: ModelCard | None = None
        self._running = False
        self._grew = 0.0  # when the text grew last
        self._rest = 0.0  # seconds until the next look
        self._text = 0  # the number of the text
        self._growing: GrowingText | None = None
        self._followed = 0  # the number of the text that it follows
        self._known: tuple[object, CopyIndex | str] | None = (
            None  # a training text, and its index or why none
        )
        self._said: set[object] = set()  # the training texts that are known not to be here

    # --- called by the screen's thread -----------------------------------------------------------

    def begin(self) -> int:
        """Follow another text from now on; returns its number."""
        with self._lock:
            self._text += 1
            self._waiting.clear()
        return self._text

    def add(self, text: str, card: ModelCard) -> bool:
        """The text grew, written by this model; returns whether `find` must be started in a thread."""
        with self._lock:
            self._waiting.append(text)
            self._grew, self._card = time.monotonic(), card
            start, self._running = not self._running, True
        return start

    def stop(self) -> None:
        """End the thread, if there is one."""
        self._stopping.set()

    # --- called in a thread of its own -----------------------------------------------------------

    def find(self) -> None:
        """Look at what was written, until there is nothing new."""
        while self._rested():
            with self._lock:
                waiting, number, card = "".join(self._waiting), self._text, self._card
                text, rest = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
                self._waiting[:] = [rest] if rest else []
                self._running = bool(text)
            if not text or card is None:
                return
            try:
                with within_memory():
                    took = self._look(text, number, card)
            except (InputError, OSError) as error:
                self._growing, self._followed, took = None, number, 0.0
                self._post(CopiesRemark(number, on_screen(error)))
            self._rest = max(_INTERVAL, _REST * took)

    def _rested(self) -> bool:
        """Wait until the next look, only a moment where the text does not grow; False if there is none."""
        began = time.monotonic()
        while (now := time.monotonic()) < began + self._rest:
            paused = bool(self._waiting) and now >= self._grew + _PAUSE
            if paused or self._stopping.wait(min(_INTERVAL, began + self._rest - now)):
                break
        return not self._stopping.is_set()

    def _look(self, text: str, number: int, card: ModelCard) -> float:
        """Look at more of a text; returns the seconds that it took, without opening an index."""
        if number != self._followed:
            index = self._index(number, card)
            self._growing, self._followed = GrowingText(index, LEAST) if index else None, number
        growing, began = self._growing, time.monotonic()
        if growing is not None:
            growth = growing.append(text)
            found = (growth.kept, growth.stretches, growing.longest, growing.share)
            self._post(CopiesFound(number, growing.index, *found))
        return time.monotonic() - began

    def _index(self, number: int, card: ModelCard) -> CopyIndex | None:
        """The index of the model's training text; says why if there is none, once for each."""
        key = repr((card.corpus, card.split, card.text_part))
        if self._known is None or self._known[0] != key:
            self._known = key, self._opened(number, card)
        index = self._known[1]
        if not isinstance(index, str):
            return index
        if key not in self._said:
            self._said.add(key)
            self._post(CopiesRemark(number, index))
        return None

    def _opened(self, number: int, card: ModelCard) -> CopyIndex | str:
        """The index, or why there is none."""

        def working(what: str, done: int, total: int | None) -> None:
            self._post(CopiesRemark(number, progress(what, done, total)))

        try:
            return training_copies(card, working)
        except NoCopies as error:
            return on_screen(error)
