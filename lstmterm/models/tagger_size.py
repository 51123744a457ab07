"""How many parameters a tagger for given data would have, and how large its file would be, without torch."""

import functools
import json
from collections.abc import Callable

from lstmterm.models.shapes import FILTER_WIDTH
from lstmterm.planning.tagger_outlook import Size
from lstmterm.spec.tagger import TaggerModelPart
from lstmterm.tagging import treebank
from lstmterm.tagging.tagged_data import TaggerData
from lstmterm.tagging.words import SHAPES, SUFFIX_LENGTHS, TaggerVocabulary

_BYTES = 4  # of a parameter in a model's file


def vocabulary_for(
    data: TaggerData, part: TaggerModelPart, earlier: TaggerVocabulary | None = None
) -> TaggerVocabulary:
    """The vocabulary of a tagger for this data, with that of the tagger whose weights it starts from."""
    vocabulary = TaggerVocabulary.build(
        [sentence.words for sentence in data.train],
        treebank.tag_counts(data.train),
        lowercase=not part.cased,
        suffix_lengths=SUFFIX_LENGTHS if part.suffixes else (),
        min_count=part.min_count,
    )
    return vocabulary if earlier is None else earlier.joined(vocabulary)


def sizes(data: TaggerData, earlier: TaggerVocabulary | None) -> Callable[[TaggerModelPart], Size]:
    """What tells the size of a tagger for this data; a vocabulary is built once."""
    known: dict[tuple[bool, int, bool], tuple[TaggerVocabulary, int]] = {}

    def size(part: TaggerModelPart) -> Size:
        key = part.cased, part.min_count, bool(part.suffixes)
        if key not in known:
            vocabulary = vocabulary_for(data, part, earlier)
            known[key] = vocabulary, len(json.dumps(vocabulary.to_dict()).encode())
        vocabulary, words = known[key]
        weights = parameters(part, vocabulary)
        return Size(weights, _BYTES * weights + words)

    return functools.cache(size)


def parameters(part: TaggerModelPart, vocabulary: TaggerVocabulary) -> int:
    """The number of weights and biases of a tagger with this vocabulary."""
    encoder = 0 if part.characters == "none" else part.character_width
    width = part.words + encoder + part.suffixes * len(vocabulary.suffixes) + part.shapes
    embeddings = part.words * (len(vocabulary.words) + 1) + part.shapes * len(SHAPES)
    embeddings += part.suffixes * sum(len(ends) + 1 for ends in vocabulary.suffixes)
    outputs = part.directions * part.hidden
    inputs = [width, *[outputs] * (part.layers - 1)]
    layers = sum(part.directions * _lstm(each, part.hidden) for each in inputs)
    states = 2 * part.layers * outputs if part.initial_state == "learned" else 0
    letters = _letters(part, len(vocabulary.characters))
    return embeddings + letters + layers + states + (outputs + 1) * len(vocabulary.tags)


def _letters(part: TaggerModelPart, characters: int) -> int:
    """The weights of what reads the characters of a word."""
    size, width = part.character_size, part.character_width
    if part.characters == "none":
        return 0
    if part.characters == "cnn":
        return size * (characters + 1) + (FILTER_WIDTH * size + 1) * width
    return size * (characters + 1) + 2 * _lstm(size, width // 2)


def _lstm(inputs: int, hidden: int) -> int:
    """The weights of a direction of a layer, with two biases for each gate."""
    return 4 * hidden * (inputs + hidden + 2)
