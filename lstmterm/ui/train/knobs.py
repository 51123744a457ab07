"""How the form shows the knobs of a spec: their groups, their defaults, their bounds."""

import math
from collections.abc import Iterator

from lstmterm.errors import error_of
from lstmterm.planning.request import planned_knobs
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import SPECS
from lstmterm.spec.knobs import Knob, knobs, number_text, parse
from lstmterm.ui.messages import on_screen

_ELSEWHERE = {"steps", "evaluate_every"}  # the form's time gives the first, and decides the second


def groups(kind: Kind) -> Iterator[tuple[str, list[Knob]]]:
    """All knobs that the form of a kind of model offers, under their headings."""
    for name, part in SPECS[kind].parts().items():
        yield name.capitalize(), [knob for knob in knobs(part) if knob.name not in _ELSEWHERE]


def what_is_wrong(knob: Knob, text: str) -> str:
    """Why `text` cannot be the knob's value; empty if it can, or is empty."""
    return on_screen(error_of(parse, knob, text)) if text.strip() else ""


def default_text(knob: Knob, kind: Kind) -> str:
    """What stands in an empty field: the default, or that it is planned."""
    if knob.name in planned_knobs(kind):
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
    low, high = ("" if math.isinf(v) else _short(v) for v in (knob.low, knob.high))
    if low and high:
        return f"{low} to {high}"
    return f"{low} or more" if low else f"{high} or less"


def _short(value: float) -> str:
    return f"{value:.0e}" if value >= 1e7 else number_text(value)
