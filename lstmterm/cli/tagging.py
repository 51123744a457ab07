"""`tag`: a text or a tagged file is read as a stream of sentences, tagged and written."""

import contextlib
import io
import shlex
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TextIO, cast

from lstmterm import ending, paths
from lstmterm.amounts import plural
from lstmterm.cli.notes import command, note, note_typed
from lstmterm.cli.tag_writers import Item, Writer, with_tags, writer
from lstmterm.corpora.decoding import Changes, DecodeOptions, normalised
from lstmterm.corpora.normalising import lines
from lstmterm.corpora.text import Text, open_file
from lstmterm.errors import InputError
from lstmterm.infer.tag import Tagger, Tagging
from lstmterm.models import library, model_file
from lstmterm.planning import processors
from lstmterm.tagging import treebank
from lstmterm.tagging.sentences import PlainLayout, split_text
from lstmterm.tagging.treebank import Source, conllu
from lstmterm.visible import short_name

_HEAD = 1 << 16  # characters that a file's format is recognized by
_PLAIN = ("text", "lines", "words")
_OUTPUTS = {"conllu": "conllu", "csv": "csv", "columns": "tsv"}  # by the input


def tag_file(
    model: str,
    file: str,
    kind: str,
    output: str | None,
    column: str | None,
    text_column: str | None,
    probabilities: bool,
    encoding: str | None,
) -> None:
    """Tag a file, or standard input, to standard output, which is UTF-8.

    `kind` is how the file is read ("auto": by its suffix or first lines), `output` the format to write.
    """
    loaded = model_file.load(library.find(model).path)
    tagger = Tagger.from_model(loaded)
    is_typed = file == "-" and sys.stdin.isatty()
    if is_typed:
        note_typed()
    elif " " in file and not paths.expanded(file).exists():
        raise InputError(
            f"There is no file {file!r}. To tag these words: echo {shlex.quote(file)} | {command('tag', model)}"
        )
    text = open_file(file, treebank.options(encoding), live=True)
    kind, pieces = _kind_of(text, kind)
    output = output or _default_output(kind, tagger.level)
    if probabilities and output not in ("tsv", "json"):
        raise InputError(f"{output} cannot hold probabilities; use --format tsv or --format json.")
    if output == "csv" and kind != "csv":
        raise InputError("Only a CSV file can be written as CSV; use --format conllu, tsv or json.")
    own_column = conllu.column_of_model(loaded.card.metadata, tagger.tags)
    items: Iterable[Item]
    if kind in _PLAIN:
        items = split_text(_plain(pieces), tagger.level, cast(PlainLayout, kind), text.name)
    else:
        tags_column = column or (own_column if kind == "conllu" else None)
        learned = treebank.Learned.of(loaded.card.metadata)
        where = Source(text.name, tagger.level, tags_column, text_column, learned)
        items = treebank.blocks(lines(pieces, text.name), where, layout=cast(treebank.Layout, kind))[1]
    if "conllu" in (kind, output):
        note(f"The tags are in the column {short_name(column or own_column)}.")
    if kind not in _PLAIN and _OUTPUTS[kind] == output and not probabilities:
        write = with_tags
    else:
        write = writer(output, tagger, column or own_column, probabilities)
    options = {"hold": 1} if is_typed else {"workers": processors.usable()}
    unknown = _write_all(_tagged(items, tagger, **options), write, tagger)
    for sentence in text.notes():
        note(sentence)
    if unknown:
        shown = "".join(sorted(unknown)[:20])
        note(f"The model does not know {plural(len(unknown), 'character')} of the text: {shown}")


def _tagged(items: Iterable[Item], tagger: Tagger, **options: int) -> Iterator[tuple[Item, Tagging]]:
    """The items with their tags, in order, a bounded number at a time."""
    waiting: deque[Item] = deque()

    def words() -> Iterator[Sequence[str]]:
        for item in items:
            waiting.append(item)
            yield item.words

    for tagging in tagger.tag_all(words(), **options):
        yield waiting.popleft(), tagging


def _write_all(pairs: Iterable[tuple[Item, Tagging]], write: Writer, tagger: Tagger) -> set[str]:
    """Write everything. Returns the characters that a tagger of characters does not know."""
    unknown: set[str] = set()
    with _output() as out:
        for item, tagging in pairs:
            if tagger.level == "char":
                unknown.update(c for c in item.words if not tagger.vocabulary.knows(c))
            out.write(write(item, tagging))
    return unknown


@contextlib.contextmanager
def _output() -> Iterator[TextIO]:
    """Standard output: at once and visible on a terminal, in a pipe with every byte as it was read."""
    if sys.stdout.isatty():
        yield sys.stdout
        return
    out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", "surrogateescape", newline="", write_through=False)
    try:
        with ending.first(lambda: out.flush() or b""):
            yield out
    finally:
        out.detach()


def _kind_of(text: Text, kind: str) -> tuple[str, Iterator[str]]:
    """How to read a text, and its pieces."""
    pieces = text.pieces()
    if kind != "auto":
        return kind, pieces
    if text.suffix in (".conllu", ".csv"):
        return text.suffix[1:], pieces
    if text.suffix in (".tsv", ".conll"):
        return "columns", pieces
    first = next((piece for piece in pieces if piece), "")
    head = first[:_HEAD].splitlines()
    return ("conllu" if conllu.looks_like(head) else "text"), chain([first], pieces)


def _plain(pieces: Iterable[str]) -> Iterator[str]:
    """Plain text: without a byte order mark, and all line ends as LF."""
    for number, piece in enumerate(normalised(pieces, DecodeOptions(), Changes())):
        yield piece.removeprefix("\ufeff") if number == 0 else piece


def _default_output(kind: str, level: str) -> str:
    if kind not in _PLAIN:
        return _OUTPUTS[kind]
    return {"word": "conllu", "char": "text", "sequence": "tsv"}[level]
