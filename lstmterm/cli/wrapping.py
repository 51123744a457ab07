"""Messages on a terminal: a line that is too long ends between two words, not within one."""

import os
import re
import sys
from typing import TextIO

# A command to copy stays in one line: between backquotes, or from a colon to the end of its sentence.
_PIECE = re.compile(r"\S*`[^`]*`\S*|(?<=: )lstmterm .*?(?=[.;] |$)|\S+")
_WORD = re.compile(r"\S+")
_MARK = re.compile(r"( *\| )?")  # what begins each line of a sample


def for_stderr(text: str) -> str:
    """`text` with line breaks at the width of the terminal that stderr is; unchanged in a pipe or a file."""
    return _for(sys.stderr, text)


def for_stdout(text: str) -> str:
    """As `for_stderr`, of stdout."""
    return _for(sys.stdout, text)


def _for(stream: TextIO, text: str) -> str:
    width = _width_of(stream)
    return "\n".join(wrapped(line, width) for line in text.split("\n")) if width else text


def wrapped(line: str, width: int) -> str:
    """A line, broken between words where it is wider than `width` columns.

    A word that is wider keeps its characters together, so that a path can be copied. Lines of a sample keep their mark.
    """
    if _columns(line) <= width:
        return line
    mark = _MARK.match(line)
    begin = mark[0] if mark else ""
    parts, column, end = [begin], 0, len(begin)
    width -= len(begin)
    for piece in _PIECE.finditer(line, end):
        words = [piece] if _columns(piece[0]) <= width else _WORD.finditer(line, *piece.span())
        for word in words:
            space, end = line[end : word.start()], word.end()
            if column and column + len(space) + _columns(word[0]) > width:
                space, column = f"\n{begin}", -len(begin) - 1
            parts += space, word[0]
            column += len(space) + _columns(word[0])
    return "".join(parts)


def _width_of(stream: TextIO) -> int:
    """The columns of the terminal that a stream is, or those that the user set; 0 where it is none."""
    if not stream.isatty():
        return 0
    wanted = os.environ.get("COLUMNS", "")
    try:
        return int(wanted) if wanted.isdecimal() else os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 0


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes; a wide character takes two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
