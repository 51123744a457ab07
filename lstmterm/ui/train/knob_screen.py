"""All hyperparameters, each with its help, checked as they are typed.

The list has a line for every knob; what is typed is the value of the one under the cursor. The
command that does the same stands below, to be copied.
"""

import shlex
from collections.abc import Callable
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Button, Input, Label, OptionList
from textual.widgets.option_list import Option

from lstmterm.spec.base import Kind
from lstmterm.spec.knobs import Knob
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import with_keys
from lstmterm.ui.train import knobs
from lstmterm.ui.train.form import FormValues
from lstmterm.ui.widgets.clipboard import copy
from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.hints import fitting_hints
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.list_line import ListLine
from lstmterm.ui.widgets.plain import Line, PlainInput, plain
from lstmterm.visible import shorten

_HINT = "↑ and ↓ choose, type a value · empty: planned or the default"
_NAME, _VALUE = 22, 14  # widths of a line's columns


def line(knob: Knob, text: str, kind: Kind) -> Content:
    """A line of the list: a knob's name, its value or default, its help."""
    name, wrong = f"--{knob.option}", knobs.what_is_wrong(knob, text)
    mark, colour = ("! ", "bold $error") if wrong else ("  ", "bold $accent" if text else "")
    shown = shorten(text, _VALUE) if text else shorten(knobs.default_text(knob, kind), _VALUE)
    return Content.assemble(
        (f"{mark}{name:<{_NAME}}", colour),
        (f"{shown}{' ' * (_VALUE + 2 - Content(shown).cell_length)}", colour or "$foreground 60%"),
        (knob.sentence, "$foreground 70%"),
    )


class KnobLine(ListLine):
    """The value of the knob under the cursor."""

    def move_in_list(self, action: Callable[[OptionList], None]) -> None:
        """Go to another knob and show its value."""
        knobs_shown = self.screen
        assert isinstance(knobs_shown, KnobScreen)
        knobs_shown.take()
        super().move_in_list(action)
        knobs_shown.show_line()


class KnobScreen(Dialog[FormValues | None]):
    """A dialog for all knobs; escape discards the changes."""

    BINDINGS = [
        Binding("escape", "leave(None)", "Cancel"),
        key("ctrl+s", "done", "Done", "knobs.done", "Keep these values"),
        key("ctrl+y", "copy", "Copy command", "knobs.copy", "Copy the command that does the same"),
        key("ctrl+l", "clear", "Defaults", "knobs.clear", "Clear all values; they are planned"),
    ]

    def __init__(self, values: FormValues) -> None:
        super().__init__()
        self.values = values
        self._knobs = {knob.name: knob for _, group in knobs.groups(values.kind) for knob in group}
        self._texts = {name: text for name, text in values.knobs.items() if name in self._knobs}
        self._at = next(iter(self._knobs))  # the knob under the cursor

    def compose(self) -> ComposeResult:
        with Vertical(classes="knobs") as box:
            box.border_title = "All settings"
            with Horizontal(id="knob-line"):
                yield Label(id="knob-name")
                yield KnobLine(id="knob-value")
                yield Label(id="knob-bounds")
            yield Line(id="knob-sentence", grows=True)
            yield OptionList(*self._options(), id="knob-list", markup=False, compact=True)
            yield Line(id="command", grows=True)
            with Horizontal(classes="dialog-buttons"):
                yield Button(
                    with_keys(self.app, "Done {knobs.done:ctrl+s}"),
                    "primary",
                    compact=True,
                    action="screen.done",
                    id="done",
                )
                yield Button(
                    with_keys(self.app, "Copy {knobs.copy:ctrl+y}"),
                    compact=True,
                    action="screen.copy",
                    tooltip="Copy the command",
                )
                yield Button(
                    with_keys(self.app, "Clear {knobs.clear:ctrl+l}"), compact=True, action="screen.clear"
                )
                yield Button("Cancel", compact=True, action="screen.leave(None)")

    def _options(self) -> list[Option]:
        options: list[Option] = []
        for heading, group in knobs.groups(self.values.kind):
            options.append(Option(Content.styled(heading, "bold $accent"), disabled=True))
            options += [
                Option(line(knob, self._texts.get(knob.name, ""), self.values.kind), id=knob.name)
                for knob in group
            ]
        return options

    def on_resize(self, event: Resize) -> None:
        box = self.query_one(".knobs")
        box.border_subtitle = fitting_hints(box, _HINT)

    def on_mount(self) -> None:
        listed = self.query_one("#knob-list", OptionList)
        listed.can_focus = False  # tab goes from the line to the buttons
        self.go_to(self._at)
        self.query_one("#knob-value").focus()

    def go_to(self, name: str) -> None:
        """Put the cursor on a knob."""
        listed = self.query_one("#knob-list", OptionList)
        listed.highlighted = listed.get_option_index(name)
        self.show_line()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self._under_cursor != self._at:  # it was the mouse
            self.take()
            self.show_line()

    @property
    def _under_cursor(self) -> str:
        option = self.query_one("#knob-list", OptionList).highlighted_option
        return option.id if option is not None and option.id is not None else self._at

    def show_line(self) -> None:
        """Show the knob under the cursor for typing."""
        self._at = self._under_cursor
        knob, field = self._knobs[self._at], self.query_one("#knob-value", PlainInput)
        self.query_one("#knob-name", Label).update(Content(f"--{knob.option}"))
        self.query_one("#knob-bounds", Label).update(Content(knobs.bounds_text(knob)))
        field.placeholder = knobs.default_text(knob, self.values.kind)
        field.set_quietly(self._texts.get(self._at, ""))
        field.cursor_position = len(field.value)
        self._say()

    def _say(self) -> None:
        """Show what is wrong with the typed value, and the command."""
        wrong = {name: knobs.what_is_wrong(self._knobs[name], text) for name, text in self._texts.items()}
        here = wrong.get(self._at, "")
        sentence = self.query_one("#knob-sentence", Line)
        sentence.set_text(plain(f"! {here}" if here else self._knobs[self._at].sentence))
        sentence.set_class(bool(here), "-wrong")
        chosen = {name: self._texts[name] for name in self._knobs if self._texts.get(name)}
        self.values = replace(self.values, knobs=chosen)
        right = not any(wrong.values())
        self.query_one("#done", Button).disabled = not right
        self.query_one("#command", Line).set_text(
            Content.assemble(("$ ", "$accent"), plain(self.command))
            if right
            else Content("Correct the values marked with ! to continue.")
        )

    @property
    def command(self) -> str:
        """The command that trains the same; why there is none where something is wrong."""
        try:
            return shlex.join(["lstmterm", *self.values.request().to_arguments()])
        except ValueError as error:
            return on_screen(error)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.take()

    def take(self) -> None:
        """What stands in the line is the value of the knob under the cursor."""
        self._texts[self._at] = self.query_one("#knob-value", PlainInput).value.strip()
        self._draw(self._at)
        self._say()

    def _draw(self, name: str) -> None:
        """Draw a knob's line again."""
        drawn = line(self._knobs[name], self._texts.get(name, ""), self.values.kind)
        self.query_one("#knob-list", OptionList).replace_option_prompt(name, drawn)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#knob-value", KnobLine).move_in_list(OptionList.action_cursor_down)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one("#knob-value").focus()

    def action_done(self) -> None:
        self.take()
        if not self.query_one("#done", Button).disabled:
            self.leave(self.values)

    def action_copy(self) -> None:
        self.take()
        copy(self.app, self.command, "the command")

    def action_clear(self) -> None:
        set_before, self._texts = list(self._texts), {}
        for name in set_before:
            self._draw(name)
        self.show_line()
