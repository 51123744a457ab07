"""Starting a model from another one's weights: what that fixes."""

from collections.abc import Mapping
from typing import Any

from lstmterm.errors import InputError
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import knobs_of
from lstmterm.spec.tagger import TaggerModelPart

_SIZES_OF_A_TAGGER = (
    "words", "characters", "character_size", "character_width", "suffixes", "shapes",
    "layers", "hidden", "directions", "initial_state", "cased",
)  # fmt: skip


def sizes_to_start_from(reference: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given knobs with the sizes of the model that `reference` names. Raises `InputError` where they disagree."""
    return with_sizes_of(model_file.describe(library.find(reference).path), reference, given)


def with_sizes_of(card: ModelCard, reference: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given knobs with the sizes of a model. Raises `InputError` where they disagree, and for a tagger."""
    if card.kind != "charlm":
        raise InputError(f"{reference} is a {card.kind}; --from takes a character model.")
    sizes = {name: card.sizes[name] for name in ("layers", "hidden", "embedding")}
    _refuse_others("charlm", reference, sizes, given)
    return {**sizes, **given}


def reading_of_tagger(
    card: ModelCard, reference: str, source: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The given knobs of training a tagger further, with how it reads its data.

    Nothing is held out unless it is asked for, since corrections are few. Raises `InputError` for another model, and
    for given knobs that are not the tagger's.
    """
    if card.kind != "tagger":
        raise InputError(f"{reference} is a character model; --from takes a tagger here.")
    try:
        part = TaggerModelPart.from_dict(card.spec["model"])
        fixed = {name: getattr(part, name) for name in _SIZES_OF_A_TAGGER} | {"level": card.metadata["level"]}
        column = card.metadata["column"] if card.metadata.get("layout") == "conllu" else None
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{card.path} is damaged: its settings are incomplete ({error!r}).") from None
    _refuse_others("tagger", reference, fixed, given)
    read = {"level": fixed["level"], "val_share": 0.0, "test_share": 0.0}
    if column is not None and source.lower().endswith(".conllu"):
        read["column"] = column
    return {**read, **given}


def _refuse_others(kind: Kind, reference: str, fixed: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise `InputError` for a given knob that is not what the model that `reference` names has `fixed`."""
    for name, value in fixed.items():
        if given.get(name, value) != value:
            option = knobs_of(kind)[name].option
            raise InputError(
                f"--{option} is {given[name]}, but {reference} has {value}; leave --{option} out."
            )
