"""The character model that a command's MODEL names, read and ready."""

from dataclasses import dataclass

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.visible import shorten


@dataclass(frozen=True)
class CharacterModel:
    """A model file's card, its LSTM and its vocabulary."""

    card: ModelCard
    lstm: CharLSTM
    vocabulary: Vocabulary


def character_model(reference: str | None) -> CharacterModel:
    """The model that `reference` names. Raises `InputError` for none, a tagger, or no reference."""
    if reference is None:
        names = [shorten(entry.name, 40) for entry in library.of_kind("charlm")]
        there = (
            f"There are: {', '.join(names)}." if names else "There are none yet; `lstmterm train` makes one."
        )
        raise InputError(f"Name a model. {there}")
    loaded = model_file.load(library.find(reference).path)
    if loaded.card.kind != "charlm":
        raise InputError(f"{reference!r} is a tagger, not a character model; `lstmterm tag` uses it.")
    return CharacterModel(loaded.card, CharLSTM.from_tensors(loaded.tensors), loaded.card.vocabulary)
