"""The kinds of model and the knobs of each."""

from functools import cache

from lstmterm.spec.base import Kind
from lstmterm.spec.character import CharSpec
from lstmterm.spec.knobs import Knob, knobs
from lstmterm.spec.tagger import TaggerSpec

SPECS: dict[Kind, type[CharSpec] | type[TaggerSpec]] = {"charlm": CharSpec, "tagger": TaggerSpec}


@cache
def knobs_of(kind: Kind) -> dict[str, Knob]:
    """Every knob of a kind of model, by name, in order."""
    return {knob.name: knob for part in SPECS[kind].parts().values() for knob in knobs(part)}
