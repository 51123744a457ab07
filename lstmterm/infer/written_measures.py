"""How surprising each character of a text is, known from writing it: the model had to predict it anyway."""

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.surprise import Measures
from lstmterm.infer.text_stream import Chunk

NOT_MEASURED = -1  # the rank of a character of which nothing is known


class WrittenMeasures:
    """Collects the measures of one stream's characters while `TextStream` yields their chunks.

    What was written is held back until it is certain, and bytes until their character is complete: so several
    symbols may belong to one character, or several characters come with one symbol.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._bytes = vocabulary.level == "byte"
        self._waiting: list[tuple[float, int]] = []  # nats and rank of symbols whose text did not come yet
        self._nats: list[float] = []
        self._ranks: list[int] = []

    def add(self, chunk: Chunk) -> None:
        """The stream continues."""
        if chunk.symbol is not None:
            self._waiting.append((chunk.nats, chunk.rank))
        for character in chunk.text:
            size = len(character.encode("utf-8", "surrogateescape")) if self._bytes else 1
            symbols = self._waiting[:size]
            del self._waiting[:size]
            self._nats.append(sum(nats for nats, _ in symbols))
            self._ranks.append(max((rank for _, rank in symbols), default=NOT_MEASURED))

    def take(self) -> Measures:
        """Those of the characters that were added since the last call: (n,) each. Their entropy is not known."""
        nats, ranks = np.array(self._nats, np.float32), np.array(self._ranks, np.int32)
        self._nats.clear()
        self._ranks.clear()
        return Measures(nats, ranks, np.full(len(nats), np.nan, np.float32))
