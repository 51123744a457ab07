"""Choosing from a list: a line to type in above it, which filters it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.hints import fitting_hints
from lstmterm.ui.widgets.list_line import ListLine

_AROUND = 6  # lines of the dialog that are not the list: the border and its padding, the line to type in


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    target: str  # what is chosen with it
    shown: Content
    action: str = "take"  # what choosing it does; subclasses know others
    about: str = ""
    group: str = ""  # the heading above it


class _Choice(Option):
    """A line of the list, with its row: a choice may arrive when the list already shows others."""

    def __init__(self, row: Row) -> None:
        super().__init__(row.shown)
        self.row = row


class Picker(Dialog[str | None]):
    """A dialog whose result is the target of a row, or None."""

    PLACEHOLDER = ""
    HINT = "enter choose · esc cancel"  # on the lower border
    CLASS = ""  # for the style sheet
    FITS = True  # whether it is as high as its rows; not if others come while it is open

    BINDINGS = [Binding("escape", "leave(None)", "Cancel")]

    def __init__(self, title: str | Content, chosen: str = "") -> None:
        super().__init__()
        self._title, self._chosen = title, chosen
        self._most = 0  # lines that were listed
        self._hint = self.HINT

    def compose(self) -> ComposeResult:
        with Vertical(classes=f"dialog picker {self.CLASS}".strip()) as box:
            box.border_title = self._title
            yield ListLine(placeholder=self.PLACEHOLDER, id="filter")
            yield OptionList(id="choices", markup=False, compact=True)
            yield from self.compose_below()

    def compose_below(self) -> ComposeResult:
        """Further widgets below the list."""
        yield from ()

    def on_mount(self) -> None:
        self.line.focus()
        self.start()

    def start(self) -> None:
        """List the first rows."""
        self.show()

    @property
    def line(self) -> ListLine:
        """The line to type in."""
        return self.query_one("#filter", ListLine)

    @property
    def choices(self) -> OptionList:
        """The list."""
        return self.query_one("#choices", OptionList)

    def rows(self, typed: str) -> Iterable[Row]:
        """The rows that match what is typed, those of a group together."""
        raise NotImplementedError

    def nothing(self, typed: str) -> str:
        """What stands in the list where no row matches what is typed."""
        return "Nothing matches." if typed.strip() else ""

    def as_typed(self, typed: str) -> str | None:
        """The result if Enter takes what is typed; None if it takes the highlighted row."""
        return None

    def take(self, row: Row) -> None:
        """Do what choosing a row does."""
        self.leave(row.target)

    def show(self) -> None:
        """List the rows for what is typed, and highlight the one chosen before."""
        options: list[Option] = []
        highlighted = None
        for group, rows in groupby(self.rows(self.line.value), lambda row: row.group):
            if group:
                options.append(Option(Content.styled(group, "bold $accent"), disabled=True))
            for row in rows:
                if highlighted is None or row.target == self._chosen:
                    highlighted = len(options)
                options.append(_Choice(row))
        if not options and (said := self.nothing(self.line.value)):
            options.append(Option(Content.styled(said, "$foreground 70%"), disabled=True))
        self._most = max(self._most, len(options))
        self._fit()
        self.choices.set_options(options)
        self.choices.highlighted = highlighted

    def on_resize(self) -> None:
        self._fit()
        self.say(self._hint)

    def say(self, hint: str) -> None:
        """Show keys, or what is done, on the lower border."""
        self._hint, box = hint, self.query_one(".picker")
        box.border_subtitle = fitting_hints(box, hint)

    def _fit(self) -> None:
        """Be as high as the longest list so far, up to what the style sheet says; where there is little room, as that."""
        has_room = not (self.has_class("-low") or self.has_class("-one-panel"))
        self.query_one(".picker").styles.height = self._most + _AROUND if self.FITS and has_room else None

    def row(self, option: Option | None) -> Row | None:
        """The row of an option; None for a heading."""
        return option.row if isinstance(option, _Choice) else None

    @on(Input.Changed)
    def _typed(self) -> None:
        self.show()

    @on(Input.Submitted)
    def _entered(self) -> None:
        result = self.as_typed(self.line.value)
        if result is not None:
            self.leave(result)
        else:
            self.choices.action_select()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if row := self.row(event.option):
            self.take(row)
