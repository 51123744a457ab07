"""CSV with a header: each row is one sentence, with its words in one cell and its tags in another.

Or each row is one word with its tag, if its column is named `word` or the first rows look like it (`word_rows`).
Words and tags are divided by spaces (`text,tag`). For characters, a tag of one character stands for each
character; for whole sequences, the second cell is the label (`text,label`). Cells are divided by commas,
semicolons, tabs or bars, whichever the header has; a first line `sep=;` says so too.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from lstmterm.amounts import plural
from lstmterm.spec.tagger import Level
from lstmterm.tagging.sentences import units_of
from lstmterm.tagging.treebank import word_rows
from lstmterm.tagging.treebank.block import TAG_HEADS, Block, Source, listed, place, tag_in

_TEXTS = ("text", "sentence", "tokens", "words")
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SEPARATOR = re.compile(r"\ufeff?sep=(.)\s*")  # a line that Excel writes
_LOOK_AHEAD = 100  # rows by which a word in each row is known
_LARGEST_CELL = 2**31 - 1


def looks_like(head: Sequence[str]) -> bool:
    """Whether the first line is a CSV header with a column named text."""
    if head and _SEPARATOR.fullmatch(head[0]):
        return True
    cells = _cells(head[0], _delimiter(head[0])) if head else []
    return len(cells) > 1 and _TEXTS[0] in cells


def tags_of(cell: str, level: Level, units: Sequence[str]) -> list[str]:
    """The tags in a cell: divided by spaces, one character each, or a single label."""
    if level == "sequence":
        return [tag_in(cell)] if cell.strip() else []
    if level == "char":
        return list(cell) if len(cell) == len(units) else units_of(cell, "word")
    return [tag_in(tag) for tag in cell.split()]


def joined_tags(tags: Sequence[str], level: str) -> str:
    """The tags as a cell that `tags_of` reads."""
    joint = "" if level == "char" and max(map(len, tags), default=1) == 1 else " "
    return joint.join(tag or "_" for tag in tags)


@dataclass(kw_only=True)
class CsvBlock(Block):
    """A row of a CSV file, its header, or a line before that."""

    cells: list[str]
    raw: str  # its lines as they are
    text: int  # the column of the text
    index: int  # that of the tags; one past the last cell if the file has none
    level: Level
    delimiter: str
    end: str  # of the line
    header: bool = False

    @property
    def adds_column(self) -> bool:
        """Whether a header gets a column for tags."""
        return self.header and self.index >= len(self.cells)

    def cell(self, index: int) -> str:
        """A cell; empty if the row is too short."""
        return self.cells[index] if index < len(self.cells) else ""

    def with_tags(self, tags: Sequence[str]) -> str:
        if not self.adds_column and (not self.words or list(tags) == self.tags):
            return self.raw
        cells = list(self.cells)
        cells += [""] * (self.index - len(cells))
        cells[self.index : self.index + 1] = [self.column if self.header else joined_tags(tags, self.level)]
        return self.row(cells)

    def row(self, cells: Sequence[str]) -> str:
        """A row with these cells, as the file has them."""
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=self.delimiter, lineterminator=self.end).writerow(cells)
        return buffer.getvalue()

    def check_tagged(self, where: Source) -> None:
        if self.words and self.index >= len(self.cells) and not self.tags and where.column is None:
            missing = "a label" if where.level == "sequence" else "tags"
            raise where.error(
                self.line, f"this row has no cell with {missing}; name their column (--column)."
            )
        super().check_tagged(where)


def blocks(lines: Iterable[str], where: Source) -> Iterator[Block]:
    """What is before the header, the header, then the rows or the sentences that they make, of CSV lines."""
    csv.field_size_limit(_LARGEST_CELL)
    lines = iter(lines)
    first = next(lines, "")
    taken: list[str] = []  # the lines of a row
    header: list[str] = []
    text, index, name, delimiter = 0, 0, "", ","

    def block(line: int, cells: list[str]) -> CsvBlock:
        raw = "".join(taken)
        taken.clear()
        return CsvBlock(
            line=line, column=name, cells=cells, raw=raw, text=text, index=index, level=where.level,
            delimiter=delimiter, end="\r\n" if raw.endswith("\r\n") else "\n", header=cells is header,
        )  # fmt: skip

    before = 0
    if chosen := _SEPARATOR.fullmatch(first):
        taken.append(first)
        yield block(1, [])
        delimiter, first, before = chosen[1], next(lines, ""), 1
    else:
        delimiter = _delimiter(first, where)

    def counted() -> Iterator[str]:
        for line in (first, *lines):
            taken.append(line)
            yield line

    reader = csv.reader(counted(), delimiter=delimiter, strict=True)

    def rows() -> Iterator[CsvBlock]:
        line = before + reader.line_num + 1
        for cells in reader:
            yield block(line, cells)
            line = before + reader.line_num + 1

    try:
        header = next(reader, [])
        text, index, name = _places(header, before + 1, where)
        yield block(before + 1, header)
        head = list(islice(rows(), _LOOK_AHEAD))
        names = _names(header)
        number = word_rows.number_column(names, besides=(text, index))
        of_words = where.level == "word" and _have_words(head, names[text], number)
        found = (_with_words(row, len(header), where, of_words) for row in chain(head, rows()))
        if of_words:
            yield from word_rows.sentences(found, lambda row: "" if number is None else row.cell(number))
        else:
            yield from found
    except csv.Error as error:
        raise where.error(before + reader.line_num, f"not valid CSV ({error}).") from None


def _delimiter(first: str, where: Source | None = None) -> str:
    """What divides the cells of a header: it has the text's column by itself, or else the most cells."""
    wanted = {*_TEXTS, *word_rows.WORDS, (where.text_column or "").lower() if where else ""} - {""}
    parted = {delimiter: _cells(first, delimiter) for delimiter in _DELIMITERS}
    fitting = [d for d, cells in parted.items() if len(cells) > 1 and wanted & set(cells)]
    return (fitting or sorted(parted, key=lambda d: -len(parted[d])))[0]


def _cells(header: str, delimiter: str) -> list[str]:
    """The cells of a header in small letters; none if it is not valid."""
    try:
        cells = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip(" \ufeff\r\n").lower() for cell in cells]


def _have_words(head: Sequence[CsvBlock], name: str, number: int | None) -> bool:
    """Whether the first rows have a word each, in the column `name`, and not a sentence."""
    counts = [(len(row.cell(row.text).split()), len(row.cell(row.index).split())) for row in head]
    if name in word_rows.WORDS:
        return not any(words == tags > 1 for words, tags in counts)
    numbers = None if number is None else [row.cell(number) for row in head]
    has_breaks = word_rows.has_breaks([row.cell(row.text) for row in head], numbers)
    return has_breaks and all(words < 2 for words, _ in counts)


def _with_words(row: CsvBlock, width: int, where: Source, of_words: bool) -> CsvBlock:
    """A row with its words and tags: one word with its tag, or those of a sentence."""
    if not any(cell.strip() for cell in row.cells):
        return row
    if any(cell.strip() for cell in row.cells[width:]):
        mark = _DELIMITERS.get(row.delimiter, repr(row.delimiter))
        raise where.error(
            row.line,
            f"{plural(len(row.cells), 'cell')}, but the header has {width}; a cell with a {mark} in it needs quotes.",
        )
    if row.text >= len(row.cells):
        raise where.error(
            row.line, f"{plural(len(row.cells), 'cell')}, but the text is in cell {row.text + 1}."
        )
    text, tags = row.cell(row.text), row.cell(row.index)
    row.words = [text.strip()] * bool(text.strip()) if of_words else units_of(text, row.level)
    if row.index < len(row.cells):
        is_tag = of_words and (row.words or tags.strip())
        row.tags = [tag_in(tags)] if is_tag else tags_of(tags, row.level, row.words)
    if row.tags and not row.words:
        raise where.error(row.line, "there are tags, but no text.")
    return row


def _names(header: Sequence[str]) -> list[str]:
    return [cell.strip(" \ufeff").lower() for cell in header]


def _places(header: Sequence[str], line: int, where: Source) -> tuple[int, int, str]:
    """The columns of the text and of the tags (one past the last if there is none), and the latter's name."""
    heads, names = [cell.strip(" \ufeff") for cell in header], _names(header)
    where = where.among(heads, "csv")
    text = next((names.index(n) for n in _TEXTS if n in names), None)
    if text is None or (names[text] == "sentence" and where.level == "word"):  # which may be its number
        text = next((names.index(n) for n in word_rows.WORDS if n in names), text)
    if where.text_column is not None:
        text = place(where.text_column, heads)
        if text is None:
            raise where.column_error(line, where.text_column, heads)
    if text is None:
        raise where.error(
            line,
            "a CSV file needs a header with a column `text` for sentences, or `word` for words, and one for tags; "
            f"this one has {listed(heads)}. Name both columns (--text-column and --column).",
        )
    name = next((n for n in TAG_HEADS if n in names), None) if where.column is None else where.column
    if name is None:
        return text, len(names), "label" if where.level == "sequence" else "tag"
    index = place(name, heads)
    if index is None:
        raise where.column_error(line, name, heads)
    if index == text:
        raise where.error(line, f"the tags cannot be in column {name!r}, which has the text.")
    return text, index, name
