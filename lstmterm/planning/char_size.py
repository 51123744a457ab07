"""The size of a character model: the largest that learns more from a text, in a time on a machine, than a smaller one."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lstmterm.planning import text_size
from lstmterm.planning.machine import Machine
from lstmterm.planning.teaching import models_in_time
from lstmterm.planning.text_size import Size, TextFacts
from lstmterm.planning.training_time import chars_per_second
from lstmterm.spec.character import CharBatchPart, CharModelPart, EnsemblePart

MEASURED = 25_000_000  # characters read: the most that was measured; beyond, rules are extrapolated

Sizes = Sequence[tuple[int, Size]]

# Sizes with the characters that each must read in the time: with fewer, a smaller one learns more in it. More hidden
# units learn more from a character and take longer for it; larger batches are faster and make fewer steps, which
# Muon makes up for.
_SIZES: Sizes = (
    (0, Size(1, 128, 16, 32, 1.5e-2)),
    (550_000, Size(1, 256, 32, 48, 1.5e-2)),
    (1_900_000, Size(1, 384, 64, 64, 2e-2)),
    (4_200_000, Size(1, 512, 64, 64, 2e-2)),
    (6_300_000, Size(2, 384, 128, 64, 2e-2)),
    (16_000_000, Size(2, 448, 128, 64, 2e-2)),
    (17_000_000, Size(2, 576, 128, 64, 2e-2)),
    (20_000_000, Size(2, 640, 128, 64, 2e-2)),
    (24_000_000, Size(2, 768, 128, 64, 2e-2)),
    (46_000_000, Size(2, 1024, 128, 64, 1e-2)),
)
# The same for optimizers that need more steps.
_SIZES_WITHOUT_MUON: Sizes = (
    (0, Size(1, 256, 32, 48, 5e-3)),
    (1_800_000, Size(1, 384, 32, 48, 5e-3)),
    (4_000_000, Size(2, 384, 64, 64, 5e-3)),
    (21_000_000, Size(2, 768, 128, 64, 4e-3)),
    (54_000_000, Size(2, 1024, 128, 64, 3e-3)),
)


@dataclass(frozen=True)
class Available:
    """What there is to train with."""

    text: TextFacts
    seconds: float  # for steps of all models
    machine: Machine
    given: Mapping[str, Any]  # the knobs set by the user
    sharing: EnsemblePart  # the models asked for that share the time

    @property
    def optimizer(self) -> str:
        """The optimizer: Muon unless another one was asked for."""
        return self.given.get("optimizer", "muon")

    @property
    def size_is_given(self) -> bool:
        """Whether the user set the number of layers or of hidden units."""
        return bool({"layers", "hidden"} & self.given.keys())

    def read(self, size: Size) -> float:
        """The characters that a model of this size reads in its share of the time."""
        return self.read_by(self.model_of(size), batches_of(size))

    def read_by(self, model: CharModelPart, cut: CharBatchPart) -> float:
        """The same for any model and its batches."""
        return (
            self.speed(model, cut) * self.seconds / models_in_time(model, self.sharing, cut, self.optimizer)
        )

    def speed(self, model: CharModelPart, cut: CharBatchPart) -> float:
        """The characters a second on which it is trained alone."""
        return chars_per_second(model, cut, self.text.vocabulary_size, self.machine, self.optimizer)

    def model_of(self, size: Size) -> CharModelPart:
        """A model of this size, without its dropout."""
        embedding = min(64, 4 * math.ceil(self.text.vocabulary_size / 4))
        return CharModelPart(layers=size.layers, hidden=size.hidden, embedding=embedding)


def batches_of(size: Size) -> CharBatchPart:
    """The batches that suit a size."""
    return CharBatchPart(batch_size=size.batch_size, seq_length=size.seq_length)


def largest(available: Available) -> Size:
    """Choose the size of a model that learns from the text alone."""
    sizes = _SIZES if available.optimizer == "muon" else _SIZES_WITHOUT_MUON
    of_text = text_size.largest(available.text.chars)
    of_time = [size for least, size in sizes if available.read(size) >= least][-1]
    return _smaller(of_text, of_time, sizes)


def largest_taught(available: Available) -> Size | None:
    """Choose the largest size that has time for a teacher as well. None if no size has, or if the user set the size."""
    text = available.text
    if available.size_is_given or available.optimizer != "muon":
        return None
    least = text_size.epochs_for_smaller_taught(text.chars) * text.chars
    of_text = text_size.largest(text.chars)
    smaller = [size for _, size in reversed(_SIZES) if size.layers > 1 and size.hidden < of_text.hidden]
    for size in [of_text, *smaller]:
        sharing = with_teacher(available.model_of(size), text, available.given)
        if replace(available, sharing=sharing).read(size) >= least:
            return size
    return None


def with_teacher(model: CharModelPart, text: TextFacts, given: Mapping[str, Any]) -> EnsemblePart:
    """What a model learns from besides the text if another one is trained before it."""
    hidden = text_size.teachers_hidden(text.chars, model.layers, model.hidden)
    planned = {} if hidden == model.hidden else {"teacher_hidden": hidden}
    return EnsemblePart.from_dict({**planned, **given, "ensemble": 1})


def _smaller(one: Size, other: Size, sizes: Sizes) -> Size:
    """The size that needs fewer characters; of those that are not in the table, the one with fewer hidden units.

    So a short text gets 2x192 where there is time for 1x256.
    """
    order = [str(size) for _, size in sizes]
    if str(one) in order and str(other) in order:
        return min(one, other, key=lambda size: order.index(str(size)))
    return min(one, other, key=lambda size: size.hidden)
