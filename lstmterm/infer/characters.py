"""The characters of a text and the numbers that a model reads for them.

These are as many, unless the model reads bytes, of which most characters outside ASCII have several.
"""

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary


def text_of(vocabulary: Vocabulary, ids: np.ndarray) -> str:
    """The characters of numbers, (T,); bytes that are not UTF-8 become lone surrogates, one for each."""
    if vocabulary.level == "byte":
        return np.minimum(ids, 0xFF).astype(np.uint8).tobytes().decode("utf-8", "surrogateescape")
    return vocabulary.each(ids)


def starts_of(vocabulary: Vocabulary, text: str) -> np.ndarray:
    """Of each character of a text, the position of its first number: (N,)."""
    if vocabulary.level == "char":
        return np.arange(len(text))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    sizes = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)
    sizes = np.where((codes >= 0xDC80) & (codes <= 0xDCFF), 1, sizes)  # a byte that is not UTF-8
    return np.append(0, sizes.cumsum())[:-1]
