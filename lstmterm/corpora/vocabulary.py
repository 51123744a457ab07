"""The vocabulary: characters as numbers.

A vocabulary of n characters numbers them from 0 to n-1. All others map to the unknown character,
number n: it can be an input of a model but is not an output, so it is never generated or scored.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

SymbolKind = Literal["char", "byte"]  # what each symbol of a text is


@dataclass(frozen=True)
class Vocabulary:
    """The characters of a model, in the order of their numbers.

    `symbols` is a string of distinct characters; at level "byte" it holds the 256 bytes as the
    characters U+0000 to U+00FF.
    """

    symbols: str
    level: SymbolKind = "char"

    def __post_init__(self) -> None:
        if not self.symbols:
            raise ValueError("a vocabulary needs at least one character")
        if len(set(self.symbols)) != len(self.symbols):
            raise ValueError("the characters of a vocabulary must be distinct")

    @classmethod
    def bytes(cls) -> "Vocabulary":
        """All 256 bytes."""
        return cls("".join(map(chr, range(256))), "byte")

    def __len__(self) -> int:
        return len(self.symbols)

    @property
    def unknown(self) -> int:
        """The number of the unknown character: one after the last."""
        return len(self.symbols)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest unsigned type that holds all numbers, including `unknown`."""
        return np.min_scalar_type(self.unknown)

    @cached_property
    def _codes(self) -> np.ndarray:
        """Number -> code point, with U+FFFD for the unknown character."""
        return np.array([*map(ord, self.symbols), 0xFFFD], dtype="<u4")

    @cached_property
    def _table(self) -> np.ndarray:
        """Code point -> number, up to the highest code point; one more entry for all others."""
        codes = self._codes[:-1]
        table = np.full(codes.max() + 2, self.unknown, dtype=self.dtype)
        table[codes] = np.arange(len(codes))
        return table

    def encode(self, text: str) -> np.ndarray:
        """Numbers, shape (n,), dtype `self.dtype`: one for each character, or each UTF-8 byte."""
        if self.level == "byte":
            raw = text.encode("utf-8", "surrogateescape")
            return self.encode_codes(np.frombuffer(raw, dtype=np.uint8))
        return self.encode_codes(codes_of(text))

    def encode_codes(self, codes: np.ndarray) -> np.ndarray:
        """Numbers of code points (or bytes), both of shape (n,)."""
        table = self._table
        return table[np.minimum(codes, len(table) - 1, dtype=np.uint32)]

    def decode(self, ids: np.ndarray) -> str:
        """The text of numbers; the unknown character and invalid UTF-8 become U+FFFD."""
        if self.level == "byte":
            return np.minimum(ids, 0xFF).astype(np.uint8).tobytes().decode("utf-8", "replace")
        return self.each(ids)

    def each(self, ids: np.ndarray) -> str:
        """A character for each number, U+FFFD for the unknown one; at level "byte" U+0000 to U+00FF."""
        return self._codes[np.asarray(ids, dtype=np.int64)].tobytes().decode("utf-32-le", "surrogatepass")

    def missing(self, text: str) -> dict[str, int]:
        """The characters of `text` that are not in the vocabulary, and how often each occurs."""
        if self.level == "byte":
            return {}
        known = set(self.symbols)
        return Counter(c for c in text if c not in known)

    def to_dict(self) -> dict[str, str]:
        """Plain data for the header of a model."""
        return {"level": self.level, "symbols": self.symbols if self.level == "char" else ""}

    @classmethod
    def from_dict(cls, values: object) -> "Vocabulary":
        """The inverse of `to_dict`. Raises `ValueError` for anything else."""
        match values:
            case {"level": "byte"}:
                return cls.bytes()
            case {"level": "char", "symbols": str(symbols)}:
                return cls(symbols)
        raise ValueError("a vocabulary is a level and a string of characters")


def codes_of(text: str) -> np.ndarray:
    """The code points of a text, (n,), uint32."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
