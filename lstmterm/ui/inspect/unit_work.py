"""What the Units page computes of a text, in threads: posts messages and touches no widget."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from textual.message import Message

from lstmterm.errors import InputError, within_memory
from lstmterm.infer.activity import Saturation, saturation
from lstmterm.infer.lstm import Progress
from lstmterm.infer.silencing import Silenced, silence
from lstmterm.infer.streams import StreamReading
from lstmterm.infer.surprise import Surprise
from lstmterm.infer.trace import LayerTrace
from lstmterm.infer.units import SAMPLE, Ranking, rank
from lstmterm.spec.units import Quantity
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.messages import on_screen


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
class Traced(WorkMessage, bubble=False):
    """A layer is traced."""

    trace: LayerTrace


@dataclass
class Ranked(WorkMessage, bubble=False):
    """All units are compared with the features of the text."""

    ranking: Ranking


@dataclass
class GatesCounted(WorkMessage, bubble=False):
    """How often all gates are saturated is known."""

    saturation: Saturation


@dataclass
class UnitSilenced(WorkMessage, bubble=False):
    """The losses without a unit are known: its c held at 0, and at its mean."""

    silenced: tuple[Silenced, Silenced]


@dataclass
class WorkFailed(WorkMessage, bubble=False):
    """Why something cannot be computed, in a sentence."""

    reason: str


class _Stopped(Exception):
    """The result is no longer wanted."""


class UnitWork:
    """What is known of the units of a model in a text, and how to know more.

    Each method runs in a thread of its own and returns early, without a message, once `is_stale`. While a layer
    is traced, for which the user waits, the others pause.
    """

    def __init__(self, reading: Reading, post: Callable[[Message], object]) -> None:
        self.reading = reading
        self.rankings: dict[Quantity, Ranking] = {}
        self.saturation: Saturation | None = None
        self._post = post
        self._states = StreamReading(reading.model, reading.ids)
        self._before: np.ndarray | None = None  # the losses with all units
        self._tracing = threading.Lock()

    def trace(self, layer: int, quantity: Quantity, is_stale: Callable[[], bool]) -> None:
        """Trace all units of a layer."""
        with self._tracing:
            if not self._states.complete:  # it may have been left half read
                self._states = StreamReading(self.reading.model, self.reading.ids)

            def traced(progress: Progress) -> Message:
                return Traced(self, LayerTrace.of(self._states, layer, quantity, progress))

            self._do("tracing", traced, is_stale)

    def compare(self, quantity: Quantity, is_stale: Callable[[], bool]) -> None:
        """Rank the units by this quantity, and count how often the gates are saturated; after a first `trace`."""
        model, ids = self.reading.model, self.reading.ids
        assert self._states.complete

        def ranked(progress: Progress) -> Message:
            text = self.reading.card.vocabulary.each(ids)
            states = self._states if len(ids) <= SAMPLE else None
            self.rankings[quantity] = rank(model, ids, text, quantity, progress, reading=states)
            return Ranked(self, self.rankings[quantity])

        def counted(progress: Progress) -> Message:
            self.saturation = saturation(model, ids, progress, reading=self._states)
            return GatesCounted(self, self.saturation)

        if quantity not in self.rankings:
            self._do("comparing", ranked, is_stale)
        if self.saturation is None:
            self._do("counting", counted, is_stale)

    def silence(self, layer: int, unit: int, is_stale: Callable[[], bool]) -> None:
        """Predict the text without a unit, its c held at 0 and at its mean."""
        model, ids = self.reading.model, self.reading.ids

        def silenced(progress: Progress) -> Message:
            if self._before is None:
                self._before = Surprise.of(model, ids, progress).nats
            before = self._before
            trace = LayerTrace.of(self._states, layer, "c", progress)
            mean = float(trace.unit(unit, "c").mean())
            at_zero, at_mean = (silence(model, ids, layer, unit, c, before, progress) for c in (0.0, mean))
            return UnitSilenced(self, (at_zero, at_mean))

        self._do("silencing", silenced, is_stale)

    def states_along(self, start: int, end: int) -> np.ndarray:
        """The top layer's h after each of the numbers `start` to `end` that the model reads, (n, H)."""
        ids, state = self.reading.ids[start:end], self._states.state_at(start)
        return self.reading.model.run(ids, state)[0]

    def _do(self, what: str, work: Callable[[Progress], Message], is_stale: Callable[[], bool]) -> None:
        def progress(done: int, whole: int) -> None:
            if is_stale():
                raise _Stopped
            self._post(WorkGoesOn(self, what, done, whole))
            if what != "tracing":
                with self._tracing:  # wait for it
                    pass

        try:
            with within_memory():
                self._post(work(progress))
        except (InputError, OSError) as error:
            self._post(WorkFailed(self, on_screen(error)))
        except _Stopped:
            pass
