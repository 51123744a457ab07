"""Standard output and error: on a terminal they show control characters as symbols.

Text from outside can then not drive the terminal, whichever command prints it, and neither can an error's
traceback. In a pipe or a file output stays as it is.
"""

import contextlib
import io
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, TextIO

from lstmterm import ending
from lstmterm.cli import ascii_symbols
from lstmterm.visible import visible_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment


class VisibleStream(io.TextIOWrapper):
    """A terminal's text stream; all control characters but newlines and tabs become symbols."""

    def __init__(self, stream: TextIO) -> None:
        symbols = stream.errors == ascii_symbols.NAME
        encoding = "utf-8" if stream.encoding == "ascii" and not symbols else stream.encoding
        errors = ascii_symbols.NAME if symbols else "replace"
        super().__init__(
            stream.buffer, encoding, errors=errors, newline="", line_buffering=True, write_through=True
        )
        self.unfiltered = stream

    def write(self, text: str) -> int:
        """Write `text`; returns its length."""
        super().write(visible_lines(text))
        return len(text)


def in_ci() -> bool:
    """Whether a CI service runs this, whose log is a terminal in name only."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def protect() -> None:
    """Let this process print only visible text on terminals, and plain text where TERM is not set and in CI."""
    if not os.environ.get("TERM") or in_ci():
        os.environ["TERM"] = "dumb"  # rich would write escape codes
    if ascii_symbols.is_ascii_terminal():
        for stream in (sys.stdout, sys.stderr):
            if stream.isatty() and isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="ascii", errors=ascii_symbols.NAME)
    if sys.stdout.isatty():
        sys.stdout = VisibleStream(sys.stdout)
    if sys.stderr.isatty():
        sys.stderr = VisibleStream(sys.stderr)


def console(*, stderr: bool = False, **options: Any) -> "Console":
    """A rich console with these options, without markup, emoji codes and highlighting.

    It writes its own escape sequences past the filter of `VisibleStream`, so it filters what it prints.
    """
    from rich.console import Console, ConsoleDimensions

    class VisibleConsole(Console):
        def render(
            self, renderable: "RenderableType", options: "ConsoleOptions | None" = None
        ) -> "Iterable[Segment]":
            for segment in super().render(renderable, options):
                yield segment if segment.control else segment._replace(text=visible_lines(segment.text))

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would exit with 1; a reader that has enough, such as `head`, is no failure

    stream = sys.stderr if stderr else sys.stdout
    file = stream.unfiltered if isinstance(stream, VisibleStream) else None
    made = VisibleConsole(file=file, stderr=stderr, **options, markup=False, highlight=False, emoji=False)
    if made.is_dumb_terminal:  # for which rich takes 80 columns, whatever it has or is given
        size = shutil.get_terminal_size()
        made.size = ConsoleDimensions(options.get("width", size.columns), size.lines)
    return made


def cursor_kept() -> contextlib.AbstractContextManager[None]:
    """While progress is shown: a signal that ends the process clears its line and shows the cursor again."""
    return ending.first(lambda: b"\r\x1b[2K\x1b[?25h")
