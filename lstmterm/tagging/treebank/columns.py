"""Plain columns: a word with its tag on each line, sentences divided by blank lines.

Columns are divided by tabs, or by spaces if a line has no tab. The word is in the first column and the
tag in the last, unless others are requested: by number, or by name if the first line names the columns.
`-DOCSTART-` lines, comments, white space around a cell and CRLF are ignored. For characters and whole
sequences, a line is one example instead: its text, a tab, its tags or label.

A line that begins with `#` is a word like any other if it has as many columns as most lines, and otherwise
a comment.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from lstmterm.amounts import plural
from lstmterm.spec.tagger import Level
from lstmterm.tagging.sentences import units_of
from lstmterm.tagging.treebank.block import TAG_HEADS, LinesBlock, Source, place, tag_in
from lstmterm.tagging.treebank.table import joined_tags, tags_of

_WORD_HEADS = frozenset(("word", "form", "token", "text"))
_TAG_HEADS = frozenset(TAG_HEADS)
_BLANKS = re.compile(r"[ \t]+")
_LOOK_AHEAD = 100  # lines by which comments are known
_BARE_COMMENTS = (["#", "newdoc"], ["#", "newpar"])  # of CoNLL-U; the others have more words


@dataclass(frozen=True)
class _Form:
    """How the lines of a file are divided into columns, and what is in these."""

    level: Level
    tabs: bool  # columns are divided by tabs
    width: int  # columns of most lines
    text: int  # the column of the words
    index: int | None  # that of the tags; None is the last
    name: str  # that of the tags, for the user
    header: int  # the line that names the columns; 0 if there is none

    @classmethod
    def of(cls, head: Sequence[str], where: Source) -> Self:
        """The form of a file with these first lines."""
        level = where.level
        rows = [(number, _body(line).lstrip("\ufeff")) for number, line in enumerate(head, 1)]
        rows = [(number, row) for number, row in rows if row.strip() and not _is_document_start(row)]
        rows = [(number, row) for number, row in rows if not row.startswith("#")] or rows
        tabs = 2 * sum("\t" in row for _, row in rows) > len(rows)
        cells = [_cells(row, level) for _, row in rows]
        width = Counter(map(len, cells)).most_common(1)[0][0] if cells else 1
        text, index, name, header = _columns(cells[0] if cells else [], rows[0][0] if rows else 0, where)
        return cls(level, tabs, width, text, index, name, header)

    def new_block(self, line: int) -> "ColumnsBlock":
        """An empty block that begins at a line."""
        return ColumnsBlock(line=line, column=self.name, form=self)

    def is_comment(self, body: str) -> bool:
        """Whether a line is a comment and not a word."""
        if not body.startswith("#") or "\t" in body:
            return False
        if self.tabs:
            return body != "#"
        cells = _cells(body, self.level)
        return self.level == "word" and (len(cells) != self.width or cells in _BARE_COMMENTS)


@dataclass(kw_only=True)
class ColumnsBlock(LinesBlock):
    """A sentence in columns."""

    form: _Form

    def with_tags(self, tags: Sequence[str]) -> str:
        lines, form = self.lines.copy(), self.form
        if list(tags) == self.tags:
            return "".join(lines)
        if form.level != "word":
            tags = [joined_tags(tags, form.level)]
        for row, tag in zip(self.rows, tags, strict=True):
            body, end = _body(lines[row]), lines[row][len(_body(lines[row])) :]
            start = "" if "\t" in body else body[: len(body) - len(body.lstrip(" "))]
            parts = re.split(r"(\t)" if "\t" in body else r"([ \t]+)", body[len(start) :])  # with separators
            at = 2 * form.index if form.index is not None else len(parts) - 1
            if at == 2 * form.text or at >= len(parts):
                parts += ["\t" if "\t" in body or len(parts) == 1 else " ", tag or "_"]
            else:
                parts[at] = tag or "_"
            lines[row] = start + "".join(parts) + (end or "\n")
        return "".join(lines)


def blocks(lines: Iterable[str], where: Source) -> Iterator[ColumnsBlock]:
    """The sentences of lines in columns; together they hold all lines."""
    lines = iter(lines)
    head = list(itertools.islice(lines, _LOOK_AHEAD))
    form = _Form.of(head, where)
    block = form.new_block(1)
    for number, line in enumerate(itertools.chain(head, lines), 1):
        body = _body(line).lstrip("\ufeff")
        if body and form.is_comment(body):
            block.lines.append(line)
            continue
        if not body.strip() or _is_document_start(body) or number == form.header:
            block.lines.append(line)
        else:
            _add(block, line, body, number, where)
            if form.level == "word":
                continue
        if block.words:
            yield block
            block = form.new_block(number + 1)
    if block.lines:
        yield block


def _columns(first: list[str], line: int, where: Source) -> tuple[int, int | None, str, int]:
    """The columns of the words and of the tags (None: the last), the latter's name, and the header's line.

    `first` are the cells of the first line that has any.
    """
    heads = [cell.strip().lower() for cell in first]
    where = where.among(first, "columns")
    named = len(heads) > 1 and heads[0] in _WORD_HEADS and heads[-1] in _TAG_HEADS
    found: list[int | None] = [0, None]
    for i, requested in enumerate((where.text_column, where.column)):
        if requested is None:
            continue
        found[i] = place(requested, first)
        named |= not requested.isdecimal()
        if found[i] is None:
            raise where.column_error(line, requested, first)
    text, index = found
    assert text is not None
    if index == text or (index is None and text == len(first) - 1 > 0):
        raise where.error(
            line, f"the tags cannot be in column {text + 1}, which has the words; name another (--column)."
        )
    name = where.column or (first[-1].strip() if named else "last")
    return text, index, name, line if named else 0


def _add(block: ColumnsBlock, line: str, body: str, number: int, where: Source) -> None:
    """Add a line: a word with its tag, or a whole example."""
    form = block.form
    cells = _cells(body, form.level)
    if not block.words:
        block.line = number
    for at, what in ((form.index, "tags"), (form.text, "words")):
        if at is not None and at > 0 and len(cells) <= at and (len(cells) > 1 or what == "words"):
            raise where.error(
                number, f"{plural(len(cells), 'column')}, but the {what} are in column {at + 1}."
            )
    text = cells[form.text]
    if not (text if form.level == "char" else text.strip()):
        raise where.error(number, f"there is no word in column {form.text + 1}.")
    words = [text.strip()] if form.level == "word" else units_of(text, form.level)
    block.rows.append(len(block.lines))
    block.lines.append(line)
    block.words += words
    if len(cells) > 1:
        cell = cells[-1 if form.index is None else form.index]
        block.tags += [tag_in(cell)] if form.level == "word" else tags_of(cell, form.level, words)


def _cells(body: str, level: Level) -> list[str]:
    return body.split("\t") if "\t" in body or level != "word" else _BLANKS.split(body.strip(" "))


def _body(line: str) -> str:
    return line.rstrip(" \t\r\n")


def _is_document_start(body: str) -> bool:
    return body.startswith("-DOCSTART-")
