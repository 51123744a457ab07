"""Specs as they are stored in a run or a model file."""

from typing import Any

from lstmterm.spec.character import CharSpec
from lstmterm.spec.knobs import SpecError
from lstmterm.spec.tagger import TaggerSpec


def spec_from_dict(values: dict[str, Any]) -> CharSpec | TaggerSpec:
    """The spec of a run or a model, of whichever task it is. Raises `SpecError` for what is none."""
    try:
        return (TaggerSpec if values.get("task") == "tagger" else CharSpec).from_dict(values)
    except (AttributeError, KeyError, TypeError) as error:
        raise SpecError(f"The spec is damaged ({type(error).__name__}: {error}); train anew.") from None
