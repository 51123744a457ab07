"""Strings that look like markup, that no encoding holds, or that are not printable."""

import asyncio
import io
import os
import re
import sys
from unittest import mock

import click
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import OptionList, Static

from lstmterm.cli import output
from lstmterm.cli.table import print_facts, print_table
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.widgets.plain import Line, PlainInput, plain, plain_lines
from lstmterm.visible import shorten, visible, visible_lines

PROMISE = "Any string is shown as itself: no markup, no control character, no exception"
LONG = 10_000  # strings

FRAGMENTS = (
    "[/", "[/]", "[red]", "[/red]", "[@click=app.quit]", "[@click=app.bell()]x[/]", "[link=file:///etc/passwd]", "\\[", "[[", "]]", "$x",
    "[bold on red", ":smile:", "[#ff0000]", "[b][/i]", "\x1b[31m", "\x9b2J", "\x00", "\x7f", "\r", "\n", "\t", "\ud800", "\udfff", "\u202e",
    "\u2066", "\ufeff", "e\u0301", "漢字", "👩‍👩‍👧", "\U000e0041", "\u2028", "{x}", "%s",
)  # fmt: skip
STRINGS = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.text(st.characters(), max_size=6)), min_size=1, max_size=8
).map("".join)
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]"
)


class Terminal(io.BytesIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True

    def taken(self) -> str:
        """What was written since the last time."""
        text = self.getvalue().decode()
        self.seek(0)
        self.truncate()
        return text


class Widgets(LstmTerm):
    """The widgets in which the screen shows text from outside."""

    CSS_PATH = []
    CSS = "Static, Line, OptionList { height: 3; width: 70; }"

    def compose(self) -> ComposeResult:
        yield Line()
        yield Static(id="static")
        yield OptionList(markup=False)
        yield PlainInput()

    def on_mount(self) -> None:
        """Nothing of the screen itself."""


def check(rounds: int) -> str:
    """Show `rounds` strings on all surfaces."""
    strings: list[str] = []
    terminal = Terminal()
    variables = {"TERM": "dumb", "NO_COLOR": "1"}
    with (
        mock.patch.object(sys, "stdout", io.TextIOWrapper(terminal, "utf-8")),
        mock.patch.dict(os.environ, variables),
    ):
        output.protect()
        stream = sys.stdout

        @settings(
            max_examples=rounds, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
        )
        @given(STRINGS)
        def show(text: str) -> None:
            sys.stdout = stream
            strings.append(text)
            _in_the_terminal(text, terminal)

        show()
    asyncio.run(_on_the_screen(strings))
    return f"{len(strings)} strings on 5 surfaces of the terminal and 5 of the screen, shown as themselves"


def _in_the_terminal(text: str, terminal: Terminal) -> None:
    """Print it in every way."""
    line = visible(text)
    assert len(line) == len(text)
    assert all(shown == c or not c.isprintable() for shown, c in zip(line, text, strict=True))
    shorten(text, 5)
    click.echo(text)
    assert terminal.taken() == visible_lines(text) + "\n"
    print(text)
    assert terminal.taken() == visible_lines(text) + "\n"
    for show in (lambda: print_table(["a"], [[text]], folded="a"), lambda: print_facts([("a", text)])):
        show()
        printed = terminal.taken()
        assert "".join(line[:20].split()) in "".join(printed.split()), (text, printed)
        assert not _CONTROL.search(printed), (text, printed)
    console = output.console(soft_wrap=True)
    with console.status(plain_text(text)):
        console.print(plain_text(text))
    assert not _CONTROL.search(terminal.taken().replace("\r", ""))


def plain_text(text: str) -> Text:
    """A rich text that was forgotten to be made visible."""
    return Text(text)


async def _on_the_screen(strings: list[str]) -> None:
    """Show each in every widget."""
    app = Widgets(follow=False)
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        line, static, field = app.query_one(Line), app.query_one("#static", Static), app.query_one(PlainInput)
        options = app.query_one(OptionList)
        for number, text in enumerate(strings):
            line.set_text(plain(text))
            static.update(plain_lines(text))
            options.clear_options().add_option(visible(text))
            field.set_quietly(text)
            assert str(line.render()) == visible(text) == field.value, text
            if number % 20 == 0:
                app.services.notify(text, title=text)
            if number % 5 == 0:
                await pilot.pause()
            for widget in (line, static, options):
                for row in range(3):
                    drawn = widget.render_line(row)
                    assert not _CONTROL.search(drawn.text), (text, drawn)
                    assert not any(style and (style.meta or {}).get("@click") for _, style, _ in drawn), text
    assert app.return_code in (None, 0)


def test_markup() -> None:
    check(100)
