"""Sources of text: a built-in text, an added or fetched one, a file, a folder, a pipe."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lstmterm import paths
from lstmterm.amounts import plural
from lstmterm.corpora import archives, builtin, documents, readers, stored
from lstmterm.corpora.documents import Document
from lstmterm.errors import InputError, no_file, not_found


@dataclass(frozen=True)
class Source:
    """A text before it is read.

    `name` is its name, `source` the argument that finds it again. The content's hash is that of
    `originals`; `documents` opens what is read, which differs for files with a reader. `unpacked` has the
    suffixes of these, else it is empty.
    """

    name: str
    source: str
    originals: tuple[Document, ...]
    documents: Callable[[], list[Document]]
    unpacked: str = ""
    notes: tuple[str, ...] = ()
    floor: float | None = None


def source_of(argument: str, glob: str | None = None) -> Source:
    """The source that `argument` names. Raises `InputError` if there is none."""
    if argument == "-":
        _no_glob(glob, "a pipe")
        return _of_documents("stdin", "-", [documents.standard_input()])
    if paths.is_file_argument(argument):
        try:
            return _of_path(paths.expanded(argument).absolute(), glob)
        except OSError as error:
            raise InputError(f"{argument} cannot be read: {error.strerror or error}.") from None
    _no_glob(glob, "a name")
    if argument in builtin.NAMES:
        text = builtin.read(argument)
        return _of_documents(argument, argument, text.documents, text.notes, text.floor)
    if (text := stored.find(argument)) is not None:
        return _of_stored(text)
    raise _nothing_called(argument)


def default_name(argument: str) -> str:
    """The name of what `argument` names, and of a model of it: `war-and-peace` for `~/war-and-peace.txt.gz`.

    It can be asked before the text is read, and is always a plain file name.
    """
    if argument == "-":
        return "stdin"
    if not paths.is_file_argument(argument):
        return paths.made_plain(argument)
    path = Path(os.path.abspath(paths.expanded(argument)))
    if path.is_fifo():
        return "stdin"
    return paths.made_plain(Path(path.stem).stem if readers.format_of(path) == ".gz" else path.stem)


def _of_documents(
    name: str, source: str, found: list[Document], notes: tuple[str, ...] = (), floor: float | None = None
) -> Source:
    return Source(name, source, tuple(found), lambda: found, notes=notes, floor=floor)


def _of_path(path: Path, glob: str | None) -> Source:
    if path.is_dir():
        return _of_folder(path, glob)
    if not path.exists():
        raise no_file(path)
    if documents.is_pipe(path):
        _no_glob(glob, "a pipe")
        with open(path, "rb") as stream:
            return _of_documents("stdin", str(path), [documents.piped(stream, str(path))])
    if not path.is_file():
        raise InputError(f"{path} is neither a file nor a folder.")
    return _of_file(path, default_name(str(path)), str(path), glob)


def _of_file(path: Path, name: str, source: str, glob: str | None = None) -> Source:
    original, suffix = Document.of_file(path), readers.format_of(path)
    if suffix != ".zip":
        _no_glob(glob, "a single file")
    elif glob is not None:
        return Source(name, source, (original,), lambda: archives.zipped(path, glob), unpacked=suffix)
    return Source(name, source, (original,), lambda: readers.opened(original), unpacked=suffix)


def _of_folder(path: Path, glob: str | None) -> Source:
    """The files that match `glob`; without one the plain texts, or if there are none the files with a reader."""
    texts, formats = (
        [f"**/*{s}" for s in suffixes] for suffixes in (documents.TEXT_SUFFIXES, readers.READERS)
    )
    found, hidden = documents.folder(path, texts if glob is None else [glob])
    others = documents.folder(path, formats)[0] if glob is None else []
    if not found and not others:
        named = " or ".join(pattern.removeprefix("**/") for pattern in [*texts, *formats])
        wanted = (
            f"named {named} (--glob '**/*' takes all files)" if glob is None else f"that matches {glob!r}"
        )
        raise InputError(f"The folder {path} has no file {wanted}.")
    read = found or others
    notes = [f"{plural(len(read), 'file')}, joined in the order of their paths."]
    if found and others:
        notes.append(
            f"{left_out(len(others), 'other file')}, such as {others[0].shown} (--glob '**/*' takes all)."
        )
    if hidden:
        notes.append(f"{left_out(hidden, 'hidden file')}.")
    unpacked = "".join(sorted({readers.format_of(file.path) for file in read if file.path}))
    return Source(
        default_name(str(path)),
        str(path),
        tuple(read),
        lambda: [document for file in read for document in readers.opened(file)],
        unpacked,
        tuple(notes),
    )


def left_out(number: int, noun: str) -> str:
    """How many files were left out, in words."""
    return f"{plural(number, noun)} {'was' if number == 1 else 'were'} left out"


def _of_stored(text: stored.StoredText) -> Source:
    if text.kind == "treebank":
        raise InputError(
            f"{text.name} is a treebank; train a tagger on it with `lstmterm train-tagger {text.name}`, "
            "or name the path of one of its files to read it as a text."
        )
    return _of_file(text.files[0], text.name, text.name)


def _no_glob(glob: str | None, what: str) -> None:
    if glob is not None:
        raise InputError(f"--glob chooses files from a folder or a zip file; it does not apply to {what}.")


def _nothing_called(name: str) -> InputError:
    from lstmterm.corpora import catalogue

    stored.refuse_damaged(name)
    if name in catalogue.entries():
        return InputError(f"The corpus {name!r} must be fetched first: `lstmterm corpora fetch {name}`.")
    if name and Path(name).exists():
        what = "folder" if Path(name).is_dir() else "file"
        return InputError(
            f"There is no corpus named {name!r}; for the {what} of that name, write './{name}'."
        )
    names = [*builtin.NAMES, *(text.name for text in stored.texts()), *catalogue.entries()]
    listed = "`lstmterm corpora` lists them all, and a file is named by its path, such as ./text.txt."
    return not_found("corpus named", name, names, listed, most=3)
