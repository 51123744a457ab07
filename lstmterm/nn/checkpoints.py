"""The files of a run that training writes, and when.

state.safetensors   everything the next step depends on, saved at intervals
good.safetensors    the state at the last evaluation, restored after a loss that is not finite
best.safetensors    the best model so far, a complete model file
"""

import dataclasses
import math
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.optim import Optimizer

from lstmterm.models import model_file
from lstmterm.nn import saved_state
from lstmterm.nn.optim import MovingAverage
from lstmterm.nn.ranks import Ranks
from lstmterm.nn.task import AnyTask, Tensors

LATEST, GOOD, BEST = "state.safetensors", "good.safetensors", "best.safetensors"
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


@dataclass(eq=False)
class Checkpoints:
    """Saves and restores a run in its folder. Of several ranks only the first one writes."""

    folder: Path
    task: AnyTask
    optimizer: Optimizer
    average: MovingAverage | None
    ranks: Ranks
    saved_step: int = 0
    _took: float = 0.0  # seconds, the last save

    def __post_init__(self) -> None:
        self._saved_at = time.monotonic()

    def due(self) -> bool:
        """Return whether it is time to save the state again."""
        return time.monotonic() - self._saved_at > max(SAVE_EVERY, SAVE_SHARE * self._took)

    def save(self, counters: Counters) -> float:
        """Write the state and return the seconds it took."""
        begun = time.perf_counter()
        tensors = self._tensors()
        if self.ranks.is_first:
            saved_state.write(self.folder / LATEST, tensors, dataclasses.asdict(counters))
        self._took = time.perf_counter() - begun
        self._saved_at = time.monotonic()
        self.saved_step = counters.step
        return self._took

    def keep_as_good(self) -> None:
        """Keep the state just saved as the one to restore after a loss that is not finite."""
        if not self.ranks.is_first:
            return
        link = self.folder / f".{GOOD}.new"
        link.unlink(missing_ok=True)
        try:
            os.link(self.folder / LATEST, link)
        except OSError:  # a file system without hard links
            shutil.copyfile(self.folder / LATEST, link)
        os.replace(link, self.folder / GOOD)

    def restore(self, name: str, seed: int) -> Counters:
        """Restore the state of the file `name`, copying into the tensors in place.

        `seed` starts the random numbers of ranks that were not there when it was saved. Raises
        `RunError` for a file that is missing, damaged or of another model.
        """
        tensors, numbers = self.ranks.read_state(lambda: saved_state.read(self.folder / name))
        known = {f.name for f in dataclasses.fields(Counters)}
        counters = Counters(**{key: value for key, value in numbers.items() if key in known})
        model = self.task.model
        saved_state.restore_model(model, saved_state.part(tensors, "model"))
        saved_state.restore_optimizer(self.optimizer, model, saved_state.part(tensors, "optimizer"))
        if self.average:
            self.average.restore(saved_state.part(tensors, "average"))
        self.task.go_to(saved_state.part(tensors, "position"))
        fresh = self.ranks.seed(seed, counters.step)
        self.ranks.restore_random(saved_state.part(tensors, "random"), self.task.device, fresh)
        self.saved_step = counters.step
        return counters

    def write_best(
        self, counters: Counters, seed: int, *, complete: bool, metrics: Mapping[str, float | None]
    ) -> float:
        """Write the model as it is now as the run's best and return the seconds it took."""
        begun = time.perf_counter()
        if self.ranks.is_first:
            metadata = {
                "complete": complete,
                "metrics": dict(metrics),
                "run": self.folder.name,
                "seed": seed,
                "steps": counters.step,
                "best_step": counters.best_step,
                "seconds": round(counters.seconds, 1),
            }
            self.task.write_model(self.folder / BEST, metadata)
        return time.perf_counter() - begun

    def load_best(self) -> None:
        """Load the weights of the best model."""
        best = model_file.load(self.folder / BEST).tensors
        saved_state.restore_model(self.task.model, {name: torch.from_numpy(t) for name, t in best.items()})

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
