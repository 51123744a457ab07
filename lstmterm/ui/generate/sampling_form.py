"""The sampling settings as a form. They are checked as they are typed, and hold while a model writes.

Its fields are the knobs of `spec/sampling.py`, and the speed, which only a screen has. They are all in view at
80x24: a row each, or two in a row. What is at its default is dim.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static

from lstmterm.errors import InputError
from lstmterm.spec import presets
from lstmterm.spec.knobs import Knob, Part, knobs, number, parse, typed
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.ui.generate.presets import PresetPicker
from lstmterm.ui.generate.writer import PageSettings
from lstmterm.ui.messages import explanation, on_screen
from lstmterm.ui.services import Services
from lstmterm.ui.widgets.explained import Explained, explained
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.pick import Pick
from lstmterm.ui.widgets.plain import PlainInput, plain
from lstmterm.visible import shorten

SECOND_TEMPERATURE = "temperature2"
_TEMPERATURE = next(knob for knob in knobs(Sampling) if knob.name == "temperature")
_GROUPS = ("temperature", "top_k", "repetition_penalty", "ban", "length")  # the first setting of each
_WITHOUT = {  # what an empty field means
    "temperature_end": "same",
    "ban": "none",
    "only": "all",
    "line_start": "any start",
    "length": "none",
    "stop": "never",
    "seed": "random",
}
_TALL = 26  # rows from which groups are set apart


class SettingInput(PlainInput):
    """The value of a knob; up and down change it by a step."""

    BINDINGS = [
        key("up", "move(1)", "More", "value.more", "One step up"),
        key("down", "move(-1)", "Less", "value.less", "One step down"),
    ]

    def __init__(self, knob: Knob, id: str | None = None, value: Any = None, label: str = "") -> None:
        start = knob.default if value is None else value
        super().__init__(
            typed(start), placeholder=_WITHOUT.get(knob.name, ""), id=id or knob.name, select_on_focus=False
        )
        self.knob = knob
        self.label = label or knob.label
        explained(self, explanation(knob.sentence))

    def read(self) -> Any:
        """The value. Raises `InputError`."""
        if self.knob.type is str and not (self.knob.choices or self.knob.several):
            return self.value
        if self.knob.optional and not self.value.strip():
            return None
        if self.knob.choices and self.value not in self.knob.choices:
            *others, last = self.knob.choices
            raise InputError(f"{self.label} must be {', '.join(others)} or {last}.")
        try:
            return parse(self.knob, self.value)
        except InputError as error:
            raise InputError(str(error).replace(f"--{self.knob.option}", self.label, 1)) from None

    @property
    def is_default(self) -> bool:
        """Whether the value is what it is at the start."""
        return self.value == typed(self.knob.default)

    @property
    def error(self) -> str:
        """What is wrong with the value; empty if nothing is."""
        try:
            self.read()
        except InputError as error:
            return shorten(str(error), 200)
        return ""

    def action_move(self, by: int) -> None:
        if self.knob.choices:
            self.choose(_moved(self.knob.choices, self.value, by))
        if self.knob.type is str:
            return
        try:
            value = number(self.knob.type, self.value or "0")
        except ValueError:
            return
        steps = value / self.knob.step
        nearest = (math.floor(steps + 1e-6) if by > 0 else math.ceil(steps - 1e-6)) + by
        moved = min(max(nearest * self.knob.step, self.knob.low), self.knob.high)
        self.choose(typed(self.knob.type(round(moved, 4))))


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
            raise InputError("Speed must be a number, or a word such as quick.") from None
        return super().read()

    def action_move(self, by: int) -> None:
        self.choose(_moved(list(self.WORDS), self.value if self.value in self.WORDS else "quick", by))


_SPEED = Knob(
    name="speed", option="speed", type=float, choices=(), optional=False, low=0.01, high=1_000_000,
    default="quick", sentence="slow, reading, quick, fast, full, or characters a second.",
    label="Speed", step=1,
)  # fmt: skip


def _moved(words: Sequence[str], word: str, by: int) -> str:
    """The word that is `by` after this one, as far as there is one; the first for any other."""
    index = words.index(word) + by if word in words else 0
    return words[min(max(index, 0), len(words) - 1)]


class SamplingForm(VerticalScroll, can_focus=False, inherit_bindings=False):
    """A field for every setting, and a second model and temperature to compare with."""

    BORDER_TITLE = "Sampling"

    @dataclass
    class Changed(Message):
        """The settings of each page that is shown; all of them are valid."""

        settings: list[PageSettings]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._comparing = False
        self._checked: list[str] = []
        self._services: Services | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="group"):
            yield explained(Pick(id="model1", classes="pick"), "The model that writes.")
            yield Static(id="card1", classes="card")
            with Horizontal(classes="field"):
                yield Label("Preset", classes="caption")
                yield explained(Pick(id="preset", classes="pick"), "Settings that were saved under a name.")
        for group in _groups((*map(SettingInput, (*knobs(Sampling), *knobs(Generation))), SpeedInput())):
            with Vertical(classes="group"):
                for row in group:
                    yield _row(row)
        yield explained(Pick(id="model2", classes="pick compare"), "The model of the second page.")
        yield Static(id="card2", classes="card compare")
        second = SettingInput(_TEMPERATURE, SECOND_TEMPERATURE, 1.2, "Temp. 2")
        yield _row([second], "compare")
        yield Static(id="sampling-wrong")
        yield Explained()

    def on_mount(self) -> None:
        self.show_compare(False)

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.height >= _TALL, "-tall")

    def set_model(self, page: int, name: str, description: str) -> None:
        """Show the model of a page, and a line about it."""
        self.query_one(f"#model{page + 1}", Pick).chosen = f"vs. {name}" if page and name else name
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
        for error in filter(None, (field.error for field in shown)):
            return error
        try:
            self.settings()
        except InputError as error:  # each setting is right, but not beside another
            return shorten(on_screen(error), 200)
        return ""

    @property
    def options(self) -> str:
        """The options of `generate` that a preset of the present settings is. Raises `InputError`."""
        now = self.settings()
        return presets.options(now.sampling, now.generation)

    @property
    def preset(self) -> str:
        """The name of the preset that the settings are; empty if they are none. Raises `InputError`."""
        known = {presets.DEFAULT: "", **presets.every(self._own)}
        return next((name for name, options in known.items() if options == self.options), "")

    def keep_presets_in(self, services: Services) -> None:
        """Choose from the presets in the settings of the application, and save there."""
        self._services = services
        self._check()

    @property
    def _own(self) -> Mapping[str, str]:
        """The user's presets."""
        return {} if self._services is None else self._services.settings.presets

    @on(Button.Pressed, "#preset")
    def _preset_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_presets()

    @work
    async def action_presets(self) -> None:
        """Ask for a preset, and use, save or delete it."""
        if (services := self._services) is None:
            return
        wrong = bool(self.error)
        picker = PresetPicker(self._own, None if wrong else self.options, "" if wrong else self.preset)
        chosen = await self.app.push_screen_wait(picker)
        action, _, name = (chosen or "").partition(":")
        if action == "use":
            with services.reporting():
                for setting, value in presets.named(name, self._own).items():
                    self.field(setting).value = typed(value)
        elif action:
            own = {each: options for each, options in self._own.items() if each != name}
            if action == "save":
                own[name] = self.options
            services.change_settings(replace(services.settings, presets=own))
            services.notify(
                f"{'Saved the settings as' if action == 'save' else 'Deleted the preset'} {name}."
            )
            self._check()

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
        if self._typed_values() != self._checked:  # each field also reports its first value
            self._check()

    def _typed_values(self) -> list[str]:
        return [field.value for field in self.query(SettingInput)]

    def _check(self) -> None:
        """Mark the wrong fields and say what is wrong; if nothing is, the settings hold."""
        self._checked = self._typed_values()
        for field in self.query(SettingInput):
            field.set_class(bool(field.error), "-wrong")
            field.set_class(field.is_default, "-default")
        error = self.error
        self.query_one("#sampling-wrong", Static).update(plain(error))
        self.set_class(bool(error), "-wrong")
        if not error:
            self.query_one("#preset", Pick).chosen = self.preset or "own"
            self.post_message(self.Changed([self.settings(page) for page in range(1 + self._comparing)]))


def _groups(fields: Sequence[SettingInput]) -> list[list[list[SettingInput]]]:
    """The fields in their order: groups of rows."""
    groups: list[list[list[SettingInput]]] = []
    for field in fields:
        if field.knob.name in _GROUPS:
            groups.append([])
        if field.knob.beside is None:
            groups[-1].append([])
        groups[-1][-1].append(field)
    return groups


def _row(fields: Sequence[SettingInput], classes: str = "") -> Horizontal:
    """A row of fields, after the label of the first."""
    first, *others = fields
    parts: list[Widget] = [Label(first.knob.label, classes="caption"), first]
    for other in others:
        parts += [Label(f"{other.knob.beside} ", classes="between"), other]
        first.add_class("-first")
        other.add_class("-second")
    return Horizontal(*parts, classes=f"field {classes}".strip())
