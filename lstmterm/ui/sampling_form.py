"""How to write: the fields beside the conversation, checked as they are typed, live while it writes."""

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
from lstmterm.ui.author import Manner
from lstmterm.ui.plain import PlainInput, plain
from lstmterm.visible import shorten

SPEEDS = {"slow": 12.0, "reading": 30.0, "quick": 120.0, "fast": 600.0, "full": None}


@dataclass(frozen=True)
class Field:
    """A field of the form: what it is called, its first value, and how the arrows move it."""

    id: str
    caption: str
    value: str
    step: float
    low: float
    high: float
    sentence: str


FIELDS = (
    Field(
        "temperature",
        "Temperature",
        "0.8",
        0.05,
        0,
        10,
        "Low is careful, high is bold; 0 takes the likeliest.",
    ),
    Field("top_k", "Top-k", "0", 1, 0, 100_000, "Choose among the k likeliest; 0 is all."),
    Field("top_p", "Top-p", "1", 0.05, 0.05, 1, "Choose among the likeliest that together reach p."),
    Field("min_p", "Min-p", "0", 0.01, 0, 1, "Leave out what is less likely than p times the likeliest."),
    Field("length", "Length", "500", 100, 1, 10_000_000, "Characters to write; empty for no end."),
    Field("stop", "Stop at", "", 0, 0, 0, "Text that ends the writing; \\n is a new line."),
    Field("seed", "Seed", "", 1, 0, 2**63 - 1, "A number pins the chance; empty is new each time."),
    Field("speed", "Speed", "quick", 0, 0, 0, "slow, reading, quick, fast, full, or characters a second."),
)
BESIDE = Field("temperature2", "Temperature", "1.2", 0.05, 0, 10, "The second page's temperature.")


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
                value = float(self.value or 0) + by * self.field.step
            except ValueError:
                return
            self.value = f"{min(max(round(value, 4), self.field.low), self.field.high):.10g}"


class ModelPick(Button):
    """A button with a model's name; its panel opens the choice."""


class SamplingForm(VerticalScroll):
    """The fields; says when they are another manner."""

    class Changed(Message):
        """The manner is another one, and can be."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sampling = Sampling()
        self.beside: Sampling | None = None
        self.wrong = ""

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

    def set_model(self, page: int, name: str, told: str) -> None:
        """Show the model of a page and what is to be known of it."""
        self.query_one(f"#model{page + 1}", ModelPick).label = Content.assemble(
            shorten(name, 40) or "choose…", " ▾"
        )
        self.query_one(f"#card{page + 1}", Static).update(plain(told))

    def value(self, field: str) -> str:
        """What stands in a field."""
        return self.query_one(f"#{field}", ValueInput).value.strip()

    def set_value(self, field: str, value: str) -> None:
        """Write into a field."""
        self.query_one(f"#{field}", ValueInput).value = value

    @property
    def seed(self) -> int | None:
        """The pinned seed."""
        return int(self.value("seed")) if self.value("seed") else None

    def manner(self, page: int = 0) -> Manner:
        """How to write on a page. Raises `InputError` with what is wrong."""
        temperature = self._number("temperature" if page == 0 else "temperature2", float)
        sampling = Sampling(
            temperature,
            self._number("top_k", int),
            self._number("top_p", float),
            self._number("min_p", float),
        )
        length = self._number("length", int) if self.value("length") else None
        if length is not None and length < 1:
            raise InputError("The length is at least 1; empty is no end.")
        if self.value("seed"):
            seed = self._number("seed", int)
            if not 0 <= seed < 2**63:
                raise InputError("The seed is a whole number from 0 to 2^63 - 1.")
        return Manner(sampling, length, self.value("stop").replace("\\n", "\n"), self._speed())

    def _number(self, field: str, kind: type) -> Any:
        text = self.value(field)
        caption = next(f.caption for f in (*FIELDS, BESIDE) if f.id == field)
        try:
            return kind(text)
        except ValueError:
            noun = "a whole number" if kind is int else "a number"
            raise InputError(f"{caption} is {noun}, not {text!r}.") from None

    def _speed(self) -> float | None:
        text = self.value("speed")
        if text in SPEEDS:
            return SPEEDS[text]
        speed = self._number("speed", float)
        if not speed > 0:
            raise InputError("The speed is above 0 characters a second.")
        return speed

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self.manner(0)
            self.manner(1)
            self.wrong = ""
        except InputError as error:
            self.wrong = str(error)
        self.query_one("#sampling-wrong", Static).update(plain(self.wrong))
        event.input.set_class(bool(self.wrong), "-wrong")
        if not self.wrong:
            for field in self.query(ValueInput):
                field.remove_class("-wrong")
            self.post_message(self.Changed())
