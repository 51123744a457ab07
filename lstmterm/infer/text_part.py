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
STEPS = 64  # in a stretch
BEYOND = np.iinfo(np.int64).max // 2  # a position after any text's end
_STREAMS = ((65_536, 32), (16_384, 16), (8_192, 8), (0, 1))  # for parts of at least so many characters
_MOST_ROUNDS = 3  # of joining side by side
_SIDE = 8  # streams whose products take no longer than those of a few less
_ROWS = 256  # of gates whose inputs are computed at once: enough for a fast product, and few enough for the caches
_FEW = 4  # streams that are read faster one after the other

Look = Callable[[int, RunningLayer], tuple[np.ndarray, ...]]  # what is seen of a layer: arrays (n,) or (n, B)


@dataclass(frozen=True)
class Stretch:
    """Some steps of a layer in some streams, at most `STEPS`."""

    layer: int
    positions: np.ndarray  # (steps, B): the character read; `BEYOND` where the text has ended
    seen: tuple[np.ndarray, ...]  # after each step: arrays (steps, B, n)

    def write(self, values: np.ndarray, target: np.ndarray) -> None:
        """Write values (steps, B, n) or (steps, B) to their positions in `target`, (T', n) or (T',), T' <= T."""
        inside = self.positions < len(target)
        target[self.positions[inside]] = values[inside]

    def moved(self, by: int) -> "Stretch":
        """The same where position 0 is that of a part of a text."""
        return Stretch(self.layer, self.positions + by, self.seen)


class TextPart:
    """Reads a part of a text, and keeps some of the states that it goes through."""

    def __init__(self, model: CharLSTM, ids: np.ndarray, state: State) -> None:
        """`ids` are (T,), at least one; `state` (batch 1) is that before the first."""
        self.ids = ids
        self._model = model
        self._cut = cut = _Cut.of(len(ids))
        self._layers: list[_Layer] = []
        initial = model.initial()
        for k in range(model.layers):
            h, c = (np.repeat(part[k], cut.streams, axis=0) for part in (initial.h, initial.c))
            h[0], c[0] = state.h[k, 0], state.c[k, 0]
            self._layers.append(_Layer(model, k, cut, h, c))

    def read(self, layers: int, look: Look, *, watched: bool = False) -> Iterator[Iterator[Stretch]]:
        """Read the first layers, one after the other; each must be read to its end before the next.

        Yields what `look` sees after each step. A later stretch of a layer corrects an earlier one, unless the
        layer was read before: then every character is read once, in its right state.
        """
        below = self._cut.arranged(self.ids)
        for k, layer in enumerate(self._layers[:layers]):
            shape = (*below.shape[:2], self._model.hidden)
            hidden = np.empty(shape if k + 1 < layers else (0, 0, 0), np.float32)
            yield layer.read(below, hidden, look, watched)
            below = hidden

    def state_at(self, position: int) -> State:
        """The state in which the character at `position`, 0 to T, is read.

        Raises `ValueError` where the part was not read so far yet.
        """
        cut = self._cut
        stream = min(position // cut.length, cut.streams - 1)
        stretch = min((position - stream * cut.length) // STEPS, cut.stretches - 1)
        h, c = zip(*(layer.kept(stretch, stream) for layer in self._layers), strict=True)
        state = State(np.stack(h)[:, None], np.stack(c)[:, None])
        return self._model.read(self.ids[stream * cut.length + stretch * STEPS : position], state)


@dataclass(frozen=True)
class _Cut:
    """How a part of T characters is cut."""

    whole: int  # T
    streams: int
    length: int  # of each stream; the last may end earlier
    stretches: int  # of each stream

    @classmethod
    def of(cls, whole: int) -> "_Cut":
        streams = next(n for least, n in _STREAMS if whole >= least)
        length = -(-whole // streams)
        return cls(whole, streams, length, -(-length // STEPS))

    def positions(self, stretch: int, which: np.ndarray) -> np.ndarray:
        """Those of the characters of a stretch of some streams, (steps, B); `BEYOND` where the part has ended."""
        steps = np.arange(stretch * STEPS, min((stretch + 1) * STEPS, self.length))
        positions = self.length * which + steps[:, None]
        return np.where(positions < self.whole, positions, BEYOND)

    def arranged(self, ids: np.ndarray) -> np.ndarray:
        """The characters of all streams, (length, B); the last one where the part has ended."""
        padded = np.append(ids, np.full(self.streams * self.length - self.whole, ids[-1], ids.dtype))
        return padded.reshape(self.streams, self.length).T


class _Layer:
    """A layer, and the states in which its streams begin each stretch, and end."""

    def __init__(self, model: CharLSTM, number: int, cut: _Cut, h: np.ndarray, c: np.ndarray) -> None:
        """The streams begin in the states h and c, (B, H)."""
        self._model, self._number, self._cut = model, number, cut
        self._h, self._c = (np.empty((1 + cut.stretches, *begin.shape), np.float32) for begin in (h, c))
        self._h[0], self._c[0] = h, c
        self._read = 0  # stretches of each stream
        self._joined = False

    def kept(self, stretch: int, stream: int) -> tuple[np.ndarray, np.ndarray]:
        """The h and c, (H,), in which a stream begins a stretch; raises `ValueError` if it was not read."""
        if stretch >= self._read:
            raise ValueError("this part of the text was not read yet")
        return self._h[stretch, stream], self._c[stretch, stream]

    def read(self, below: np.ndarray, hidden: np.ndarray, look: Look, watched: bool) -> Iterator[Stretch]:
        """Read all streams: characters or the h of the layer below, (length, B, ...).

        Its own h go to `hidden`, (length, B, H), unless that is empty.
        """
        everything = np.arange(self._cut.streams)

        def read(which: np.ndarray, h: np.ndarray, c: np.ndarray, first: int = 0) -> Iterator[Stretch]:
            """Read some streams from h and c, (B, H), at stretch number `first`, to their end.

            A stream that was read before is left once it is in a kept state: what follows is known.
            """
            again = not self._joined and self._read == self._cut.stretches
            running = self._running(h, c, watched)
            for stretch in range(first, self._cut.stretches):
                h, c = _rows(running.h), _rows(running.c)
                if again and stretch > first:
                    left = _worth_reading(~self._same(h, c, stretch, which))
                    if len(left) < len(which):
                        which, h, c = which[left], h[left], c[left]
                        if len(which) <= _FEW:
                            for j in range(len(which)):
                                one = slice(j, j + 1)
                                yield from read(which[one], h[one], c[one], stretch)
                            return
                        running = self._running(h, c, watched)
                self._h[stretch, which], self._c[stretch, which] = h, c
                self._read = max(self._read, stretch + 1)
                steps = slice(stretch * STEPS, (stretch + 1) * STEPS)
                states, *seen = self._steps(running, below[steps][:, which], look)
                if len(hidden):
                    hidden[steps, which] = states
                yield Stretch(self._number, self._cut.positions(stretch, which), tuple(seen))
            self._h[-1, which], self._c[-1, which] = _rows(running.h), _rows(running.c)

        yield from read(everything, self._h[0], self._c[0])
        for _ in () if self._joined else range(_MOST_ROUNDS):
            h, c = (np.concatenate([part[0, :1], part[-1, :-1]]) for part in (self._h, self._c))
            wrong = _worth_reading(~self._same(h, c, 0, everything))
            if not len(wrong):
                break
            yield from read(wrong, h[wrong], c[wrong])
        for k in () if self._joined else range(1, self._cut.streams):
            which, before = everything[k : k + 1], slice(k - 1, k)
            h, c = self._h[-1, before], self._c[-1, before]
            if not self._same(h, c, 0, which).all():
                yield from read(which, h, c)
        self._joined = True

    def _running(self, h: np.ndarray, c: np.ndarray, watched: bool) -> RunningLayer:
        """The layer in states h and c, (B, H)."""
        h, c = (part[0] if len(part) == 1 else part.T for part in (h, c))
        return self._model.running(self._number, h, c, watched=watched)

    def _steps(self, running: RunningLayer, below: np.ndarray, look: Look) -> list[np.ndarray]:
        """Read `below`, (steps, B, ...): h after each step, and what was seen, (steps, B, n)."""
        seen: list[np.ndarray] = []
        steps, streams = below.shape[:2]
        each = max(_ROWS // streams, 1)
        for first in range(0, steps, each):
            inputs = self._model.gate_inputs(self._number, below[first : first + each])
            for t, row in enumerate(inputs, first):
                running.step(row[0] if streams == 1 else row.T)
                parts = running.h, *look(self._number, running)
                seen = seen or [np.empty((steps, streams, len(part)), part.dtype) for part in parts]
                for target, part in zip(seen, parts, strict=True):
                    target[t] = part.T
        return seen

    def _same(self, h: np.ndarray, c: np.ndarray, stretch: int, which: np.ndarray) -> np.ndarray:
        """Which streams in h and c, (B, H), are in the states in which they began a stretch: (B,)."""
        near_h = np.abs(h - self._h[stretch, which]) <= SAME
        kept = self._c[stretch, which]
        return np.all(near_h & (np.abs(c - kept) <= SAME * (1 + np.abs(kept))), axis=1)


def _rows(values: np.ndarray) -> np.ndarray:
    """A copy of h or c, (H,) or (H, B), as (B, H)."""
    return np.array(np.atleast_2d(values.T), order="C")


def _worth_reading(wrong: np.ndarray) -> np.ndarray:
    """The numbers of the streams to read on, by which are `wrong`, (B,): all of these, and some to make `_SIDE`."""
    number = int(wrong.sum())
    if number > _FEW:
        number = min(-(-number // _SIDE) * _SIDE, len(wrong))
    return np.sort(np.argsort(~wrong, kind="stable")[:number])
