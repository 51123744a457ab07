"""What a person may name as a text: something built in, something kept, a file, a folder, a pipe."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lstmterm import paths
from lstmterm.corpora import builtin, documents, epub, kept
from lstmterm.corpora.documents import Document
from lstmterm.errors import InputError

_UNPACKED = (".gz", ".zip", ".epub")


@dataclass(frozen=True)
class Source:
    """A text before it is read.

    `name` is a plain name to call it by, `source` what finds it again. `stored` is what its hash is
    of; `documents` opens what is read, which differs for archives. `unpacked` is the archive's suffix.
    """

    name: str
    source: str
    stored: tuple[Document, ...]
    documents: Callable[[], list[Document]]
    unpacked: str = ""
    notes: tuple[str, ...] = ()
    floor: float | None = None
    expected_sha256: str | None = None  # what a kept text's content is recorded as


def source_of(argument: str, glob: str | None = None) -> Source:
    """The source that a person means. Raises `InputError` for what is not there."""
    if argument == "-":
        _no_glob(glob, "a pipe")
        return _of_documents("stdin", "-", [documents.standard_input()])
    if paths.is_file_argument(argument):
        try:
            return _of_path(Path(argument).expanduser().absolute(), glob)
        except OSError as error:
            raise InputError(f"{argument} cannot be read: {error.strerror or error}.") from None
    _no_glob(glob, "a name")
    if argument in builtin.NAMES:
        text = builtin.read(argument)
        return _of_documents(argument, argument, text.documents, text.notes, text.floor)
    if (own := kept.find(argument)) is not None:
        return _of_kept(own)
    raise InputError(_nothing_called(argument))


def unpacked_suffix(path: Path) -> str:
    """The suffix of an archive that is read through; empty for anything else."""
    suffix = path.suffix.lower()
    return suffix if suffix in _UNPACKED else ""


def default_name(path: Path) -> str:
    """A plain name for the text in a file or folder: `war-and-peace` for `~/war-and-peace.txt.gz`."""
    stem = Path(path.stem).stem if unpacked_suffix(path) == ".gz" else path.stem
    plain = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "-" for c in stem)
    plain = plain.encode("utf-8", "ignore")[:80].decode("utf-8", "ignore").strip().lstrip(".-").strip()
    return plain or "text"


def _of_documents(
    name: str,
    source: str,
    stored: list[Document],
    notes: tuple[str, ...] = (),
    floor: float | None = None,
) -> Source:
    return Source(name, source, tuple(stored), lambda: stored, notes=notes, floor=floor)


def _of_path(path: Path, glob: str | None) -> Source:
    if path.is_dir():
        return _of_folder(path, glob)
    if not path.exists():
        raise InputError(f"There is no file {path}.")
    if documents.is_pipe(path):
        _no_glob(glob, "a pipe")
        with open(path, "rb") as stream:
            return _of_documents("stdin", str(path), [documents.piped(stream, str(path))])
    if not path.is_file():
        raise InputError(f"{path} is neither a file nor a folder.")
    return _of_file(path, default_name(path), str(path), glob)


def _of_file(path: Path, name: str, source: str, glob: str | None = None) -> Source:
    suffix = unpacked_suffix(path)
    if suffix != ".zip":
        _no_glob(glob, "a single file")
    stored = Document.of_file(path)
    opened: dict[str, Callable[[], list[Document]]] = {
        "": lambda: [stored],
        ".gz": lambda: documents.gzipped(path),
        ".zip": lambda: documents.zipped(path, glob),
        ".epub": lambda: epub.chapters(path),
    }
    return Source(name, source, (stored,), opened[suffix], unpacked=suffix)


def _of_folder(path: Path, glob: str | None) -> Source:
    found, hidden = documents.folder(path, glob)
    if not found:
        wanted = (
            f"that {glob!r} matches" if glob is not None else "named .txt or .md; --glob '**/*' takes others"
        )
        raise InputError(f"The folder {path} holds no file {wanted}.")
    notes = [f"{len(found):,} files, joined in the order of their paths."]
    if hidden:
        notes.append(f"{hidden:,} hidden files were left out.")
    return _of_documents(default_name(path), str(path), found, tuple(notes))


def _of_kept(own: kept.Kept) -> Source:
    if own.kind == "treebank":
        raise InputError(
            f"{own.name} is a treebank; `lstmterm train-tagger {own.name}` trains a tagger on it, "
            "and a file of it can be read as a text by its path."
        )
    found = _of_file(own.files[0], own.name, own.name)
    return Source(
        own.name,
        own.name,
        found.stored,
        found.documents,
        found.unpacked,
        expected_sha256=own.sha256[own.files[0].name],
    )


def _no_glob(glob: str | None, what: str) -> None:
    if glob is not None:
        raise InputError(f"--glob chooses files of a folder or a zip file; {what} has none to choose from.")


def _nothing_called(name: str) -> str:
    from lstmterm.corpora import catalogue

    if name in catalogue.entries():
        return f"The corpus {name!r} is not here yet; `lstmterm corpora fetch {name}` fetches it."
    if name and Path(name).exists():
        what = "folder" if Path(name).is_dir() else "file"
        return f"There is no corpus called {name!r}; the {what} of that name here is meant by './{name}'."
    names = [*builtin.NAMES, *(own.name for own in kept.everything()), *catalogue.entries()]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"near it are {', '.join(near)}" if near else "`lstmterm corpora` lists them"
    return f"There is no corpus called {name!r}; {hint}, and a file is given by its path."
