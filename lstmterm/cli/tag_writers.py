"""The formats in which `tag` writes sentences with their tags."""

import json
from collections.abc import Callable
from typing import Any, TextIO

from lstmterm.errors import InputError
from lstmterm.infer.tag import Tagger, Tagging
from lstmterm.tagging.sentences import Sentence
from lstmterm.tagging.treebank import Block, conllu

Item = Sentence | Block  # of a plain text, or of a tagged file
Writer = Callable[[Item, Tagging, TextIO], None]


def write_block(item: Item, tagging: Tagging, out: TextIO) -> None:
    """Write a sentence of a tagged file as it was read, with the new tags."""
    assert not isinstance(item, Sentence)
    out.write(item.with_tags(tagging.tags))


def writer(output: str, tagger: Tagger, column: str, probabilities: bool) -> Writer:
    """The writer of an output format: json, tsv, text or conllu.

    Raises `InputError` if the format cannot hold this tagger's tags, or has no such column.
    """
    if output == "json":
        return _json_writer(tagger, probabilities)
    if output == "tsv":
        return _tsv_writer(tagger, probabilities)
    if output == "text":
        return _text_writer(tagger)
    if tagger.level != "word":
        raise InputError(
            "CoNLL-U has one tag for each word; write this model's tags with --format tsv, json or text."
        )
    conllu.column(column)

    def write(item: Item, tagging: Tagging, out: TextIO) -> None:
        if item.words:
            spaces = item.spaces if isinstance(item, Sentence) else ()
            out.write(conllu.written(item.words, tagging.tags, column, spaces))

    return write


def _text_writer(tagger: Tagger) -> Writer:
    known = set(tagger.vocabulary.forms)
    separator = "" if max(map(len, tagger.tags)) == 1 else " "

    def write(item: Item, tagging: Tagging, out: TextIO) -> None:
        tags = tagging.tags
        if tagger.level == "char" and not separator:  # characters that the model does not know stay
            tags = [tag if c in known else c for c, tag in zip(item.words, tags, strict=True)]
        out.write(separator.join(tags) + "\n")

    return write


def _tsv_writer(tagger: Tagger, probabilities: bool) -> Writer:
    has_header = not probabilities

    def write(item: Item, tagging: Tagging, out: TextIO) -> None:
        nonlocal has_header
        if not has_header:
            out.write("\t".join(["word", "tag", "probability", *tagger.tags]) + "\n")
            has_header = True
        if not item.words:
            return
        heads = [" ".join(item.words)] if tagger.level == "sequence" else item.words
        for i, (head, tag) in enumerate(zip(heads, tagging.tags, strict=True)):
            cells = [head, tag]
            if probabilities:
                row = tagging.probabilities[i]
                cells += [f"{p:.6g}" for p in (row[tagging.chosen[i]], *row)]
            out.write("\t".join(cells) + "\n")
        if tagger.level != "sequence":
            out.write("\n")

    return write


def _json_writer(tagger: Tagger, probabilities: bool) -> Writer:
    def write(item: Item, tagging: Tagging, out: TextIO) -> None:
        if not item.words:
            return
        record: dict[str, Any] = {"words": item.words, "tags": tagging.tags}
        if probabilities:
            record["probability"] = [round(float(p), 6) for p in tagging.chosen_probabilities]
            record["probabilities"] = [
                {name: round(float(p), 6) for name, p in zip(tagger.tags, row, strict=True)}
                for row in tagging.probabilities
            ]
        out.write(json.dumps(record, ensure_ascii=False) + "\n")

    return write
