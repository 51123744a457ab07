"""Ciphers that a tagger learns to decipher, from pairs of cipher text and plain text.

The alphabet has 27 letters: A to Z and the dash. A shift by K replaces each letter by the K-th after
it, cyclically; a Vigenère cipher shifts by each letter of its key in turn.
"""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstmterm.errors import InputError

ALPHABET = string.ascii_uppercase + "-"
_SHORTEST, _LONGEST = 4, 64  # letters in a random text


@dataclass(frozen=True)
class Cipher:
    """A repeating sequence of shifts; a single one is a shift cipher."""

    name: str
    shifts: tuple[int, ...]

    def encipher(self, plain: str) -> str:
        """The cipher text of a plain text over `ALPHABET`, of the same length."""
        return self._shifted(plain, 1)

    def decipher(self, text: str) -> str:
        """The plain text of a cipher text over `ALPHABET`."""
        return self._shifted(text, -1)

    def _shifted(self, text: str, sign: int) -> str:
        return "".join(
            ALPHABET[(ALPHABET.index(c) + sign * self.shifts[i % len(self.shifts)]) % len(ALPHABET)]
            for i, c in enumerate(text)
        )

    def pairs(self, count: int, seed: int | Sequence[int]) -> list[tuple[str, str]]:
        """`count` random (cipher text, plain text) pairs of 4 to 64 letters, determined by `seed`."""
        random = np.random.Generator(np.random.PCG64(seed))
        pairs = []
        for length in random.integers(_SHORTEST, _LONGEST + 1, size=count):
            plain = "".join(ALPHABET[i] for i in random.integers(len(ALPHABET), size=length))
            pairs.append((self.encipher(plain), plain))
        return pairs


def is_cipher(source: str) -> bool:
    """Whether a data source is a cipher: rot13, caesar:K or vigenere:KEY."""
    return source.split(":")[0] in ("rot13", "caesar", "vigenere")


def parse(source: str) -> Cipher:
    """The cipher of this name. Raises `InputError` for an invalid name, shift or key."""
    kind, _, argument = source.partition(":")
    if source == "rot13":
        return Cipher(source, (13,))
    if kind == "caesar" and re.fullmatch(r"[+-]?\d{1,9}", argument):
        return Cipher(source, (int(argument) % len(ALPHABET),))
    if kind == "vigenere" and argument and set(argument.upper()) <= set(ALPHABET):
        return Cipher(source, tuple(ALPHABET.index(c) for c in argument.upper()))
    raise InputError(
        f"{source!r} is not a cipher; use rot13, caesar:K with a whole number K, "
        "or vigenere:KEY with a key of the letters A to Z and the dash."
    )
