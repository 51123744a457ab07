"""Reading one text quickly and exactly: part after part, each in parallel streams (see `text_part`).

Two more read streams side by side and need less: `score.py` keeps no states, and yields the losses of a text of
any length in their order, so it joins block after block; `similar.py` reads stretches that need no joining. Both
begin their streams by `warmed_up`.

Shapes: T characters, L layers, B streams, H hidden units.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from lstmterm.infer.lstm import CharLSTM, Progress, Reader, State
from lstmterm.infer.running import RunningLayer
from lstmterm.infer.text_part import Look, Stretch, TextPart

_MOST_VALUES = 1 << 24  # of a quantity of a layer in a part


class Collector(Protocol):
    """Collects what a model does in a text."""

    @property
    def watched(self) -> bool:
        """Whether it looks at gates."""
        ...

    def look(self, layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
        """What is seen of a layer now: arrays (n,) or (n, B), which are copied."""
        ...

    def add(self, layer: int, first: int, seen: tuple[np.ndarray, ...]) -> None:
        """Take what was seen of a layer in characters `first` to `first` + m: arrays (m, n)."""
        ...


class StreamReading:
    """Reads a text in parallel streams, and keeps some of the states that it goes through."""

    def __init__(self, model: CharLSTM, ids: np.ndarray, state: State | None = None) -> None:
        """`ids` are (T,), at least one; `state` (batch 1) takes the place of the initial state."""
        self.model = model
        self._ids = np.asarray(ids)
        self._start = model.initial() if state is None else state
        self._parts: list[TextPart] = []
        number = -(-len(ids) * model.hidden // _MOST_VALUES)
        self._length = -(-len(ids) // number)  # of a part; the last may be shorter
        self.complete = False  # whether the text was read to its end

    @property
    def length(self) -> int:
        """T."""
        return len(self._ids)

    def read(self, look: Look, *, watched: bool = False, layers: int | None = None) -> Iterator[Stretch]:
        """Read the text, and yield what `look` sees of each layer; a later stretch corrects an earlier one.

        A text that was read to its end is read again, every character once. Then it may be the first `layers`
        only. Those that run have `activated` gates if they are `watched`. What `look` returns is copied.
        """
        for _, first, stretches in self._layers(look, watched, layers):
            for stretch in stretches:
                yield stretch.moved(first)

    def collect(
        self,
        collectors: Sequence[Collector],
        progress: Progress = lambda done, whole: None,
        *,
        layers: int | None = None,
    ) -> Iterator[tuple[int, int]]:
        """As `read`, but each layer of a part of the text is given to `collectors` when it is right everywhere.

        Yields the layer and how many characters it has read. `progress` is called with the characters read
        and in all, those of each layer as a share of one.
        """
        count = self.model.layers if layers is None else layers

        def look(layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
            parts = [collector.look(layer, running) for collector in collectors]
            numbers[:] = [len(part) for part in parts]
            return tuple(array for part in parts for array in part)

        numbers: list[int] = []  # of the arrays of each collector
        watched = any(collector.watched for collector in collectors)
        for part, first, stretches in self._layers(look, watched, layers):
            seen: tuple[np.ndarray, ...] = ()
            layer = read = 0
            for stretch in stretches:
                layer = stretch.layer
                seen = seen or tuple(np.empty((len(part.ids), *s.shape[2:]), s.dtype) for s in stretch.seen)
                for values, target in zip(stretch.seen, seen, strict=True):
                    stretch.write(values, target)
                read = min(read + stretch.positions.size, len(part.ids))
                progress(first + (layer * len(part.ids) + read) // count, self.length)
            for collector, number in zip(collectors, numbers, strict=True):
                collector.add(layer, first, seen[:number])
                seen = seen[number:]
            yield layer, first + len(part.ids)

    def join(self, progress: Progress = lambda done, whole: None) -> None:
        """Read the text, and look at nothing."""
        for _ in self.collect((), progress):
            pass

    def state_at(self, position: int) -> State:
        """The state in which the character at `position` is read; `position` T is the end of the text.

        Raises `ValueError` where the text was not read so far yet.
        """
        k = min(position, self.length - 1) // self._length
        if k >= len(self._parts):
            raise ValueError("this part of the text was not read yet")
        return self._parts[k].state_at(position - k * self._length)

    def _layers(
        self, look: Look, watched: bool, layers: int | None
    ) -> Iterator[tuple[TextPart, int, Iterator[Stretch]]]:
        """Of each layer of each part: the part, its first position in the text, and its stretches."""
        if layers is not None and not self.complete:
            raise ValueError("only a text that was read can be read in a few layers")
        if not self.complete:
            self._parts.clear()
        state = self._start
        for k, first in enumerate(range(0, self.length, self._length)):
            if k == len(self._parts):
                self._parts.append(TextPart(self.model, self._ids[first : first + self._length], state))
            part = self._parts[k]
            for stretches in part.read(
                self.model.layers if layers is None else layers, look, watched=watched
            ):
                yield part, first, stretches
            if not self.complete:
                state = part.state_at(len(part.ids))
        self.complete = True


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
