"""Tagged text in and out: CoNLL-U, CSV, and columns.

A tagged file is a sequence of blocks, each holding one sentence as it stands in the file. Blocks
stream, so that a file of any size can be tagged, and each can be written again with other tags and
everything else in it untouched.
"""

import hashlib
import io
import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.spec.tagger import Level
from lstmterm.tagging.treebank import columns, conllu, table
from lstmterm.tagging.treebank.block import Block, Source

__all__ = ["Block", "Layout", "Level", "Source", "Tagged", "Treebank", "blocks", "find", "layout_of", "read"]

Layout = Literal["conllu", "csv", "columns"]
_SUFFIXES = (".conllu", ".csv", ".tsv")
_LOOK_AHEAD = 100  # lines that tell a file's layout


@dataclass(frozen=True)
class Tagged:
    """A sentence with its tags: one a word, or a single one for the whole sequence."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Treebank:
    """A tagged file, read whole."""

    name: str
    source: str
    sha256: str  # of the file's bytes
    layout: Layout
    column: str  # where the tags were
    sentences: tuple[Tagged, ...]

    def tag_counts(self) -> Counter[str]:
        """How often each tag occurs."""
        return Counter(tag for sentence in self.sentences for tag in sentence.tags)

    @property
    def words(self) -> int:
        """How many words there are."""
        return sum(len(sentence.words) for sentence in self.sentences)


def find(source: str) -> Path:
    """The file that a data argument means: a path, or the name of an own or a shipped file.

    Raises `InputError` when there is none.
    """
    if paths.is_file_argument(source):
        path = Path(source).expanduser()
        if path.is_file():
            return path
        raise InputError(f"There is no file {source}.")
    folders = (paths.corpora(), paths.shipped_corpora())
    for folder, suffix in itertools.product(folders, _SUFFIXES):
        path = folder / f"{source}{suffix}"
        if path.is_file():
            return path
    raise InputError(
        f"There is no tagged data named {source!r}; give a CoNLL-U, CSV or TSV file, "
        "harbour-tags, or a cipher such as rot13."
    )


def read(source: str, *, level: Level = "word", column: str | None = None) -> Treebank:
    """A tagged file, whole, with tags in all of it; `-` is standard input.

    Raises `InputError` for a file that cannot be read so, naming its line.
    """
    if source == "-":
        data, name, shown = sys.stdin.buffer.read(), "stdin", "standard input"
    else:
        path = find(source)
        data, name, shown = path.read_bytes(), path.stem, str(path)
    where = Source(shown, level, column)
    layout, stream = blocks(io.BytesIO(data), where, path_suffix=Path(shown).suffix)
    sentences = []
    used = column or ""
    for block in stream:
        if not block.words:
            continue
        block.check_tagged(where)
        sentences.append(Tagged(tuple(block.words), tuple(block.tags)))
        used = block.column
    if not sentences:
        raise InputError(f"{shown} has no tagged sentence in it.")
    return Treebank(name, shown, hashlib.sha256(data).hexdigest(), layout, used, tuple(sentences))


def blocks(
    file: BinaryIO, where: Source, *, path_suffix: str = "", layout: Layout | None = None
) -> tuple[Layout, Iterator[Block]]:
    """A tagged file's layout, and its blocks as they are read; together they hold all of its lines."""
    lines = _lines(file, where)
    head = list(itertools.islice(lines, _LOOK_AHEAD))
    layout = layout or layout_of(path_suffix, head)
    every = itertools.chain(head, lines)
    reader = {"conllu": conllu.blocks, "csv": table.blocks, "columns": columns.blocks}[layout]
    return layout, reader(every, where)


def layout_of(path_suffix: str, head: list[str]) -> Layout:
    """A file's layout from its suffix, or from its first lines where that says nothing."""
    suffix = path_suffix.lower()
    if suffix == ".csv":
        return "csv"
    if suffix == ".conllu" or conllu.looks_like(head):
        return "conllu"
    if suffix not in (".tsv", ".txt", ".conll") and table.looks_like(head):
        return "csv"
    return "columns"


def _lines(file: BinaryIO, where: Source) -> Iterator[str]:
    """Lines with their ends, divided at line feeds only; a byte order mark stays with the first."""
    for number, raw in enumerate(file, 1):
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(
                f"{where.name}, line {number}: this is not UTF-8; convert the file first."
            ) from None


def tag_summary(counts: Iterable[str], most: int = 20) -> str:
    """Distinct tags in a sentence, cut when there are many."""
    names = sorted(counts)
    listed = ", ".join(names[:most])
    return f"{len(names)} distinct tags ({listed}{', …' if len(names) > most else ''})"
