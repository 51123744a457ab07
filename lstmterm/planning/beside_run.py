"""How the plan of a form differs from a run that was planned before, in words."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from lstmterm.planning.char_plan import Shape
from lstmterm.planning.length import Length
from lstmterm.planning.request import TrainRequest
from lstmterm.runs.differences import Difference, differences
from lstmterm.spec.character import TextPart
from lstmterm.spec.training import TrainingPart

_NAMED = 2  # differences in a sentence
_SAME_STEPS = 0.03  # share by which a number of steps may be off before it is measured
_OF_THE_MOMENT = (
    "device",
    "threads",
    "precision",
    "evaluate_every",
    "warmup",
    "average",
    "deadline",
)  # measured, or by the steps

_HOW_READ = (
    "level",
    "encoding",
    "raw_newlines",
    "nfc",
    "glob",
    "vocab_limit",
)  # another way gives another digest


@dataclasses.dataclass(frozen=True)
class Plan:
    """A plan that has not begun: what was asked for, the text as it was read, and what would be trained."""

    request: TrainRequest
    length: Length
    source: str  # as a spec has it
    digest: str
    shape: Shape
    steps: int

    def unlike(self, run: Mapping[str, Any]) -> list[Difference]:
        """The settings of a run's stored spec that are different in this plan."""
        return differences(run, self._spec_beside(run)) if run.get("task") == "charlm" else []

    def _spec_beside(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """The spec of the plan; what only the run knows, such as a measured number, is the run's."""
        given = self.request.given
        text, training = (
            run[part] if isinstance(run.get(part), Mapping) else {} for part in ("text", "training")
        )
        read = dataclasses.asdict(
            TextPart.from_dict({"source": self.source, "name": text.get("name", ""), **given})
        )
        same = text.get("digest") == self.digest
        otherwise = any(read[name] != text.get(name, read[name]) for name in _HOW_READ)
        read |= {"sha256": text.get("sha256"), "digest": text.get("digest") if otherwise else self.digest}
        read |= {"source": text.get("source")} if same else {}
        steps, run_steps = self.steps, training.get("steps")
        if isinstance(run_steps, int) and (
            self.length.unit == "minutes" or abs(steps - run_steps) <= _SAME_STEPS * run_steps
        ):
            steps = run_steps
        planned = {"evaluate_every": 1, **self.shape.training, **given, "steps": steps}
        minutes = self.length.amount if self.length.unit == "minutes" else None
        kept = {name: training[name] for name in _OF_THE_MOMENT if name in training and name not in given}
        return {
            "task": "charlm",
            "start_from": self.request.start_from,
            "text": read,
            "model": dataclasses.asdict(self.shape.model),
            "batches": dataclasses.asdict(self.shape.batches),
            "training": dataclasses.asdict(TrainingPart.from_dict({**planned, "minutes": minutes})) | kept,
        }


def in_a_sentence(run: str, found: list[Difference]) -> str:
    """The first differences from a run of this name; empty where there are none."""
    if not found:
        return ""
    if any(each.name in ("source", "content") for each in found):
        return f"Unlike {run}: another text."
    more = f"; {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"Unlike {run}: {'; '.join(map(str, found[:_NAMED]))}{more}."
