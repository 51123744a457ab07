"""Corrected sentences as training data: a new file, or more of one that is there.

The suffix says how: `.conllu`, or `.csv` with a header `text,tag`. The file is written whole or not
at all, and only if the sentences come out of it again as they went in.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from lstmterm import atomic
from lstmterm.errors import InputError
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Level, Source, Tagged, conllu
from lstmterm.tagging.treebank.table import CsvBlock

SUFFIXES = (".conllu", ".csv")


def check(answer: str, level: Level) -> Path:
    """The file that an answer names. Raises `InputError` for one that cannot take sentences."""
    path = Path(answer.strip()).expanduser()
    if not answer.strip() or path.is_dir() or path.suffix.lower() not in SUFFIXES:
        raise InputError("Name a file that ends with .conllu or .csv.")
    if path.suffix.lower() == ".conllu" and level != "word":
        raise InputError("CoNLL-U has a tag for each word; letters and whole lines go into a .csv file.")
    return path


def save(
    path: Path, sentences: Sequence[Tagged], spaces: Sequence[Sequence[bool]], level: Level, column: str
) -> int:
    """Add sentences to a file, which is made if it is not there; how many it has now.

    `column` is where CoNLL-U gets the tags. Raises `InputError` for a file of another form, and for
    sentences that would not be read again as they are.
    """
    check(str(path), level)
    old = path.read_bytes() if path.exists() else b""
    if path.suffix.lower() == ".conllu":
        whole = _with_conllu(old, sentences, spaces, column)
        where = Source(path.name, level, column)
    else:
        whole = _with_rows(old, path.name, sentences, level)
        where = Source(path.name, level)
    if old:
        _read(old, where, path.suffix)  # what is wrong with the file itself is said by its own sentence
    if not _holds(whole, sentences, where, path.suffix):
        raise InputError(
            f"{path.name} cannot hold these sentences as they are: a word or a tag of theirs has a space or a "
            "tab in it."
        )
    atomic.write_bytes(path, whole)
    return len(_read(whole, where, path.suffix))


def _holds(data: bytes, sentences: Sequence[Tagged], where: Source, suffix: str) -> bool:
    """Whether a file's bytes end with these sentences."""
    try:
        return _read(data, where, suffix)[-len(sentences) :] == list(sentences)
    except InputError:
        return False


def _read(data: bytes, where: Source, suffix: str) -> list[Tagged]:
    found = []
    for block in treebank.blocks(io.BytesIO(data), where, path_suffix=suffix)[1]:
        if block.words:
            block.check_tagged(where)
            found.append(Tagged(tuple(block.words), tuple(block.tags)))
    return found


def _with_conllu(
    old: bytes, sentences: Sequence[Tagged], spaces: Sequence[Sequence[bool]], column: str
) -> bytes:
    new = "".join(
        conllu.written(s.words, s.tags, column, after) for s, after in zip(sentences, spaces, strict=True)
    )
    return _ended(old, b"\n\n") + new.encode("utf-8")


def _with_rows(old: bytes, name: str, sentences: Sequence[Tagged], level: Level) -> bytes:
    title = "label" if level == "sequence" else "tag"
    header = ["text", title]
    at_text, at_tag = 0, 1
    if old:
        first = next(iter(treebank.blocks(io.BytesIO(old), Source(name, level), path_suffix=".csv")[1]), None)
        if not isinstance(first, CsvBlock) or first.index >= len(first.cells):
            raise InputError(f"{name} has no column for tags; choose another file.")
        header = first.cells
        at_text = [cell.strip(" \ufeff").lower() for cell in header].index("text")
        at_tag = first.index
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if not old:
        writer.writerow(header)
    for sentence in sentences:
        row = [""] * len(header)
        row[at_text] = ("" if level == "char" else " ").join(sentence.words)
        short = level == "char" and all(len(tag) == 1 for tag in sentence.tags)
        row[at_tag] = ("" if short else " ").join(sentence.tags)
        writer.writerow(row)
    return _ended(old, b"\n") + buffer.getvalue().encode("utf-8")


def _ended(data: bytes, end: bytes) -> bytes:
    """A file's bytes with the end that more can follow."""
    while data and not data.replace(b"\r\n", b"\n").endswith(end):
        data += b"\n"
    return data
