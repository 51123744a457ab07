"""A text and the character model that reads it, which all views of the tab share."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM
from lstmterm.models.model_file import ModelCard


@dataclass(frozen=True)
class Source:
    """Where a text is from: "own" is the model's, "typed" has it, "named" names a text or a file."""

    kind: str = "own"
    value: str = ""


@dataclass(frozen=True, eq=False)
class Reading:
    """A text of N characters, and the T numbers, at least two, that its model reads.

    T is N unless the model reads bytes, of which most characters outside ASCII have several.
    """

    reference: str  # of the model
    model: CharLSTM
    card: ModelCard
    name: str  # of the text
    text: str
    ids: np.ndarray  # (T,)
    source: Source

    @cached_property
    def starts(self) -> np.ndarray:
        """Of each character, the position of its first number: (N,)."""
        if self.card.vocabulary.level == "byte":
            return _starts_of_bytes(self.text)
        return np.arange(len(self.text))

    @cached_property
    def ends(self) -> np.ndarray:
        """Of each character, the position of its last number: (N,)."""
        return np.append(self.starts[1:], len(self.ids)) - 1


def text_of(vocabulary: Vocabulary, ids: np.ndarray) -> str:
    """The characters of numbers; bytes that are not UTF-8 become lone surrogates, one for each."""
    if vocabulary.level == "byte":
        return np.minimum(ids, 0xFF).astype(np.uint8).tobytes().decode("utf-8", "surrogateescape")
    return vocabulary.each(ids)


def _starts_of_bytes(text: str) -> np.ndarray:
    """Of each character, the position of its first byte in UTF-8."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    sizes = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)
    sizes = np.where((codes >= 0xDC80) & (codes <= 0xDCFF), 1, sizes)  # a byte that is not UTF-8
    return np.append(0, sizes.cumsum()[:-1])
