"""A grid of runs: every combination of some settings, each with several seeds."""

import hashlib
import itertools
import json
import os
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lstmterm import paths
from lstmterm.errors import InputError, did_you_mean
from lstmterm.planning.length import Length
from lstmterm.planning.request import TrainRequest
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import knobs_of
from lstmterm.spec.knobs import Knob, parse, typed

MOST_RUNS = 1000


@dataclass(frozen=True)
class Cell:
    """A combination of settings with a seed: one run."""

    settings: Mapping[str, str]  # by option, as typed
    seed: int

    def __str__(self) -> str:
        return ", ".join([*(f"{name} {value}" for name, value in self.settings.items()), f"seed {self.seed}"])

    @property
    def marks(self) -> dict[str, str]:
        """What is kept with its run, by which it is found again."""
        return {**self.settings, "seed": str(self.seed)}


@dataclass(frozen=True)
class Sweep:
    """Runs of one text for the same length that differ in the settings of a grid."""

    kind: Kind
    source: str
    name: str  # that the names of its models begin with
    length: Length
    grid: Mapping[str, tuple[Any, ...]]  # the values of each knob, by its name
    seeds: int = 1

    def __post_init__(self) -> None:
        if (runs := len([*self.cells()])) > MOST_RUNS:
            raise InputError(f"The grid has {runs:,} runs; a sweep has at most {MOST_RUNS:,}.")

    @property
    def varied(self) -> list[Knob]:
        """The knobs with more than one value."""
        return [knobs_of(self.kind)[name] for name, values in self.grid.items() if len(values) > 1]

    @property
    def group(self) -> str:
        """The id of the sweep. More values or more seeds keep it, so that a larger grid continues a smaller one."""
        fixed = {name: typed(values[0]) for name, values in self.grid.items() if len(values) == 1}
        is_file = paths.is_file_argument(self.source)
        source = os.path.abspath(paths.expanded(self.source)) if is_file else self.source
        varied = sorted(knob.name for knob in self.varied)
        content = json.dumps([self.kind, source, self.length.arguments(), fixed, varied], sort_keys=True)
        return f"{self.name}-{hashlib.sha256(content.encode()).hexdigest()[:6]}"

    def cells(self) -> Iterator[Cell]:
        """Its runs: all combinations with the first seed, then with the next, so that a table is soon whole."""
        varied = self.varied
        combinations = [*itertools.product(*(self.grid[knob.name] for knob in varied))]
        for seed in range(1, self.seeds + 1):
            for values in combinations:
                settings = {knob.option: typed(value) for knob, value in zip(varied, values, strict=True)}
                yield Cell(settings, seed)

    def request(self, cell: Cell) -> TrainRequest:
        """What to train for one of its runs."""
        given = {name: values[0] for name, values in self.grid.items()}
        given |= {knob.name: parse(knob, cell.settings[knob.option]) for knob in self.varied}
        words = [f"{option}{value}" for option, value in cell.settings.items()]
        name = paths.made_plain("-".join([self.name, *words, f"s{cell.seed}"]).replace(".", "_"))
        return TrainRequest(
            self.kind, self.source, name, self.length, {**given, "seed": cell.seed}, yes=self.kind == "tagger"
        )


def parse_grid(kind: Kind, words: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """The values of each knob in words such as `hidden=256,512`. Raises `InputError`."""
    known = {knob.option: knob for knob in knobs_of(kind).values()}
    grid: dict[str, tuple[Any, ...]] = {}
    for word in words:
        option, sign, texts = word.partition("=")
        option = option.strip().removeprefix("--").replace("_", "-")
        if not sign or not texts.strip():
            raise InputError(f"--set needs a setting and its values, such as hidden=256,512, not {word!r}.")
        if option == "seed":
            raise InputError(
                "A sweep chooses the seeds itself (--seeds 3 trains each combination three times)."
            )
        if option not in known or option == "steps":
            raise InputError(
                f"There is no setting {option!r} to vary. {did_you_mean(option, known)}".rstrip()
            )
        knob = known[option]
        if knob.name in grid:
            raise InputError(
                f"--set {option} is given twice; put all its values into one: --set {option}=A,B."
            )
        grid[knob.name] = tuple(dict.fromkeys(parse(knob, text) for text in texts.split(",")))
    return grid


def mean_and_spread(values: Sequence[float | None]) -> tuple[float | None, float | None]:
    """The mean of the known values, and their sample standard deviation, None for fewer than two."""
    known = [value for value in values if value is not None]
    mean = statistics.fmean(known) if known else None
    return mean, statistics.stdev(known) if len(known) > 1 else None
