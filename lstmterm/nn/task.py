"""The interface between the training loop and a kind of model.

The loop (`train.py`) knows optimizers, schedules, saving and stopping; a task (`CharTask`,
`TaggerTask`) knows its model, its data and its losses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from lstmterm.models import model_file
from lstmterm.spec.base import Spec

Tensors = dict[str, Tensor]
StopCheck = Callable[[], str | None]  # the reason to stop, or None


@dataclass(frozen=True)
class Evaluation:
    """A validation; `loss` is None without validation data. The lowest `figure` is the best."""

    loss: float | None
    metrics: Mapping[str, float] = field(default_factory=dict)
    error: float | None = None  # decides instead of the loss, where a task has something better

    @property
    def figure(self) -> float | None:
        """The number that decides which weights are best."""
        return self.loss if self.error is None else self.error


@dataclass(frozen=True)
class Sample:
    """A sample of the model as it is now."""

    prompt: str
    text: str
    seed: int
    temperature: float


class Task(Protocol):
    """A model and its data, as the training loop uses them."""

    @property
    def name(self) -> str:
        """The name of the published model."""
        ...

    @property
    def spec(self) -> Spec:
        """What is trained."""
        ...

    @property
    def model(self) -> nn.Module:
        """The model, on its device."""
        ...

    @property
    def device(self) -> torch.device:
        """The device of the model."""
        ...

    @property
    def steps_per_epoch(self) -> float:
        """Steps in an epoch."""
        ...

    @property
    def units_per_step(self) -> int:
        """Characters or tokens in a full step, for rates."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return the facts for the `Started` event: task, model, corpus, baselines, summary."""
        ...

    def next_loss(self) -> tuple[Tensor, int]:
        """Return the mean loss of the next batch (a float32 scalar with a graph) and its units.

        Each of several ranks returns its share, so that the sum over ranks is the mean; units are those
        of the whole batch. This advances the position. All randomness comes from torch's generators,
        whose states the loop saves, or from the position.
        """
        ...

    def epoch(self) -> float:
        """Return the position in epochs."""
        ...

    def position(self) -> Tensors:
        """Return what `go_to` needs to continue bit for bit: the position and the carried state."""
        ...

    def go_to(self, position: Tensors) -> None:
        """Return to a position."""
        ...

    def evaluate(self) -> Evaluation:
        """Validate the model as it is now; the loop has set eval mode and turned gradients off."""
        ...

    def sample(self) -> Sample | None:
        """Return a sample of the model as it is now, or None if the task has none."""
        ...

    def write_model(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """Write the model as it is now to a model file, with `metadata` in its header."""
        ...

    def final_metrics(self, path: Path, should_stop: StopCheck) -> dict[str, float | None]:
        """Compute the final metrics of the model file at `path`, for `Finished`.

        Raises `Interrupted` when `should_stop` returns a reason.
        """
        ...


class Interrupted(Exception):
    """Work was stopped on request; the message is the reason."""


def raise_if_stopped(should_stop: StopCheck) -> None:
    """Raise `Interrupted` if there is a reason to stop."""
    if reason := should_stop():
        raise Interrupted(reason)


def weights_of(model: nn.Module) -> dict[str, np.ndarray]:
    """Return the weights of a model as float32 arrays, by their names in torch."""
    return {name: p.detach().float().cpu().numpy() for name, p in model.named_parameters()}


def write_model(path: Path, task: Task, kind: str, metadata: Mapping[str, Any]) -> None:
    """Write the model of a task as it is now to a model file, with what every kind of model records."""
    parameters = sum(p.numel() for p in task.model.parameters())
    shared = {
        "kind": kind,
        "name": task.name,
        "spec": task.spec.to_dict(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    sizes = {**metadata["sizes"], "parameters": parameters}
    model_file.write(path, weights_of(task.model), {**shared, **metadata, "sizes": sizes})
