"""On a terminal output is visible; everywhere else it is raw."""

import io
import sys
from typing import Any

import click
import pytest
from rich.text import Text

from lstmterm.cli import output

HOSTILE = "a\x1b]0;t\x07\x9b31m\u202e\r\x7f\udc80[bold]\n"
SHOWN = "a␛]0;t␇�31m⇤␍␡�[bold]\n"


class Terminal(io.TextIOWrapper):
    """A terminal that keeps what is written to it."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding)

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode(self.encoding)


def protected(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard output and error, as one terminal."""
    made = Terminal()
    monkeypatch.setattr(sys, "stdout", made)
    monkeypatch.setattr(sys, "stderr", made)
    output.protect()
    return made


def test_a_terminal_shows_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = protected(monkeypatch)
    print(HOSTILE, end="")
    click.echo(HOSTILE, nl=False, err=True)
    sys.stderr.write(HOSTILE)
    assert terminal.text == SHOWN * 3


def test_a_traceback_shows_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = protected(monkeypatch)
    try:
        raise ValueError(HOSTILE)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    assert SHOWN in terminal.text
    assert "\x1b" not in terminal.text


def test_rich_shows_symbols_and_keeps_its_own_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = protected(monkeypatch)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    console: Any = output.console(force_terminal=True, width=80)
    console.print(Text("x\x1b[2Jy[red]", style="bold"))
    console.file.flush()
    assert terminal.text == "\x1b[1mx␛[2Jy[red]\x1b[0m\n"


def test_a_terminal_of_another_encoding_replaces_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Terminal("latin-1")
    monkeypatch.setattr(sys, "stdout", made)
    output.protect()
    print("é→")
    assert made.text == "é?\n"


def test_a_console_leaves_a_closed_pipe_to_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    with pytest.raises(BrokenPipeError):
        output.console().print("a plot")


def test_a_pipe_is_raw(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    output.protect()
    sys.stdout.buffer.write(b"\x1b\x80")
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == b"\x1b\x80"


def test_a_terminal_without_escape_codes_has_its_own_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "60")
    assert output.console().width == 60
    assert output.console(width=40).width == 40
