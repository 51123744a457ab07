"""The formats in which `tag` writes sentences with their tags."""

import json
from collections.abc import Callable
from typing import Any

from lstmterm.errors import InputError
from lstmterm.infer.tag import Tagger, Tagging
from lstmterm.tagging.sentences import Sentence
from lstmterm.tagging.treebank import Block, conllu

Item = Sentence | Block  # of a plain text, or of a tagged file
Writer = Callable[[Item, Tagging], str]  # the text of an item with its tags


def with_tags(item: Item, tagging: Tagging) -> str:
    """A sentence of a tagged file as it was read, with the new tags."""
    assert not isinstance(item, Sentence)
    return item.with_tags(tagging.tags)


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

    def write(item: Item, tagging: Tagging) -> str:
        spaces = item.spaces if isinstance(item, Sentence) else ()
        return conllu.written(item.words, tagging.tags, column, spaces) if item.words else ""

    return write


def _text_writer(tagger: Tagger) -> Writer:
    knows = tagger.vocabulary.knows
    separator = "" if max(map(len, tagger.tags)) == 1 else " "

    def write(item: Item, tagging: Tagging) -> str:
        tags = tagging.tags
        if tagger.level == "char" and not separator:  # characters that the model does not know stay
            tags = [tag if knows(c) else c for c, tag in zip(item.words, tags, strict=True)]
        return separator.join(tags) + "\n"

    return write


def _tsv_writer(tagger: Tagger, probabilities: bool) -> Writer:
    header = "\t".join(["word", "tag", "probability", *tagger.tags]) + "\n" if probabilities else ""

    def write(item: Item, tagging: Tagging) -> str:
        nonlocal header
        text, header = header, ""
        if not item.words:
            return text
        heads = [" ".join(item.words)] if tagger.level == "sequence" else item.words
        for i, (head, tag) in enumerate(zip(heads, tagging.tags, strict=True)):
            cells = [head, tag]
            if probabilities:
                row = tagging.probabilities[i]
                cells += [f"{p:.6g}" for p in (row[tagging.chosen[i]], *row)]
            text += "\t".join(cells) + "\n"
        return text if tagger.level == "sequence" else text + "\n"

    return write


def _json_writer(tagger: Tagger, probabilities: bool) -> Writer:
    def write(item: Item, tagging: Tagging) -> str:
        if not item.words:
            return ""
        record: dict[str, Any] = {"words": item.words, "tags": tagging.tags}
        if probabilities:
            record["probability"] = [round(float(p), 6) for p in tagging.chosen_probabilities]
            record["probabilities"] = [
                {name: round(float(p), 6) for name, p in zip(tagger.tags, row, strict=True)}
                for row in tagging.probabilities
            ]
        return json.dumps(record, ensure_ascii=False) + "\n"

    return write
