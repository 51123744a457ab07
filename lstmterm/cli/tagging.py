"""What `tag` reads and writes: a stream of sentences, tagged as it passes."""

import contextlib
import io
import json
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

import click

from lstmterm.errors import InputError
from lstmterm.infer.tag import Tagger, Tagging
from lstmterm.models import library, model_file
from lstmterm.planning import processors
from lstmterm.tagging import treebank
from lstmterm.tagging.sentences import PlainLayout, Sentence, split_text
from lstmterm.tagging.treebank import Block, Level, Source, conllu
from lstmterm.visible import visible

_CHUNK = 1 << 16  # characters of a plain text that are read at a time
_PLAIN = ("text", "lines", "words")
_FORMATS = {"conllu": "conllu", "csv": "csv", "columns": "tsv"}  # what a layout is written as


Item = Sentence | Block  # of a plain text, or of a tagged file


def tag_file(
    model: str, file: str, kind: str, layout: str | None, column: str | None, probabilities: bool
) -> None:
    """Tag a file, or stdin, to stdout."""
    loaded = model_file.load(library.find(model).path)
    tagger = Tagger.from_model(loaded)
    with _opened(file) as raw:
        kind, raw = _kind_of(raw, file, kind)
        if kind == "conllu":
            column = column or conllu.column_of_model(loaded.card.metadata, tagger.tags)
        where = Source("standard input" if file == "-" else file, tagger.level, column)
        layout = layout or _default_layout(kind, tagger.level)
        if probabilities and layout not in ("tsv", "json"):
            raise InputError(
                f"{layout} has no place for every tag's probability; add --format tsv or --format json."
            )
        if layout == "csv" and kind != "csv":
            raise InputError("CSV is written only where CSV was read; choose --format conllu, tsv or json.")
        items: Iterable[Item]
        if kind in _PLAIN:
            items = _plain_items(raw, cast(PlainLayout, kind), tagger.level)
        else:
            items = treebank.blocks(raw, where, layout=cast(treebank.Layout, kind))[1]
        place = column or conllu.column_of_model(loaded.card.metadata, tagger.tags)
        if "conllu" in (kind, layout):
            click.echo(f"The tags are in the column {visible(place)}.", err=True)
        same = kind not in _PLAIN and _FORMATS[kind] == layout and not probabilities
        write = _write_same if same else _writer(layout, tagger, place, probabilities)
        hold = {"hold": 1} if file == "-" and sys.stdin.isatty() else {"workers": processors.usable()}
        unknown = _write_all(_tagged(items, tagger, **hold), write, tagger)
    if unknown:
        shown = visible("".join(sorted(unknown)[:20]))
        click.echo(f"The model does not know {len(unknown)} of the characters ({shown}).", err=True)


def _write_all(
    pairs: Iterable[tuple[Item, Tagging]], write: Callable[[Item, Tagging, TextIO], None], tagger: Tagger
) -> set[str]:
    """Write everything; the characters that a letter-by-letter tagger does not know."""
    known = set(tagger.vocabulary.forms)
    unknown: set[str] = set()
    out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", "surrogateescape", newline="", write_through=False)
    try:
        for item, tagging in pairs:
            if tagger.level == "char":
                unknown.update(c for c in item.words if c not in known)
            write(item, tagging, out)
            if sys.stdout.isatty():
                out.flush()
        out.flush()
    finally:
        out.detach()
    return unknown


def _tagged(items: Iterable[Item], tagger: Tagger, **how: int) -> Iterator[tuple[Item, Tagging]]:
    """The items with their tags, in order, a bounded number at a time."""
    waiting: deque[Item] = deque()

    def words() -> Iterator[Sequence[str]]:
        for item in items:
            waiting.append(item)
            yield item.words

    for tagging in tagger.tag_all(words(), **how):
        yield waiting.popleft(), tagging


# Reading


@contextlib.contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with open(Path(file).expanduser(), "rb") as raw:
            yield raw
    except FileNotFoundError:
        raise InputError(f"There is no file {file}.") from None
    except IsADirectoryError:
        raise InputError(f"{file} is a folder; give a file.") from None


def _kind_of(raw: BinaryIO, file: str, kind: str) -> tuple[str, BinaryIO]:
    """How a file is read, and the file from its beginning."""
    if kind != "auto":
        return kind, raw
    suffix = Path(file).suffix.lower()
    if suffix in (".conllu", ".csv"):
        return suffix[1:], raw
    if suffix in (".tsv", ".conll"):
        return "columns", raw
    buffered = io.BufferedReader(raw, _CHUNK) if not isinstance(raw, io.BufferedReader) else raw  # pyright: ignore[reportArgumentType]
    head = buffered.peek(_CHUNK)[:_CHUNK].decode("utf-8", "replace").splitlines()
    return ("conllu" if conllu.looks_like(head) else "text"), buffered


def _plain_items(raw: BinaryIO, kind: PlainLayout, level: Level) -> Iterator[Item]:
    text = io.TextIOWrapper(raw, "utf-8-sig", "replace")
    try:
        yield from split_text(text, level, kind)
    finally:
        text.detach()


def _default_layout(kind: str, level: str) -> str:
    if kind not in _PLAIN:
        return _FORMATS[kind]
    return {"word": "conllu", "char": "text", "sequence": "tsv"}[level]


# Writing


def _write_same(item: Item, tagging: Tagging, out: TextIO) -> None:
    assert not isinstance(item, Sentence)
    out.write(item.with_tags(tagging.tags))


def _writer(
    layout: str, tagger: Tagger, column: str, probabilities: bool
) -> Callable[[Item, Tagging, TextIO], None]:
    if layout == "json":
        return _json_writer(tagger, probabilities)
    if layout == "tsv":
        return _tsv_writer(tagger, probabilities)
    if layout == "text":
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


def _text_writer(tagger: Tagger) -> Callable[[Item, Tagging, TextIO], None]:
    known = set(tagger.vocabulary.forms)
    joint = "" if max(map(len, tagger.tags)) == 1 else " "

    def write(item: Item, tagging: Tagging, out: TextIO) -> None:
        tags = tagging.tags
        if tagger.level == "char" and not joint:  # what the model does not know stays as it is
            tags = [tag if c in known else c for c, tag in zip(item.words, tags, strict=True)]
        out.write(joint.join(tags) + "\n")

    return write


def _tsv_writer(tagger: Tagger, probabilities: bool) -> Callable[[Item, Tagging, TextIO], None]:
    begun = not probabilities

    def write(item: Item, tagging: Tagging, out: TextIO) -> None:
        nonlocal begun
        if not begun:
            out.write("\t".join(["word", "tag", "probability", *tagger.tags]) + "\n")
            begun = True
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


def _json_writer(tagger: Tagger, probabilities: bool) -> Callable[[Item, Tagging, TextIO], None]:
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
