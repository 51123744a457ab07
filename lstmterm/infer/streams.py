"""Reading one text quickly and exactly: cut into parallel streams, which are then joined.

A product of weights with eight states takes little longer than with one. So a text is cut into B streams,
which are read side by side from the initial state. Then every stream is read again from the state in which
the one before it ended, until it is in the states of the first reading: what follows is the same. Most
models forget within a few hundred characters, on some texts sooner than on others, so each stream is left
as soon as it is there. Where one never is, this is repeated, and in the end the streams are read one after
the other. So the states are those of one stream, to within `SAME`.

Two more read streams side by side and need less: `score.py` keeps no states, and yields the losses of a text of
any length in their order, so it joins block after block; `similar.py` reads stretches that need no joining. Both
begin their streams by `warmed_up`.

Shapes: T characters, B streams, H hidden units, V vocabulary size.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lstmterm.infer.lstm import CharLSTM, Progress, Reader, State

SAME = 1e-3  # states that differ by less (of c, times 1 + |c|) make the same predictions soon after
STEPS = 64  # in a stretch
_STREAMS = ((65_536, 32), (16_384, 16), (8_192, 8), (0, 1))  # for texts of at least so many characters
_MOST_ROUNDS = 3  # of joining side by side
_SIDE = 8  # streams whose products take no longer than those of a few less
_FEW = 4  # streams that are read faster one after the other
_MOST_KEPT = 4096  # states of the text
_MOST_VALUES = 4_000_000  # held at once

Look = Callable[[Reader], tuple[np.ndarray, ...]]  # what is seen of a step: arrays (n,) or (n, B)


@dataclass(frozen=True)
class Stretch:
    """Some steps of all streams, at most `STEPS`."""

    first: int  # the number of its first step; 0 where the streams begin
    positions: np.ndarray  # (steps, B): the character read; the length of the text where that has ended
    seen: tuple[np.ndarray, ...]  # after each step: arrays (steps, n, B)

    def write(self, values: np.ndarray, target: np.ndarray) -> None:
        """Write values (steps, n, B) or (steps, B) to their positions in `target`, (T', n) or (T',), T' <= T."""
        inside = self.positions < len(target)
        target[self.positions[inside]] = np.moveaxis(values, -1, 1)[inside]


class StreamReading:
    """Reads a text in parallel streams, and keeps some of the states that it goes through."""

    def __init__(self, model: CharLSTM, ids: np.ndarray, state: State | None = None) -> None:
        """`ids` are (T,), at least one; `state` (batch 1) takes the place of the initial state."""
        self.model = model
        self._ids = np.asarray(ids)
        self._start = model.initial() if state is None else state
        widest = _MOST_VALUES // (STEPS * model.vocabulary_size)
        self._streams = next((n for least, n in _STREAMS if len(ids) >= least and n <= widest), 1)
        self._length = -(-len(ids) // self._streams)  # of each stream; the last may end earlier
        self._stretches = -(-self._length // STEPS)  # of each stream
        self._each = -(-self._stretches * self._streams // _MOST_KEPT)  # stretches between kept states
        shape = (-(-self._stretches // self._each), model.layers, self._streams, model.hidden)
        self._h, self._c = np.empty(shape, np.float32), np.empty(shape, np.float32)
        self._kept = 0  # states of each stream
        self._ends = model.initial(self._streams)  # of the streams, once they were read
        self.complete = False  # whether the text was read to its end, and joined

    @property
    def length(self) -> int:
        """T."""
        return len(self._ids)

    def read(self, look: Look, *, watched: bool = False) -> Iterator[Stretch]:
        """Read the text, and yield what `look` sees after each step; a later stretch corrects an earlier one.

        The reader that it looks at has gates if it is `watched`. What it returns is copied.
        """
        yield from self._joined(look, watched)
        self.complete = True

    def _joined(self, look: Look, watched: bool) -> Iterator[Stretch]:
        everything = np.arange(self._streams)
        states = State.joined([self._start, self.model.initial(self._streams - 1)])
        yield from self._pass(look, watched, everything, states)
        for _ in range(_MOST_ROUNDS):
            states = State.joined([self._start, *(self._end(k) for k in range(self._streams - 1))])
            wrong = _worth_reading(~_same(states, self._at(0, everything)))
            if not len(wrong):
                return
            yield from self._pass(look, watched, wrong, _of(states, wrong))
        for k in range(1, self._streams):
            state = self._end(k - 1)
            if not _same(state, self._at(0, np.array([k]))).all():
                yield from self._pass(look, watched, np.array([k]), state)

    def join(self, progress: Progress = lambda done, whole: None) -> None:
        """Read the text to its right states, and look at nothing."""
        done = 0
        for stretch in self.read(lambda reader: ()):
            done = min(done + stretch.positions.size, len(self._ids))
            progress(done, len(self._ids))

    def read_again(self, look: Look, *, watched: bool = False) -> Iterator[Stretch]:
        """As `read`, of a text that was read to its end: every character once, in its right state."""
        everything = np.arange(self._streams)
        yield from self._pass(look, watched, everything, self._at(0, everything), whole=True)

    def state_at(self, position: int) -> State:
        """The state in which the character at `position` is read; `position` T is the end of the text.

        Raises `ValueError` where the text was not read so far yet.
        """
        stream = min(position // self._length, self._streams - 1)
        stretch = min((position - stream * self._length) // STEPS, self._stretches - 1)
        k = stretch // self._each
        if k >= self._kept:
            raise ValueError("this part of the text was not read yet")
        first = stream * self._length + k * self._each * STEPS
        return self.model.read(self._ids[first:position], self._at(k, np.array([stream])))

    def _at(self, k: int, which: np.ndarray) -> State:
        """Kept state number `k` of some streams."""
        return State(self._h[k][:, which], self._c[k][:, which])

    def _end(self, stream: int) -> State:
        """The state in which a stream ended when it was last read to its end."""
        return self._ends.stream(stream)

    def _pass(
        self,
        look: Look,
        watched: bool,
        which: np.ndarray,
        states: State,
        *,
        whole: bool = False,
        first: int = 0,
    ) -> Iterator[Stretch]:
        """Read some streams from `states`, at stretch number `first`, to their end.

        A stream that was read before is left once it is in a kept state, if not `whole`: what follows is known.
        """
        again = self._kept > 0 and not whole
        reader = Reader(self.model, states, watched=watched)
        for stretch in range(first, self._stretches):
            k, between = divmod(stretch, self._each)
            if not between:
                now = reader.state
                if again and stretch > first:
                    left = _worth_reading(~_same(now, self._at(k, which)))
                    if len(left) < len(which):
                        which, now = which[left], _of(now, left)
                        if len(which) <= _FEW:
                            for j in range(len(which)):
                                yield from self._pass(
                                    look, watched, which[j : j + 1], now.stream(j), first=stretch
                                )
                            return
                        reader = Reader(self.model, now, watched=watched)
                self._h[k][:, which], self._c[k][:, which] = now.h, now.c
                self._kept = max(self._kept, k + 1)
            steps = np.arange(stretch * STEPS, min((stretch + 1) * STEPS, self._length))
            positions = np.minimum(self._length * which + steps[:, None], len(self._ids))
            symbols = self._ids[np.minimum(positions, len(self._ids) - 1)]
            yield Stretch(stretch * STEPS, positions, read_steps(reader, symbols, look))
        self._ends.h[:, which], self._ends.c[:, which] = reader.state.h, reader.state.c


def warmed_up(model: CharLSTM, ids: np.ndarray, starts: np.ndarray, characters: int, first: State) -> State:
    """The states of streams that begin at `starts`, (B,), in a text: `first` (batch 1) for the first one.

    Each of the others has read this many characters before its start, which are nearly as good as all.
    """
    if len(starts) == 1:
        return first
    warm = Reader(model, model.initial(len(starts) - 1))
    for t in range(-characters, 0):
        warm.read(ids[starts[1:] + t])
    return State.joined([first, warm.state])


def read_steps(reader: Reader, symbols: np.ndarray, look: Look) -> tuple[np.ndarray, ...]:
    """Read `symbols`, (steps, B); what was seen after each step: arrays (steps, n, B)."""
    steps, streams = symbols.shape
    seen: tuple[np.ndarray, ...] = ()
    for t, row in enumerate(symbols):
        reader.read(row if streams > 1 else row[0])
        parts = look(reader)
        seen = seen or tuple(np.empty((steps, len(part), streams), np.float32) for part in parts)
        for target, part in zip(seen, parts, strict=True):
            target[t] = part.reshape(-1, streams)
    return seen


def _same(a: State, b: State) -> np.ndarray:
    """Which streams of both, (B,), will make the same predictions soon."""
    near = (np.abs(a.h - b.h) <= SAME) & (np.abs(a.c - b.c) <= SAME * (1 + np.abs(b.c)))
    return np.logical_and.reduce(near, axis=(0, 2))


def _of(states: State, which: np.ndarray) -> State:
    """Some of the streams."""
    return State(states.h[:, which], states.c[:, which])


def _worth_reading(wrong: np.ndarray) -> np.ndarray:
    """The numbers of the streams to read on, by which are `wrong`, (B,): all of these, and some to make `_SIDE`."""
    number = int(wrong.sum())
    if number > _FEW:
        number = min(-(-number // _SIDE) * _SIDE, len(wrong))
    return np.sort(np.argsort(~wrong, kind="stable")[:number])
