"""What a kind of model brings to a session: its data, its plan, and how it trains."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from lstmterm.nn.task import Session
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.steps import Limits, Pace, Steps
from lstmterm.runs.events import Event
from lstmterm.spec.character import CharSpec
from lstmterm.spec.tagger import TaggerSpec

AnySpec = CharSpec | TaggerSpec


@dataclass(frozen=True)
class Draft:
    """A planned spec; the number of its steps is still open."""

    limits: Limits
    pace: Pace | None  # None where nothing was measured
    settle: Callable[[Steps], tuple[AnySpec, str]]  # the spec for so many steps, and why
    machine: Machine | None = None  # that it was planned for, where the plan depends on it


class Recipe(Protocol):
    """One model's data with everything that is particular to its kind."""

    @property
    def default_name(self) -> str:
        """The model's name if the request gives none."""
        ...

    @property
    def default_length(self) -> Length:
        """The length of training if the request gives none."""
        ...

    def draft(self, name: str, length: Length, measured: bool, ends: float) -> Draft:
        """Plan a model for a length of training; with `measured`, time its steps.

        A length in minutes is over at the time `ends` (of `time.monotonic`).
        """
        ...

    def train(self, spec: AnySpec, session: Session) -> tuple[Iterator[Event], Sequence[str]]:
        """The events of the training, and notes on a new run's data."""
        ...
