"""Reading one text quickly and exactly: part after part, each in parallel streams (see `text_part`).

`score.py` and `surprise.py` read a text of any length so, block after block.

Shapes: T characters, L layers, B streams, H hidden units.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from lstmterm.infer.lstm import CharLSTM, Held, Progress, State
from lstmterm.infer.running import RunningLayer
from lstmterm.infer.text_part import LEAST_IN_PARALLEL, Look, Stretch, TextPart

_MOST_VALUES = 1 << 25  # of a quantity of a layer in a part


class Collector(ABC):
    """Collects what a model does in a text."""

    watched = False  # whether it looks at gates

    @abstractmethod
    def look(self, layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
        """What is seen of a layer now: arrays (n,) or (n, B), which are copied."""

    @abstractmethod
    def take(self, stretch: Stretch) -> None:
        """Take what was seen in a stretch, in the place of what was seen there before."""

    def reach(self, layer: int, first: int, end: int, *, right: bool) -> None:  # noqa: B027
        """A layer was read from `first` to `end`; unless all of that is `right`, some will be corrected."""


class StreamReading:
    """Reads a text in parallel streams, and keeps some of the states that it goes through."""

    def __init__(self, model: CharLSTM, ids: np.ndarray, state: State | None = None) -> None:
        """`ids` are (T,), at least one; `state` (batch 1) takes the place of the initial state."""
        self.model = model
        self._ids = np.asarray(ids)
        self._start = model.initial() if state is None else state
        self._parts: list[TextPart] = []
        self._length = _part_length(model, len(ids))
        self.complete = False  # whether the text was read to its end
        self._like: list[TextPart | None] = [None] * -(-len(ids) // self._length)

    def holding(self, held: Held) -> "StreamReading":
        """A reading of the text by the model that holds these units; quicker than a new one if this is complete."""
        reading = StreamReading(self.model.holding(held), self._ids, self._start)
        if self.complete:
            reading._like = [*self._parts]
        return reading

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
        """As `read`, but for `collectors`, which may look at different things.

        Yields the layer and how many characters it has read, each time when they are known, and again if a few of
        them were corrected. `progress` is called with the characters read and in all, those of each layer as a
        share of one.
        """
        count = self.model.layers if layers is None else layers

        def look(layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
            parts = [collector.look(layer, running) for collector in collectors]
            numbers[:] = [len(part) for part in parts]
            return tuple(array for part in parts for array in part)

        numbers: list[int] = []  # of the arrays of each collector
        watched = any(collector.watched for collector in collectors)
        for part, first, stretches in self._layers(look, watched, layers):
            layer = read = 0
            end, known = first + len(part.ids), False
            for stretch in stretches:
                layer = stretch.layer
                if read == len(part.ids) and not known:  # what comes now is corrected
                    known = True
                    for collector in collectors:
                        collector.reach(layer, first, end, right=False)
                    yield layer, end
                moved, seen = stretch.moved(first), stretch.seen
                for collector, number in zip(collectors, numbers, strict=True):
                    collector.take(replace(moved, seen=seen[:number]))
                    seen = seen[number:]
                read = min(read + stretch.positions.size, len(part.ids))
                progress(first + (layer * len(part.ids) + read) // count, self.length)
            for collector in collectors:
                collector.reach(layer, first, end, right=True)
            yield layer, end

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
                self._parts.append(
                    TextPart(self.model, self._ids[first : first + self._length], state, self._like[k])
                )
            part = self._parts[k]
            for stretches in part.read(
                self.model.layers if layers is None else layers, look, watched=watched
            ):
                yield part, first, stretches
            if not self.complete:
                state = part.state_at(len(part.ids))
        self.complete = True


def reads(model: CharLSTM, length: int) -> tuple[int, int]:
    """How many characters of a text are read in one stream, and at most how many in parallel streams."""
    part = _part_length(model, length)
    alone = sum(n for first in range(0, length, part) if (n := min(part, length - first)) < LEAST_IN_PARALLEL)
    return alone, 2 * (length - alone)


def _part_length(model: CharLSTM, length: int) -> int:
    """That of the parts of a text; the last may be shorter."""
    return -(-length // max(1, -(-length * model.hidden // _MOST_VALUES)))
