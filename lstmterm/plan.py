"""From a text, a time and this machine to a spec: pure rules, in plain sight.

The budget is counted in characters: how many a reference model (`REFERENCE`) would learn from in
the time, on this machine. The rules say what a budget buys: how large a model, how much dropout
for how many passes over the text, which lanes and learning rate. A knob that the person set is
kept, and the rest is planned around it.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lstmterm.spec import CharModelPart, StreamPart

REFERENCE = CharModelPart(layers=1, hidden=384, embedding=64)
REFERENCE_STREAMS = StreamPart(streams=16, window=48)

# For budgets up to so many characters, this many cells. More cells learn more from a character and
# take longer for it: each row is where the next size begins to win.
_CELLS_FOR_BUDGET = (
    (800_000, 256),
    (8_000_000, 384),
    (40_000_000, 512),
    (160_000_000, 768),
    (math.inf, 1024),
)
# For texts up to so many characters, at most this many cells: a small text is soon known by heart.
_CELLS_FOR_TEXT = ((30_000, 128), (150_000, 256), (800_000, 512), (math.inf, 1024))
# For up to so many passes over the text, this much dropout.
_DROPOUT_FOR_PASSES = ((4, 0.0), (8, 0.1), (14, 0.25), (25, 0.4), (math.inf, 0.5))
# For up to so many cells, this learning rate.
_RATE_FOR_CELLS = ((256, 6e-3), (384, 5e-3), (512, 4e-3), (768, 3e-3), (math.inf, 2e-3))

# A model of at most this many cells is too small to be shared among threads.
_CELLS_OF_ONE_THREAD = 128


@dataclass(frozen=True)
class TextFacts:
    """What the rules need to know of a text."""

    chars: int  # of the training split
    symbols: int


@dataclass(frozen=True)
class Machine:
    """What was measured of a machine: how fast it trains the reference model."""

    device: str
    threads: int
    precision: str
    chars_per_second: float


@dataclass(frozen=True)
class Shape:
    """The planned parts of a spec that do not depend on exact timing."""

    model: CharModelPart
    streams: StreamPart
    training: Mapping[str, Any]  # fields of TrainingPart
    size_reason: str  # sentences for a person
    dropout_reason: str

    @property
    def why(self) -> str:
        """Two sentences for a person."""
        return f"{self.size_reason} {self.dropout_reason}"


def shape_for(text: TextFacts, seconds: float, machine: Machine, given: Mapping[str, Any]) -> Shape:
    """The model and its training for `seconds` of work. `given` holds the knobs that a person set."""
    budget = seconds * machine.chars_per_second
    hidden = given.get("hidden") or min(_row(_CELLS_FOR_BUDGET, budget), _row(_CELLS_FOR_TEXT, text.chars))
    model = _part(
        CharModelPart,
        {"layers": 1, "hidden": hidden, "embedding": min(64, 4 * math.ceil(text.symbols / 4))},
        given,
    )
    reach = budget * cost(REFERENCE, text.symbols) / cost(model, text.symbols)
    lanes = min(16 if hidden < 512 else 32, max(1, text.chars // 500))
    streams = _part(StreamPart, {"streams": lanes, "window": 48 if hidden < 512 else 64}, given)
    training = {
        "learning_rate": _row(_RATE_FOR_CELLS, hidden),
        "average": 0.0,
        "patience": 0,
    }
    training = {name: given.get(name, value) for name, value in training.items()}
    shape = Shape(model, streams, training, _size_reason(seconds, machine, model), "")
    return for_passes(shape, text, reach / text.chars, given)


def for_passes(shape: Shape, text: TextFacts, passes: float, given: Mapping[str, Any]) -> Shape:
    """The shape with the dropout for so many passes over the text; one that a person set is kept."""
    model = shape.model
    if "dropout" not in given:
        model = dataclasses.replace(model, dropout=_row(_DROPOUT_FOR_PASSES, passes))
    reason = _dropout_reason(text, passes, model.dropout, "dropout" in given)
    return dataclasses.replace(shape, model=model, dropout_reason=reason)


def threads_for(model: CharModelPart, most: int) -> int:
    """Threads for a model where nothing is measured."""
    return 1 if model.hidden <= _CELLS_OF_ONE_THREAD else most


def cost(model: CharModelPart, symbols: int) -> float:
    """Multiplications that a character costs in training, up to a factor."""
    inputs = [model.embedding or 1, *[model.hidden] * (model.layers - 1)]
    gates = sum(4 * model.hidden * (width + model.hidden) for width in inputs)
    return gates + model.hidden * symbols


def _part(part: Any, planned: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    return part.from_dict({**planned, **given})


def _row(table: tuple[tuple[float, Any], ...], value: float) -> Any:
    return next(chosen for limit, chosen in table if value <= limit)


def _size_reason(seconds: float, machine: Machine, model: CharModelPart) -> str:
    return (
        f"At about {machine.chars_per_second:,.0f} characters a second for the reference model, {duration(seconds)} "
        f"are best spent on {model.layers} layer{'s' * (model.layers > 1)} of {model.hidden} cells here."
    )


def _dropout_reason(text: TextFacts, passes: float, dropout: float, by_hand: bool) -> str:
    times = f"{passes:.1f} times" if passes < 10 else f"{passes:.0f} times"
    if by_hand:
        habit = f"with dropout {dropout:g} as was asked"
    elif dropout:
        habit = f"with dropout {dropout:g} against learning it by heart"
    else:
        habit = "too seldom to learn it by heart, so nothing is dropped out"
    return f"It will read the {text.chars:,} characters about {times}, {habit}."


def duration(seconds: float) -> str:
    """A time as a person says it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.3g} minutes"
    return f"{seconds / 3600:.3g} hours"
