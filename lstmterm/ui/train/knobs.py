"""What the form offers beyond the time: the knobs of the spec, as a person types them.

The knobs come from `spec.knobs`, so the form, the command line and the checks are one description.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lstmterm.planning import plan, tagger_plan
from lstmterm.spec.character import CharBatchPart, CharModelPart, TextPart
from lstmterm.spec.knobs import Knob, Part, SpecError, check, knobs
from lstmterm.spec.tagger import DataPart, TaggerBatchPart, TaggerModelPart
from lstmterm.spec.training import TrainingPart

GROUPS: dict[str, tuple[tuple[str, type[Part]], ...]] = {
    "charlm": (
        ("Text", TextPart),
        ("Model", CharModelPart),
        ("Streams", CharBatchPart),
        ("Training", TrainingPart),
    ),
    "tagger": (
        ("Data", DataPart),
        ("Tagger", TaggerModelPart),
        ("Batches", TaggerBatchPart),
        ("Training", TrainingPart),
    ),
}
PLANNED = {"charlm": plan.PLANNED, "tagger": tagger_plan.PLANNED}
_SAID_ELSEWHERE = {"steps", "evaluate_every"}  # the form's time says the first, and decides the second


@dataclass(frozen=True)
class Group:
    """Knobs that belong together."""

    name: str
    knobs: tuple[Knob, ...]


def groups(task: str = "charlm") -> Iterator[Group]:
    """All knobs of a task's training that its form offers."""
    for name, part in GROUPS[task]:
        yield Group(name, tuple(k for k in knobs(part) if k.name not in _SAID_ELSEWHERE))


def value_of(knob: Knob, text: str) -> Any:
    """The value that `text` says. Raises `SpecError` in words."""
    text = text.strip()
    if knob.type is bool:
        if text.lower() not in _TRUTHS:
            raise SpecError(f"--{knob.option} is yes or no.")
        return _TRUTHS[text.lower()]
    value: Any = text
    if knob.type in (int, float):
        try:
            value = knob.type(text.replace("_", "").replace(",", ""))
        except ValueError:
            noun = "a whole number" if knob.type is int else "a number"
            raise SpecError(f"--{knob.option} is {noun}, not {text!r}.") from None
    check(knob, value)
    return value


_TRUTHS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def default_text(knob: Knob, task: str = "charlm") -> str:
    """What stands in an empty field: the default, or who decides."""
    if knob.name in PLANNED[task]:
        return "planned"
    if knob.default is None:
        return "not set"
    if knob.type is bool:
        return "yes" if knob.default else "no"
    return f"{knob.default:g}" if knob.type is float else str(knob.default)


def bounds_text(knob: Knob) -> str:
    """The values that the knob takes, in few words."""
    if knob.choices:
        return ", ".join(knob.choices)
    if knob.type is bool:
        return "yes, no"
    if knob.type is str:
        return ""
    low, high = ("" if math.isinf(v) else _number(v) for v in (knob.low, knob.high))
    if low and high:
        return f"{low} to {high}"
    return f"{low} or more" if low else f"{high} or less"


def _number(value: float) -> str:
    if value >= 1e7:
        return f"{value:.0e}"
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def values(chosen: Mapping[str, str], task: str = "charlm") -> dict[str, Any]:
    """The values of what was typed, by knob name, in the knobs' order.

    Raises `SpecError` for the first that cannot be.
    """
    typed = {name: text for name, text in chosen.items() if text.strip()}
    return {
        k.name: value_of(k, typed[k.name]) for group in groups(task) for k in group.knobs if k.name in typed
    }


def arguments(chosen: Mapping[str, str], task: str = "charlm") -> list[str]:
    """The options of `train` or `train-tagger` for what was typed. Raises `SpecError`."""
    options = {k.name: k.option for group in groups(task) for k in group.knobs}
    words: list[str] = []
    for name, value in values(chosen, task).items():
        if isinstance(value, bool):
            words += [f"--{options[name]}"] if value else []
        else:
            words += [f"--{options[name]}", f"{value:.10g}" if isinstance(value, float) else str(value)]
    return words
