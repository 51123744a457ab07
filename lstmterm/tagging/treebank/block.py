"""A sentence as it stands in a file."""

from dataclasses import dataclass
from typing import Protocol

from lstmterm.amounts import plural
from lstmterm.errors import InputError
from lstmterm.spec.tagger import Level


@dataclass(frozen=True)
class Source:
    """Where blocks come from, and how their tags are read."""

    name: str  # of the file, as it is shown
    level: Level = "word"
    column: str | None = None  # the column asked for; None for the layout's own choice

    def wrong(self, line: int, sentence: str) -> InputError:
        """An error at a line."""
        return InputError(f"{self.name}, line {line}: {sentence}")


class Block(Protocol):
    """One sentence and the lines that hold it; a block without words holds other lines."""

    line: int  # the first of its lines, from 1
    words: list[str]
    tags: list[str]  # one a word, or one for the sequence, or none where the file has none
    column: str  # where its tags are

    def with_tags(self, tags: list[str]) -> str:
        """The block's lines with these tags in place of its own."""
        ...

    def check_tagged(self, where: Source) -> None:
        """Raises `InputError` when the block's tags do not match its words."""
        ...


def check_numbers(block: "Block", where: Source) -> None:
    """Raises `InputError` unless there is a tag for every word, or one for the sequence."""
    if where.level == "sequence":
        if len(block.tags) != 1 or not block.tags[0]:
            raise where.wrong(block.line, "this row has no label.")
        return
    if len(block.tags) != len(block.words):
        unit = "character" if where.level == "char" else "word"
        raise where.wrong(
            block.line,
            f"{plural(len(block.words), unit)} but {plural(len(block.tags), 'tag')}; each {unit} needs one tag.",
        )
