"""How the plan of a form differs from a run that was planned before, in words."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from lstmterm.planning.char_plan import Shape
from lstmterm.planning.length import Length
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.tagger_plan import TaggerShape
from lstmterm.runs.differences import Difference, differences
from lstmterm.spec.base import Kind
from lstmterm.spec.character import TextPart
from lstmterm.spec.tagger import DataPart
from lstmterm.spec.training import TrainingPart

_NAMED = 2  # differences in a sentence
_OF_THE_MOMENT = (
    "device",
    "threads",
    "precision",
    "evaluate_every",
    "warmup",
    "average",
    "cooldown",
    "deadline",
)  # measured, or by the steps and whether there is time for a teacher

_HOW_READ = (
    "level",
    "encoding",
    "raw_newlines",
    "nfc",
    "glob",
    "vocab_limit",
)  # another way gives another digest


@dataclasses.dataclass(frozen=True)
class TextAsRead:
    """A text as it was read: the kind that is trained on it, its part of a spec, what is said of another one."""

    source: str  # as a spec has it
    digest: str
    kind: ClassVar[Kind] = "charlm"
    part: ClassVar[str] = "text"
    other: ClassVar[str] = "another text"

    def beside(self, run: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """The text of the plan; a moved file with the same content is the same text."""
        read = dataclasses.asdict(
            TextPart.from_dict({"source": self.source, "name": run.get("name", ""), **given})
        )
        otherwise = any(read[name] != run.get(name, read[name]) for name in _HOW_READ)
        read |= {"sha256": run.get("sha256"), "digest": run.get("digest") if otherwise else self.digest}
        return read | ({"source": run.get("source")} if run.get("digest") == self.digest else {})


@dataclasses.dataclass(frozen=True)
class DataAsRead:
    """Tagged data as it was read, with the same."""

    data: DataPart
    kind: ClassVar[Kind] = "tagger"
    part: ClassVar[str] = "data"
    other: ClassVar[str] = "other data"

    def beside(self, run: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """The data of the plan; moved files with the same content are the same data."""
        read = dataclasses.asdict(self.data) | {"name": run.get("name", ""), "fold": run.get("fold")}
        same = self.data.sha256 and run.get("sha256") == self.data.sha256
        return read | ({"source": run.get("source")} if same else {})


@dataclasses.dataclass(frozen=True)
class Plan:
    """A plan that has not begun: what was asked for, the data as it was read, and what would be trained."""

    request: TrainRequest
    length: Length
    read: TextAsRead | DataAsRead
    shape: Shape | TaggerShape
    steps: int
    slack: float = 0.03  # share by which the number of steps may be off before it is measured

    def unlike(self, run: Mapping[str, Any]) -> list[Difference]:
        """The settings of a run's stored spec that are different in this plan."""
        return differences(run, self._spec_beside(run)) if run.get("task") == self.read.kind else []

    def _ensemble_beside(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """The ensemble of the plan, if its kind of model has any; whether there is time for teachers is the run's."""
        if isinstance(self.shape, TaggerShape):
            return {}
        planned, found = dataclasses.asdict(self.shape.ensemble), run.get("ensemble")
        if self.length.unit == "minutes" and isinstance(found, Mapping):
            depending_on_time = {"ensemble", "teacher_hidden"} - self.request.given.keys()
            planned |= {name: found[name] for name in depending_on_time if name in found}
        return {"ensemble": planned}

    def _spec_beside(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """The spec of the plan; what only the run knows, such as a measured number, is the run's."""
        given = self.request.given
        data, training = (
            run[part] if isinstance(run.get(part), Mapping) else {} for part in (self.read.part, "training")
        )
        steps, run_steps = self.steps, training.get("steps")
        if isinstance(run_steps, int) and (
            self.length.unit == "minutes" or abs(steps - run_steps) <= self.slack * run_steps
        ):
            steps = run_steps
        planned = {"evaluate_every": 1, **self.shape.training, **given, "steps": steps}
        minutes = self.length.amount if self.length.unit == "minutes" else None
        kept = {name: training[name] for name in _OF_THE_MOMENT if name in training and name not in given}
        return self._ensemble_beside(run) | {
            "task": self.read.kind,
            "start_from": self.request.start_from,
            self.read.part: self.read.beside(data, given),
            "model": dataclasses.asdict(self.shape.model),
            "batches": dataclasses.asdict(self.shape.batches),
            "training": dataclasses.asdict(TrainingPart.from_dict({**planned, "minutes": minutes})) | kept,
        }


def in_a_sentence(run: str, found: list[Difference], other: str = TextAsRead.other) -> str:
    """The first differences from a run of this name, which may have `other` data; empty where there are none."""
    if not found:
        return ""
    if any(each.name in ("source", "content") for each in found):
        return f"Unlike {run}: {other}."
    more = f"; {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"Unlike {run}: {'; '.join(each.of_the_second for each in found[:_NAMED])}{more}."
