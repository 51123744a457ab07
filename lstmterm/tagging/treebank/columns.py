"""Plain columns: a word with its tag on each line, sentences divided by blank lines.

Columns are divided by tabs, or by spaces if a line has no tab. The word is in the first column and the
tag in the last, unless another one is requested: by number, or by name if the first line names the
columns. `-DOCSTART-` lines, trailing spaces and CRLF are ignored. For characters and whole sequences, a
line is one example instead: its text, a tab, its tags or label.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lstmterm.amounts import plural
from lstmterm.spec.tagger import Level
from lstmterm.tagging.sentences import units_of
from lstmterm.tagging.treebank.block import LinesBlock, Source
from lstmterm.tagging.treebank.table import joined_tags, tags_of

_WORD_HEADS = frozenset(("word", "form", "token", "text"))
_TAG_HEADS = frozenset(("tag", "tags", "label", "pos", "upos", "xpos", "ner"))
_BLANKS = re.compile(r"[ \t]+")


@dataclass(kw_only=True)
class ColumnsBlock(LinesBlock):
    """A sentence in columns."""

    index: int | None  # the tags' column; None is the last
    level: Level

    def with_tags(self, tags: Sequence[str]) -> str:
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


def blocks(lines: Iterable[str], where: Source) -> Iterator[ColumnsBlock]:
    """The sentences of lines in columns; together they hold all lines."""
    index, name, header = None, where.column or "last", False

    def new(line: int) -> ColumnsBlock:
        return ColumnsBlock(line=line, column=name, index=index, level=where.level)

    block = new(1)
    for number, line in enumerate(lines, 1):
        body = _body(line).lstrip("\ufeff")
        if number == 1:
            index, name, header = _tag_column(_cells(body, where), where)
            block = new(1)
        if not body.strip() or body.startswith("-DOCSTART-") or (number == 1 and header):
            block.lines.append(line)
        else:
            _add(block, line, body, number, where)
            if where.level == "word":
                continue
        if block.words:
            yield block
            block = new(number + 1)
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


def _add(block: ColumnsBlock, line: str, body: str, number: int, where: Source) -> None:
    """Add a line: a word with its tag, or a whole example."""
    cells = _cells(body, where)
    if not block.words:
        block.line = number
    if block.index is not None and 1 < len(cells) <= block.index:
        raise where.error(
            number, f"{plural(len(cells), 'column')}, but the tags are in column {block.index + 1}."
        )
    words = [cells[0]] if where.level == "word" else units_of(cells[0], where.level)
    block.rows.append(len(block.lines))
    block.lines.append(line)
    block.words += words
    if len(cells) > 1:
        cell = cells[-1 if block.index is None else block.index]
        block.tags += [cell] if where.level == "word" else tags_of(cell, where.level, words)


def _cells(body: str, where: Source) -> list[str]:
    return body.split("\t") if "\t" in body or where.level != "word" else _BLANKS.split(body.strip())


def _body(line: str) -> str:
    return line.rstrip(" \t\r\n")
