"""The files of a run that training writes, and when.

state.safetensors   everything the next step depends on, saved at intervals
good.safetensors    the state at the last evaluation, restored after a loss that is not finite
best.safetensors    the best model so far, a complete model file
"""

import dataclasses
import math
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from lstmterm import atomic, plain_data
from lstmterm.errors import RunError, too_large
from lstmterm.models import model_file
from lstmterm.nn import saved_state
from lstmterm.nn.optim import MovingAverage
from lstmterm.nn.optimizers import Optimizer
from lstmterm.nn.ranks import Ranks
from lstmterm.nn.task import AnyTask, Tensors
from lstmterm.runs.folder import STATE
from lstmterm.spec.training import TrainingPart

LATEST, GOOD, BEST = STATE, "good.safetensors", "best.safetensors"
SAVE_EVERY = 20.0  # seconds between saves of the state, at least
SAVE_SHARE = 50  # and at least this many times the duration of a save: under 2 % of the run


@dataclass
class Counters:
    """The loop's own numbers, saved with the state."""

    step: int = 0
    units: int = 0  # characters or tokens trained on
    best: float = math.inf
    best_step: int = 0
    since_best: int = 0  # evaluations
    divergences: int = 0
    sum_since_evaluation: float = 0.0  # of the training losses
    steps_since_evaluation: int = 0
    seconds: float = 0.0  # in all sessions until the save
    training_seconds: float = 0.0  # of these, in steps
    ranks: int = 1  # processes that train together
    threads: int = 0  # CPU threads of the next step; 0 in states that don't say
    apart: bool = False  # whether each of them takes pieces of the step
    shortened: int = 0  # steps to which `planned` were reduced, to end in time; 0 if they were not
    planned: int = 0  # steps when it was saved, which more minutes change; 0 in states of format 1

    @classmethod
    def of(cls, numbers: Mapping[str, Any]) -> Self:
        """Return the counters in a state's numbers. Raises `ValueError` for what no run could have counted."""
        known = plain_data.given(cls, numbers)
        for name, value in known.items():
            most = 2**63 - 1 if isinstance(value, int) else math.inf if name == "best" else sys.float_info.max
            if not 0 <= value <= most:
                raise ValueError(plain_data.instead(value, repr(name), "a count"))
        return cls(**known)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the counters of the state at `path`. Raises as `saved_state.read` does."""
        numbers = saved_state.read_numbers(path)
        try:
            return cls.of(numbers)
        except ValueError as error:
            raise saved_state.damaged(path, error) from None

    def out_of_patience(self, part: TrainingPart) -> bool:
        """Return whether the validation loss has not improved for too many evaluations."""
        return 0 < part.patience <= self.since_best

    def at_end(self, part: TrainingPart) -> bool:
        """Return whether training is over."""
        return self.step >= part.steps or self.out_of_patience(part)

    def renew_patience(self, part: TrainingPart) -> None:
        """Have patience again if steps were added; states of format 1 do not say whether they were."""
        if self.planned != part.steps if self.planned else self.out_of_patience(part):
            self.since_best = 0


def states(run_folder: Path) -> dict[str, Counters]:
    """Return the counters of the saved states of a run, by their folders: one, or one for each model trained so far.

    Raises `RunError` if there are none.
    """
    inner = sorted(run_folder.glob(f"*/{LATEST}"))
    return {path.parent.name: _counters(path.parent) for path in inner or [run_folder / LATEST]}


def _counters(folder: Path) -> Counters:
    """The counters of the last state, or of the last good one where that is damaged."""
    try:
        return Counters.read(folder / LATEST)
    except saved_state.Damaged as damage:
        try:
            return Counters.read(folder / GOOD)
        except RunError:
            raise damage from None


@dataclass(eq=False)
class Checkpoints:
    """Saves and restores a run in its folder. Of several ranks only the first one writes."""

    folder: Path
    task: AnyTask
    optimizer: Optimizer
    average: MovingAverage | None
    ranks: Ranks
    run: str  # the name of the run, in the header of its model
    saved_step: int | None = None  # None before the first save
    damage: str = ""  # of the state that could not be restored
    took: float = 0.0  # seconds, the last save

    def __post_init__(self) -> None:
        self._saved_at = time.monotonic()
        self._waiting: tuple[Mapping[str, np.ndarray], dict[str, Any]] | None = None  # weights, header

    def due(self) -> bool:
        """Return whether it is time to save the state again."""
        return time.monotonic() - self._saved_at > max(SAVE_EVERY, SAVE_SHARE * self.took)

    def save(self, counters: Counters) -> float:
        """Write the state and return the seconds it took."""
        started = time.perf_counter()
        self._saved_at = time.monotonic()  # also if it fails: not to try at every step
        tensors = self._tensors()
        if self.ranks.is_first:
            saved_state.write(self.folder / LATEST, tensors, dataclasses.asdict(counters))
        self.took = time.perf_counter() - started
        self._saved_at = time.monotonic()
        self.saved_step = counters.step
        return self.took

    def keep_as_good(self) -> None:
        """Keep the state just saved as the one to restore after a loss that is not finite."""
        if self.ranks.is_first:
            atomic.link(self.folder / LATEST, self.folder / GOOD)

    def resume(self, seed: int) -> Counters:
        """Restore the last state, or the last good one where that is damaged; raises as `restore` does."""
        try:
            return self.restore(LATEST, seed)
        except saved_state.Damaged as damage:
            try:
                counters = self.restore(GOOD, seed)
            except RunError:
                raise damage from None
            self.damage = str(damage).removesuffix("; train again.")
            return counters

    def restore(self, name: str, seed: int) -> Counters:
        """Restore the state of the file `name`, copying into the tensors in place.

        `seed` starts the random numbers of ranks that were not there when it was saved. Raises
        `RunError` for a file that is missing, and `Damaged` for one that is damaged or another model's.
        """
        tensors, numbers = self.ranks.read_state(lambda: saved_state.read(self.folder / name))
        try:
            counters = Counters.of(numbers)
            self._restore(tensors, self.ranks.seed(seed, counters.step))
        except RunError:
            raise
        except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
            if too_large(error):
                raise
            raise saved_state.damaged(self.folder / name, error) from None
        self.saved_step = counters.step
        self._waiting = None  # the restored state does not know of it
        return counters

    def _restore(self, tensors: Tensors, fresh_seed: int) -> None:
        model, position = self.task.model, saved_state.part(tensors, "position")
        saved_state.restore_model(model, saved_state.part(tensors, "model"))
        saved_state.restore_optimizer(self.optimizer, model, saved_state.part(tensors, "optimizer"))
        if self.average:
            saved_state.restore_into(self.average.weights, saved_state.part(tensors, "average"))
        for name, now in self.task.position().items():
            then = position[name]
            if then.shape != now.shape or then.is_floating_point() != now.is_floating_point():
                raise ValueError(f"has {name!r} of another shape or type")
        self.task.go_to(position)
        self.ranks.restore_random(saved_state.part(tensors, "random"), self.task.device, fresh_seed)

    def write_best(
        self,
        counters: Counters,
        seed: int,
        *,
        complete: bool,
        metrics: Mapping[str, float | None],
        temperature: float = 1.0,
    ) -> float:
        """Write the model as it is now as the run's best and return the seconds it took.

        Raises `WriteError`; the model then waits in memory for `write_waiting`.
        """
        started = time.perf_counter()
        if self.ranks.is_first:
            metadata = {
                "complete": complete,
                "metrics": dict(metrics),
                "run": self.run,
                "seed": seed,
                "steps": counters.step,
                "best_step": counters.best_step,
                "seconds": round(counters.seconds, 1),
            }
            weights, header = self.task.as_file(metadata, temperature)
            try:
                model_file.write(self.folder / BEST, weights, header)
            except atomic.WriteError:
                self._waiting = {name: values.copy() for name, values in weights.items()}, header
                raise
            self._waiting = None
        return time.perf_counter() - started

    def write_waiting(self) -> bool:
        """Write the best model if it could not be written before, as it was then; return whether it was waiting."""
        if self._waiting is None:
            return False
        model_file.write(self.folder / BEST, *self._waiting)
        self._waiting = None
        return True

    def load_best(self) -> None:
        """Load the weights of the best model."""
        best = model_file.load(self.folder / BEST).tensors
        saved_state.restore_model(self.task.model, {name: torch.from_numpy(t) for name, t in best.items()})

    def how_to_resume(self) -> str:
        """Return how the run is continued, as the end of a sentence."""
        if self.saved_step is None:
            return "train again; nothing of the run was saved."
        return f"`lstmterm resume {self.run}` continues from step {self.saved_step:,}."

    def _tensors(self) -> Tensors:
        """Collect everything that the next step depends on except the counters."""
        model = self.task.model
        parts = {
            "model": dict(model.named_parameters()),
            "average": self.average.weights if self.average else {},
            "optimizer": saved_state.optimizer_tensors(self.optimizer, model),
            "position": self.task.position(),
            "random": self.ranks.random_tensors(self.task.device),
        }
        return {
            name: t
            for prefix, part in parts.items()
            for name, t in saved_state.prefixed(part, prefix).items()
        }
