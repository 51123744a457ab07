"""Training a tagger further: starting from its weights, its vocabulary matched by entry."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from lstmterm.errors import InputError
from lstmterm.infer.tag import Tagger
from lstmterm.models import library, model_file
from lstmterm.models.model_file import LoadedModel, StoredModel
from lstmterm.models.starting import reading_of_tagger
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Tagged
from lstmterm.tagging.words import TaggerVocabulary


def to_train_further(
    reference: str, source: str, given: Mapping[str, Any]
) -> tuple[StoredModel, dict[str, Any]]:
    """Return the tagger to start from, and the given knobs with how it reads its data.

    Raises `InputError` for another model, and for given knobs that are not the tagger's.
    """
    earlier = model_file.read(library.find(reference).path)
    read = reading_of_tagger(earlier.card, reference, source, given)
    Tagger.from_model(earlier)  # refuses a damaged one
    return earlier, read


def new_tags(earlier: LoadedModel, sentences: Iterable[Tagged]) -> str:
    """Return the tags that `earlier` does not have, separated by spaces."""
    return " ".join(sorted(treebank.tag_counts(sentences).keys() - {*vocabulary_of(earlier).tags}))


def vocabulary_of(earlier: LoadedModel) -> TaggerVocabulary:
    """Return the vocabulary of a tagger."""
    return TaggerVocabulary.from_dict(earlier.card.metadata["vocabulary"])


def start_from(model: nn.Module, vocabulary: TaggerVocabulary, earlier: LoadedModel) -> None:
    """Copy the weights of `earlier` into a model of the same shape, whose vocabulary has all of its entries.

    A new word, character or suffix begins as the unknown one did, so that it is tagged as before; a new tag begins
    as unlikely as the rarest one.
    """
    before = vocabulary_of(earlier)
    entries: dict[str, tuple[Sequence[str], Sequence[str]]] = {
        "embedding.weight": (before.words, vocabulary.words),
        "types.characters.embedding.weight": (before.characters, vocabulary.characters),
        **{
            f"types.suffixes.{k}.weight": pair
            for k, pair in enumerate(zip(before.suffixes, vocabulary.suffixes, strict=True))
        },
    }
    tags = _numbers(before.tags, vocabulary.tags)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            source = torch.tensor(earlier.tensors[name], dtype=torch.float32).to(parameter.device)
            if name in entries:
                old, new = entries[name]
                parameter.copy_(source[[*_numbers(old, new), len(old)]])
            elif name.startswith("output."):
                rarest = source.min() if name == "output.bias" else torch.zeros_like(source[0])
                parameter.copy_(torch.stack([rarest if n == len(before.tags) else source[n] for n in tags]))
            else:
                parameter.copy_(source)


def learn_words_alone(model: nn.Module, new_tags: bool) -> None:
    """Let training change the words' embeddings alone, and the output if it has new tags.

    Raises `InputError` if there are no such embeddings.
    """
    if all(name != "embedding.weight" for name, _ in model.named_parameters()):
        raise InputError("--learn words needs word embeddings, and the tagger has none; leave it out.")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name == "embedding.weight" or (new_tags and name.startswith("output.")))


def _numbers(old: Sequence[str], new: Sequence[str]) -> list[int]:
    """The number that each new entry had before; the one after the last for those that are added."""
    known = {entry: i for i, entry in enumerate(old)}
    return [known.get(entry, len(old)) for entry in new]
