"""A text as numbers."""

from dataclasses import dataclass

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary


@dataclass(frozen=True)
class Corpus:
    """A text as numbers.

    `ids` has shape (n,), uint8, uint16 or uint32, read-only and mapped. `sha256` is the content's as
    stored. `notes` are sentences on what was detected, replaced and left out. `floor` is the exact
    entropy rate in nats per character where it is known.
    """

    name: str
    source: str
    ids: np.memmap
    vocabulary: Vocabulary
    sha256: str
    encoding: str
    notes: tuple[str, ...]
    floor: float | None = None
    stored_bytes: int | None = None  # the content's size, where it was read

    def __len__(self) -> int:
        return len(self.ids)

    def text(self, start: int, stop: int) -> str:
        """The characters from `start` up to `stop`; the unknown symbol is U+FFFD."""
        ids = self.ids[start:stop]
        if self.vocabulary.level == "byte":
            return ids.tobytes().decode("utf-8", "replace")
        codes = np.array([*map(ord, self.vocabulary.symbols), 0xFFFD], dtype="<u4")
        return codes[ids].tobytes().decode("utf-32-le")
