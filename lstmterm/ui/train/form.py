"""The form of a new model: its data, name and time, the plan, and Start, Stop and More."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static

from lstmterm.errors import InputError, error_of
from lstmterm.paths import plain_name
from lstmterm.planning.length import PRESETS, Length
from lstmterm.planning.request import TrainRequest, parse_knobs
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import knobs_of
from lstmterm.ui.messages import on_screen
from lstmterm.ui.widgets.explained import Explained, explained
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.pick import Pick
from lstmterm.ui.widgets.plain import PlainInput, plain_lines
from lstmterm.visible import visible


@dataclass(frozen=True)
class FormValues:
    """What is typed into the form: the data, a name, a length of training, and knobs."""

    kind: Kind
    source: str
    name: str
    time: str
    knobs: dict[str, str] = field(default_factory=dict)
    start_from: str = ""  # a model, for its weights

    @classmethod
    def restored(cls, kind: Kind, kept: Mapping[str, str], source: str, time: str) -> Self:
        """The values that `kept` gave, without a name; `source` and `time` where there are none."""
        known = {knob: text for knob, text in kept.items() if knob in knobs_of(kind)}
        return cls(kind, kept.get("source", source), "", kept.get("time", time), known, kept.get("from", ""))

    def kept(self) -> dict[str, str]:
        """What is restored when the screen is opened again."""
        start = {"from": self.start_from} if self.start_from else {}
        return {**self.knobs, **start, "source": self.source, "time": self.time}

    def given(self) -> dict[str, Any]:
        """The knobs that were set. Raises `InputError`."""
        return parse_knobs(self.kind, self.knobs)

    def request(self) -> TrainRequest:
        """What Start would train. Raises `ValueError` with a sentence."""
        return TrainRequest.from_texts(
            self.kind, self.source, self.name, self.time, self.knobs, self.start_from
        )


NEW = "new weights"  # where a model starts if not from another one
_SECOND = {
    "Stop": "Stop it; it can be resumed.",
    "Resume": "Resume from its last save.",
    "Longer": "Train it for longer.",
}  # what the second button says, and what it does to the chosen run


class TimeInput(PlainInput):
    """A length of training; up and down choose a preset."""

    BINDINGS = [
        key("up", "preset(1)", "Longer", "form.longer", "In Time: the next longer preset"),
        key("down", "preset(-1)", "Shorter", "form.shorter", "In Time: the next shorter preset"),
    ]

    def action_preset(self, by: int) -> None:
        """Take the next longer (1) or shorter (-1) preset."""
        try:
            now = Length.parse(self.value)
        except InputError:
            now = Length.parse(PRESETS[1])
        minutes = [Length.parse(preset).amount for preset in PRESETS]
        amount = now.amount if now.unit == "minutes" else minutes[1]
        index = bisect_right(minutes, amount) if by > 0 else bisect_left(minutes, amount) - 1
        self.choose(PRESETS[min(max(index, 0), len(PRESETS) - 1)])
        self.action_select_all()  # what is typed next takes its place


def field_line(caption: str, field: Widget) -> Horizontal:
    """A field of the form after its caption."""
    return Horizontal(Label(caption, classes="caption"), field, classes="field")


class Notes(VerticalScroll, can_focus=False):
    """What is said of the data and the plan: below the fields, so that none of them moves as it changes.

    A click shows it at length.
    """

    def on_click(self) -> None:
        self.post_message(TrainForm.Pressed("check"))


class TrainForm(Vertical):
    """Fields and buttons; holds what is typed, and leaves the work to the panel."""

    WHAT = "Text"  # the data's caption
    WHAT_FOR = "What the model learns from."
    BORDER_TITLE = "New model"
    OWN_KNOBS: tuple[str, ...] = ()  # knobs that are fields of the form
    BINDINGS = [
        key("up", "field(-1)", "Up", "form.up", "The field above", show=False),
        key("down", "field(1)", "Down", "form.down", "The field below", show=False),
    ]

    class Changed(Message):
        """The values changed."""

    @dataclass
    class Pressed(Message):
        """A button was pressed: corpus, from, start, stop or more."""

        what: str

    def __init__(self, values: FormValues, **options: Any) -> None:
        super().__init__(**options)
        self._values = values
        self._hint = ""

    def action_field(self, by: int) -> None:
        """Go to the next field or button (1) or the one before (-1), but not out of the form."""
        inside = [widget for widget in self.screen.focus_chain if self in widget.ancestors]
        at = next((i for i, widget in enumerate(inside) if widget.has_focus), None)
        if at is not None and 0 <= at + by < len(inside):
            inside[at + by].focus()

    def compose(self) -> ComposeResult:
        data = Pick(self.values.source, id="corpus", classes="pick")
        name = PlainInput(self.values.name, id="name", select_on_focus=False)
        time = TimeInput(self.values.time, id="time")
        yield field_line(self.WHAT, explained(data, self.WHAT_FOR))
        yield from self.own_fields()
        yield field_line("Name", explained(name, "Its name in the library."))
        yield field_line("Time", explained(time, "In minutes, epochs or steps."))
        with Horizontal(id="buttons"):
            start = Button("Start", id="start", compact=True, variant="primary")
            yield explained(start, "Begin to train this model.")
            yield explained(Button("Stop", id="stop", compact=True, disabled=True), _SECOND["Stop"])
            more = Button(self._more(self.values), id="more", compact=True)
            yield explained(more, "All other settings.")
        with Notes(id="notes"):
            yield Static(id="plan")
            yield Static(id="differs")
            yield Static(id="facts")
            yield Static(id="why")
        yield Explained()

    def action_show_check(self, _key: str) -> None:
        """Show the plan at length: what a click on the border does."""
        self.post_message(self.Pressed("check"))

    def own_fields(self) -> ComposeResult:
        """The fields of this kind of form, between the data and the name."""
        start = Pick(self.values.start_from, NEW, id="from", classes="pick")
        yield field_line("From", explained(start, "New weights, or a model's."))

    @property
    def values(self) -> FormValues:
        """What stands in the form now, with what was typed a moment ago."""
        return self.with_typed(self._values) if self.query("#more") else self._values

    def with_typed(self, values: FormValues) -> FormValues:
        """These values, but those of the fields as they are there."""
        name, time = (self.query_one(field, PlainInput).value for field in ("#name", "#time"))
        return replace(values, name=name, time=time)

    def set_values(self, values: FormValues) -> None:
        """Show other values."""
        self._values = values
        self.query_one("#corpus", Pick).chosen = values.source
        for pick in self.query("#from").results(Pick):
            pick.chosen = values.start_from
        self.query_one("#name", PlainInput).set_quietly(values.name)
        self.query_one("#time", PlainInput).set_quietly(values.time)
        self._relabel("#more", self._more(values))
        self._mark()

    def _more(self, values: FormValues) -> str:
        others = values.knobs.keys() - set(self.OWN_KNOBS)
        return f"More ({len(others)})" if others else "More…"

    def set_name_hint(self, name: str) -> None:
        """Show the name that the model gets if none is typed."""
        self.query_one("#name", PlainInput).placeholder = visible(name)
        self._hint = name

    @property
    def name_or_hint(self) -> str:
        """The typed name, or the suggested one."""
        return self.values.name or self._hint

    def set_facts(self, text: str, wrong: bool = False) -> None:
        """Show what was read of the data, in a line or two."""
        facts = self.query_one("#facts", Static)
        facts.update(plain_lines(text))
        facts.set_class(wrong, "-wrong")

    def set_plan(self, text: str, why: str = "", wrong: bool = False) -> None:
        """Show what would be trained and why, or why it cannot be."""
        plan = self.query_one("#plan", Static)
        plan.update(plain_lines(text))
        plan.set_class(wrong, "-wrong")
        self.query_one("#why", Static).update(plain_lines(why))

    def set_differs(self, text: str) -> None:
        """Show how the plan differs from the chosen run; empty for not at all."""
        differs = self.query_one("#differs", Static)
        differs.update(plain_lines(text))
        differs.display = bool(text)

    def set_buttons(self, stop: str | None) -> None:
        """Label the second button with what it does to the chosen run: Stop, Resume, or nothing."""
        label = stop or "Stop"
        self._relabel("#stop", label)
        explained(self.query_one("#stop", Button), _SECOND[label]).disabled = stop is None

    def _relabel(self, button: str, label: str) -> None:
        """Change a button's label and size."""
        found = self.query_one(button, Button)
        if str(found.label) != label:
            found.label = Content(label)
            found.refresh(layout=True)

    def wrong(self) -> str:
        """Why this cannot be trained; empty if it can."""
        from lstmterm.runs.storage import refuse_unwritable

        return on_screen(error_of(self.values.request) or error_of(refuse_unwritable))

    def _mark(self) -> None:
        """Mark the fields with impossible values."""
        time, name = self.values.time, self.values.name
        self.query_one("#time").set_class(bool(error_of(Length.parse, time)), "-wrong")
        self.query_one("#name").set_class(bool(name and error_of(plain_name, name)), "-wrong")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._mark()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Pressed("start"))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Pressed(event.button.id or ""))
