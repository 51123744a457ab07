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

from lstmterm.spec.character import CharBatchPart, CharModelPart

REFERENCE = CharModelPart(layers=1, hidden=384, embedding=64)
REFERENCE_BATCHES = CharBatchPart(batch_size=32, seq_length=48)
MEASURED = (
    80_000_000  # characters of budget that the rules were measured up to; beyond, they are extrapolated
)


@dataclass(frozen=True)
class Size:
    """A model's size, and the lanes and learning rate that suit it."""

    layers: int
    hidden: int
    batch_size: int
    seq_length: int
    learning_rate: float

    def cells(self) -> int:
        """Of all layers."""
        return self.layers * self.hidden


# For budgets up to so many characters, this size. More cells learn more from a character and take
# longer for it; more lanes are read faster and make fewer steps, which Muon makes large ones.
_SIZE_FOR_BUDGET = (
    (1_500_000, Size(1, 256, 32, 48, 1.5e-2)),
    (5_000_000, Size(1, 384, 64, 64, 2e-2)),
    (25_000_000, Size(2, 384, 128, 64, 1.5e-2)),
    (40_000_000, Size(2, 448, 128, 64, 1.5e-2)),
    (150_000_000, Size(2, 576, 128, 64, 1.5e-2)),
    (500_000_000, Size(2, 768, 128, 64, 1e-2)),
    (math.inf, Size(2, 1024, 128, 64, 1e-2)),
)
# In float32 the products that Muon makes take more of a step, and large models more of the time: a budget is so
# much of what it is in bfloat16.
_SHARE_IN_FLOAT32 = 0.5
# The same for optimizers that need more steps.
_SIZE_WITHOUT_MUON = (
    (2_000_000, Size(1, 256, 32, 48, 5e-3)),
    (8_000_000, Size(1, 384, 32, 48, 5e-3)),
    (120_000_000, Size(2, 384, 64, 64, 5e-3)),
    (500_000_000, Size(2, 768, 128, 64, 4e-3)),
    (math.inf, Size(2, 1024, 128, 64, 3e-3)),
)
# For texts up to so many characters, at most this size: a small text is soon known by heart.
_SIZE_FOR_TEXT = (
    (60_000, Size(1, 256, 16, 32, 6e-3)),
    (120_000, Size(1, 384, 32, 48, 6e-3)),
    (800_000, Size(2, 384, 64, 64, 1.2e-2)),
    (3_000_000, Size(2, 768, 128, 64, 1e-2)),
    (math.inf, Size(2, 1024, 128, 64, 1e-2)),
)
_HIGHEST_WITHOUT_MUON = 5e-3  # learning rate
# For up to so many passes over the text, this much dropout and noise, against learning it by heart.
_DROPOUT_FOR_PASSES = ((5, 0.0), (9, 0.25), (12, 0.3), (16, 0.4), (math.inf, 0.5))
_NOISE_FOR_PASSES = ((12, 0.0), (math.inf, 0.05))
# The same for a text of up to so many characters, which is learned by heart sooner.
_SHORT_TEXT = 300_000
_DROPOUT_OF_SHORT = ((4, 0.0), (8, 0.25), (12, 0.4), (math.inf, 0.5))
_NOISE_OF_SHORT = ((8, 0.0), (12, 0.05), (math.inf, 0.15))
_MOST_PASSES = 20  # over the text: more would only learn it by heart
# For up to so many passes, Muon's learning rate falls to this share of itself. A rate that stays high keeps a model
# from learning by heart, and the moving average of the weights does most of what a deeper fall would do.
_FINAL_RATE_FOR_PASSES = ((5, 0.01), (math.inf, 0.3))
_AVERAGE_OVER = 0.07  # share of the steps that the moving average of weights looks back on
_LONGEST_AVERAGE = 1000  # steps
_WEIGHT_DECAY = 0.1
_CHARS_OF_A_LANE = 500  # at least: shorter lanes begin anew too often

# Knobs that a plan may give another value than the spec's default.
PLANNED = frozenset(
    {
        "layers", "hidden", "embedding", "dropout", "layer_dropout", "token_dropout", "batch_size", "seq_length",
        "optimizer", "learning_rate", "final_rate", "weight_decay", "average",
        "steps", "evaluate_every", "warmup", "threads", "device", "precision",  # with the length of the run
    }
)  # fmt: skip

# A model of at most this many cells is too small to be shared among threads.
_CELLS_OF_ONE_THREAD = 128
# Lanes that would take as long as a step's fixed costs: few lanes leave the processor waiting.
_LANES_OF_OVERHEAD = 40


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
    batches: CharBatchPart
    training: Mapping[str, Any]  # fields of TrainingPart
    size_reason: str  # sentences for a person
    dropout_reason: str

    @property
    def why(self) -> str:
        """Two sentences for a person."""
        return f"{self.size_reason} {self.dropout_reason}"


def shape_for(text: TextFacts, seconds: float, machine: Machine, given: Mapping[str, Any]) -> Shape:
    """The model and its training for `seconds` of work. `given` holds the knobs that a person set."""
    optimizer = given.get("optimizer", "muon")
    budget = seconds * machine.chars_per_second
    if optimizer == "muon" and machine.precision == "float32":
        budget *= _SHARE_IN_FLOAT32
    by_budget = _SIZE_FOR_BUDGET if optimizer == "muon" else _SIZE_WITHOUT_MUON
    size = min(_row(_SIZE_FOR_TEXT, text.chars), _row(by_budget, budget), key=Size.cells)
    model = _part(
        CharModelPart,
        {"layers": size.layers, "hidden": size.hidden, "embedding": min(64, 4 * math.ceil(text.symbols / 4))},
        given,
    )
    lanes = min(size.batch_size, max(1, text.chars // _CHARS_OF_A_LANE))
    batches = _part(CharBatchPart, {"batch_size": lanes, "seq_length": size.seq_length}, given)
    rate = size.learning_rate if optimizer == "muon" else min(size.learning_rate, _HIGHEST_WITHOUT_MUON)
    training = {
        "optimizer": optimizer,
        "learning_rate": rate,
        "weight_decay": _WEIGHT_DECAY,
        "average": 0.99,
        "patience": 0,
    }
    training = {name: given.get(name, value) for name, value in training.items()}
    shape = Shape(model, batches, training, _size_reason(seconds, machine, model), "")
    steps = (
        seconds
        * chars_per_second(model, batches, text.symbols, machine)
        / (batches.batch_size * batches.seq_length)
    )
    return for_steps(shape, text, steps, given)


def seconds_of(unit: str, amount: float, text: TextFacts, machine: Machine) -> float:
    """The time to plan for: so many "minutes", or what "steps" or "epochs" take the reference model."""
    if unit == "minutes":
        return 60 * amount
    cut = REFERENCE_BATCHES
    chars = cut.batch_size * cut.seq_length if unit == "steps" else text.chars
    return amount * chars / machine.chars_per_second


def for_steps(shape: Shape, text: TextFacts, steps: float, given: Mapping[str, Any]) -> Shape:
    """The shape with dropout, noise and average for so many steps; what a person set is kept."""
    model, cut = shape.model, shape.batches
    passes = steps * cut.batch_size * cut.seq_length / text.chars
    short = text.chars <= _SHORT_TEXT
    against = {
        "dropout": _row(_DROPOUT_OF_SHORT if short else _DROPOUT_FOR_PASSES, passes),
        "token_dropout": _row(_NOISE_OF_SHORT if short else _NOISE_FOR_PASSES, passes),
    }
    if "dropout" not in given:
        against["layer_dropout"] = 0.0  # silencing only the end was better, and takes less time
    model = dataclasses.replace(model, **{name: v for name, v in against.items() if name not in given})
    training = dict(shape.training)
    if "average" not in given:
        training["average"] = round(1 - 1 / min(max(_AVERAGE_OVER * steps, 1), _LONGEST_AVERAGE), 4)
    if "final_rate" not in given and training["optimizer"] == "muon":
        training["final_rate"] = _row(_FINAL_RATE_FOR_PASSES, passes)
    reason = _dropout_reason(text, passes, model, "dropout" in given)
    return dataclasses.replace(shape, model=model, training=training, dropout_reason=reason)


def most_steps(shape: Shape, text: TextFacts) -> int:
    """Steps behind which more of them would only learn the text by heart, however much time there is."""
    return math.ceil(_MOST_PASSES * text.chars / (shape.batches.batch_size * shape.batches.seq_length))


def chars_per_second(model: CharModelPart, cut: CharBatchPart, symbols: int, machine: Machine) -> float:
    """About how many characters a second `machine` trains a model on."""

    def seconds_a_char(model: CharModelPart, lanes: int) -> float:
        return cost(model, symbols) * (1 + _LANES_OF_OVERHEAD / lanes)

    reference = seconds_a_char(REFERENCE, REFERENCE_BATCHES.batch_size)
    return machine.chars_per_second * reference / seconds_a_char(model, cut.batch_size)


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
    beyond = seconds * machine.chars_per_second > MEASURED
    return (
        f"At about {machine.chars_per_second:,.0f} characters a second for the reference model, {duration(seconds)} "
        f"are best spent on {model.layers} layer{'s' * (model.layers > 1)} of {model.hidden} cells here"
        f"{' (extrapolated from shorter runs)' if beyond else ''}."
    )


def _dropout_reason(text: TextFacts, passes: float, model: CharModelPart, by_hand: bool) -> str:
    if passes < 0.95:
        amount = f"about {100 * passes:.2g}% of the {text.chars:,} characters"
    else:
        times = f"{passes:.1f}" if passes < 10 else f"{passes:.0f}"
        amount = f"the {text.chars:,} characters about {times} times"
    if by_hand:
        habit = f"with dropout {model.dropout:g} as was asked"
    elif model.dropout:
        noise = f" and {model.token_dropout:.0%} of the characters hidden" if model.token_dropout else ""
        habit = f"with dropout {model.dropout:g}{noise} against learning it by heart"
    else:
        habit = "too little to learn it by heart, so nothing is dropped out"
    end = ", and stop there: more would only learn it by heart" if passes >= _MOST_PASSES else ""
    return f"It will read {amount}, {habit}{end}."


def duration(seconds: float) -> str:
    """A time as a person says it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.3g} minutes"
    return f"{seconds / 3600:.3g} hours"
