"""Plain columns: a word with its tag on each line, sentences divided by blank lines.

Columns are divided by tabs, or by spaces if a line has no tab. The word is in the first column and the
tag in the last, unless another one is requested: by number, or by name if the first line names the
columns. `-DOCSTART-` lines, trailing spaces and CRLF are ignored. For characters and whole sequences, a
line is one example instead: its text, a tab, its tags or label.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lstmterm.amounts import plural
from lstmterm.tagging.sentences import units_of
from lstmterm.tagging.treebank.block import Source, check_counts
from lstmterm.tagging.treebank.table import joined_tags, tags_of

_WORD_HEADS = frozenset(("word", "form", "token", "text"))
_TAG_HEADS = frozenset(("tag", "tags", "label", "pos", "upos", "xpos", "ner"))
_BLANKS = re.compile(r"[ \t]+")


@dataclass
class ColumnsBlock:
    """A sentence's lines, and which of them hold words."""

    line: int
    index: int | None  # the tags' column; None is the last
    column: str
    level: str = "word"
    lines: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def with_tags(self, tags: Sequence[str]) -> str:
        """The lines with these tags in the tags' column, or in a new one if there is none."""
        lines = self.lines.copy()
        if self.level != "word":
            tags = [joined_tags(tags, self.level)]
        for row, tag in zip(self.rows, tags, strict=True):
            body, end = _body(lines[row]), lines[row][len(_body(lines[row])) :]
            parts = re.split(r"(\t)" if "\t" in body else r"([ \t]+)", body)  # cells and separators
            at = 2 * self.index if self.index is not None else len(parts) - 1
            if at == 0 or at >= len(parts):
                parts += ["\t" if "\t" in body or len(parts) == 1 else " ", tag]
            else:
                parts[at] = tag
            lines[row] = "".join(parts) + (end or "\n")
        return "".join(lines)

    def check_tagged(self, where: Source) -> None:
        """Raise `InputError` if a word has no tag."""
        check_counts(self, where)


def blocks(lines: Iterable[str], where: Source) -> Iterator[ColumnsBlock]:
    """The sentences of lines in columns; together they hold all lines."""
    index, name, header = None, where.column or "last", False
    block = ColumnsBlock(1, index, name, where.level)
    for number, line in enumerate(lines, 1):
        body = _body(line).lstrip("\ufeff")
        if number == 1:
            index, name, header = _tag_column(_cells(body, where), where)
            block = ColumnsBlock(1, index, name, where.level)
        if not body.strip() or body.startswith("-DOCSTART-") or (number == 1 and header):
            block.lines.append(line)
        elif where.level == "word":
            _add_word(block, line, body, number, where)
            continue
        else:
            _add_example(block, line, body, where)
        if block.words:
            yield block
            block = ColumnsBlock(number + 1, index, name, where.level)
    if block.lines:
        yield block


def _tag_column(first: list[str], where: Source) -> tuple[int | None, str, bool]:
    """The tags' column as an index (None: the last) and by name; whether line 1 is a header."""
    heads = [cell.lower() for cell in first]
    named = len(heads) > 1 and heads[0] in _WORD_HEADS and heads[-1] in _TAG_HEADS
    requested = where.column
    if requested is None:
        return None, first[-1] if named else "last", named
    if requested.isdecimal() and int(requested) > 1:
        return int(requested) - 1, requested, named
    if requested.lower() in heads[1:]:
        return heads.index(requested.lower()), requested, True
    raise where.error(
        1, f"there is no column {requested!r}; use a number from 2, or a name in the first line."
    )


def _add_word(block: ColumnsBlock, line: str, body: str, number: int, where: Source) -> None:
    cells = _cells(body, where)
    if not block.words:
        block.line = number
    if block.index is not None and len(cells) <= block.index and len(cells) > 1:
        raise where.error(
            number, f"{plural(len(cells), 'column')}, but the tags are in column {block.index + 1}."
        )
    block.rows.append(len(block.lines))
    block.lines.append(line)
    block.words.append(cells[0])
    if len(cells) > 1:
        block.tags.append(cells[block.index if block.index is not None else -1])


def _add_example(block: ColumnsBlock, line: str, body: str, where: Source) -> None:
    cells = _cells(body, where)
    block.rows.append(len(block.lines))
    block.lines.append(line)
    block.words = units_of(cells[0], where.level)
    if len(cells) > 1:
        block.tags = tags_of(cells[block.index if block.index is not None else -1], where.level, block.words)


def _cells(body: str, where: Source) -> list[str]:
    return body.split("\t") if "\t" in body or where.level != "word" else _BLANKS.split(body.strip())


def _body(line: str) -> str:
    return line.rstrip(" \t\r\n")
