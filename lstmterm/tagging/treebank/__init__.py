"""Tagged files: CoNLL-U, CSV, and columns.

A tagged file is a sequence of blocks, each with the lines of one sentence. Blocks are read as a stream,
so that a file of any size can be tagged; each can be written with other tags and every other byte
unchanged.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lstmterm.amounts import plural
from lstmterm.corpora.decoding import DecodeOptions
from lstmterm.corpora.documents import sha256_of, sha256_of_file
from lstmterm.corpora.sources import default_name
from lstmterm.corpora.text import open_file
from lstmterm.errors import InputError
from lstmterm.spec.tagger import Level
from lstmterm.tagging.treebank import columns, conllu, table
from lstmterm.tagging.treebank.block import Block, Learned, Source
from lstmterm.tagging.treebank.finding import SUFFIXES, files, find, parts
from lstmterm.visible import short_name

__all__ = [
    "SUFFIXES",
    "Block",
    "Learned",
    "Level",
    "Source",
    "Tagged",
    "Treebank",
    "blocks",
    "files",
    "find",
    "parts",
    "read",
]

Layout = Literal["conllu", "csv", "columns"]
_LOOK_AHEAD = 100  # lines that a file's layout is recognized by


@dataclass(frozen=True)
class Tagged:
    """A sentence with its tags: one for each word, or a single one for the whole sequence.

    The tag of a word that is not annotated is "".
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    lines: tuple[int, ...] = field(default=(), compare=False, repr=False)  # of the words in their file


@dataclass(frozen=True)
class Treebank:
    """The sentences of a tagged file."""

    name: str
    source: str
    sha256: str  # of the file's bytes, as it is packed
    layout: Layout
    column: str  # where the tags were
    sentences: tuple[Tagged, ...]
    notes: tuple[str, ...] = ()  # sentences for the user on how it was read

    @property
    def words(self) -> int:
        """The number of words."""
        return sum(len(sentence.words) for sentence in self.sentences)


def read(
    source: str,
    *,
    level: Level = "word",
    column: str | None = None,
    text_column: str | None = None,
    encoding: str | None = None,
    learned: Learned | None = None,
) -> Treebank:
    """Read a tagged file, unpacked and decoded; `-` is standard input.

    Without `column` and `text_column`, those that a model `learned` from are used if the file has them.
    Sentences in which no word is annotated are left out. Raises `InputError`, with the line, for a file
    that cannot be read this way.
    """
    path = None if source == "-" else find(source)
    sha256 = sha256_of_file(path) if path is not None else ""
    text = open_file("-" if path is None else str(path), options(encoding))
    where = Source(text.name, level, column, text_column, learned or Learned())
    layout, stream = blocks(text.lines(), where, path_suffix=text.suffix)
    found = list(tagged(stream, where))
    if not found:
        raise InputError(f"{text.name} has no tagged sentence.")
    name, column = "stdin" if path is None else default_name(str(path)), found[-1][1]
    kept = tuple(sentence for sentence, _ in found if any(sentence.tags))
    if not kept:
        raise InputError(
            f"{text.name}: the column {short_name(column)} is empty (`_`) in every sentence; name another column (--column)."
        )
    return Treebank(
        name=name,
        source=text.name,
        sha256=sha256 or sha256_of(text.documents),
        layout=layout,
        column=column,
        sentences=kept,
        notes=(*text.notes(), *_not_annotated(name, [sentence for sentence, _ in found])),
    )


def _not_annotated(name: str, sentences: Sequence[Tagged]) -> Iterator[str]:
    """How many words have no tag, as a sentence, if there are any."""
    missing = sum(tag == "" for sentence in sentences for tag in sentence.tags)
    left_out = sum(len(sentence.tags) for sentence in sentences if not any(sentence.tags))
    if missing:
        out = f", {left_out:,} of them in sentences without a tag, which are left out" if left_out else ""
        are = f"{plural(missing, 'tag')} {'is' if missing == 1 else 'are'}"
        yield f"{name}: {are} not annotated (`_`){out}; they are ignored."


def options(encoding: str | None) -> DecodeOptions:
    """How tagged files are decoded: they are written with other tags and all else as it was."""
    return DecodeOptions(encoding, raw_newlines=True, keep_mark=True)


def tagged(blocks: Iterable[Block], where: Source) -> Iterator[tuple[Tagged, str]]:
    """The sentences of blocks, each with the column of its tags. Raises `InputError` if tags are missing."""
    for block in blocks:
        if block.words:
            block.check_tagged(where)
            yield Tagged(tuple(block.words), tuple(block.tags), block.word_lines), block.column


def blocks(
    lines: Iterable[str], where: Source, *, path_suffix: str = "", layout: Layout | None = None
) -> tuple[Layout, Iterator[Block]]:
    """A tagged file's layout by its lines, and its blocks while they come; together they hold all lines."""
    lines = iter(lines)
    head = list(itertools.islice(lines, _LOOK_AHEAD))
    layout = layout or layout_of(path_suffix, head)
    every = itertools.chain(head, lines)
    reader = {"conllu": conllu.blocks, "csv": table.blocks, "columns": columns.blocks}[layout]
    return layout, reader(every, where)


def layout_of(path_suffix: str, head: list[str]) -> Layout:
    """A file's layout by its suffix, or otherwise by its first lines."""
    suffix = path_suffix.lower()
    if suffix == ".csv":
        return "csv"
    if suffix == ".conllu" or conllu.looks_like(head):
        return "conllu"
    if suffix not in (".tsv", ".txt", ".conll") and table.looks_like(head):
        return "csv"
    return "columns"


def tag_counts(sentences: Iterable[Tagged]) -> Counter[str]:
    """How often each tag occurs."""
    return Counter(tag for sentence in sentences for tag in sentence.tags if tag)


def tag_summary(counts: Iterable[str], most: int = 20) -> str:
    """The distinct tags in words, at most `most` of them by name."""
    names = sorted(counts)
    listed = ", ".join(map(short_name, names[:most]))
    return f"{plural(len(names), 'distinct tag')} ({listed}{', …' if len(names) > most else ''})"
