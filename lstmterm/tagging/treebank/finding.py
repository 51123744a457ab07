"""Where tagged data is: a file, a built-in name, or a treebank that was fetched, with its parts."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from lstmterm import paths
from lstmterm.corpora import catalogue, stored
from lstmterm.errors import InputError, no_file, not_found

SUFFIXES = (".conllu", ".csv", ".tsv")  # of files that are found by name
_ROLES = ("train", "dev", "test")  # as the files of Universal Dependencies are named


def find(source: str) -> Path:
    """The file of a data source: a path, the name of a file of the user's or a built-in one, or that of
    a fetched treebank, of which it is the training part.

    Raises `InputError` if there is no such file, or if the treebank has no training part.
    """
    if paths.is_file_argument(source):
        path = paths.expanded(source)
        if path.is_file():
            return path
        raise no_file(source)
    folders = (paths.corpora(), paths.shipped_corpora())
    for folder, suffix in itertools.product(folders, SUFFIXES):
        path = folder / f"{source}{suffix}"
        if path.is_file():
            return path
    if text := _fetched(source):
        own = _parts(text)
        if "train" not in own:
            raise InputError(
                f"{source} has no training part; name one of its files by its path, such as {text.files[0]}."
            )
        return own["train"]
    stored.refuse_damaged(source)
    if (entry := catalogue.entries().get(source)) is not None and entry.kind == "treebank":
        raise InputError(f"The treebank {source!r} must be fetched first: `lstmterm corpora fetch {source}`.")
    listed = "Use a CoNLL-U, CSV or TSV file, harbour-tags, or a cipher such as rot13."
    raise not_found("tagged data named", source, _names(), listed)


def _names() -> Iterator[str]:
    """The names of all tagged data but ciphers."""
    for folder in (paths.corpora(), paths.shipped_corpora()):
        if folder.is_dir():
            yield from (file.stem for file in folder.iterdir() if file.suffix in SUFFIXES)
    yield from (text.name for text in stored.texts() if text.kind == "treebank")
    yield from (entry.name for entry in catalogue.entries().values() if entry.kind == "treebank")


def parts(source: str) -> dict[str, Path]:
    """The files of a fetched treebank: those of `train`, `dev` and `test` that it has. Empty for other data."""
    text = _fetched(source)
    return {} if text is None else _parts(text)


def _fetched(source: str) -> stored.StoredText | None:
    """The treebank of this name, if it was fetched."""
    try:
        text = None if paths.is_file_argument(source) else stored.find(source)
    except paths.NameRejected:
        return None
    return text if text is not None and text.kind == "treebank" else None


def _parts(text: stored.StoredText) -> dict[str, Path]:
    found = {
        role: file
        for file in text.files
        for role in _ROLES
        if role in re.split(r"[^a-z]+", file.stem.lower())
    }
    if len(text.files) == 1:
        found["train"] = text.files[0]
    return found


def files(source: str, dev: str | None, test: str | None) -> dict[str, str]:
    """The sources to read for training, and for `dev` and `test` if there are any: those given, or else a
    fetched treebank's own."""
    given = {"dev": dev, "test": test}
    own = {role: str(file) for role, file in parts(source).items()}
    return {"train": source, **own, **{role: file for role, file in given.items() if file}}
