"""Sources of text: a built-in text, an added or fetched one, a file, a folder, a pipe."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lstmterm import paths
from lstmterm.amounts import plural
from lstmterm.corpora import builtin, documents, epub, stored
from lstmterm.corpora.documents import Document
from lstmterm.errors import InputError


@dataclass(frozen=True)
class Source:
    """A text before it is read.

    `name` is its name, `source` the argument that finds it again. The content's hash is that of
    `originals`; `documents` opens what is read, which differs for archives. `unpacked` is the suffix of
    an archive, else empty.
    """

    name: str
    source: str
    originals: tuple[Document, ...]
    documents: Callable[[], list[Document]]
    unpacked: str = ""
    notes: tuple[str, ...] = ()
    floor: float | None = None
    expected_sha256: str | None = None  # the recorded hash of an added or fetched text


def source_of(argument: str, glob: str | None = None) -> Source:
    """The source that `argument` names. Raises `InputError` if there is none."""
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
    if (text := stored.find(argument)) is not None:
        return _of_stored(text)
    raise InputError(_nothing_called(argument))


def unpacked_suffix(path: Path) -> str:
    """The suffix of an archive that is unpacked while it is read; empty for any other file."""
    suffix = path.suffix.lower()
    return suffix if suffix in documents.ARCHIVE_SUFFIXES else ""


def default_name(path: Path) -> str:
    """A name for the text in a file or folder: `war-and-peace` for `~/war-and-peace.txt.gz`."""
    stem = Path(path.stem).stem if unpacked_suffix(path) == ".gz" else path.stem
    plain = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "-" for c in stem)
    plain = plain.encode("utf-8", "ignore")[:80].decode("utf-8", "ignore").strip().lstrip(".-").strip()
    return plain or "text"


def _of_documents(
    name: str, source: str, found: list[Document], notes: tuple[str, ...] = (), floor: float | None = None
) -> Source:
    return Source(name, source, tuple(found), lambda: found, notes=notes, floor=floor)


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
    original = Document.of_file(path)
    opened: dict[str, Callable[[], list[Document]]] = {
        "": lambda: [original],
        ".gz": lambda: documents.gzipped(path),
        ".zip": lambda: documents.zipped(path, glob),
        ".epub": lambda: epub.chapters(path),
    }
    return Source(name, source, (original,), opened[suffix], unpacked=suffix)


def _of_folder(path: Path, glob: str | None) -> Source:
    found, hidden = documents.folder(path, glob)
    if not found:
        suffixes = " or ".join(f"*{suffix}" for suffix in documents.TEXT_SUFFIXES)
        wanted = (
            f"that matches {glob!r}"
            if glob is not None
            else f"named {suffixes}; --glob '**/*' takes all files"
        )
        raise InputError(f"The folder {path} has no file {wanted}.")
    notes = [f"{plural(len(found), 'file')}, joined in the order of their paths."]
    if hidden:
        notes.append(f"{hidden:,} hidden files were left out.")
    return _of_documents(default_name(path), str(path), found, tuple(notes))


def _of_stored(text: stored.StoredText) -> Source:
    if text.kind == "treebank":
        raise InputError(
            f"{text.name} is a treebank; train a tagger on it with `lstmterm train-tagger {text.name}`, "
            "or name the path of one of its files to read it as a text."
        )
    file = text.files[0]
    return replace(_of_file(file, text.name, text.name), expected_sha256=text.sha256[file.name])


def _no_glob(glob: str | None, what: str) -> None:
    if glob is not None:
        raise InputError(f"--glob chooses files from a folder or a zip file; it does not apply to {what}.")


def _nothing_called(name: str) -> str:
    from lstmterm.corpora import catalogue

    if name in catalogue.entries():
        return f"The corpus {name!r} must be fetched first: `lstmterm corpora fetch {name}`."
    if name and Path(name).exists():
        what = "folder" if Path(name).is_dir() else "file"
        return f"There is no corpus named {name!r}; for the {what} of that name, write './{name}'."
    names = [*builtin.NAMES, *(text.name for text in stored.texts()), *catalogue.entries()]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`lstmterm corpora` lists them all."
    return f"There is no corpus named {name!r}. {hint} Name a file by its path, such as ./text.txt."
