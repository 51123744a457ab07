"""The lines of one sentence in a tagged file."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from lstmterm.amounts import plural
from lstmterm.errors import InputError
from lstmterm.spec.tagger import Level


@dataclass(frozen=True)
class Source:
    """Where blocks come from, and how to read their tags."""

    name: str  # of the file, for the user
    level: Level = "word"
    column: str | None = None  # the requested column; None for the layout's default

    def error(self, line: int, sentence: str) -> InputError:
        """An error in a line."""
        return InputError(f"{self.name}, line {line}: {sentence}")


@dataclass(kw_only=True)
class Block(ABC):
    """A sentence and its lines. A block without words holds other lines."""

    line: int  # of its first word, from 1
    column: str  # of its tags
    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)  # one for each word, or one for the sequence, or none

    @abstractmethod
    def with_tags(self, tags: Sequence[str]) -> str:
        """The block's lines with these tags instead of its own; in a new column if it has none."""

    def check_tagged(self, where: Source) -> None:
        """Raise `InputError` unless there is one tag for each word, or one for the sequence."""
        if where.level == "sequence":
            if len(self.tags) != 1 or not self.tags[0]:
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
