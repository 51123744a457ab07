"""CSV with a header: each row is one sentence, with its words in one cell and its tags in another.

Words and tags are divided by spaces (`text,tag`). For characters, a tag of one character stands for each
character; for whole sequences, the second cell is the label (`text,label`).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lstmterm.amounts import plural
from lstmterm.spec.tagger import Level
from lstmterm.tagging.sentences import units_of
from lstmterm.tagging.treebank.block import Block, Source

_TEXT = "text"
_TAGS = ("tag", "tags", "label", "labels")
_LARGEST_CELL = 2**31 - 1


def looks_like(head: Sequence[str]) -> bool:
    """Whether the first line is a CSV header with a column named text."""
    cells = next(csv.reader(head[:1]), [])
    return len(cells) > 1 and _TEXT in (cell.strip(" \ufeff").lower() for cell in cells)


def tags_of(cell: str, level: Level, units: Sequence[str]) -> list[str]:
    """The tags in a cell: divided by spaces, one character each, or a single label."""
    if level == "sequence":
        return [cell.strip()]
    if level == "char" and len(cell) == len(units):
        return list(cell)
    return units_of(cell, "word")


def joined_tags(tags: Sequence[str], level: str) -> str:
    """The tags as a cell that `tags_of` reads."""
    return ("" if level == "char" and max(map(len, tags), default=1) == 1 else " ").join(tags)


@dataclass(kw_only=True)
class CsvBlock(Block):
    """A row of a CSV file, or its header."""

    cells: list[str]
    index: int  # the tags' column; one past the last cell if the file has none
    level: Level
    end: str  # of the line
    header: bool = False

    def with_tags(self, tags: Sequence[str]) -> str:
        cells = list(self.cells)
        cell = self.column if self.header else joined_tags(tags, self.level)
        if cells or self.header:
            cells[self.index : self.index + 1] = [cell]
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator=self.end).writerow(cells)
        return buffer.getvalue()


def blocks(lines: Iterable[str], where: Source) -> Iterator[CsvBlock]:
    """The header, then the rows, of CSV lines."""
    csv.field_size_limit(_LARGEST_CELL)
    end = "\n"

    def counted() -> Iterator[str]:
        nonlocal end
        for line in lines:
            end = "\r\n" if line.endswith("\r\n") else "\n"
            yield line

    def block(line: int, cells: list[str], header: bool = False) -> CsvBlock:
        return CsvBlock(
            line=line, column=name, cells=cells, index=index, level=where.level, end=end, header=header
        )

    reader = csv.reader(counted(), strict=True)
    try:
        header = next(reader, [])
        text, index, name = _places(header, where)
        yield block(1, header, header=True)
        line = reader.line_num + 1
        for cells in reader:
            row = block(line, cells)
            _read_cells(row, text, where)
            yield row
            line = reader.line_num + 1
    except csv.Error as error:
        raise where.error(reader.line_num, f"not valid CSV ({error}).") from None


def _read_cells(row: CsvBlock, text: int, where: Source) -> None:
    if not row.cells:
        return
    if text >= len(row.cells):
        raise where.error(row.line, f"{plural(len(row.cells), 'cell')}, but the text is in cell {text + 1}.")
    row.words = units_of(row.cells[text], row.level)
    if row.index < len(row.cells):
        row.tags = tags_of(row.cells[row.index], row.level, row.words)


def _places(header: Sequence[str], where: Source) -> tuple[int, int, str]:
    """The columns of the text and of the tags (one past the last if there is none), and its name."""
    names = [cell.strip(" \ufeff").lower() for cell in header]
    if _TEXT not in names:
        raise where.error(1, "a CSV file needs a header with a column `text` and one for tags.")
    name = next((n for n in _TAGS if n in names), None) if where.column is None else where.column
    if name is None:
        return names.index(_TEXT), len(names), "label" if where.level == "sequence" else "tag"
    if name.lower() not in names:
        raise where.error(1, f"there is no column {name!r}; the header has {', '.join(names)}.")
    return names.index(_TEXT), names.index(name.lower()), name
