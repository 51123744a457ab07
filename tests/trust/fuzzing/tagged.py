"""Tagged files: CoNLL-U, CSV and columns, and sentences added to them."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lstmterm.spec.tagger import DataPart
from lstmterm.tagging import counting, tagged_data
from lstmterm.tagging.treebank import Tagged, appending
from tests.trust.fuzzing import ROOT, a_sentence, options, target
from tests.trust.test_tagged_files import LAYOUTS, LEVELS, try_bytes, try_wild

_COLUMNS = (
    None,
    None,
    None,
    None,
    "1",
    "2",
    "3",
    "4",
    "tag",
    "UPOS",
    "feats.Number",
    "misc.X",
    "label",
    "?",
    "٣",
)
_SUFFIXES = (".conllu", ".csv", ".tsv", ".txt", ".conllu.gz", ".csv.gz", ".zip", "")
_SENTENCES = (
    Tagged(("The", "sea"), ("DET", "NOUN")), Tagged(("It", "'s", '"', "me;"), ("PRON", "AUX", "PUNCT", "X")),
)  # fmt: skip


def _examples() -> Iterator[bytes]:
    yield (ROOT / "corpora/harbour.conllu").read_bytes()[:1500]
    yield (ROOT / "corpora/harbour-tags.csv").read_bytes()[:600]
    yield b"the\tDET\nsea\tNOUN\n\n# a comment\nword\ttag\n-DOCSTART-\nU.S. B-LOC\n  is  O\n"
    yield b'sep=;\r\ntext;tag\r\n"a ""b""";A B\r\nc;_\r\n'
    yield b"text,label\nthe sea,calm\n"
    yield b'word,tag\r\nthe,DET\r\n"New York",N\r\n\r\nI,P\r\n'
    yield b"Sentence #;Word;POS\nSentence: 1;the;DET\n;sea;N\nSentence: 2;I;P\n"
    yield b"1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n1\tde\tde\tADP\tE\tNumber=Sing|X=y\t2\tcase\t_\tX=1\n8.1\te\t_\t_\t_\t_\t_\t_\t_\t_\n\n"
    yield b"URYYB,HELLO\nURYYB\tHELLO\n"


_WORDS = (
    "\t",
    "\r\n",
    "sep=",
    "text",
    "tag",
    "label",
    '"',
    "_",
    "-DOCSTART-",
    "1-2",
    "8.1",
    "B-X",
    "# id",
    "\ufeff",
)


def _with_options(*heads: bytes) -> Iterator[bytes]:
    yield from (head + example for head in heads for example in _examples())


@target(lambda: _with_options(b"\0\0\0\0", b"\1\1\0\0", b"\2\2\4\6", b"\0\2\0\0", b"\0\1\7\0"), *_WORDS)
def tagged_texts(folder: Path, data: bytes) -> None:
    """The lines of a tagged file in a layout, at a level, with requested columns."""
    (level, layout, *columns), data = options(data, 3, 4, len(_COLUMNS), len(_COLUMNS))
    text = data.decode("utf-8", "replace")
    which = _COLUMNS[columns[0]], _COLUMNS[columns[1]]
    try_wild(text, (*LAYOUTS, None)[layout], LEVELS[level], which)


def _files() -> Iterator[bytes]:
    yield from _with_options(b"\0\0", b"\1\0", b"\2\0", b"\3\2")
    yield from (b"\4\0" + gzip.compress(example) for example in _examples())
    yield from (b"\3\0" + example.decode().encode("utf-16") for example in _examples())


@target(_files, *_WORDS)
def tagged_files(folder: Path, data: bytes) -> None:
    """A file of any bytes, as `evaluate` reads it and as a training splits it."""
    (suffix, level), data = options(data, len(_SUFFIXES), 6)
    try_bytes(folder, data, _SUFFIXES[suffix], LEVELS[level % 3])
    path = str(folder / f"file{_SUFFIXES[suffix]}")
    part = DataPart(
        source=path, name="a", level=LEVELS[level % 3], val_share=0.2, folds=3 if level > 2 else 0
    )  # type: ignore[arg-type]
    with a_sentence():
        read = tagged_data.read(part)
        tagged_data.doubt(read, part.level)
        counting.baselines(read)
        if part.folds:
            tagged_data.for_fold(read, part, 1)
        tagged_data.read(replace(part, sha256=read.sha256))


@target(lambda: _with_options(b"\0\0", b"\1\0", b"\1\1", b"\1\2"), *_WORDS)
def files_to_add_to(folder: Path, data: bytes) -> None:
    """Sentences are added to a file of any bytes: it then ends with them, or is as it was."""
    (suffix, level), data = options(data, 2, 3)
    path = folder / f"file{_SUFFIXES[suffix]}"
    path.write_bytes(data)
    added = _SENTENCES
    if LEVELS[level] == "sequence":
        added = tuple(replace(s, tags=s.tags[:1]) for s in added)
    if LEVELS[level] == "char":
        added = (Tagged(tuple("URYYB"), tuple("HELLO")),)
    done = False
    with a_sentence():
        appending.append(path, added, [[True] * len(s.words) for s in added], LEVELS[level], "UPOS")  # type: ignore[arg-type]
        done = True
    after = path.read_bytes()
    assert after.startswith(data)
    assert done or after == data
