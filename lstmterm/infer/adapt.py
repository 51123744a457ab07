"""Dynamic evaluation: a model that learns from a text while it reads it (Krause et al. 2018).

The text is read a window at a time. Every character of a window is predicted first, with weights
and a state that come from the characters before it alone; only then are the weights moved by the
gradient of the window's loss, and the next window begins. So the losses are as honest as a plain
score's, and lower wherever a text resembles its own past more than the training text.

    sgd   w <- w - rate g            + decay (w0 - w)
    rms   w <- w - rate g / (r + e)  + min(1, decay r / mean r) (w0 - w)

g is the gradient of the window's summed loss, w0 the trained weights, and r the root of the mean of
g^2 over windows of the training text: a weight that training text moves often is moved in smaller
units and comes back sooner. The state is carried from window to window as it was when it was
reached. Nothing is random: no dropout, and the same text gives the same figures.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstmterm.errors import RunError
from lstmterm.infer.backprop import State, Weights, WindowReader
from lstmterm.infer.score import Progress
from lstmterm.spec.character import AdaptPart

Rule = Literal["sgd", "rms"]

EPSILON = 0.05  # e, in means of r: a weight that training text hardly moved is not moved wildly now
STRETCHES = 32  # of the training text, evenly spread, that r is gathered on
WINDOWS = 1024  # in all of them
_BLOCK = 16_384  # weights that are moved at a time, so that they stay in the processor's cache


@dataclass(frozen=True)
class Adaptation:
    """The rule of learning and its numbers."""

    rule: Rule
    rate: float
    window: int  # characters
    decay: float


DEFAULTS: dict[Rule, Adaptation] = {
    "sgd": Adaptation("sgd", rate=0.005, window=20, decay=0.0),
    "rms": Adaptation("rms", rate=0.0004, window=20, decay=0.001),
}


def adaptation(part: AdaptPart, rule: Rule) -> Adaptation:
    """What a person asked for, the rest as the rule does best."""
    best = DEFAULTS[part.rule or rule]
    given = {name: value for name, value in dataclasses.asdict(part).items() if value is not None}
    return dataclasses.replace(best, **given)


class AdaptingModel:
    """A copy of a character model that learns from what it reads."""

    def __init__(
        self, tensors: Mapping[str, np.ndarray], how: Adaptation, root_mean_square: np.ndarray | None = None
    ) -> None:
        """`tensors` by the model file's names; `root_mean_square` r as `root_mean_square` gives it, for `rms`."""
        self.how = how
        self._initial = {name: tensor for name, tensor in tensors.items() if name.startswith("initial.")}
        self._weights = learning(tensors)
        self._trained = self._weights.flat.copy()
        self._reader = WindowReader(self._weights)
        step, pull = np.float32(how.rate), np.float32(how.decay)
        if how.rule == "rms" and how.rate:
            if root_mean_square is None:
                raise ValueError("the rule rms needs the gradients' root mean square")
            mean = root_mean_square.mean()
            step = step / (root_mean_square + EPSILON * mean)
            pull = np.minimum(pull * root_mean_square / mean, 1)
        self._step, self._pull = (np.broadcast_to(x, self._trained.shape) for x in (step, pull))

    def surprises(self, ids: np.ndarray) -> Iterator[np.ndarray]:
        """-ln p of characters 1 to N - 1 of `ids`, (N,), in arrays of a window; nan where unknown.

        Each array is final before the model learns of it. Raises `RunError` when learning diverges.
        """
        state = first_state(self._initial, self._reader)
        for a in range(0, len(ids) - 1, self.how.window):
            window = np.asarray(ids[a : a + self.how.window + 1])
            losses, state = self._reader.read(window, state)
            if not np.isfinite(losses[window[1:] < self._reader.symbols]).all():
                raise self._diverged(f"at character {a:,}")
            yield losses
            if self.how.rate:
                self._learn(f"at character {a:,}")

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights as they are now, float32, by the model file's names. Raises as `surprises`."""
        if not np.isfinite(self._weights.flat).all():
            raise self._diverged("at the end")
        return {**self._weights.tensors(), **self._initial}

    @np.errstate(over="ignore", invalid="ignore")
    def _learn(self, where: str) -> None:
        gradient = self._reader.look_back().flat
        if not np.isfinite(gradient @ gradient):
            raise self._diverged(where)
        weights = self._weights.flat
        for a in range(0, len(weights), _BLOCK):
            part = slice(a, a + _BLOCK)
            move = gradient[part]
            move *= self._step[part]
            if self.how.decay:
                away = weights[part] - self._trained[part]
                away *= self._pull[part]
                move += away
            weights[part] -= move

    def _diverged(self, where: str) -> RunError:
        return RunError(
            f"Adapting at the rate {self.how.rate:g} diverged {where}; take a smaller --adapt-rate."
        )


def learning(tensors: Mapping[str, np.ndarray]) -> Weights:
    """A copy of those of a model's tensors that learn: all but a learned initial state."""
    return Weights({name: tensor for name, tensor in tensors.items() if not name.startswith("initial.")})


def first_state(tensors: Mapping[str, np.ndarray], reader: WindowReader) -> State:
    """The state before the first character: zero, or the learned one of `tensors`."""
    zero = np.zeros((reader.layers, reader.hidden), np.float32)
    h, c = (np.asarray(tensors.get(f"initial.{part}", zero), np.float32) for part in "hc")
    return list(zip(h, c, strict=True))


def root_mean_square(
    tensors: Mapping[str, np.ndarray], ids: np.ndarray, window: int, progress: Progress | None = None
) -> np.ndarray:
    """r: the root of the mean square of the gradients of windows of the training text `ids`.

    One number for each weight, in the order of `learning(tensors)`. `progress` is called with
    windows done and in all.
    """
    reader = WindowReader(learning(tensors))
    total = np.zeros(len(reader.gradient.flat), np.float32)
    starts, each = _stretches(len(ids) - 1, window)
    counted = 0
    for start in starts:
        state = first_state(tensors, reader)
        for k in range(each):
            a = start + k * window
            _, state = reader.read(np.asarray(ids[a : a + window + 1]), state)
            if k == 0 and each > 1:
                continue  # only read: it begins with no context
            square = reader.look_back().flat
            square *= square
            total += square
            counted += 1
        if progress is not None:
            progress(counted, len(starts) * max(each - 1, 1))
    return np.sqrt(total / counted)


def _stretches(predictions: int, window: int) -> tuple[list[int], int]:
    """Where the stretches of training text begin, and how many windows each has."""
    whole = max(predictions // window, 1)
    stretches = min(STRETCHES, whole)
    each = min(1 + WINDOWS // stretches, whole // stretches)
    last = max(predictions - each * window, 0)
    return [round(last * s / max(stretches - 1, 1)) for s in range(stretches)], each
