"""Every setting of a run as a column: a table shows it and sorts by it, and a query asks for it, as in `hidden=96`."""

from collections.abc import Callable, Mapping
from functools import cache

from lstmterm.runs.rows import Column, Kind, Row, Value
from lstmterm.spec import kinds
from lstmterm.spec.knobs import Knob, knobs, typed

_Places = Mapping[str, tuple[str, Knob]]  # in which part of a spec a setting is, by what is trained


@cache
def by_name() -> Mapping[str, Column]:
    """The columns of all settings, by the names of their fields and of their options, in lower case with `_`."""
    places: dict[str, dict[str, tuple[str, Knob]]] = {}
    for task, spec in kinds.SPECS.items():
        for part, declared in spec.parts().items():
            for knob in knobs(declared):
                places.setdefault(knob.name, {})[task] = part, knob
    found: dict[str, Column] = {}
    for field, of_task in places.items():
        _, knob = next(iter(of_task.values()))
        column = Column(knob.option, knob.option, _kind(knob), _value(field, of_task), typed, knob.sentence)
        found |= dict.fromkeys((field, knob.option.replace("-", "_")), column)
    return found


def _kind(knob: Knob) -> Kind:
    if knob.several:
        return "words"
    return "number" if knob.type in (int, float) else "text"


def _value(field: str, places: _Places) -> Callable[[Row], Value]:
    def value(row: Row) -> Value:
        if row.summary.task not in places:
            return None
        part, knob = places[row.summary.task]
        found = row.setting(part, field, knob.default)
        if isinstance(found, bool):
            return "yes" if found else "no"
        return tuple(found) if isinstance(found, list) else found

    return value
