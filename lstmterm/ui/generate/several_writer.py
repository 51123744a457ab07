"""Several continuations of one text, written in one batch, in a thread: posts messages and touches no widget."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.message import Message

from lstmterm.corpora.copied import CopyIndex
from lstmterm.corpora.growing import WINDOW
from lstmterm.drafts.tree import Origin
from lstmterm.errors import InputError, within_memory
from lstmterm.infer.draft_writing import finished
from lstmterm.infer.text_stream import TextStream
from lstmterm.ui.generate.pace import BREATH, POST_INTERVAL
from lstmterm.ui.messages import on_screen

Start = Callable[[Sequence[int]], tuple[TextStream, list[Origin]]]  # takes the seeds, reads the text before


@dataclass(frozen=True)
class Written:
    """A continuation, and how it came to be."""

    text: str
    origin: Origin


@dataclass
class SeveralGrew(Message):
    """What the texts from number `first` on grew by."""

    first: int
    pieces: list[str]


@dataclass
class SeveralEnded(Message):
    """The texts from number `first` on are whole."""

    first: int
    written: list[Written]


@dataclass
class SeveralCompared(Message):
    """The shares of the texts from number `first` on that stand in the training text; nan where they are short."""

    first: int
    shares: list[float]


@dataclass
class SeveralFailed(Message):
    """They cannot be written; why, in a sentence."""

    reason: str


class SeveralWriter:
    """Writes a batch of texts after another one, a few characters of each in turn."""

    def __init__(self, start: Start, copies: Callable[[], CopyIndex | None]) -> None:
        """`copies` makes the index of the model's training text, if it is there; both are called in the thread."""
        self._start, self._copies = start, copies
        self._stopping = threading.Event()
        self._index: CopyIndex | None = None
        self._looked = False  # for the index

    def stop(self) -> None:
        """End all texts after the current character. Called by the screen's thread, as is `allow`."""
        self._stopping.set()

    def allow(self) -> None:
        """Let texts begin after `stop`."""
        self._stopping.clear()

    def write(self, seeds: Sequence[int], first: int, post: Callable[[Message], object]) -> None:
        """Write a text for each seed; they are numbered from `first`. `SeveralEnded` or `SeveralFailed` is posted."""
        try:
            with within_memory():
                stream, origins = self._start(seeds)
                stream.stopping = self._stopping
                texts = self._written(stream, first, len(seeds), post)
        except (InputError, OSError) as error:
            post(SeveralFailed(on_screen(error)))
            return
        written = [
            Written(text, finished(origin, chars, stream.nats_per_char(k)))
            for k, (text, origin, chars) in enumerate(zip(texts, origins, stream.chars, strict=True))
        ]
        post(SeveralEnded(first, written))
        if not self._stopping.is_set() and (index := self._copy_index()) is not None:
            post(SeveralCompared(first, [index.share(text, WINDOW) for text in texts]))

    def _written(
        self, stream: TextStream, first: int, number: int, post: Callable[[Message], object]
    ) -> list[str]:
        whole, pieces = [list[str]() for _ in range(number)], [list[str]() for _ in range(number)]
        posted = time.monotonic()

        def post_pieces() -> None:
            post(SeveralGrew(first, ["".join(each) for each in pieces]))
            for each in pieces:
                each.clear()

        for chunk in stream.write():
            whole[chunk.stream].append(chunk.text)
            pieces[chunk.stream].append(chunk.text)
            if time.monotonic() - posted >= POST_INTERVAL:
                post_pieces()
                time.sleep(BREATH)
                posted = time.monotonic()
        post_pieces()
        return ["".join(each) for each in whole]

    def _copy_index(self) -> CopyIndex | None:
        if not self._looked:
            self._looked = True
            try:
                with within_memory():
                    self._index = self._copies()
            except (InputError, OSError):  # the texts are there all the same
                self._index = None
        return self._index
