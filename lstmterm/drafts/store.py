"""The drafts folder: list, find, rename, remove and search drafts."""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lstmterm import atomic, paths
from lstmterm.drafts import file
from lstmterm.drafts.tree import Place, Tree
from lstmterm.errors import InputError, RunError, error_of, not_found
from lstmterm.runs import lock

SUFFIX = ".jsonl"
_SHOWN = 60  # characters of a text that say which one it is
_AROUND = 30  # characters before and after what was searched for


@dataclass(frozen=True)
class Summary:
    """A draft as a row of a list; `damaged` says why it cannot be read, and then the rest is empty."""

    name: str
    changed: float  # when it was last written to, seconds since the epoch
    characters: int = 0  # of the text at the user's place
    stretches: int = 0
    branches: int = 0  # ways in which it ends
    beginning: str = ""
    damaged: str = ""


@dataclass(frozen=True)
class Hit:
    """A stretch that has what was searched for, or its end."""

    name: str
    stretch: int
    offset: int  # of the beginning in the stretch; below zero for a text that begins before it
    around: str


def path_of(name: str) -> Path:
    """The file of a draft, whether it exists or not. Raises `NameRejected` for a name that cannot be a file's."""
    return paths.drafts() / (paths.plain_name(name, "draft's name") + SUFFIX)


def new_name(model: str, now: float) -> str:
    """A name that no draft has, after the model and the day."""
    day = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d")
    stem, number = f"{paths.made_plain(model)}-{day}", 1
    while path_of(f"{stem}-{number}").exists():
        number += 1
    return f"{stem}-{number}"


def names() -> list[str]:
    """The names of all drafts, the one that was changed last first."""
    drafts = paths.entries(paths.drafts())
    found = [f for f in drafts if f.suffix == SUFFIX and not error_of(path_of, f.stem)]
    return [f.stem for f in sorted(found, key=lambda f: (paths.changed(f), f.name), reverse=True)]


def find(name: str) -> Path:
    """The file of a draft. Raises `InputError` if there is none of this name."""
    known = names()
    if name not in known:
        raise not_found("draft", name, known, "`lstmterm drafts` lists them all.", "There are no drafts yet.")
    return path_of(name)


def summary(name: str) -> Summary:
    """A draft's row; it is read whole."""
    path = path_of(name)
    try:
        return summarized(name, paths.changed(path), file.read(path))
    except (RunError, OSError) as error:
        return Summary(name, paths.changed(path), damaged=str(error))


def summarized(name: str, changed: float, tree: Tree) -> Summary:
    """The row of a draft that was read."""
    text = tree.text()
    beginning = " ".join(text[: 4 * _SHOWN].split())[:_SHOWN]
    return Summary(name, changed, len(text), len(tree), _ends(tree), beginning)


def _ends(tree: Tree) -> int:
    """How many of the visible stretches nothing continues at their end."""
    found = 0
    for stretch, _ in tree.walk():
        found += bool(stretch.text) and not tree.ways(Place(stretch.number))
    return found


def refuse_taken(name: str, old: str = "") -> None:
    """Raise `InputError` if another draft than `old` has a name, `NameRejected` if none can have it."""
    if name != old and path_of(name).exists():
        raise InputError(f"There is a draft {name!r} already; choose another name.")


def rename(name: str, new: str) -> None:
    """Give a draft another name. Raises as `refuse_taken`, and `RunError` if it is open."""
    old, path = find(name), path_of(new)
    if old == path:
        return
    with _closed(old), _closed(path):
        refuse_taken(new)
        with atomic.explaining(path):
            os.rename(old, path)
            file.lock_of(old).unlink(missing_ok=True)


def remove(name: str) -> None:
    """Delete a draft. Raises `RunError` if it is open."""
    path = find(name)
    with _closed(path), atomic.explaining(path):
        path.unlink()
        file.lock_of(path).unlink(missing_ok=True)


def search(text: str) -> Iterator[Hit]:
    """Every stretch in which an occurrence of a text ends, in any case and with any white space between its words.

    Damaged drafts are left out.
    """
    for name in names():
        yield from hits(name, text)


def hits(name: str, text: str) -> Iterator[Hit]:
    """As `search`, of one draft; none if it is damaged or gone."""
    words = [re.escape(word) for word in text.split()]
    if not words:
        return
    wanted, longest = re.compile(r"\s+".join(words), re.IGNORECASE), len(text) + _AROUND
    with contextlib.suppress(RunError, OSError):
        tree = file.read(path_of(name))
        for stretch, _ in tree.walk():
            before = _end_of(tree, stretch.parent, longest)
            whole = before + stretch.text
            for found in wanted.finditer(whole):
                if found.end() > len(before):
                    around = whole[max(0, found.start() - _AROUND) : found.end() + _AROUND]
                    yield Hit(name, stretch.number, found.start() - len(before), " ".join(around.split()))
                    break


def _end_of(tree: Tree, place: Place, length: int) -> str:
    """The last `length` characters of the text that ends at a place whose offset is known."""
    parts: list[str] = []
    while place.stretch and length > 0:
        stretch = tree.stretches[place.stretch]
        end = place.offset or 0
        parts.append(stretch.text[max(0, end - length) : end])
        length -= len(parts[-1])
        place = stretch.parent
    return "".join(reversed(parts))


@contextlib.contextmanager
def _closed(path: Path) -> Iterator[None]:
    """Within this context nobody opens a draft. Raises `RunError` if somebody has it open."""
    try:
        with lock.holding(file.lock_of(path), file.PATIENCE):
            yield
    except lock.Taken:
        raise RunError(f"The draft {path.stem!r} is open; close it first.") from None
