"""How to write: the fields beside the conversation, checked as they are typed, live while it writes."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Label, Static

from lstmterm.errors import InputError
from lstmterm.infer.sample import Sampling
from lstmterm.ui.generate.author import Manner
from lstmterm.ui.widgets.plain import PlainInput, plain
from lstmterm.visible import shorten

SPEEDS = {"slow": 12.0, "reading": 30.0, "quick": 120.0, "fast": 600.0, "full": None}


@dataclass(frozen=True)
class Field:
    """A field of the form: what it is called, its first value, what it may be, how the arrows move it."""

    id: str
    caption: str
    value: str
    kind: type[int] | type[float] | type[str]
    step: float
    low: float
    high: float
    sentence: str
    words: Mapping[str, float | None] = dataclasses.field(default_factory=dict)  # other than numbers
    called: str = ""  # in a sentence, if not by its caption

    def read(self, text: str) -> Any:
        """The number or text that is meant. Raises `InputError` with what is wrong."""
        if self.kind is str:
            return text.replace("\\n", "\n")
        text = text.strip()
        if text in self.words:
            return self.words[text]
        called, given = self.called or self.caption, shorten(text, 24)
        try:
            number: Any = self.kind(text)
        except ValueError:
            noun = "a whole number" if self.kind is int else "a number"
            noun = ", ".join([*filter(None, self.words), "or " * any(self.words) + noun])
            raise InputError(f"{called} is {noun}, not {given!r}.") from None
        if not self.low <= number <= self.high:
            raise InputError(f"{called} is from {self.low:,} to {self.high:,}, not {given}.")
        return number


FIELDS = (
    Field(
        "temperature", "Temperature", "0.8", float, 0.05, 0, 10,
        "Low is careful, high is bold; 0 takes the likeliest.",
    ),
    Field("top_k", "Top-k", "0", int, 1, 0, 100_000, "Choose among the k likeliest; 0 is all."),
    Field(
        "top_p", "Top-p", "1", float, 0.05, 0.01, 1,
        "Choose among the likeliest that together reach p.",
    ),
    Field(
        "min_p", "Min-p", "0", float, 0.01, 0, 1,
        "Leave out what is less likely than p times the likeliest.",
    ),
    Field(
        "length", "Length", "500", int, 100, 1, 10_000_000,
        "Characters to write; empty for no end.", {"": None},
    ),
    Field("stop", "Stop at", "", str, 0, 0, 0, "Text that ends the writing; \\n is a new line."),
    Field(
        "seed", "Seed", "", int, 1, 0, 2**63 - 1,
        "A number pins the chance; empty is new each time.", {"": None},
    ),
    Field(
        "speed", "Speed", "quick", float, 0, 0.01, 1_000_000,
        "slow, reading, quick, fast, full, or characters a second.", SPEEDS,
    ),
)  # fmt: skip
BESIDE = Field(
    "temperature2", "Temperature", "1.2", float, 0.05, 0, 10,
    "The second page's temperature.", called="The second temperature",
)  # fmt: skip


class ValueInput(PlainInput):
    """A value; up and down move it."""

    BINDINGS = [
        Binding("up", "move(1)", "More", key_display="↑", id="value.more", tooltip="A step up"),
        Binding("down", "move(-1)", "Less", key_display="↓", id="value.less", tooltip="A step down"),
    ]

    def __init__(self, field: Field) -> None:
        super().__init__(field.value, id=field.id, select_on_focus=False)
        self.field = field
        self.tooltip = Content(field.sentence)

    def action_move(self, by: int) -> None:
        if self.field.id == "speed":
            names = list(SPEEDS)
            index = names.index(self.value) if self.value in names else 2
            self.value = names[min(max(index + by, 0), len(names) - 1)]
        elif self.field.step:
            try:
                value: Any = self.field.kind(self.value or 0)
            except ValueError:
                return
            moved = min(max(value + by * self.field.step, self.field.low), self.field.high)
            self.value = str(moved) if self.field.kind is int else f"{round(moved, 4):g}"

    @property
    def wrong(self) -> str:
        """What is wrong with the value; empty if it is right."""
        try:
            self.field.read(self.value)
        except InputError as error:
            return str(error)
        return ""


class ModelPick(Button):
    """A button with a model's name; its panel opens the choice."""


class SamplingForm(VerticalScroll):
    """The fields; says when they are another manner."""

    class Changed(Message):
        """Nothing is wrong: how to write on each page that is shown."""

        def __init__(self, manners: list[Manner]) -> None:
            self.manners = manners
            super().__init__()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._beside = False

    def compose(self) -> ComposeResult:
        yield Label("Model", classes="caption")
        yield ModelPick("choose…", id="model1", compact=True, classes="pick")
        yield Static(id="card1", classes="card")
        for field in FIELDS:
            with Horizontal(classes="field"):
                yield Label(field.caption, classes="caption")
                yield ValueInput(field)
        yield Static(id="sampling-wrong")
        yield Label("Beside it", classes="caption beside")
        yield ModelPick("choose…", id="model2", compact=True, classes="pick beside")
        yield Static(id="card2", classes="card beside")
        with Horizontal(classes="field beside"):
            yield Label(BESIDE.caption, classes="caption")
            yield ValueInput(BESIDE)

    def on_mount(self) -> None:
        self.border_title = "How"
        self.show_beside(False)

    def set_model(self, page: int, name: str, told: str) -> None:
        """Show the model of a page and what is to be known of it."""
        self.query_one(f"#model{page + 1}", ModelPick).label = Content.assemble(
            shorten(name, 40) or "choose…", " ▾"
        )
        self.query_one(f"#card{page + 1}", Static).update(plain(told))

    def value(self, field: str) -> str:
        """What stands in a field."""
        return self.query_one(f"#{field}", ValueInput).value

    def set_value(self, field: str, value: str) -> None:
        """Write into a field."""
        self.query_one(f"#{field}", ValueInput).value = value

    def show_beside(self, shown: bool) -> None:
        """Show the fields of the second page, or not."""
        self._beside = shown
        for widget in self.query(".beside"):
            widget.display = shown
        self._check()

    @property
    def wrong(self) -> str:
        """What is wrong with the first field that is wrong, of those that are shown; or empty."""
        shown = (entry for entry in self.query(ValueInput) if self._beside or entry.field is not BESIDE)
        return next(filter(None, (entry.wrong for entry in shown)), "")

    @property
    def seed(self) -> int | None:
        """The pinned seed. Raises `InputError` where it is none."""
        return self._read("seed")

    def manner(self, page: int = 0) -> Manner:
        """How to write on a page. Raises `InputError` with what is wrong."""
        sampling = Sampling(
            self._read("temperature" if page == 0 else BESIDE.id),
            self._read("top_k"),
            self._read("top_p"),
            self._read("min_p"),
        )
        return Manner(sampling, self._read("length"), self._read("stop"), self._read("speed"))

    def _read(self, field: str) -> Any:
        entry = self.query_one(f"#{field}", ValueInput)
        return entry.field.read(entry.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._check()

    def _check(self) -> None:
        """Mark each field that is wrong, and say what is; if nothing is, this is how to write."""
        for entry in self.query(ValueInput):
            entry.set_class(bool(entry.wrong), "-wrong")
        wrong = self.wrong
        self.query_one("#sampling-wrong", Static).update(plain(wrong))
        if not wrong:
            self.post_message(self.Changed([self.manner(page) for page in range(1 + self._beside)]))
