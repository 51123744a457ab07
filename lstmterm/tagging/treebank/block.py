"""The lines of one sentence in a tagged file."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from lstmterm.amounts import plural
from lstmterm.errors import InputError
from lstmterm.plain_data import shown
from lstmterm.spec.tagger import Level

_HEADS_SHOWN = 8
TAG_HEADS = ("tag", "tags", "label", "labels", "upos", "pos", "xpos", "ner")  # names of a column of tags
NOT_ANNOTATED = "_"  # in a file, in the place of a tag; "" among a sentence's tags


@dataclass(frozen=True)
class Learned:
    """How the file was read that a model learned from."""

    layout: str = ""  # as `Layout`
    column: str | None = None
    text_column: str | None = None

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Self:
        """What a model's metadata record."""
        named = {key: metadata.get(key) for key in ("layout", "column", "text_column")}
        return cls(**{key: value for key, value in named.items() if isinstance(value, str)})


@dataclass(frozen=True)
class Source:
    """Where blocks come from, and how to read their words and tags."""

    name: str  # of the file, for the user
    level: Level = "word"
    column: str | None = None  # the requested column of the tags; None for the layout's default
    text_column: str | None = None  # that of the words or the text
    learned: Learned = Learned()  # its columns are used in a file of its layout that has them

    def among(self, heads: Sequence[str], layout: str) -> "Source":
        """This source with the columns that were requested, or else learned where they are among `heads`."""
        if self.learned.layout != layout:
            return self
        column, text = (
            name if name is not None and place(name, heads) is not None else None
            for name in (self.learned.column, self.learned.text_column)
        )
        return replace(self, column=self.column or column, text_column=self.text_column or text)

    def error(self, line: int, sentence: str) -> InputError:
        """An error in a line."""
        return InputError(f"{self.name}, line {line}: {sentence}")

    def column_error(self, line: int, requested: str, heads: Sequence[str]) -> InputError:
        """An error for a requested column that is not among those of a line."""
        return self.error(
            line, f"there is no column {requested!r}; use a name in this line ({listed(heads)}) or a number."
        )


def listed(heads: Sequence[str]) -> str:
    """The names of columns in a sentence, each shortened: a file may have any line in their place."""
    more = ", \u2026" if len(heads) > _HEADS_SHOWN else ""
    return ", ".join(map(shown, heads[:_HEADS_SHOWN])) + more


def place(requested: str, heads: Sequence[str]) -> int | None:
    """The index of a column that is requested by its number, from 1, or by its name; None if there is none."""
    if requested.isdecimal():
        # compared as text: Python refuses to read thousands of digits
        wanted = "".join(str(int(digit)) for digit in requested).lstrip("0")
        return next((i for i in range(len(heads)) if str(i + 1) == wanted), None)
    names = [head.strip().lower() for head in heads]
    return names.index(requested.lower()) if requested.lower() in names else None


def tag_in(cell: str) -> str:
    """The tag in a cell, without white space around it; "" for a word that is not annotated."""
    tag = cell.strip()
    return "" if tag == NOT_ANNOTATED else tag


@dataclass(kw_only=True)
class Block(ABC):
    """A sentence and its lines. A block without words holds other lines."""

    line: int  # of its first word, from 1
    column: str  # of its tags
    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)  # one for each word, or one for the sequence, or none

    @abstractmethod
    def with_tags(self, tags: Sequence[str]) -> str:
        """The block's lines with these tags instead of its own; in a new column if it has none.

        With its own tags, the lines are as they were read.
        """

    @property
    def word_lines(self) -> tuple[int, ...]:
        """The line of each word, from 1."""
        return (self.line,) * len(self.words)

    def check_tagged(self, where: Source) -> None:
        """Raise `InputError` unless there is one tag for each word, or one for the sequence."""
        if where.level == "sequence":
            if len(self.tags) != 1:
                raise where.error(self.line, "this row has no label.")
        elif len(self.tags) != len(self.words):
            unit = "character" if where.level == "char" else "word"
            words, tags = plural(len(self.words), unit), plural(len(self.tags), "tag")
            raise where.error(self.line, f"{words} but {tags}; each {unit} needs one tag.")


@dataclass(kw_only=True)
class LinesBlock(Block):
    """A block of lines, of which some hold words."""

    lines: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)  # the indices of the lines with words

    @property
    def word_lines(self) -> tuple[int, ...]:
        if len(self.rows) != len(self.words):
            return super().word_lines
        return tuple(self.line + row - self.rows[0] for row in self.rows)
