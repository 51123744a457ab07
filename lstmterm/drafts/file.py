"""A draft on disk: a file of changes, one JSON object a line, to which its one writer appends.

The first line says what the file is. A stretch that grows has several lines, so that a crash loses a second
of text at most; they are synced when it is whole. A file is never rewritten.
"""

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lstmterm import atomic, plain_data
from lstmterm.drafts.tree import Origin, Place, Tree
from lstmterm.errors import RunError
from lstmterm.lines import Appending, complete_lines
from lstmterm.plain_data import Damaged
from lstmterm.runs import lock

FORMAT = 1
_HEADER = {"lstmterm": "draft", "format": FORMAT}
_LONGEST_HEADER = 100  # bytes
PATIENCE = 1.0  # seconds for which another process may hold the lock to look


class DraftFile:
    """A tree whose changes are kept; made by `writing`, or by `unkept`."""

    def __init__(self, tree: Tree, lines: Appending | None) -> None:
        """`lines` is None for a draft without a file."""
        self.tree = tree
        self._lines = lines

    @property
    def name(self) -> str:
        """The draft's name; empty without a file."""
        return "" if self._lines is None else self._lines.path.stem

    def add(self, text: str, origin: Origin, at: Place | None = None, *, joined: bool = False) -> int:
        """As `Tree.add`."""
        number = self.tree.add(text, origin, at, joined=joined)
        parent = self.tree.stretches[number].parent
        self._keep({"add": text, "at": [parent.stretch, parent.offset], "origin": _stored(origin)}, joined)
        return number

    def grow(self, text: str) -> None:
        """As `Tree.grow`."""
        self.tree.grow(text)
        self._keep({"grow": text})

    def finish(self, origin: Origin) -> None:
        """As `Tree.finish`."""
        self.tree.finish(origin)
        self._keep({"finish": _stored(origin)})

    def go(self, place: Place, *, joined: bool = False) -> None:
        """As `Tree.go`."""
        if place != self.tree.place:
            self.tree.go(place, joined=joined)
            self._keep({"go": [place.stretch, place.offset]}, joined)

    def hide(self, stretch: int, *, joined: bool = False) -> None:
        """As `Tree.hide`."""
        self.tree.hide(stretch, joined=joined)
        self._keep({"hide": stretch}, joined)

    def undo(self) -> None:
        """As `Tree.undo`."""
        self.tree.undo()
        self._keep({"undo": True})

    def redo(self) -> None:
        """As `Tree.redo`."""
        self.tree.redo()
        self._keep({"redo": True})

    def sync(self) -> None:
        """Have the disk keep all changes; may be called in another thread. Raises `WriteError` if it cannot."""
        if self._lines is not None:
            self._lines.sync()

    def _keep(self, change: Mapping[str, Any], joined: bool = False) -> None:
        if self._lines is not None:
            self._lines.append(json.dumps({**change, "joined": True} if joined else change))


def unkept() -> DraftFile:
    """A new draft that is kept nowhere."""
    return DraftFile(Tree(), None)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[DraftFile]:
    """Open a draft to change it, or begin one if there is no file. Nobody else can while the context lasts.

    Changes that cannot be written wait, however many they are, and are written as soon as it is possible. Raises
    `RunError` if another process has it open or if the file is damaged, and `WriteError`, also at the end for
    changes that still wait.
    """
    atomic.make_folder(path.parent)
    try:
        with lock.holding(lock_of(path), PATIENCE):
            tree = read(path) if path.exists() else Tree()
            with Appending(path) as lines:
                if not path.stat().st_size:
                    lines.append(json.dumps(_HEADER))
                yield DraftFile(tree, lines)
                lines.write()
    except lock.Taken as taken:
        by = f" (process {taken.holder})" if taken.holder else ""
        raise RunError(f"The draft {path.stem!r} is open elsewhere{by}; close it there.") from None


def lock_of(path: Path) -> Path:
    """The file that is locked while a draft is open."""
    return path.parent / f".{path.stem}.lock"


def read(path: Path) -> Tree:
    """The tree in a file. Raises `RunError` if the file is damaged."""
    tree, lines = Tree(), complete_lines(path)
    try:
        first = next(lines, b"")
        if not first and _is_just_begun(path):
            return tree
        header = plain_data.parsed(first or b"{}")
        if header.get("lstmterm") != "draft":
            raise Damaged("is not a draft")
        if header.get("format") != FORMAT:
            raise Damaged(f"has format {plain_data.shown(header.get('format'))}; this version reads {FORMAT}")
        for number, line in enumerate(lines, 2):
            try:
                _apply(tree, plain_data.parsed(line))
            except ValueError as error:
                raise Damaged(f"is damaged in line {number}: it {error}") from None
    except Damaged as error:
        raise RunError(f"The draft {path.name} {error}.") from None
    return tree


def _is_just_begun(path: Path) -> bool:
    """Whether a file ends in its first line, which a writer that was killed has not completed."""
    with open(path, "rb") as file:
        return json.dumps(_HEADER).encode().startswith(file.read(_LONGEST_HEADER))


def _apply(tree: Tree, change: Mapping[str, Any]) -> None:
    """Make a change that was read. Raises `ValueError` for one that is not a change of this tree."""
    joined = change.get("joined") is True
    match change:
        case {"add": str(text), "at": at, "origin": origin}:
            tree.add(text, plain_data.restored(Origin, origin), _place(at), joined=joined)
        case {"grow": str(text)}:
            tree.grow(text)
        case {"finish": origin}:
            tree.finish(plain_data.restored(Origin, origin))
        case {"go": place}:
            tree.go(_place(place), joined=joined)
        case {"hide": int(stretch)} if type(stretch) is int and 0 < stretch < len(tree.stretches):
            tree.hide(stretch, joined=joined)
        case {"undo": True}:
            tree.undo()
        case {"redo": True}:
            tree.redo()
        case _:
            raise Damaged("is not a change")


def _place(value: object) -> Place:
    match value:
        case [int(stretch), int() | None as offset] if type(stretch) is int and type(offset) is not bool:
            return Place(stretch, offset)
    raise Damaged(f"names no place: {plain_data.shown(value)}")


def _stored(origin: Origin) -> dict[str, Any]:
    """What is not the default."""
    usual = Origin()
    return {
        f.name: value
        for f in dataclasses.fields(origin)
        if (value := getattr(origin, f.name)) != getattr(usual, f.name)
    }
