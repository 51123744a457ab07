"""The form of a new tagger: its data, column, level, name and time."""

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Input

from lstmterm.spec.kinds import knobs_of
from lstmterm.ui.train.form import FormValues, TrainForm, field_line
from lstmterm.ui.widgets.explained import explained
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import PlainInput
from lstmterm.visible import visible

LEVELS = ("word", "char", "sequence")


class LevelInput(PlainInput):
    """What gets a tag; up and down choose."""

    BINDINGS = [
        key("up", "choose(-1)", "Previous", "level.before", "The previous choice"),
        key("down", "choose(1)", "Next", "level.next", "The next choice"),
    ]

    def action_choose(self, by: int) -> None:
        now = LEVELS.index(self.value) if self.value in LEVELS else 0
        self.choose(LEVELS[(now + by) % len(LEVELS)])


class TaggerForm(TrainForm):
    """The form with the two knobs that determine how the data is read."""

    WHAT = "Data"
    WHAT_FOR = "Tagged data, or a cipher."
    BORDER_TITLE = "New tagger"
    OWN_KNOBS = ("column", "level")

    class Unread(Message):
        """The data must be read again."""

    def own_fields(self) -> ComposeResult:
        yield from super().own_fields()
        for knob, caption, kind in (("column", "Column", PlainInput), ("level", "Level", LevelInput)):
            typed = self.values.knobs.get(knob, "")
            field = kind(typed, id=knob, select_on_focus=False)
            yield field_line(caption, explained(field, knobs_of("tagger")[knob].sentence))

    def on_mount(self) -> None:
        self.show_choices("", "word")

    def show_choices(self, column: str, level: str) -> None:
        """Show what is chosen if nothing is typed."""
        for name, choice in (("#column", column), ("#level", level)):
            self.query_one(name, PlainInput).placeholder = visible(choice)

    def with_typed(self, values: FormValues) -> FormValues:
        fields = {name: self.query_one(f"#{name}", PlainInput).value.strip() for name in self.OWN_KNOBS}
        others = {name: text for name, text in values.knobs.items() if name not in fields}
        typed = {name: text for name, text in fields.items() if text}
        return replace(super().with_typed(values), knobs=others | typed)

    def set_values(self, values: FormValues) -> None:
        super().set_values(values)
        for name in self.OWN_KNOBS:
            self.query_one(f"#{name}", PlainInput).set_quietly(values.knobs.get(name, ""))

    @on(Input.Changed, "#column, #level")
    def _knob_typed(self, event: Input.Changed) -> None:
        event.stop()
        event.prevent_default()  # the form's own handler is for the name and the time
        before, self._values = self._values, self.values
        if self._values.knobs == before.knobs:
            return
        typed = event.value.strip()
        event.input.set_class(event.input.id == "level" and typed not in (*LEVELS, ""), "-wrong")
        self.post_message(self.Unread())
