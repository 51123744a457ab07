"""The tensors that a model has: their names, which are torch's, and their shapes."""

from collections.abc import Iterator, Mapping

from lstmterm.tagging.words import SHAPES, TaggerVocabulary

Shape = tuple[int, ...]

FILTER_WIDTH = 3  # characters, centred, that a filter of a tagger's convolution reads


def charlm_shapes(
    layers: int, hidden: int, embedding: int, symbols: int, *, learned: bool = False
) -> dict[str, Shape]:
    """The shape of each tensor of a character model by name; `embedding` 0 means one-hot input."""
    shapes: dict[str, Shape] = {}
    if embedding:
        shapes["embedding.weight"] = (symbols + 1, embedding)
    shapes |= _lstm("lstm", embedding or symbols, layers, hidden)
    if learned:
        shapes["initial.h"] = shapes["initial.c"] = (layers, hidden)
    shapes["output.weight"] = (symbols, hidden)
    shapes["output.bias"] = (symbols,)
    return shapes


def tagger_shapes(
    layers: int, hidden: int, vocabulary: TaggerVocabulary, like: Mapping[str, Shape]
) -> dict[str, Shape]:
    """The shape of each tensor of a tagger by name.

    Which parts read a word, how many numbers each makes of it, and the directions are taken from the
    tensors that it is `like`; all else follows.
    """
    shapes: dict[str, Shape] = {}
    directions = 2 if "lstm.weight_hh_l0_reverse" in like else 1
    tables = {"embedding.weight": len(vocabulary.words) + 1}
    tables |= {f"types.suffixes.{k}.weight": len(ends) + 1 for k, ends in enumerate(vocabulary.suffixes)}
    tables |= {"types.shapes.weight": len(SHAPES)}
    shapes |= {name: (rows, like[name][-1]) for name, rows in tables.items() if like.get(name)}
    width = sum(shape[1] for shape in shapes.values())
    if letters := like.get("types.characters.embedding.weight"):
        width += _add_characters(shapes, letters[-1], len(vocabulary.characters) + 1, like)
    shapes |= _lstm("lstm", width, layers, hidden, directions)
    if "initial.h" in like:
        shapes["initial.h"] = shapes["initial.c"] = (layers * directions, hidden)
    shapes["output.weight"] = (len(vocabulary.tags), directions * hidden)
    shapes["output.bias"] = (len(vocabulary.tags),)
    return shapes


def _add_characters(shapes: dict[str, Shape], size: int, rows: int, like: Mapping[str, Shape]) -> int:
    """Add the tensors of a character encoder, by filters or by an LSTM; how many numbers it makes of a word."""
    shapes["types.characters.embedding.weight"] = (rows, size)
    if filters := like.get("types.characters.filters.bias"):
        shapes["types.characters.filters.weight"] = (filters[0], FILTER_WIDTH * size)
        shapes["types.characters.filters.bias"] = (filters[0],)
        return filters[0]
    hidden = (like.get("types.characters.lstm.weight_hh_l0") or (0,))[-1]
    shapes |= _lstm("types.characters.lstm", size, 1, hidden, directions=2)
    return 2 * hidden


def _lstm(
    name: str, width: int, layers: int, hidden: int, directions: int = 1
) -> Iterator[tuple[str, Shape]]:
    """The tensors of torch's `nn.LSTM`."""
    for k in range(layers):
        for end in ("", "_reverse")[:directions]:
            yield f"{name}.weight_ih_l{k}{end}", (4 * hidden, width)
            yield f"{name}.weight_hh_l{k}{end}", (4 * hidden, hidden)
            yield f"{name}.bias_ih_l{k}{end}", (4 * hidden,)
            yield f"{name}.bias_hh_l{k}{end}", (4 * hidden,)
        width = directions * hidden
