"""The interface between the training loop and a kind of model.

The loop (`train.py`) knows optimizers, schedules, saving and stopping; a task (`CharTask`,
`TaggerTask`) knows its model, its data and its losses.
"""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from lstmterm.models import model_file
from lstmterm.nn.device import refuse_precision
from lstmterm.nn.pieces import Pieces
from lstmterm.spec.base import Kind
from lstmterm.spec.character import CharSpec
from lstmterm.spec.tagger import TaggerSpec

S = TypeVar("S", bound=CharSpec | TaggerSpec)
M = TypeVar("M", bound=nn.Module)
Tensors = dict[str, Tensor]
StopCheck = Callable[[], str | None]  # the reason to stop, or None


@dataclass(frozen=True)
class Evaluation:
    """A validation; `loss` is None without validation data. The lowest `figure` is the best."""

    loss: float | None
    metrics: Mapping[str, float] = field(default_factory=dict)
    error: float | None = None  # decides instead of the loss, where a task has something better
    temperature: float = 1.0  # of the output, at which the loss is lowest

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
    copied: Mapping[str, float] = field(default_factory=dict)
    stretches: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Session:
    """The training of a run's model by one process, without a break."""

    run_folder: Path
    resume: bool = False  # from the state saved there
    should_stop: StopCheck = lambda: None  # called before each step
    started: float = field(default_factory=time.monotonic)
    part: str = ""  # the folder within the run's, where the run trains several models

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.run_folder / self.part

    @property
    def run(self) -> str:
        """The name of the run."""
        return self.run_folder.name


class Task(ABC, Generic[S, M]):
    """A model and its data, as the training loop uses them."""

    kind: ClassVar[Kind]

    def __init__(self, spec: S, model: M, device: torch.device, corpus_name: str) -> None:
        """Raises `InputError` where nothing can be trained at the precision of the spec."""
        refuse_precision(device, spec.training.precision)
        self.spec = spec
        self.name = spec.name  # of the published model
        self.model = model  # on the device
        self.device = device
        self.corpus_name = corpus_name
        self.steps: float = math.inf  # of the whole training, once it has begun
        self.pieces: Pieces | None = None  # threads that make the steps apart, where `cut` allows it

    @property
    def parameters(self) -> int:
        """The number of trainable parameters."""
        return sum(p.numel() for p in self.model.parameters())

    def facts(self) -> dict[str, Any]:
        """Return the facts for the `Started` event."""
        return {
            "task": self.kind,
            "model": self.name,
            "corpus": self.corpus_name,
            "baselines": self.baselines,
            "summary": self.summary(),
        }

    def as_file(
        self, metadata: Mapping[str, Any], temperature: float = 1.0
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Return what `model_file.write` takes: the weights as they are now, and the header with `metadata`.

        The output's weights and biases are divided by `temperature`, if the task's evaluations choose one.
        """
        header = {
            "kind": self.kind,
            "name": self.name,
            "spec": self.spec.to_dict(),
            "baselines": self.baselines,
            **model_file.made_now(torch=torch.__version__),
            **self.header(),
            **metadata,
        }
        header["sizes"]["parameters"] = self.parameters
        return weights_of(self.model), header

    @property
    @abstractmethod
    def steps_per_epoch(self) -> int:
        """Steps in an epoch."""

    @property
    @abstractmethod
    def units_per_step(self) -> int:
        """Characters or tokens in a full step, for rates."""

    @property
    @abstractmethod
    def baselines(self) -> Mapping[str, float]:
        """Losses of simple methods, by name, to compare the model's with; there may be more later."""

    def begin(self) -> None:
        """Prepare for training; the loop calls this once, before it asks for the facts."""

    def end(self) -> None:
        """End what `begin` started."""

    def new_baselines(self, wait: StopCheck | None = None) -> Mapping[str, float]:
        """Return all baselines once, when more are known than the facts say; empty at other times.

        With `wait` they are waited for, unless it returns a reason to stop.
        """
        return {}

    @abstractmethod
    def summary(self) -> str:
        """Return the model in a few words."""

    @abstractmethod
    def header(self) -> dict[str, Any]:
        """Return what the header of the model file says about the model and its data."""

    @abstractmethod
    def next_loss(self) -> tuple[Tensor, int]:
        """Return the mean loss of the next batch (a float32 scalar with a graph) and its units.

        Each of several ranks returns its share, so that the sum over ranks is the mean; units are those
        of the whole batch. This advances the position. All randomness comes from torch's generators,
        whose states the loop saves, or from the position.
        """

    def cut(self, threads: int) -> Sequence[slice]:
        """Return the streams of the pieces of a step that `threads` make apart; none where they can't."""
        return ()

    @abstractmethod
    def epoch(self) -> float:
        """Return the position in epochs."""

    @abstractmethod
    def position(self) -> Tensors:
        """Return what `go_to` needs to continue bit for bit: the position and the carried state."""

    @abstractmethod
    def go_to(self, position: Tensors) -> None:
        """Return to a position."""

    @abstractmethod
    def evaluate(self) -> Evaluation:
        """Validate the model as it is now; the loop has set eval mode and turned gradients off."""

    def evaluation_seconds(self) -> float:
        """Estimate the seconds of `evaluate`, in eval mode."""
        started = time.perf_counter()
        self.evaluate()
        return time.perf_counter() - started

    @abstractmethod
    def sample(self) -> Sample:
        """Return a sample of the model as it is now."""

    @abstractmethod
    def final_metrics(self, path: Path, should_stop: StopCheck) -> dict[str, float | None]:
        """Compute the final metrics of the model file at `path`, for `Finished`.

        Raises `Interrupted` when `should_stop` returns a reason.
        """

    @abstractmethod
    def finish_seconds(self) -> float:
        """Estimate the seconds of `final_metrics`."""


AnyTask = Task[Any, Any]


class Interrupted(Exception):
    """Work was stopped on request; the message is the reason."""


def raise_if_stopped(should_stop: StopCheck) -> None:
    """Raise `Interrupted` if there is a reason to stop."""
    if reason := should_stop():
        raise Interrupted(reason)


def weights_of(model: nn.Module) -> dict[str, np.ndarray]:
    """Return the weights of a model as float32 arrays, by their names in torch."""
    return {name: p.detach().float().cpu().numpy() for name, p in model.named_parameters()}
