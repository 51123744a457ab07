"""Writing into a draft: what a stream writes becomes stretches, with all that it takes to write them again.

A model reads the last characters of the draft's text before it writes. It reads them from its initial state,
so that the same characters, seed and settings give the same text, in another session too. A few thousand are
enough: what came before them changes no prediction by much, and they are read in a moment.
"""

import dataclasses
import math
import time
from collections.abc import Iterator, Sequence

from lstmterm import ending
from lstmterm.drafts.file import DraftFile
from lstmterm.drafts.tree import Origin, Place
from lstmterm.errors import InputError
from lstmterm.infer.text_stream import Chunk, TextStream
from lstmterm.models import library
from lstmterm.spec.knobs import chosen
from lstmterm.spec.sampling import Generation
from lstmterm.spec.units import held_arguments

CONTEXT = 2_000  # characters that a model reads before it writes
_GROW_EVERY = 0.5  # seconds


def read_part(text: str) -> str:
    """What a model reads of a text before it continues it."""
    return text[-CONTEXT:]


def origin(
    model: str, sha256: str, stream: TextStream, generation: Generation, seed: int, read: int
) -> Origin:
    """How a text of a stream comes to be, before it is written; `read` characters are its context.

    The likeliest text is another one if it is to have another length, so that is stated with it.
    """
    if stream.beam:
        stated = dataclasses.replace(generation, seed=None, length=stream.length, unit="characters")
        length = () if stream.length is None else ("--length", str(stream.length))
        words = (*length, *chosen(stated, "length"), *held_arguments(stream.held or {}))
        return Origin("written", model, sha256, read, words)
    stated = dataclasses.replace(generation, seed=seed, length=None, unit="characters")
    words = (*chosen(stated, "length"), *chosen(stream.sampling), *held_arguments(stream.held or {}))
    return Origin("written", model, sha256, read, words)


def model_since(origin: Origin) -> str:
    """What happened to the model since it wrote a stretch: "is gone" or "has changed"; empty if it is the same."""
    try:
        now = library.sha256(origin.model)
    except (InputError, OSError):
        return "is gone"
    return "has changed" if origin.sha256 and now != origin.sha256 else ""


def finished(begun: Origin, chars: int, nats: float, *, stopped: bool = False) -> Origin:
    """How a text came to be, now that it is whole: of `chars` characters, of mean surprisal `nats` (nan: unknown).

    A likeliest text that was `stopped` is that of a search of its own length.
    """
    words = list(begun.arguments)
    if stopped and "--beam" in words and "--length" in words:
        words[words.index("--length") + 1] = str(chars)
    known = None if math.isnan(nats) else round(nats, 6)
    return dataclasses.replace(begun, arguments=tuple(words), length=chars, nats=known)


class Growth:
    """A text that is written into a draft: a stretch after one place, which grows on disk as the text does."""

    def __init__(
        self, draft: DraftFile, begun: Origin, place: Place | None = None, *, joined: bool = False
    ) -> None:
        """`begun` is how it comes to be; `place` what it continues, the user's place if none is given.

        `joined` as in `Tree.add`.
        """
        self._draft, self._joined = draft, joined
        self._origin = begun
        self._place = place or draft.tree.place
        self._waiting: list[str] = []  # what is not in the draft yet
        self._due = time.monotonic() + _GROW_EVERY
        self.stretch: int | None = None  # its number, once there is any text

    def add(self, text: str) -> None:
        """Add text. It is in the draft within half a second."""
        self._waiting.append(text)
        if time.monotonic() > self._due:
            self.write()

    def write(self) -> None:
        """Add what was written so far to the draft."""
        self._due = time.monotonic() + _GROW_EVERY
        text = "".join(self._waiting)
        self._waiting.clear()
        if not text:
            return
        if self.stretch is None:
            self.stretch = self._draft.add(text, self._origin, self._place, joined=self._joined)
        else:
            self._draft.grow(text)

    def finish(self, chars: int, nats: float, *, stopped: bool = False) -> None:
        """The text is whole: the model chose `chars` characters, of mean surprisal `nats`; none leave no stretch."""
        self.write()
        if self.stretch is not None:
            self._draft.finish(finished(self._origin, chars, nats, stopped=stopped))


class Keeper:
    """Adds the texts of a stream to a draft, all after the same place.

    One text grows as it is written. Of several each is added when all are whole, in one step of undo.
    """

    def __init__(self, draft: DraftFile, stream: TextStream, origins: Sequence[Origin]) -> None:
        """`origins` has one for each text of the stream."""
        self._draft = draft
        self._stream = stream
        self._origins = origins
        self._place = draft.tree.place
        self._texts = [list[str]() for _ in origins]
        self._chars = [0] * len(origins)
        self._nats = [0.0] * len(origins)
        self._one = Growth(draft, origins[0]) if len(origins) == 1 else None
        self._done = False

    def keep(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Yield `chunks`, and keep them. Raises `WriteError` at the end if the disk cannot."""
        try:
            for chunk in chunks:
                with ending.later():
                    self._take(chunk)
                yield chunk
        finally:
            with ending.later():
                self.finish()

    def at_end(self) -> bytes:
        """Keep what was written before a signal ends the process."""
        self.finish()
        return b""

    def _take(self, chunk: Chunk) -> None:
        if chunk.symbol is not None:
            self._chars[chunk.stream] += 1
            self._nats[chunk.stream] += chunk.nats
        if self._one is not None:
            self._one.add(chunk.text)
        else:
            self._texts[chunk.stream].append(chunk.text)

    def finish(self) -> None:
        """Complete the stretches; texts that are empty leave none."""
        if self._done:
            return
        self._done = True
        joined = False
        for k, (texts, begun) in enumerate(zip(self._texts, self._origins, strict=True)):
            growth = self._one or Growth(self._draft, begun, self._place, joined=joined)
            growth.add("".join(texts))
            stopped = "stopped" in self._stream.endings[k : k + 1]
            chars = self._chars[k]
            growth.finish(chars, self._nats[k] / chars if chars else math.nan, stopped=stopped)
            joined = joined or growth.stretch is not None
        self._draft.sync()
