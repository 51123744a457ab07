"""What a training will bring, in words: how long it takes, how good and how large the model becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lstmterm.amounts import count, duration, plural, size
from lstmterm.planning import text_size
from lstmterm.planning.char_plan import (
    Shape,
    epochs,
    for_steps,
    limits,
    seconds_of,
    shape_for,
)
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.steps import expected_pace, steps_for, steps_share
from lstmterm.planning.teaching import models_in_time
from lstmterm.planning.text_size import Expectation, TextFacts
from lstmterm.planning.training_time import chars_per_second, units
from lstmterm.runs.earlier import Earlier
from lstmterm.spec.character import CharBatchPart, CharModelPart

_BYTES = 4  # of a parameter in a model's file
_FILLED = 0.85  # share of the time asked for, from which on it is what the training takes
_LONGER = 1.1  # of the time asked for: the fewest steps that teach a model anything take longer


@dataclass(frozen=True)
class Outlook:
    """What the training of a character model will bring."""

    length: Length  # that was asked for
    seconds: float  # that it takes, approximately
    steps: int
    epochs: float
    model: CharModelPart
    parameters: int
    expected: Expectation  # of the model
    why: str  # it is planned so
    models: int = 1  # that make so many steps, in turn
    earlier: Earlier | None = None  # a run of the same text

    @property
    def how_long(self) -> str:
        """About how long: 3 minutes: 940 steps, 5.3 epochs."""
        each = f" for each of {self.models} models" if self.models > 1 else ""
        return f"{self._time}: {plural(self.steps, 'step')}, {self.epochs:.1f} epochs{each}"

    @property
    def how_good(self) -> str:
        """What the model will be able to do, in sentences."""
        earlier = f"{self.earlier.sentence} " if self.earlier else ""
        return f"{earlier}{self.expected.sentences}"

    @property
    def how_large(self) -> str:
        """The size of the model and of its file."""
        return f"{self._size}, {count(self.parameters)} parameters, a file of about {size(self.bytes)}"

    @property
    def bytes(self) -> int:
        """The size of the model's file, approximately."""
        return _BYTES * self.parameters

    @property
    def card(self) -> tuple[str, ...]:
        """All of this in three short lines."""
        expected = self.earlier.brief if self.earlier else self.expected.brief
        return (
            f"{self._time[0].upper()}{self._time[1:]}",
            f"{self._size}, {size(self.bytes)} file",
            f"{expected[0].upper()}{expected[1:]}",
        )

    @property
    def rows(self) -> dict[str, str]:
        """All of this by titles."""
        return {"how long": self.how_long, "how good": self.how_good, "how large": self.how_large}

    @property
    def _size(self) -> str:
        return f"{self.model.layers}x{self.model.hidden} LSTM"

    @property
    def _time(self) -> str:
        asked, taken = self.length.seconds, f"about {duration(max(self.seconds, 1.0))}"
        if asked is None:
            return taken
        if self.seconds > _LONGER * asked:
            return f"{taken}, more than {self.length}"
        return f"about {self.length}" if self.seconds >= _FILLED * asked else f"{taken} of {self.length}"


def outlook(
    length: Length, text: TextFacts, machine: Machine, given: Mapping[str, Any], *, further: bool = False
) -> tuple[Outlook, Shape]:
    """What a run of this length would bring, by what is known of the machine; and its plan.

    With `further` it starts from the weights of a model.
    """
    shape = shape_for(text, seconds_of(length, text, machine), machine, given, length, further=further)
    step = units(shape.batches)
    optimizer = shape.training["optimizer"]
    rate = chars_per_second(shape.model, shape.batches, text.vocabulary_size, machine, optimizer)
    pace = expected_pace(length, step, rate)
    bounds = limits(shape, text, text.chars / step, given)
    steps = steps_for(length, bounds, pace, length.seconds or 0.0)
    shape = for_steps(shape, text, steps.count, given, is_taught=steps.is_taught)
    share = models_in_time(shape.model, shape.ensemble, shape.batches, optimizer)
    seconds = share * steps.count * pace.step
    seconds /= steps_share(seconds)
    found = described(
        length,
        text,
        shape.model,
        shape.batches,
        steps.count,
        seconds,
        shape.why,
        models=shape.ensemble.ensemble + 1,
    )
    return found, shape


def described(
    length: Length,
    text: TextFacts,
    model: CharModelPart,
    batches: CharBatchPart,
    steps: int,
    seconds: float,
    why: str,
    models: int = 1,
) -> Outlook:
    """The outlook of a plan whose steps and time are known."""
    return Outlook(
        length=length,
        seconds=seconds,
        steps=steps,
        epochs=epochs(batches, text, steps),
        model=model,
        parameters=parameters(model, text.vocabulary_size),
        expected=text_size.expectation(text.chars, steps * units(batches)),
        why=why,
        models=models,
    )


def parameters(model: CharModelPart, symbols: int) -> int:
    """The number of weights and biases of a model with a vocabulary of this size."""
    widths = [model.embedding or symbols, *[model.hidden] * (model.layers - 1)]
    gates = sum(4 * model.hidden * (width + model.hidden + 2) for width in widths)
    states = 2 * model.layers * model.hidden if model.initial_state == "learned" else 0
    return model.embedding * (symbols + 1) + gates + states + (model.hidden + 1) * symbols
