"""Normalising line endings and Unicode composition of a text that is read in pieces.

Each normaliser holds back what the next piece could still change, so the joined pieces equal the
normalised whole.
"""

import functools
import unicodedata
from collections.abc import Iterable, Iterator

from lstmterm.errors import InputError

LONGEST_LINE = 10_000_000  # characters of a line that is read whole


class LineEnds:
    """CRLF and CR become LF; `crlf` and `cr` count them."""

    def __init__(self) -> None:
        self.crlf = self.cr = 0
        self._held = ""

    def feed(self, piece: str, last: bool) -> str:
        """The next part of the text that is final; all that is left if this is the last piece."""
        piece = self._held + piece
        self._held = ""
        if "\r" not in piece:
            return piece
        if piece.endswith("\r") and not last:
            piece, self._held = piece[:-1], "\r"
        crlf = piece.count("\r\n")
        self.crlf += crlf
        self.cr += piece.count("\r") - crlf
        return piece.replace("\r\n", "\n").replace("\r", "\n")


class Composed:
    """Unicode NFC; `shorter_by` counts the characters saved, `changed` tells whether any text changed."""

    def __init__(self) -> None:
        self.shorter_by = 0
        self.changed = False
        self._held = ""

    def feed(self, piece: str, last: bool) -> str:
        """The next part of the text that is final; all that is left if this is the last piece."""
        piece = self._held + piece
        cut = len(piece) if last else _last_fresh_start(piece)
        piece, self._held = piece[:cut], piece[cut:]
        if unicodedata.is_normalized("NFC", piece):
            return piece
        composed = unicodedata.normalize("NFC", piece)
        self.shorter_by += len(piece) - len(composed)
        self.changed = True
        return composed


def _last_fresh_start(text: str) -> int:
    """The last position whose character does not compose or reorder with those before; 0 if none."""
    for position in range(len(text) - 1, 0, -1):
        if _starts_afresh(text[position]):
            return position
    return 0


@functools.lru_cache(4096)
def _starts_afresh(character: str) -> bool:
    """Whether a character neither composes nor reorders with those before it."""
    if character < "\u0300":
        return True
    first = unicodedata.normalize("NFD", character)[0]
    return unicodedata.combining(first) == 0 and first not in _second_halves()


@functools.cache
def _second_halves() -> frozenset[str]:
    """All characters that can be the second of a composition, Hangul vowels and finals included."""
    pairs: Iterator[list[str]] = (unicodedata.decomposition(chr(code)).split() for code in range(0x110000))
    seconds = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    hangul = [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]
    return frozenset(seconds) | frozenset(map(chr, hangul))


def lines(pieces: Iterable[str], name: str) -> Iterator[str]:
    """The lines of a text with their ends, split at line feeds only; `name` is the text's, for the user.

    Raises `InputError` if one is far too long.
    """
    rest, number = "", 1
    for piece in pieces:
        if "\n" in piece:
            *whole, piece = (rest + piece).split("\n")
            yield from (line + "\n" for line in whole)
            rest, number = "", number + len(whole)
        rest += piece
        if len(rest) > LONGEST_LINE:
            raise InputError(
                f"{name}, line {number}: longer than {LONGEST_LINE:,} characters; divide the text into lines."
            )
    if rest:
        yield rest
