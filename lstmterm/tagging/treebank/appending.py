"""Adding sentences to a tagged file, or to a new one: CoNLL-U, or CSV with a header `text,tag`.

The file is written whole or not at all, and only if the sentences can be read from it unchanged.
"""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from lstmterm import atomic
from lstmterm.errors import InputError
from lstmterm.spec.tagger import Level
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Source, Tagged, conllu
from lstmterm.tagging.treebank.table import CsvBlock, joined_tags
from lstmterm.tagging.treebank.word_rows import WordsBlock

SUFFIXES = (".conllu", ".csv")


def target(name: str, level: Level) -> Path:
    """The file of this name. Raises `InputError` unless sentences can be added to such a file."""
    path = Path(name.strip()).expanduser()
    if not name.strip() or path.is_dir() or path.suffix.lower() not in SUFFIXES:
        raise InputError("The file's name must end with .conllu or .csv.")
    if path.suffix.lower() == ".conllu" and level != "word":
        raise InputError("CoNLL-U has one tag for each word; use a .csv file for letters and whole lines.")
    return path


def append(
    path: Path, sentences: Sequence[Tagged], spaces: Sequence[Sequence[bool]], level: Level, column: str
) -> list[Tagged]:
    """Add sentences to a file, which need not exist. Returns all sentences in it.

    `column` and `spaces` are those of `conllu.written`. Raises `InputError` for a file in another format,
    and for sentences that the file cannot hold.
    """
    target(str(path), level)
    old = path.read_bytes() if path.exists() else b""
    if path.suffix.lower() == ".conllu":
        new = _with_conllu(old, sentences, spaces, column)
        where = Source(path.name, level, column)
    else:
        new = _with_rows(old, path.name, sentences, level)
        where = Source(path.name, level)
    if old:
        _read(old, where, path.suffix)  # an error of the file itself comes first
    if not _ends_with(new, sentences, where, path.suffix):
        raise InputError(
            f"{path.name} cannot hold these sentences: one of their words or tags has a space or a tab."
        )
    atomic.write_bytes(path, new, shared=True)
    return _read(new, where, path.suffix)


def _ends_with(data: bytes, sentences: Sequence[Tagged], where: Source, suffix: str) -> bool:
    """Whether a file with these bytes ends with these sentences."""
    try:
        return _read(data, where, suffix)[-len(sentences) :] == list(sentences)
    except InputError:
        return False


def _read(data: bytes, where: Source, suffix: str) -> list[Tagged]:
    blocks = treebank.blocks(_lines(data, where.name), where, path_suffix=suffix)[1]
    return [sentence for sentence, _ in treebank.tagged(blocks, where)]


def _lines(data: bytes, name: str) -> Iterable[str]:
    """The lines of a file. Raises `InputError` if it is not UTF-8, since what is added to it is."""
    try:
        return io.StringIO(data.decode("utf-8"), newline="\n")
    except UnicodeDecodeError:
        raise InputError(f"{name} is not UTF-8; convert it first, or choose another file.") from None


def _with_conllu(
    old: bytes, sentences: Sequence[Tagged], spaces: Sequence[Sequence[bool]], column: str
) -> bytes:
    new = "".join(
        conllu.written(s.words, s.tags, column, after) for s, after in zip(sentences, spaces, strict=True)
    )
    return _ended(old, b"\n\n") + new.encode("utf-8")


def _with_rows(old: bytes, name: str, sentences: Sequence[Tagged], level: Level) -> bytes:
    new = old or f"text,{'label' if level == 'sequence' else 'tag'}\n".encode()
    rows = list(treebank.blocks(_lines(new, name), Source(name, level), path_suffix=".csv")[1])
    if any(isinstance(row, WordsBlock) for row in rows):
        raise InputError(f"{name} has a word in each row, and not a sentence; choose another file.")
    header = next(row for row in rows if isinstance(row, CsvBlock) and row.header)
    if header.adds_column:
        raise InputError(f"{name} has no column for tags; choose another file.")
    new = _ended(new, b"\n")
    for sentence in sentences:
        cells = [""] * len(header.cells)
        cells[header.text] = ("" if level == "char" else " ").join(sentence.words)
        cells[header.index] = joined_tags(sentence.tags, level)
        new += header.row(cells).encode("utf-8")
    return new


def _ended(data: bytes, end: bytes) -> bytes:
    """A file's bytes with the line ends that must come before more sentences."""
    while data and not data.replace(b"\r\n", b"\n").endswith(end):
        data += b"\n"
    return data
