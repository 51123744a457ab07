"""Ciphers that a tagger learns to decipher, from pairs of cipher text and plain text.

A shift by K replaces each letter by the K-th after it, cyclically; ROT13 is a shift by 13. A Vigenère
cipher shifts by each letter of its key in turn, from letter to letter. A to Z and a to z are shifted,
each among themselves; all other characters stay, and the key does not move on with them.

The ciphers whose name ends with `-dash` are those of a well-known tutorial: their one alphabet is A to
Z and then the dash, 27 letters. What 0.1.0 called rot13, caesar and vigenere were these.
"""

import itertools
import re
import string
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstmterm.errors import InputError

ALPHABET = string.ascii_uppercase + "-"  # of the ciphers named -dash
_DASH = "-dash"
_LETTERS = (string.ascii_uppercase, string.ascii_lowercase)
_OTHERS = string.digits + string.punctuation
_DRAWN = 4 * string.ascii_letters + 20 * " " + _OTHERS
_SHORTEST, _LONGEST = 4, 64  # characters in a random text


@dataclass(frozen=True)
class Cipher:
    """A repeating sequence of shifts; a single one is a shift cipher."""

    name: str
    shifts: tuple[int, ...]
    alphabets: tuple[str, ...]  # in which letters are shifted cyclically
    drawn: str  # the characters of random texts, as often as they are to be drawn

    def encipher(self, plain: str) -> str:
        """The cipher text of a plain text, of the same length."""
        return self._shifted(plain, 1)

    def decipher(self, text: str) -> str:
        """The plain text of a cipher text."""
        return self._shifted(text, -1)

    def _shifted(self, text: str, sign: int) -> str:
        shifts = itertools.cycle(self.shifts)
        out = []
        for c in text:
            alphabet = next((a for a in self.alphabets if c in a), None)
            if alphabet is not None:
                c = alphabet[(alphabet.index(c) + sign * next(shifts)) % len(alphabet)]
            out.append(c)
        return "".join(out)

    def pairs(self, count: int, seed: int | Sequence[int]) -> list[tuple[str, str]]:
        """`count` random (cipher text, plain text) pairs of 4 to 64 characters, determined by `seed`."""
        random = np.random.Generator(np.random.PCG64(seed))
        pairs = []
        for length in random.integers(_SHORTEST, _LONGEST + 1, size=count):
            plain = "".join(self.drawn[i] for i in random.integers(len(self.drawn), size=length))
            pairs.append((self.encipher(plain), plain))
        return pairs


def is_cipher(source: str) -> bool:
    """Whether a data source is a cipher: rot13, caesar:K or vigenere:KEY, or such a name with `-dash`."""
    return source.split(":")[0].removesuffix(_DASH) in ("rot13", "caesar", "vigenere")


def kind_of(source: str) -> Literal["", "shift", "key"]:
    """Whether a data source is a cipher whose key moves on with letters only, another cipher, or none."""
    name, _, argument = source.partition(":")
    if not is_cipher(source):
        return ""
    return "key" if name == "vigenere" and len(argument) > 1 else "shift"


def parse(source: str) -> Cipher:
    """The cipher of this name. Raises `InputError` for an invalid name, shift or key."""
    name, colon, argument = source.partition(":")
    kind, with_dash = name.removesuffix(_DASH), name.endswith(_DASH)
    alphabets, drawn = ((ALPHABET,), ALPHABET) if with_dash else (_LETTERS, _DRAWN)
    if kind == "rot13" and not colon:
        return Cipher(source, (13,), alphabets, drawn)
    if kind == "caesar" and re.fullmatch(r"[+-]?\d{1,9}", argument):
        return Cipher(source, (int(argument),), alphabets, drawn)
    if kind == "vigenere" and argument and set(argument.upper()) <= set(alphabets[0]):
        return Cipher(source, tuple(map(ALPHABET.index, argument.upper())), alphabets, drawn)
    raise InputError(
        f"{source!r} is not a cipher; use rot13, caesar:K with a whole number K, or vigenere:KEY with a key "
        "of the letters A to Z. rot13-dash, caesar-dash:K and vigenere-dash:KEY also shift the dash."
    )


def known_to(characters: Container[str], source: str) -> str:
    """The cipher that a tagger learned under this name: one of 0.1.0 knows no small letters."""
    kind, colon, argument = source.partition(":")
    return source if "a" in characters else f"{kind.removesuffix(_DASH)}{_DASH}{colon}{argument}"
