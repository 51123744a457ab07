"""The lines of one sentence in a tagged file."""

from dataclasses import dataclass
from typing import Protocol

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


class Block(Protocol):
    """A sentence and its lines. A block without words holds other lines."""

    line: int  # the first of its lines, from 1
    words: list[str]
    tags: list[str]  # one for each word, or one for the sequence, or none
    column: str  # of its tags

    def with_tags(self, tags: list[str]) -> str:
        """The block's lines with these tags instead of its own."""
        ...

    def check_tagged(self, where: Source) -> None:
        """Raise `InputError` if the block's tags do not match its words."""
        ...


def check_counts(block: "Block", where: Source) -> None:
    """Raise `InputError` unless there is one tag for each word, or one for the sequence."""
    if where.level == "sequence":
        if len(block.tags) != 1 or not block.tags[0]:
            raise where.error(block.line, "this row has no label.")
        return
    if len(block.tags) != len(block.words):
        unit = "character" if where.level == "char" else "word"
        raise where.error(
            block.line,
            f"{plural(len(block.words), unit)} but {plural(len(block.tags), 'tag')}; each {unit} needs one tag.",
        )
