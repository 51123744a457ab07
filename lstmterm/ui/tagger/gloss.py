"""Where tagged words are drawn, as in an interlinear gloss: each above its tag.

A line of text and a line of tags read together. Letters that are tagged with letters stand without
gaps, as a cipher text above its plain text. A whole sequence stands above its one label.
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from lstmterm.tagging.treebank import Level
from lstmterm.visible import shorten, visible

UNKNOWN, UNSURE, CORRECTED, TO_SAVE = "°", "?", "*", "✓"
_MARGIN = 2  # columns on the left
_GAP = 2  # columns between words


@dataclass(frozen=True)
class TaggedToken:
    """A word, a letter or a whole line with its tag."""

    word: str
    tag: str
    known: bool = True  # in the training data
    unsure: bool = False
    corrected: bool = False  # by the user

    @property
    def sign(self) -> str:
        """The sign after the tag, or nothing."""
        return CORRECTED if self.corrected else UNSURE if self.unsure else ""


@dataclass(frozen=True)
class Place:
    """Where a token is drawn: its word at (x, y), its tag below."""

    sentence: int
    index: int
    x: int
    y: int
    width: int
    height: int


class Piece(NamedTuple):
    """A piece of a line."""

    x: int
    text: str
    role: str  # word, tag, sign, tag sign
    place: int  # the number of its token's place, or -1


class Gloss:
    """Sentences laid out in `width` columns; those in `to_save` are marked."""

    def __init__(
        self,
        sentences: Sequence[Sequence[TaggedToken]] = (),
        level: Level = "word",
        width: int = 80,
        to_save: Collection[int] = (),
    ) -> None:
        self.sentences = sentences
        self.places: list[Place] = []
        self.lines: list[list[Piece]] = []
        self._room = max(width - _MARGIN - 1, 4)
        self._tight = level == "char" and all(len(t.tag) <= 1 for s in sentences for t in s)
        for number, sentence in enumerate(sentences):
            start = len(self.lines)
            if level == "sequence":
                self._add_sequence(number, sentence[0])
            else:
                self._add_sentence(number, sentence)
            if number in to_save and len(self.lines) > start:
                self.lines[start].insert(0, Piece(0, TO_SAVE, "sign", -1))
        if self.lines:
            self.lines.pop()  # the blank one at the end

    def token(self, place: Place) -> TaggedToken:
        """The token that is drawn at a place."""
        return self.sentences[place.sentence][place.index]

    def _add_sentence(self, number: int, sentence: Sequence[TaggedToken]) -> None:
        x = 0
        row: list[tuple[int, int, int]] = []
        for index, token in enumerate(sentence):
            width = min(self._width(token), self._room)
            if row and x + width > self._room:
                self._add_row(number, row)
                row, x = [], 0
            row.append((index, _MARGIN + x, width))
            x += width + (0 if self._tight else _GAP)
        if row:
            self._add_row(number, row)

    def _width(self, token: TaggedToken) -> int:
        word, tag = cell_len(drawn(token.word)), cell_len(visible(token.tag))
        if self._tight:
            return max(word, tag, 1)
        return max(word + (not token.known), tag + len(token.sign), 1)

    def _add_row(self, number: int, row: Sequence[tuple[int, int, int]]) -> None:
        """Add a row of tokens, (index, x, width): a line of words, one of tags, for letters one of signs."""
        y, tight = len(self.lines), self._tight
        words: list[Piece] = []
        tags: list[Piece] = []
        signs: list[Piece] = []
        for index, x, width in row:
            at = len(self.places)
            self.places.append(Place(number, index, x, y, width, 3 if tight else 2))
            token = self.sentences[number][index]
            mark = "" if tight or token.known else UNKNOWN
            word = shorten(drawn(token.word), width - len(mark))
            words.append(Piece(x, word, "word", at))
            if mark:
                words.append(Piece(x + cell_len(word), mark, "sign", at))
            tag = shorten(token.tag or " ", width - (0 if tight else len(token.sign)))
            tags.append(Piece(x, tag, "tag", at))
            if tight:
                sign = token.sign if token.corrected or token.known else UNKNOWN
                signs.append(Piece(x, sign or " ", "sign below", at))
            elif token.sign:
                tags.append(Piece(x + cell_len(tag), token.sign, "tag sign", at))
        self.lines += [words, tags]
        if any(piece.text.strip() for piece in signs):
            self.lines.append(signs)
        self.lines.append([])

    def _add_sequence(self, number: int, token: TaggedToken) -> None:
        """Add a whole line of text, wrapped, and its label below."""
        y, at, room = len(self.lines), len(self.places), self._room
        parts = folded(visible(token.word), room)
        lines = [[Piece(_MARGIN, part, "word", at)] for part in parts]
        if not token.known and cell_len(parts[-1]) < room:
            lines[-1].append(Piece(_MARGIN + cell_len(parts[-1]), UNKNOWN, "sign", at))
        tag = shorten(token.tag, room - 4)
        row = [Piece(_MARGIN, "→ ", "sign", -1), Piece(_MARGIN + 2, tag, "tag", at)]
        if token.sign:
            row.append(Piece(_MARGIN + 2 + cell_len(tag), token.sign, "tag sign", at))
        self.lines += [*lines, row, []]
        self.places.append(Place(number, 0, _MARGIN, y, room, len(lines) + 1))


def drawn(word: str) -> str:
    """A word as it is drawn, so that something of it is visible."""
    if word.isspace():
        return "␣"
    shown = visible(word)
    return f"◌{shown}" if unicodedata.category(shown[0])[0] == "M" else shown


def folded(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at spaces where there are any."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        if cell_len(word) > width:
            *full, word = chop_cells(word, width)
            lines += [line, *full] if line else full
            line = ""
        longer = f"{line} {word}" if line else word
        if cell_len(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]
