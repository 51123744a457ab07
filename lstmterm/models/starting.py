"""Starting a model from another one's weights: what that fixes."""

from collections.abc import Mapping
from typing import Any

from lstmterm.errors import InputError
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import knobs_of


def sizes_to_start_from(reference: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given knobs with the sizes of the model that `reference` names. Raises `InputError` where they disagree."""
    return with_sizes_of(model_file.describe(library.find(reference).path), reference, given)


def with_sizes_of(card: ModelCard, reference: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given knobs with the sizes of a model. Raises `InputError` where they disagree, and for a tagger."""
    if card.kind != "charlm":
        raise InputError(f"{reference} is a {card.kind}; --from takes a character model.")
    sizes = {name: card.sizes[name] for name in ("layers", "hidden", "embedding")}
    refuse_others("charlm", reference, sizes, given)
    return {**sizes, **given}


def refuse_others(kind: Kind, reference: str, fixed: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise `InputError` for a given knob that is not what the model that `reference` names has `fixed`."""
    for name, value in fixed.items():
        if given.get(name, value) != value:
            option = knobs_of(kind)[name].option
            raise InputError(
                f"--{option} is {given[name]}, but {reference} has {value}; leave --{option} out."
            )
