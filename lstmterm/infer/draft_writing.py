"""Writing into a draft: what a stream writes becomes stretches, with all that it takes to write them again.

A model reads the last characters of the draft's text before it writes. It reads them from its initial state,
so that the same characters, seed and settings give the same text, in another session too. A few thousand are
enough: what came before them changes no prediction by much, and they are read in a moment.
"""

import dataclasses
import time
from collections.abc import Iterator, Sequence

from lstmterm.drafts.file import DraftFile
from lstmterm.drafts.tree import Origin, Place, Tree
from lstmterm.infer.text_stream import Chunk, TextStream
from lstmterm.spec.knobs import chosen
from lstmterm.spec.sampling import Generation
from lstmterm.spec.units import held_arguments

CONTEXT = 2_000  # characters that a model reads before it writes
_GROW_EVERY = 0.5  # seconds


def context(tree: Tree, place: Place | None = None) -> str:
    """What a model reads of the text that ends at a place, the user's if none is given."""
    return tree.text(place)[-CONTEXT:]


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


class Keeper:
    """Adds the texts of a stream to a draft, all after the same place; one text grows as it is written."""

    def __init__(self, draft: DraftFile, stream: TextStream, origins: Sequence[Origin]) -> None:
        """`origins` has one for each text of the stream."""
        self._draft = draft
        self._stream = stream
        self._origins = origins
        self._place = draft.tree.place
        self._texts = [list[str]() for _ in origins]  # that are not in the draft yet
        self._open = False  # whether a stretch is growing
        self._done = False

    def keep(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Yield `chunks`, and keep them. Raises `WriteError` at the end if the disk cannot."""
        due = time.monotonic() + _GROW_EVERY
        try:
            for chunk in chunks:
                self._texts[chunk.stream].append(chunk.text)
                if len(self._texts) == 1 and time.monotonic() > due:
                    self._grow()
                    due = time.monotonic() + _GROW_EVERY
                yield chunk
        finally:
            self.finish()

    def at_end(self) -> bytes:
        """Keep what was written before a signal ends the process."""
        self.finish()
        return b""

    def finish(self) -> None:
        """Complete the stretches; texts that are empty leave none."""
        if self._done:
            return
        self._done = True
        chars = self._stream.chars or [0] * len(self._origins)
        for k, (texts, begun) in enumerate(zip(self._texts, self._origins, strict=True)):
            if not self._open and not any(texts):
                continue
            self._grow(k)
            nats = self._stream.nats_per_char(k)
            known = None if nats != nats else round(nats, 6)  # nan
            self._draft.finish(dataclasses.replace(begun, length=chars[k], nats=known))
            self._open = False

    def _grow(self, k: int = 0) -> None:
        text = "".join(self._texts[k])
        self._texts[k].clear()
        if self._open:
            self._draft.grow(text)
        elif text:
            self._draft.add(text, self._origins[k], self._place)
            self._open = True
