"""A part of a text that is read in parallel streams, layer after layer, and exactly.

A product of weights with sixteen states takes a quarter of the time of sixteen products. So the part is cut into
B streams. Of each layer in turn they are read side by side, from the initial state; then every stream is read again
from the state in which the one before it ended, until it is in the states of the first reading: what follows
is the same. Most models forget within a few hundred characters, on some texts sooner than on others, so each
stream is left as soon as it is there. Where one never is, this is repeated, and in the end the streams are
read one after the other. So the states are those of one stream, to within `SAME`.

A layer begins when the one below has its right states everywhere. So no layer waits until another one has
forgotten, and what a layer gets from below is one large product for many characters, which is the fastest.

Shapes: T characters of the part, B streams, H hidden units of each layer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lstmterm.infer.lstm import CharLSTM, State
from lstmterm.infer.running import RunningLayer

SAME = 1e-4  # states that differ by less (of c, times 1 + |c|) are the same
STEPS = 50  # of a stretch
BEYOND = np.iinfo(np.int64).max // 2  # a position after any text's end
LEAST_IN_PARALLEL = 8_192  # characters of a part that is read in several streams
_STREAMS = (
    (65_536, 32),
    (16_384, 16),
    (LEAST_IN_PARALLEL, 8),
    (0, 1),
)  # for parts of at least so many characters
_MOST_ROUNDS = 3  # of joining side by side
_SIDE = 8  # streams whose products take no longer than those of a few less
_ROWS = 256  # of gates whose inputs are computed at once: enough for a fast product, and few enough for the caches
_AT_ONCE = 64  # streams whose joints are known; a few less would take longer
_FEW = 4  # streams that are read faster one after the other

Look = Callable[[int, RunningLayer], tuple[np.ndarray, ...]]  # what is seen of a layer: arrays (n,) or (n, B)


@dataclass(frozen=True)
class Stretch:
    """Some steps of a layer in some streams, `STEPS` of them."""

    layer: int
    positions: np.ndarray  # (steps, B): the character read; `BEYOND` where the text has ended
    seen: tuple[np.ndarray, ...]  # after each step: arrays (steps, B, n)

    def write(self, values: np.ndarray, target: np.ndarray) -> None:
        """Write values (steps, B, n) or (steps, B) to their positions in `target`, (T', n) or (T',), T' <= T."""
        inside = np.count_nonzero(self.positions < len(target), axis=0)
        for stream, (first, steps) in enumerate(
            zip(self.positions[0].tolist(), inside.tolist(), strict=True)
        ):
            target[first : first + steps] = values[:steps, stream]

    def moved(self, by: int) -> "Stretch":
        """The same where position 0 is that of a part of a text."""
        return Stretch(self.layer, self.positions + by, self.seen)


class TextPart:
    """Reads a part of a text, and keeps some of the states that it goes through."""

    def __init__(
        self, model: CharLSTM, ids: np.ndarray, state: State, like: "TextPart | None" = None
    ) -> None:
        """`ids` are (T,), at least one; `state` (batch 1) is that before the first.

        `like` is the same part, read before by a model that holds other units. Of the layers that are the same in
        both nothing is to be joined; the streams of the others begin in its states, which are near.
        """
        self.ids = ids
        self._model = model
        cut = _Cut.of(len(ids))
        self._size = cut.size
        self._layers = [] if like is None else like._layers[: model.layers_as_in(like._model)]
        initial = model.initial()
        for k in range(len(self._layers), model.layers):
            if like is None:
                h, c = (np.repeat(part[k], cut.streams, axis=0) for part in (initial.h, initial.c))
            else:
                h, c = like._layers[k].kept(cut.starts)
            h[0], c[0] = state.h[k, 0], state.c[k, 0]
            self._layers.append(_Layer(model, k, cut, h, c))

    def read(self, layers: int, look: Look, *, watched: bool = False) -> Iterator[Iterator[Stretch]]:
        """Read the first layers, one after the other; each must be read to its end before the next.

        Yields what `look` sees after each step. A later stretch of a layer corrects an earlier one, unless the
        layer was read before: then every character is read once, in its right state.
        """
        below = np.append(self.ids, np.full(self._size - len(self.ids), self.ids[-1], self.ids.dtype))
        for k, layer in enumerate(self._layers[:layers]):
            hidden = np.zeros((self._size if k + 1 < layers else 0, self._model.hidden), np.float32)
            yield layer.read(below, hidden, look, watched)
            below = hidden

    def state_at(self, position: int) -> State:
        """The state in which the character at `position`, 0 to T, is read.

        Raises `ValueError` where the part was not read so far yet.
        """
        first = min(position, len(self.ids) - 1) // STEPS * STEPS
        h, c = zip(*(layer.kept(np.array([first])) for layer in self._layers), strict=True)
        return self._model.read(self.ids[first:position], State(np.stack(h), np.stack(c)))


@dataclass(frozen=True)
class _Cut:
    """How a part of T characters is cut: into streams of one length, and these into stretches of `STEPS`."""

    whole: int  # T; the last stream may end earlier
    streams: int
    stretches: int  # of each stream

    @classmethod
    def of(cls, whole: int) -> "_Cut":
        """Into as many streams as are read fastest, or fewer if these are enough."""
        number = next(n for least, n in _STREAMS if whole >= least)
        stretches = -(-whole // (number * STEPS))
        return cls(whole, -(-whole // (stretches * STEPS)), stretches)

    @property
    def by_stretch(self) -> "_Cut":
        """The same with a stream for each stretch."""
        return _Cut(self.whole, -(-self.whole // STEPS), 1)

    @property
    def length(self) -> int:
        """That of each stream."""
        return self.stretches * STEPS

    @property
    def size(self) -> int:
        """That of all streams."""
        return self.streams * self.length

    @property
    def starts(self) -> np.ndarray:
        """The positions at which the streams begin, (B,)."""
        return np.arange(self.streams) * self.length

    def positions(self, stretch: int, which: np.ndarray) -> np.ndarray:
        """Those of the characters of a stretch of some streams, (STEPS, B); `BEYOND` where the part has ended."""
        positions = self.starts[which] + np.arange(stretch * STEPS, (stretch + 1) * STEPS)[:, None]
        return np.where(positions < self.whole, positions, BEYOND)

    def arranged(self, values: np.ndarray) -> np.ndarray:
        """A view of values by position, (`size` or more, ...), as streams: (length, B, ...)."""
        return values[: self.size].reshape(self.streams, self.length, *values.shape[1:]).swapaxes(0, 1)


@dataclass(frozen=True)
class _Reads:
    """What a layer reads, and where its h go."""

    cut: _Cut
    below: np.ndarray  # (length, B, ...)
    hidden: np.ndarray  # by position, or empty
    look: Look
    watched: bool


class _Layer:
    """A layer, the states in which its stretches begin, by position, and those in which its streams end."""

    def __init__(self, model: CharLSTM, number: int, cut: _Cut, h: np.ndarray, c: np.ndarray) -> None:
        """The streams begin in the states h and c, (B, H)."""
        self._model, self._number, self._cut = model, number, cut
        self._firsts = cut.starts // STEPS  # the number of each stream's first stretch, (B,)
        self._h, self._c = (np.empty((cut.size // STEPS, model.hidden), np.float32) for _ in "hc")
        self._h[self._firsts], self._c[self._firsts] = h, c
        self._end_h, self._end_c = np.array(h), np.array(c)  # (B, H)
        self._read_so_far = 0  # stretches of each stream
        self._joined = False

    def kept(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The h and c, (n, H), in which the stretches at `positions`, (n,), begin.

        Raises `ValueError` if one was not read yet.
        """
        numbers = positions // STEPS
        if (numbers % self._cut.stretches >= self._read_so_far).any():
            raise ValueError("this part of the text was not read yet")
        return self._h[numbers], self._c[numbers]

    def read(self, below: np.ndarray, hidden: np.ndarray, look: Look, watched: bool) -> Iterator[Stretch]:
        """Read all streams: characters or the h of the layer below, by position.

        Its own h go to `hidden`, by position, unless that is empty.
        """
        cut = self._cut.by_stretch if self._joined else self._cut
        reads = _Reads(cut, cut.arranged(below), hidden, look, watched)
        everything = np.arange(cut.streams)
        if self._joined:
            for first in range(0, cut.streams, _AT_ONCE):
                which = everything[first : first + _AT_ONCE]
                yield from self._read(reads, which, self._h[which], self._c[which])
            return
        yield from self._read(reads, everything, self._h[self._firsts], self._c[self._firsts])
        for _ in range(_MOST_ROUNDS):
            h, c = self._begins()
            wrong = _worth_reading(~self._same(h, c, self._firsts))
            if not len(wrong):
                break
            yield from self._read(reads, wrong, h[wrong], c[wrong])
        for k in range(1, cut.streams):
            which = everything[k : k + 1]
            h, c = (part[which] for part in self._begins())
            if not self._same(h, c, self._firsts[which]).all():
                yield from self._read(reads, which, h, c)
        self._joined = True

    def _read(
        self, reads: "_Reads", which: np.ndarray, h: np.ndarray, c: np.ndarray, first: int = 0
    ) -> Iterator[Stretch]:
        """Read some streams from h and c, (B, H), at stretch number `first`, to their end.

        A stream that was read before is left once it is in a kept state: what follows is known.
        """
        cut = reads.cut
        again = not self._joined and self._read_so_far == cut.stretches
        running = self._running(h, c, reads.watched)
        for stretch in range(first, cut.stretches):
            h, c = _rows(running.h), _rows(running.c)
            if again and stretch > first:
                left = _worth_reading(~self._same(h, c, self._firsts[which] + stretch))
                if len(left) < len(which):
                    which, h, c = which[left], h[left], c[left]
                    if len(which) <= _FEW:
                        for j in range(len(which)):
                            one = slice(j, j + 1)
                            yield from self._read(reads, which[one], h[one], c[one], stretch)
                        return
                    running = self._running(h, c, reads.watched)
            if not self._joined:
                numbers = self._firsts[which] + stretch
                self._h[numbers], self._c[numbers] = h, c
                self._read_so_far = max(self._read_so_far, stretch + 1)
            steps = slice(stretch * STEPS, (stretch + 1) * STEPS)
            inputs = reads.below[steps, which]
            states, seen = self._steps(running, inputs, reads.look, keep=len(reads.hidden) > 0)
            found = Stretch(self._number, cut.positions(stretch, which), seen)
            found.write(states, reads.hidden)
            yield found
        if not self._joined:
            self._end_h[which], self._end_c[which] = _rows(running.h), _rows(running.c)

    def _begins(self) -> tuple[np.ndarray, np.ndarray]:
        """The h and c, (B, H), in which the streams should begin: those in which the ones before them ended."""
        return (
            np.concatenate([self._h[:1], self._end_h[:-1]]),
            np.concatenate([self._c[:1], self._end_c[:-1]]),
        )

    def _running(self, h: np.ndarray, c: np.ndarray, watched: bool) -> RunningLayer:
        """The layer in states h and c, (B, H)."""
        h, c = (part[0] if len(part) == 1 else part.T for part in (h, c))
        return self._model.running(self._number, h, c, watched=watched)

    def _steps(
        self, running: RunningLayer, below: np.ndarray, look: Look, *, keep: bool
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Read `below`, (STEPS, B, ...): h after each step if they are to be kept, and what was seen."""
        streams = below.shape[1]
        hidden = np.empty((STEPS if keep else 0, streams, self._model.hidden), np.float32)
        seen: list[np.ndarray] = []
        each = max(_ROWS // streams, 1)
        for first in range(0, STEPS, each):
            inputs = self._model.gate_inputs(self._number, below[first : first + each])
            for t, row in enumerate(inputs, first):
                running.step(row[0] if streams == 1 else row.T)
                if keep:
                    hidden[t] = running.h.T
                parts = look(self._number, running)
                seen = seen or [np.empty((STEPS, streams, len(part)), part.dtype) for part in parts]
                for target, part in zip(seen, parts, strict=True):
                    target[t] = part.T
        return hidden, tuple(seen)

    def _same(self, h: np.ndarray, c: np.ndarray, stretches: np.ndarray) -> np.ndarray:
        """Which of h and c, (B, H), are the states in which these stretches began, (B,)."""
        kept_h, kept_c = self._h[stretches], self._c[stretches]
        near = (np.abs(h - kept_h) <= SAME) & (np.abs(c - kept_c) <= SAME * (1 + np.abs(kept_c)))
        return np.all(near, axis=1)


def _rows(values: np.ndarray) -> np.ndarray:
    """A copy of h or c, (H,) or (H, B), as (B, H)."""
    return np.array(np.atleast_2d(values.T), order="C")


def _worth_reading(wrong: np.ndarray) -> np.ndarray:
    """The numbers of the streams to read on, by which are `wrong`, (B,): all of these, and some to make `_SIDE`."""
    number = int(wrong.sum())
    if number > _FEW:
        number = min(-(-number // _SIDE) * _SIDE, len(wrong))
    return np.sort(np.argsort(~wrong, kind="stable")[:number])
