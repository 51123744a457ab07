"""The sampling settings as a form. They are checked as they are typed, and hold while a model writes.

Its fields are the knobs of `spec/sampling.py`, and the speed, which only a screen has.
"""

import math
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Label, Static

from lstmterm.errors import InputError
from lstmterm.spec.knobs import Knob, Part, knobs, number, number_text, parse
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.ui.generate.writer import PageSettings
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import PlainInput, plain
from lstmterm.visible import shorten

SECOND_TEMPERATURE = "temperature2"
_TEMPERATURE = next(knob for knob in knobs(Sampling) if knob.name == "temperature")
_WITHOUT = {"length": "no end", "seed": "random"}  # what an empty field means


class SettingInput(PlainInput):
    """The value of a knob; up and down change it by a step."""

    BINDINGS = [
        key("up", "move(1)", "More", "value.more", "One step up"),
        key("down", "move(-1)", "Less", "value.less", "One step down"),
    ]

    def __init__(self, knob: Knob, id: str | None = None, value: Any = None, label: str = "") -> None:
        start = knob.default if value is None else value
        super().__init__(
            _text(start), placeholder=_WITHOUT.get(knob.name, ""), id=id or knob.name, select_on_focus=False
        )
        self.knob = knob
        self.label = label or knob.label
        self.tooltip = Content(knob.sentence)

    def read(self) -> Any:
        """The value. Raises `InputError`."""
        if self.knob.type is str:
            return self.value.replace("\\n", "\n")
        if self.knob.optional and not self.value.strip():
            return None
        try:
            return parse(self.knob, self.value)
        except InputError as error:
            raise InputError(str(error).replace(f"--{self.knob.option}", self.label, 1)) from None

    @property
    def error(self) -> str:
        """What is wrong with the value; empty if nothing is."""
        try:
            self.read()
        except InputError as error:
            return shorten(str(error), 200)
        return ""

    def action_move(self, by: int) -> None:
        if self.knob.type is str:
            return
        try:
            value = number(self.knob.type, self.value or "0")
        except ValueError:
            return
        steps = value / self.knob.step
        nearest = (math.floor(steps + 1e-6) if by > 0 else math.ceil(steps - 1e-6)) + by
        moved = min(max(nearest * self.knob.step, self.knob.low), self.knob.high)
        self.choose(_text(self.knob.type(round(moved, 4))))


class SpeedInput(SettingInput):
    """How fast text appears: a word, or characters a second."""

    WORDS = {"slow": 12.0, "reading": 30.0, "quick": 120.0, "fast": 600.0, "full": None}

    def __init__(self) -> None:
        super().__init__(_SPEED)

    def read(self) -> float | None:
        word = self.value.strip()
        if word in self.WORDS:
            return self.WORDS[word]
        try:
            float(word)
        except ValueError:
            words = ", ".join(self.WORDS)
            raise InputError(f"Speed must be {words}, or a number.") from None
        return super().read()

    def action_move(self, by: int) -> None:
        words = list(self.WORDS)
        index = words.index(self.value) if self.value in words else words.index("quick")
        self.choose(words[min(max(index + by, 0), len(words) - 1)])


_SPEED = Knob(
    name="speed", option="speed", type=float, choices=(), optional=False, low=0.01, high=1_000_000,
    default="quick", sentence="slow, reading, quick, fast, full, or characters a second.",
    label="Speed", step=1,
)  # fmt: skip


def _text(value: Any) -> str:
    """A value as it is typed."""
    if value is None:
        return ""
    return value if isinstance(value, str) else number_text(value)


class SamplingForm(VerticalScroll):
    """A field for every setting, and a second model and temperature to compare with."""

    BORDER_TITLE = "Sampling"

    @dataclass
    class Changed(Message):
        """The settings of each page that is shown; all of them are valid."""

        settings: list[PageSettings]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._comparing = False

    def compose(self) -> ComposeResult:
        yield Label("Model", classes="caption")
        yield Button("choose…", id="model1", compact=True, classes="pick")
        yield Static(id="card1", classes="card")
        for field in (*map(SettingInput, (*knobs(Sampling), *knobs(Generation))), SpeedInput()):
            yield from _row(field)
        yield Label("Compare with", classes="caption compare")
        yield Button("choose…", id="model2", compact=True, classes="pick compare")
        yield Static(id="card2", classes="card compare")
        second = SettingInput(_TEMPERATURE, SECOND_TEMPERATURE, 1.2, "The second temperature")
        yield from _row(second, "compare")
        yield Static(id="sampling-wrong")

    def on_mount(self) -> None:
        self.show_compare(False)

    def set_model(self, page: int, name: str, description: str) -> None:
        """Show the model of a page, and a line about it."""
        label = Content.assemble(shorten(name, 40) or "choose…", " ▾")
        self.query_one(f"#model{page + 1}", Button).label = label
        self.query_one(f"#card{page + 1}", Static).update(plain(description))

    def field(self, name: str) -> SettingInput:
        """The field of a setting."""
        return self.query_one(f"#{name}", SettingInput)

    def show_compare(self, shown: bool) -> None:
        """Show the fields of the second page, or hide them."""
        self._comparing = shown
        self.set_class(shown, "-comparing")
        self._check()

    @property
    def error(self) -> str:
        """What is wrong with the first wrong field that is shown; empty if nothing is."""
        shown = (f for f in self.query(SettingInput) if self._comparing or f.id != SECOND_TEMPERATURE)
        return next(filter(None, (field.error for field in shown)), "")

    def settings(self, page: int = 0) -> PageSettings:
        """The settings of a page. Raises `InputError`."""
        sampling = self._values(Sampling)
        if page:
            sampling["temperature"] = self.field(SECOND_TEMPERATURE).read()
        return PageSettings(
            Sampling(**sampling), Generation(**self._values(Generation)), self.field("speed").read()
        )

    def _values(self, part: type[Part]) -> dict[str, Any]:
        return {knob.name: self.field(knob.name).read() for knob in knobs(part)}

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._check()

    def _check(self) -> None:
        """Mark the wrong fields and say what is wrong; if nothing is, the settings hold."""
        for field in self.query(SettingInput):
            field.set_class(bool(field.error), "-wrong")
        error = self.error
        self.query_one("#sampling-wrong", Static).update(plain(error))
        self.set_class(bool(error), "-wrong")
        if not error:
            self.post_message(self.Changed([self.settings(page) for page in range(1 + self._comparing)]))


def _row(field: SettingInput, classes: str = "") -> ComposeResult:
    with Horizontal(classes=f"field {classes}".strip()):
        yield Label(field.knob.label, classes="caption")
        yield field
