"""The kinds of model: the knobs of each, and its spec as it is stored in a run or a model file."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from lstmterm.errors import InputError
from lstmterm.plain_data import Damaged, given, instead
from lstmterm.spec.base import Kind
from lstmterm.spec.character import CharSpec
from lstmterm.spec.knobs import Knob, check, knobs
from lstmterm.spec.tagger import TaggerSpec

SPECS: dict[Kind, type[CharSpec] | type[TaggerSpec]] = {"charlm": CharSpec, "tagger": TaggerSpec}

# The names in format 1: (part, old name) -> new name; (None, old name) for a part itself.
_RENAMED_IN_2 = {
    (None, "streams"): "batches",
    ("batches", "streams"): "batch_size",
    ("batches", "window"): "seq_length",
    ("model", "noise"): "token_dropout",
}
_CIPHERS_IN_1 = ("rot13", "caesar", "vigenere")  # with the alphabet of those that are now named -dash


@cache
def knobs_of(kind: Kind) -> dict[str, Knob]:
    """Every knob of a kind of model, by name, in order."""
    return {knob.name: knob for part in SPECS[kind].parts().values() for knob in knobs(part)}


def upgraded(values: Mapping[str, Any]) -> dict[str, Any]:
    """A stored spec in the names of the current format."""
    if values.get("format") != 1:
        return dict(values)
    renamed = {_RENAMED_IN_2.get((None, name), name): value for name, value in values.items()}
    for part, content in renamed.items():
        if isinstance(content, dict):
            renamed[part] = {_RENAMED_IN_2.get((part, name), name): value for name, value in content.items()}
    data = renamed.get("data")
    if isinstance(data, dict) and isinstance(data.get("source"), str):
        kind, colon, argument = data["source"].partition(":")
        if kind in _CIPHERS_IN_1:
            renamed["data"] = {**data, "source": f"{kind}-dash{colon}{argument}"}
    return {**renamed, "format": 2}


def check_stored(values: Mapping[str, Any]) -> None:
    """Raise `Damaged` for a value of a stored spec that cannot be one; what is missing is not looked for."""
    kind: Kind = "tagger" if values.get("task") == "tagger" else "charlm"
    if not isinstance(values.get("name", ""), str):
        raise Damaged(instead(values["name"], "'name'", "text"))
    for name, part in SPECS[kind].parts().items():
        if name not in values:
            continue
        try:
            found = given(part, values[name], of=name)
            for field in found.keys() & knobs_of(kind).keys():
                check(knobs_of(kind)[field], found[field])
        except Damaged:
            raise
        except ValueError as error:
            raise Damaged(f"has a wrong value in {name!r}: {str(error).rstrip('.')}") from None


def spec_from_dict(values: dict[str, Any]) -> CharSpec | TaggerSpec:
    """The spec of a run or a model, of either kind. Raises `InputError` for damaged data."""
    try:
        return SPECS["tagger" if values.get("task") == "tagger" else "charlm"].from_dict(upgraded(values))
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"The spec is damaged ({type(error).__name__}: {error}); train again.") from None
