"""Dynamic evaluation: a model that learns from a text while it reads it (Krause et al. 2018).

The text is read a sequence at a time. Every character of a sequence is predicted first, with weights
and a state that come from the characters before it alone; only then do the weights move along the
gradient of the sequence's loss, and the next sequence begins. So the losses are as honest as a plain
score's, and lower wherever a text resembles its own past more than the training text.

    sgd   w <- w - rate g            + decay (w0 - w)
    rms   w <- w - rate g / (r + e)  + min(1, decay r) (w0 - w)

g is the gradient of the sequence's summed loss without long paths through h (see `backprop`), w0 the
trained weights, and r the root of the mean of g^2 over sequences of the training text, divided by its mean
over all weights: a weight that training text moves often moves in smaller units and comes back sooner.
Only the top layer and the output learn: with the layers below it takes longer, and the losses fall less.
A small decay is applied to each part of the weights every eighth sequence, for eight at once, which saves
memory traffic. The first sequences are shorter, since a model learns most at first, and a short text has no others.
Each sequence starts in the state that the one before reached. Nothing is random: there is
no dropout, and the same text gives the same figures.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lstmterm.errors import InputError, RunError
from lstmterm.infer.backprop import SequenceReader, Weights
from lstmterm.infer.lstm import Progress, State
from lstmterm.infer.model_text import Numbered, recorded_reading
from lstmterm.models import library, model_file
from lstmterm.models.model_file import LoadedModel
from lstmterm.spec.character import AdaptPart

Rule = Literal["sgd", "rms"]

EPSILON = 0.05  # e: limits the steps of weights that training text hardly moved
STRETCHES = 32  # of the training text, evenly spread, over which r is averaged
SEQUENCES = 128  # in all of them together
BEGINNING = 4_096  # characters of a text
_SMALL_DECAY = 0.002  # up to which it is applied for several sequences at once
_TOGETHER = 8  # sequences
_KEPT = ("kind", "sizes", "vocabulary", "corpus")  # of the header of a model that adapts


@dataclass(frozen=True)
class Adaptation:
    """The update rule and its numbers."""

    rule: Rule
    rate: float
    seq_length: int  # characters
    decay: float
    first_length: int | None = None  # of the sequences in the `BEGINNING` of a text, if it is another one

    def length_at(self, position: int) -> int:
        """Characters of the sequence that begins at a position of a text."""
        return self.first_length if self.first_length and position < BEGINNING else self.seq_length


DEFAULTS: dict[Rule, Adaptation] = {
    "sgd": Adaptation("sgd", rate=0.005, seq_length=20, decay=0.0),
    "rms": Adaptation("rms", rate=0.02, seq_length=32, decay=0.002, first_length=24),
}


def adaptation(part: AdaptPart, rule: Rule) -> Adaptation:
    """The user's choices, and the defaults of their rule, or of `rule`, for the rest."""
    given = {name: value for name, value in dataclasses.asdict(part).items() if value is not None}
    if "seq_length" in given:
        given["first_length"] = None
    return dataclasses.replace(DEFAULTS[part.rule or rule], **given)


class AdaptingModel:
    """A copy of a character model that learns from what it reads."""

    def __init__(
        self,
        tensors: Mapping[str, np.ndarray],
        settings: Adaptation,
        root_mean_square: np.ndarray | None = None,
    ) -> None:
        """`tensors` by the model file's names; `root_mean_square` as the function returns it, for `rms`."""
        self.settings = settings
        self._start = State.initial(tensors)
        self._tensors = tensors
        self._reader = SequenceReader(tensors)
        self._weights = self._reader.weights
        self._trained = self._weights.flat.copy()
        step, pull = np.float32(settings.rate), np.float32(settings.decay)
        if settings.rule == "rms" and settings.rate:
            if root_mean_square is None:
                raise ValueError("the rule rms needs the gradients' root mean square")
            r = root_mean_square / root_mean_square.mean()
            step = step / (r + EPSILON)
            pull = np.minimum(pull * r, 1)
        self._together = _TOGETHER if settings.decay <= _SMALL_DECAY else 1
        self._sequences = 0
        if settings.decay:
            pull = 1 - (1 - pull) ** self._together
        self._step, self._pull = (np.broadcast_to(x, self._trained.shape) for x in (step, pull))

    def surprisals(self, ids: np.ndarray) -> Iterator[np.ndarray]:
        """-ln p of characters 1 to N - 1 of `ids`, (N,), an array for each sequence; nan where unknown.

        Each array is final before the model learns from it. Raises `RunError` if learning diverges.
        """
        state, a = self._start, 0
        while a < len(ids) - 1:
            length = self.settings.length_at(a)
            sequence = np.asarray(ids[a : a + length + 1])
            losses, state = self._reader.read(sequence, state)
            if not np.isfinite(losses[sequence[1:] < self._reader.vocabulary_size]).all():
                raise self._diverged(f"at character {a:,}")
            yield losses
            if self.settings.rate:
                self._learn()
            a += length

    @property
    def log_probabilities(self) -> np.ndarray:
        """ln p of each character of the vocabulary at the places of the last array of `surprisals`, (T, V)."""
        return self._reader.log_p_TV

    def tensors(self) -> dict[str, np.ndarray]:
        """The current weights, float32, by the model file's names. Raises as `surprisals`."""
        if not np.isfinite(self._weights.flat).all():
            raise self._diverged("at the end")
        return {**self._tensors, **Weights(self._weights)}

    @np.errstate(over="ignore", invalid="ignore")
    def _learn(self) -> None:
        self._sequences += 1
        for number, (part, move) in enumerate(self._reader.backward()):
            weights = self._weights.flat[part]
            move *= self._step[part]
            if self.settings.decay and (self._sequences + number) % self._together == 0:
                away = weights - self._trained[part]
                away *= self._pull[part]
                move += away
            weights -= move

    def _diverged(self, where: str) -> RunError:
        return RunError(
            f"Adapting at the rate {self.settings.rate:g} diverged {where}; choose a smaller rate (--adapt-rate)."
        )


def root_mean_square(
    tensors: Mapping[str, np.ndarray], ids: np.ndarray, length: int, progress: Progress | None = None
) -> np.ndarray:
    """The root of the mean square of the gradients of sequences of the training text `ids`.

    It has one number for each weight, in the order of `trainable(tensors)`. `progress` is called with
    the number of sequences done and in all.
    """
    reader, first = SequenceReader(tensors), State.initial(tensors)
    total = np.zeros_like(reader.weights.flat)
    starts, each = _stretches(len(ids) - 1, length)
    counted = 0
    for start in starts:
        state = first
        for k in range(each):
            a = start + k * length
            _, state = reader.read(np.asarray(ids[a : a + length + 1]), state)
            if k == 0 and each > 1:
                continue  # only read: it begins without context
            for part, square in reader.backward():
                square *= square
                total[part] += square
            counted += 1
        if progress is not None:
            progress(counted, len(starts) * max(each - 1, 1))
    return np.sqrt(total / counted)


def _stretches(predictions: int, length: int) -> tuple[list[int], int]:
    """Where the stretches of training text begin, and how many sequences each has."""
    whole = max(predictions // length, 1)
    stretches = min(STRETCHES, whole)
    each = min(1 + SEQUENCES // stretches, whole // stretches)
    last = max(predictions - each * length, 0)
    return [round(last * s / max(stretches - 1, 1)) for s in range(stretches)], each


class AdaptingLibraryModel(AdaptingModel):
    """A model of the library that learns from a text while it is scored on it, and can be saved."""

    def __init__(
        self,
        model: LoadedModel,
        part: AdaptPart,
        training: np.ndarray | None,
        progress: Progress | None = None,
    ) -> None:
        """`training` is the text that `model` was trained on, as `training_text` finds it, for the rule rms.

        `progress` is called with the sequences of it that were read and all that will be. Raises
        `InputError` if the user chose rms and there is no training text.
        """
        self._card = model.card
        self._chosen = part.rule is not None
        if part.rule == "rms" and training is None:
            raise InputError(
                f"--adapt-rule rms needs the text that {model.card.name!r} was trained on, unchanged, and "
                "it was not found (use --adapt-rule sgd)."
            )
        settings = adaptation(part, "sgd" if training is None else "rms")
        scale = None
        if training is not None and settings.rate:
            scale = root_mean_square(model.tensors, training, settings.seq_length, progress)
        super().__init__(model.tensors, settings, scale)
        self._chars, self._nats = 0, 0.0

    def surprisals(self, ids: np.ndarray) -> Iterator[np.ndarray]:
        for losses in super().surprisals(ids):
            known = losses[~np.isnan(losses)]
            self._chars += len(known)
            self._nats += float(known.sum(dtype=np.float64))
            yield losses

    def facts(self) -> dict[str, Any]:
        """The rule and its numbers, as plain data; `window` is the sequence length."""
        s = self.settings
        return {"rule": s.rule, "rate": s.rate, "window": s.seq_length, "decay": s.decay}

    def describe(self) -> str:
        """The rule and its numbers in one sentence, and why it is that rule."""
        s, card = self.settings, self._card
        length = (
            f"{s.seq_length}" if s.first_length is None else f"{s.seq_length} ({s.first_length} at first)"
        )
        numbers = f"rate {s.rate:g}, sequence length {length}, decay {s.decay:g}"
        if s.rule == "rms":
            return f"Adapting with rms, scaled by gradients on {card.corpus.get('name')}: {numbers}."
        why = "" if self._chosen else f" because the text that {card.name} was trained on was not found"
        return f"Adapting with sgd{why}: {numbers}."

    def save(self, name: str, text: Numbered, *, overwrite: bool) -> None:
        """Save the model as it is now in the library, under `name`.

        Its header says which model it was and what it has learned since. It records neither the
        original's figures nor its held-out splits, which it may have learned from.
        """
        card = self._card
        header = {
            **{part: card.metadata[part] for part in _KEPT if part in card.metadata},
            "complete": True,
            "spec": {"text": recorded_reading(card)},
            "split": {part: span for part, span in card.split.items() if part == "train"},
            "metrics": {"loss_while_adapting": self._nats / self._chars} if self._chars else {},
            "adapted": {
                "from": card.name,
                "text": text.name,
                "sha256": text.sha256,
                "chars": len(text.ids),
                **self.facts(),
            },
            **model_file.made_now(),
        }
        library.publish(name, self.tensors(), header, overwrite=overwrite)
