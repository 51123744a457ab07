"""The built-in texts, which need no network."""

import os
import platform
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lstmterm import paths
from lstmterm.corpora.documents import Document
from lstmterm.errors import InputError

DEFAULT = "harbour"
_EXCLUDED = {"site-packages", "dist-packages", "test", "tests", "idle_test"}  # folders


@dataclass(frozen=True)
class BuiltIn:
    """A built-in text: its documents, notes on it, and its exact entropy rate where it is known."""

    documents: list[Document]
    notes: tuple[str, ...] = ()
    floor: float | None = None


def read(name: str) -> BuiltIn:
    """The built-in text named `name`."""
    return _TEXTS[name][1]()


def _harbour() -> BuiltIn:
    path = paths.shipped_corpora() / "harbour.txt"
    if not path.is_file():
        raise InputError(f"The text 'harbour' is missing from {path}; reinstall lstmterm.")
    return BuiltIn([Document.of_file(path)])


def _python_docs() -> BuiltIn:
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise InputError(
            "This Python lacks its documentation topics (pydoc_data), as on some Linux distributions; "
            "use 'harbour' or 'python-stdlib' instead."
        ) from None
    text = "\n\n".join(topics[name].strip("\n") for name in sorted(topics)) + "\n"
    note = f"The reference topics of Python {platform.python_version()}; other versions differ."
    return BuiltIn([Document.of_bytes("pydoc_data.topics", text.encode())], (note,))


def _python_stdlib() -> BuiltIn:
    root = Path(sysconfig.get_paths()["stdlib"])
    found = [Document.of_file(root / name, name) for name in sorted(_sources(root))]
    if not found:
        raise InputError(f"This Python has no source files in {root}; use 'harbour' instead.")
    note = (
        f"{len(found):,} source files of the standard library of Python {platform.python_version()} in the order of "
        "their paths, without tests and installed packages; other versions differ."
    )
    return BuiltIn(found, (note,))


def _sources(root: Path) -> Iterator[str]:
    """The relative paths of the source files under `root`, except those in `_EXCLUDED` folders."""
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in _EXCLUDED and not name.startswith(".")]
        for name in files:
            if name.endswith(".py"):
                yield (Path(folder) / name).relative_to(root).as_posix()


def _reber() -> BuiltIn:
    from lstmterm.corpora import reber

    floor = reber.entropy_rate()
    note = f"The entropy rate of this grammar is {floor:.4f} nats per character; no model can reach a lower loss."
    return BuiltIn([Document.of_bytes("reber", reber.text().encode())], (note,), floor)


_TEXTS: dict[str, tuple[str, Callable[[], BuiltIn]]] = {
    "harbour": ("A town by the sea, written for this project", _harbour),
    "python-docs": ("The language reference topics of this Python", _python_docs),
    "python-stdlib": ("The source code of this Python's standard library, about 12 MB", _python_stdlib),
    "reber": ("Strings of the embedded Reber grammar, whose entropy rate is known exactly", _reber),
}
TITLES = {name: title for name, (title, _) in _TEXTS.items()}
NAMES = tuple(_TEXTS)
