"""Keeping a person's own text under a name, as UTF-8."""

import datetime
import hashlib
from pathlib import Path

from lstmterm import paths
from lstmterm.corpora import builtin, catalogue, kept
from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.kept import Kept, Record
from lstmterm.errors import InputError

_PIECE = 1 << 20  # characters written at a time


def add(corpus: Corpus, name: str | None = None, *, overwrite: bool = False) -> Kept:
    """Keep the text of `corpus`, as it was read, as `name` or under the name that it has."""
    name = paths.plain_name(name or corpus.name, "corpus name")
    if paths.is_file_argument(name):
        raise InputError(
            f"The name {name!r} has a suffix and would be taken for a file; --name gives it another."
        )
    if name in builtin.NAMES or name in catalogue.entries():
        raise InputError(f"{name!r} is the name of a text of lstmterm's own; --name gives it another.")
    if kept.find(name) is not None and not overwrite:
        raise InputError(
            f"There is a corpus called {name!r} already; --name gives it another, --overwrite replaces it."
        )
    with kept.new(name) as folder:
        path = folder / f"{name}.txt"
        digest = _write(corpus, path)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        kept.write_record(folder, Record("own", "text", corpus.name, corpus.source, {path.name: digest}, now))
    added = kept.find(name)
    assert added is not None
    return added


def _write(corpus: Corpus, path: Path) -> str:
    """Write the text in UTF-8 and return its hash."""
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for start in range(0, len(corpus), _PIECE):
            data = corpus.text(start, start + _PIECE).encode("utf-8")
            digest.update(data)
            file.write(data)
    return digest.hexdigest()
