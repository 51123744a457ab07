"""What the Units page computes of a text, in threads: posts messages and touches no widget."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from textual.message import Message

from lstmterm.errors import InputError, within_memory
from lstmterm.infer.activity import GateCounts, Saturation
from lstmterm.infer.lstm import Progress
from lstmterm.infer.silencing import Silenced, silence, silencing
from lstmterm.infer.streams import Collector, StreamReading
from lstmterm.infer.surprise import Surprise
from lstmterm.infer.trace import LayerTrace, state_of
from lstmterm.infer.units import SAMPLE, Ranker, Ranking
from lstmterm.spec.units import Quantity
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.messages import on_screen

_EVERY = 0.25  # seconds between messages of how much is done
_LONG = 50_000  # characters from which a text is read once, for everything


@dataclass
class WorkMessage(Message, bubble=False):
    """What is posted about a text."""

    work: "UnitWork"


@dataclass
class WorkGoesOn(WorkMessage, bubble=False):
    """What is being done, and how much is done."""

    what: str
    done: int
    whole: int


@dataclass
class MoreKnown(WorkMessage, bubble=False):
    """More of a layer is traced, or the units are ranked; if `all_known`, their gates are counted, too."""

    quantity: Quantity
    all_known: bool


@dataclass
class UnitSilenced(WorkMessage, bubble=False):
    """The losses without a unit, as far as they are known: its c held at its mean, and in the end also at 0."""

    silenced: tuple[Silenced, ...]


@dataclass
class WorkFailed(WorkMessage, bubble=False):
    """Why something cannot be computed, in a sentence."""

    reason: str


class _Stopped(Exception):
    """The result is no longer wanted."""


@dataclass(frozen=True)
class _Missing:
    """What collects saturated gates and predictions; None for what is not collected."""

    gates: GateCounts | None
    surprise: Surprise | None

    @property
    def collectors(self) -> list[Collector]:
        return [each for each in (self.gates, self.surprise) if each is not None]


class UnitWork:
    """What is known of the units of a model in a text, and how to know more.

    `look` and `silence` run in threads, one at a time, and return early, without a message, once `is_stale`.
    """

    def __init__(self, reading: Reading, post: Callable[[Message], object]) -> None:
        self.reading = reading
        self.rankings: dict[Quantity, Ranking] = {}
        self.saturation: Saturation | None = None
        self._traces: dict[tuple[int, Quantity], LayerTrace] = {}
        self._post = post
        self._states = StreamReading(reading.model, reading.ids)
        self._working = threading.Lock()

    def trace(self, layer: int, quantity: Quantity) -> LayerTrace | None:
        """The trace of a layer that has this quantity, or c for its tanh; None if there is none yet."""
        return self._traces.get((layer, state_of(quantity)))

    def knows(self, quantity: Quantity) -> bool:
        """Whether the units are ranked by this quantity, and their gates counted."""
        return quantity in self.rankings and self.saturation is not None

    def look(self, quantity: Quantity, is_stale: Callable[[], bool]) -> None:
        """Trace all layers and rank the units by this quantity, count saturated gates, and predict the text.

        The traces of a short text that was not read before come alone, since they are seen first: to look at gates
        takes long while a text is joined, and less when it is read once more. Any other text is read once.
        """

        def looked(progress: Progress) -> Iterator[Message]:
            layers = range(self.reading.model.layers)
            traces = [self.trace(layer, quantity) for layer in layers]
            if not all(trace is not None and trace.right for trace in traces):
                yield from self._read(quantity, progress)
            ranker = None if quantity in self.rankings else self._ranker(quantity)
            if ranker is not None:
                for layer in layers:
                    ranker.add(layer, 0, self._traces[layer, state_of(quantity)].values)
                self.rankings[quantity] = ranker.result()
            yield MoreKnown(self, quantity, all_known=False)
            if (missing := self._missing()).collectors:
                for _ in self._states.collect(missing.collectors, progress):
                    pass
                self._keep(missing)
            yield MoreKnown(self, quantity, all_known=True)

        self._do("reading", looked, is_stale)

    def _ranker(self, quantity: Quantity) -> Ranker | None:
        """What ranks the units; None, and a message, if the text has nothing to rank them by."""
        model, ids = self.reading.model, self.reading.ids[:SAMPLE]
        try:
            return Ranker(model, self.reading.card.vocabulary.each(ids), quantity)
        except InputError as error:
            self._post(WorkFailed(self, on_screen(error)))
            return None

    def _read(self, quantity: Quantity, progress: Progress) -> Iterator[Message]:
        """Trace all layers, and unless that is to be seen first, also count gates and predict the text."""
        if not self._states.complete:
            self._states = self.reading.surprise.states()
        first = not self._states.complete and self._states.length < _LONG
        traced = state_of(quantity)
        traces = [
            LayerTrace.empty(self._states, layer, quantity) for layer in range(self._states.model.layers)
        ]
        missing = _Missing(None, None) if first else self._missing()
        for layer, _ in self._states.collect([*traces, *missing.collectors], progress):
            self._traces[layer, traced] = traces[layer]
            yield MoreKnown(self, quantity, all_known=False)
        self._keep(missing)

    def _missing(self) -> "_Missing":
        """What collects the saturated gates and the predictions, where they are not known yet."""
        model, surprise = self.reading.model, self.reading.surprise
        return _Missing(
            GateCounts(model) if self.saturation is None else None,
            None if surprise.computed else Surprise(model, self.reading.ids, reading=self._states),
        )

    def _keep(self, missing: "_Missing") -> None:
        """Keep what was collected while the text was read."""
        if missing.gates is not None:
            self.saturation = missing.gates.result(self._states.length)
        if missing.surprise is not None:
            self.reading.surprise.keep(missing.surprise)

    def silence(self, layer: int, unit: int, is_stale: Callable[[], bool]) -> None:
        """Predict the text without a unit, its c held at its mean and then at 0."""

        def silenced(progress: Progress) -> Iterator[Message]:
            whole = len(self.reading.ids) - 1
            before = self.reading.surprise.compute(lambda _, done: progress(done, whole))
            trace = self.trace(layer, "c")
            if trace is None or not trace.right:
                trace = LayerTrace.of(before.reading, layer, "c", progress)
            mean = float(trace.unit(unit, "c").mean())
            at_mean: tuple[Silenced, ...] = ()
            for found in silencing(before, layer, unit, mean, progress):
                at_mean = (found,)
                yield UnitSilenced(self, at_mean)
            yield UnitSilenced(self, (*at_mean, silence(before, layer, unit, 0.0, progress)))

        self._do("silencing", silenced, is_stale)

    def states_along(self, start: int, end: int) -> np.ndarray:
        """The top layer's h after each of the numbers `start` to `end` that the model reads, (n, H)."""
        ids, state = self.reading.ids[start:end], self._states.state_at(start)
        return self.reading.model.run(ids, state)[0]

    def _do(
        self, what: str, work: Callable[[Progress], Iterator[Message]], is_stale: Callable[[], bool]
    ) -> None:
        posted = -math.inf

        def progress(done: int, whole: int) -> None:
            nonlocal posted
            if is_stale():
                raise _Stopped
            if time.monotonic() > posted + _EVERY:
                posted = time.monotonic()
                self._post(WorkGoesOn(self, what, done, whole))

        try:
            with self._working, within_memory():
                for message in work(progress):
                    self._post(message)
        except (InputError, OSError) as error:
            self._post(WorkFailed(self, on_screen(error)))
        except _Stopped:
            pass
