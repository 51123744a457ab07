"""Starting a character model from another one's weights: what that fixes."""

from collections.abc import Mapping
from typing import Any

from lstmterm.errors import InputError
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard


def sizes_to_start_from(reference: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given knobs with the sizes of the model that `reference` names. Raises `InputError` where they disagree."""
    return with_sizes_of(model_file.describe(library.find(reference).path), reference, given)


def with_sizes_of(card: ModelCard, reference: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given knobs with the sizes of a model. Raises `InputError` where they disagree, and for a tagger."""
    if card.kind != "charlm":
        raise InputError(f"{reference} is a {card.kind}; --from takes a character model.")
    known = dict(given)
    for knob in ("layers", "hidden", "embedding"):
        size = card.sizes[knob]
        if known.setdefault(knob, size) != size:
            raise InputError(f"--{knob} is {known[knob]}, but {reference} has {size}; leave --{knob} out.")
    return known
