"""What a kind of model brings to the training loop.

The loop (`train.py`) knows optimizers, schedules, saving and stopping; a task knows its model, its
data and its losses. `CharTask` and `TaggerTask` are the two of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

Tensors = dict[str, Tensor]
StopCheck = Callable[[], str | None]  # the reason to stop, or None


@dataclass(frozen=True)
class Evaluation:
    """A validation on the way, None without validation data; the lowest `figure` is the best."""

    loss: float | None
    metrics: Mapping[str, float] = field(default_factory=dict)
    error: float | None = None  # decides in the place of the loss, where a task has something better

    @property
    def figure(self) -> float | None:
        """What decides which weights are best."""
        return self.loss if self.error is None else self.error


@dataclass(frozen=True)
class Sample:
    """What the model writes now."""

    prompt: str
    text: str
    seed: int
    temperature: float


class Task(Protocol):
    """A model and its data, as the training loop sees them."""

    @property
    def name(self) -> str:
        """What the model is published as."""
        ...

    @property
    def model(self) -> nn.Module:
        """The model, on its device."""
        ...

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        ...

    @property
    def steps_per_epoch(self) -> float:
        """Steps in a pass over the training data."""
        ...

    @property
    def units_per_step(self) -> int:
        """Characters or tokens in a full step, for rates."""
        ...

    def facts(self) -> dict[str, Any]:
        """What the `Started` event says of the task: task, model, corpus, baselines, summary."""
        ...

    def next_loss(self) -> tuple[Tensor, int]:
        """The next batch's mean loss (a float32 scalar that gradients flow from) and its units.

        Of several ranks each gives its share: the sum over ranks is the mean. Units are the whole batch's.

        Moves the position on. All randomness comes from torch's own generators, whose states
        the loop saves, or from the position.
        """
        ...

    def epoch(self) -> float:
        """The position in passes over the training data."""
        ...

    def position(self) -> Tensors:
        """What `go_to` needs to continue from here bit for bit: position, carried hidden state."""
        ...

    def go_to(self, position: Tensors) -> None:
        """Return to a position."""
        ...

    def evaluate(self) -> Evaluation:
        """Validate the model as it is now (the loop has put it in eval mode, gradients off)."""
        ...

    def sample(self) -> Sample | None:
        """A sample of the model as it is now; None where a task has none to show."""
        ...

    def write_model(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """The model as it is now, as a whole model file; `metadata` is added to its header."""
        ...

    def final_metrics(self, path: Path, should_stop: StopCheck) -> dict[str, float | None]:
        """The final figures of the model file at `path`: what `Finished` reports.

        Raises `Interrupted` when `should_stop` gives a reason on the way.
        """
        ...


class Interrupted(Exception):
    """Work was stopped by request; carries the reason."""
