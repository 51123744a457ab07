"""What a session of training holds, how it is saved, and the time it takes."""

import dataclasses
import math
import time
from collections.abc import Iterator
from typing import Any

from lstmterm.amounts import plural
from lstmterm.atomic import WriteError
from lstmterm.errors import RunError
from lstmterm.nn import optim
from lstmterm.nn.checkpoints import GOOD, Checkpoints, Counters
from lstmterm.nn.device import occupied, use_threads
from lstmterm.nn.lateness import will_be_late
from lstmterm.nn.meter import Meter
from lstmterm.nn.pieces import Pieces
from lstmterm.nn.ranks import ALONE, RankLost, Ranks
from lstmterm.nn.task import AnyTask, Session
from lstmterm.nn.threads import ThreadWatch, Way
from lstmterm.planning import processors
from lstmterm.planning.forecast import Forecast
from lstmterm.runs import events
from lstmterm.runs.events import Event
from lstmterm.spec.training import TrainingPart

MOST_DIVERGENCES = 3
SAY_MEMORY_EVERY = 10.0  # seconds
SAID_AGAIN = 0.8  # fewer steps than this share of what was said are said again


class TrainingState:
    """The state of one session; what changes it yields events."""

    def __init__(self, task: AnyTask, part: TrainingPart, session: Session, ranks: Ranks = ALONE) -> None:
        self.task = task
        self.set_part(part)
        self.planned = part.steps  # which the part's own become fewer than, to end in time
        self.session = session
        self.ranks = ranks
        self.earlier_seconds = 0.0  # of earlier sessions
        self.unsaved = False  # whether the last save failed
        self.clock_offset = time.time() - time.monotonic()  # the user may set the clock while it trains
        most = part.most_threads if ranks.count == 1 else 0
        self.watch = ThreadWatch(part.threads, most, can_work_apart=bool(most and task.cut(most)))
        self.counters = Counters()
        self.way = self.watch.way
        self.optimizer = optim.make_optimizer(task.model, part)
        self.average = optim.MovingAverage(task.model, part.average) if part.average else None
        self.meter = Meter(task.device)
        self.forecast: Forecast | None = None  # made once it is needed
        self.warned_late = 0.0  # seconds
        self.said_memory = -math.inf  # when the GPU's memory was last reported
        self.said_steps = float(part.steps)  # that the user knows of
        self.checkpoints = Checkpoints(session.folder, task, self.optimizer, self.average, ranks, session.run)

    def set_part(self, part: TrainingPart) -> None:
        """Train as `part` says."""
        self.part = part
        self.task.steps = part.steps

    def resume(self) -> Iterator[Event]:
        """Continue from the saved state."""
        self.counters = self.checkpoints.resume(self.part.seed + 1)
        self.earlier_seconds = self.counters.seconds
        self.counters.renew_patience(self.part)
        if self.counters.shortened and self.counters.planned == self.planned:
            self.set_part(dataclasses.replace(self.part, steps=self.counters.shortened))
        yield events.Resumed(**self.now(), steps=self.part.steps)
        if damage := self.checkpoints.damage:
            yield self.warn(
                f"{damage}; training continues from the last good one, at step {self.counters.step:,}."
            )
        if self.counters.ranks != self.ranks.count:
            yield self.warn(self.ranks.changed_from(self.counters.ranks))
        self.watch.resume(self.way)
        self.use(self.watch.way)

    def mind_the_time(self) -> Iterator[Event]:
        """Foresee whether the run ends in its time; if not, say so early, or end in time where that is asked for."""
        if self.part.minutes is None or self.ranks.count > 1:
            return
        if self.forecast is None:
            self.forecast = Forecast(60 * self.part.minutes, self.task.finish_seconds())
        self.forecast.take(self.seconds(), self.counters.step)
        late = self.forecast.late(self.part.steps)
        if late and self.part.deadline:
            steps = self.forecast.steps_in_time()
            if steps < self.part.steps:
                self.set_part(dataclasses.replace(self.part, steps=steps))
                yield events.Shortened(**self.now(), steps=steps)
                if steps < SAID_AGAIN * self.said_steps:
                    self.said_steps = steps
                    yield self.warn(
                        f"To end in time, the run will make about {plural(steps, 'step')} instead of {self.planned:,}, "
                        f"{self.why_slow()}."
                    )
                yield from self.save()
                self.meter.restart()
        elif late > 2 * self.warned_late:
            self.warned_late = late
            sentence = will_be_late(late, self.counters.best_step > 0, self.why_slow())
            in_time = f"To end in time, stop it and run `lstmterm resume {self.session.run} --deadline`."
            yield self.warn(f"{sentence} {in_time}")

    def say_memory(self) -> Iterator[Event]:
        """Report how much of the GPU's memory is in use, now and then."""
        if time.monotonic() - self.said_memory >= SAY_MEMORY_EVERY:
            self.said_memory = time.monotonic()
            if (found := occupied(self.task.device)) is not None:
                run, used, memory = found
                yield events.Occupied(**self.now(), run=run, used=used, memory=memory)

    def why_slow(self) -> str:
        """Why the machine is slower than it was measured, as the end of a sentence."""
        way = self.watch.way
        is_shared = way.apart or way.threads < self.watch.most or processors.idle() < way.threads
        return f"because {'other programs use the processors' if is_shared else 'the machine became slower'}"

    def save(self, *, good: bool = False) -> Iterator[Event]:
        """Save the state, and keep it as the last good one if it is. If that fails, training continues."""
        try:
            yield from self.save_all(good=good)
        except WriteError as error:
            yield from self.say_unsaved(error)

    def save_all(self, *, good: bool = False) -> Iterator[Event]:
        """Save a best model that could not be written, then the state. Raises `WriteError`.

        In this order, so that the saved state never knows of a better model than the saved one.
        """
        if self.checkpoints.write_waiting():
            yield events.Saved(**self.now(), what="model", seconds=0.0)
        counters = self.counters
        counters.seconds, counters.ranks, counters.planned = self.seconds(), self.ranks.count, self.planned
        counters.shortened = self.part.steps if self.part.steps < self.planned else 0
        took = self.checkpoints.save(counters)
        if good:
            self.checkpoints.keep_as_good()
        if self.unsaved:
            yield self.warn(f"The state can be saved again; step {self.counters.step:,} is saved.")
        self.unsaved = False
        yield events.Saved(**self.now(), what="state", seconds=took)

    def say_unsaved(self, error: WriteError) -> Iterator[Event]:
        """Say that nothing can be saved, once until it can."""
        if not self.unsaved:
            yield self.warn(
                f"{error} Training continues, and saving is tried again; "
                f"the last save, of step {self.checkpoints.saved_step or 0:,}, is kept."
            )
        self.unsaved = True

    def write_best(
        self, *, complete: bool, metrics: dict[str, float | None], temperature: float = 1.0
    ) -> events.Saved:
        """Save the model as it is now as the best."""
        self.counters.seconds = self.seconds()
        took = self.checkpoints.write_best(
            self.counters, self.part.seed, complete=complete, metrics=metrics, temperature=temperature
        )
        return events.Saved(**self.now(), what="model", seconds=took)

    @property
    def way(self) -> Way:
        """How the next step is shared among threads."""
        return Way(self.counters.threads, self.counters.apart)

    @way.setter
    def way(self, way: Way) -> None:
        self.counters.threads, self.counters.apart = way

    def use(self, way: Way) -> None:
        """Share the next steps in this way."""
        self.way = way
        if self.watch.adjusts:
            use_threads(1 if way.apart else way.threads)
        self._end_pieces()
        self.task.pieces = self.optimizer.pieces = Pieces(way.threads) if way.apart else None

    def end(self) -> None:
        """End what was begun."""
        self._end_pieces()
        self.task.end()

    def _end_pieces(self) -> None:
        if self.task.pieces:
            self.task.pieces.close()

    def change_way(self) -> Iterator[Event]:
        """Save the state with the new way of sharing steps, so that a resumed run repeats them in it, and use it.

        If it cannot be saved, the old way stays.
        """
        before = self.way
        self.way = self.watch.way
        yield from self.save()
        if self.unsaved:
            self.way = before
            self.watch.stay(before)
        else:
            self.use(self.watch.way)
        self.meter.restart()

    def roll_back(self) -> Iterator[Event]:
        """After a step that was not finite, return to the last good state with half the rate; fail where that never helps."""
        at, seconds, divergences = self.counters.step, self.seconds(), self.counters.divergences + 1
        self.counters = self.checkpoints.restore(GOOD, self.part.seed + 1)
        self.counters.divergences = divergences
        self.use(self.watch.way)
        self.earlier_seconds = seconds - (time.monotonic() - self.session.started)
        what = f"{events.NOT_FINITE} at step {at:,}"
        if divergences > 1 and divergences % MOST_DIVERGENCES == 1:
            yield from self.save()
            raise RunError(
                f"{what}, although the learning rate was halved {divergences - 1} times. Train again with a lower "
                "learning rate (--lr) or a smaller gradient norm (--clip), or halve it again: "
                f"{self.checkpoints.how_to_resume()}"
            )
        yield events.Resumed(**self.now(), steps=self.part.steps)
        yield self.warn(
            f"{what}. Returning to step {self.counters.step:,} with {0.5**divergences:g} of the learning rate."
        )
        yield from self.save()
        self.meter.restart()

    # Events

    def without_ranks(self, lost: RankLost) -> str:
        """Say what happened to the other ranks, and how to resume."""
        what = str(lost) or "other ranks ended"
        how = self.checkpoints.how_to_resume()
        return f"{what[0].upper()}{what[1:]} at step {self.counters.step:,}; {how}"

    def warn(self, message: str) -> events.Warned:
        """Return a warning as an event."""
        return events.Warned(**self.now(), message=message)

    def seconds(self) -> float:
        """Return the seconds spent in this run, over all sessions."""
        return self.earlier_seconds + time.monotonic() - self.session.started

    def now(self) -> dict[str, Any]:  # Any: passed on as keywords of events
        """Return the `step` and `time` of an event."""
        return {"step": self.counters.step, "time": time.monotonic() + self.clock_offset}
