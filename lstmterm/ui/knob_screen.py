"""Everything that can be set, each with its sentence, checked as it is typed.

The form's wish as the command that says the same stands below, to be copied.
"""

import shlex
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label

from lstmterm.spec import Knob, SpecError
from lstmterm.ui import knobs
from lstmterm.ui.plain import Line, PlainInput, plain
from lstmterm.ui.train_form import Wish


def command_of(wish: Wish) -> list[str]:
    """The arguments of `lstmterm` that do what the form says. Raises `InputError` or `SpecError`."""
    from lstmterm.budget import budget

    words = ["train-tagger" if wish.task == "tagger" else "train", wish.corpus]
    if wish.name:
        words += ["--name", wish.name]
    return [*words, *budget(wish.time).arguments(), *knobs.arguments(wish.chosen, wish.task)]


class KnobRow(Vertical):
    """One knob: its name, its value, and below them its sentence or what is wrong."""

    def __init__(self, knob: Knob, text: str) -> None:
        super().__init__(classes="knob")
        self.knob = knob
        self.field = PlainInput(text, placeholder=knobs.default_text(knob), id=f"knob-{knob.name}")
        self.right = True
        self._told = Line(grows=True, classes="knob-sentence")

    def compose(self) -> ComposeResult:
        with Horizontal(classes="knob-line"):
            yield Label(Content(f"--{self.knob.option}"), classes="knob-name")
            yield self.field
            yield Label(Content(knobs.bounds_text(self.knob)), classes="knob-bounds")
        yield self._told

    def on_mount(self) -> None:
        self.check()

    @property
    def text(self) -> str:
        """What is typed."""
        return self.field.value.strip()

    def check(self) -> None:
        """See whether the value can be, and say what is wrong with it."""
        wrong = ""
        if self.text:
            try:
                knobs.value_of(self.knob, self.text)
            except SpecError as error:
                wrong = str(error)
        self.right = not wrong
        self._told.tell(plain(f"! {wrong}" if wrong else self.knob.sentence))
        self.set_class(bool(wrong), "-wrong")
        self.set_class(bool(self.text) and not wrong, "-set")


class KnobScreen(ModalScreen[Wish | None]):
    """The knobs over the screen; escape leaves them as they were."""

    BINDINGS = [
        Binding("escape", "cancel", "Cancel"),
        Binding("ctrl+s", "done", "Done", id="knobs.done", tooltip="Keep these values"),
        Binding(
            "ctrl+y", "copy", "Copy command", id="knobs.copy", tooltip="Copy the command that does the same"
        ),
        Binding(
            "ctrl+l", "clear", "Defaults", id="knobs.clear", tooltip="Leave everything to the plan again"
        ),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, wish: Wish) -> None:
        super().__init__()
        self.wish = wish
        self._rows: list[KnobRow] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="knobs") as box:
            box.border_title = "Everything that can be set"
            box.border_subtitle = "an empty field is left to the plan"
            with VerticalScroll(id="knob-rows", can_focus=False):
                for group in knobs.groups(self.wish.task):
                    yield Label(Content(group.name), classes="knob-group")
                    for knob in group.knobs:
                        row = KnobRow(knob, self.wish.chosen.get(knob.name, ""))
                        self._rows.append(row)
                        yield row
            yield Line(id="command", grows=True)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Done ^s", id="done", compact=True, variant="primary")
                yield Button("Copy command ^y", id="copy", compact=True)
                yield Button("Defaults ^l", id="clear", compact=True)
                yield Button("Cancel esc", id="cancel", compact=True)

    def on_mount(self) -> None:
        self.call_after_refresh(self._say)
        self._rows[0].field.focus()

    def _say(self) -> None:
        """The command of all that is typed, or that something has to be corrected."""
        self.wish = replace(self.wish, chosen={row.knob.name: row.text for row in self._rows if row.text})
        right = all(row.right for row in self._rows)
        self.query_one("#done", Button).disabled = not right
        self.query_one("#command", Line).tell(
            Content.assemble(("$ ", "$accent"), plain(self.command))
            if right
            else Content("Correct what is marked with ! to go on.")
        )

    @property
    def command(self) -> str:
        """The command as a person types it; what is typed so far where it cannot be one."""
        try:
            return shlex.join(["lstmterm", *command_of(self.wish)])
        except ValueError as error:
            return str(error)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        next(row for row in self._rows if row.field is event.input).check()
        self._say()

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        await self.run_action(str(event.button.id))

    def action_done(self) -> None:
        if not self.query_one("#done", Button).disabled:
            self.dismiss(self.wish)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.command)
        self.notify("The command is on the clipboard.", markup=False)

    def action_clear(self) -> None:
        for row in self._rows:
            row.field.value = ""

    def action_cancel(self) -> None:
        self.dismiss(None)
