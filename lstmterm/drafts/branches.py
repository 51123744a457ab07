"""Where a text could go on in several ways: the branchings along the path from its beginning to a place."""

from bisect import bisect_right
from dataclasses import dataclass

from lstmterm.drafts.tree import Place, Tree


@dataclass(frozen=True)
class Branching:
    """A position in a text, and the stretches that go on from there, the older ones first."""

    position: int  # characters before it
    place: Place  # the same place, its offset known
    ways: tuple[int, ...]
    taken: int | None  # the way that the text takes; None where the text ends

    @property
    def number(self) -> int:
        """Which of the ways is taken, from 1; 0 for none."""
        return 0 if self.taken is None else self.ways.index(self.taken) + 1

    def beside(self, by: int) -> int:
        """The way that is `by` after the one that is taken, cyclically; the first or last one if none is."""
        if self.taken is None:
            return self.ways[0 if by > 0 else -1]
        return self.ways[(self.ways.index(self.taken) + by) % len(self.ways)]

    def leaf(self, tree: Tree, way: int) -> Place:
        """Where the user last was on one of the ways."""
        inside = way == self.place.stretch
        return tree.leaf(way, self.place.offset or 0 if inside else 0)


def branchings(tree: Tree, place: Place | None = None) -> list[Branching]:
    """The branchings of the text that ends at a place, the user's if none is given.

    The place itself is among them if anything goes on from it.
    """
    found: list[Branching] = []
    path, start = tree.path(place or tree.place), 0
    for number, (stretch, offset) in enumerate(path):
        follows, here = path[number + 1][0] if number + 1 < len(path) else None, tree.stretches[stretch]
        if here.children == [follows] and offset == len(here.text):  # as most are in a long text
            start += offset
            continue
        for at, ways in tree.all_ways(stretch, offset):
            taken = stretch if at < offset else follows
            if len(ways) > 1 or (ways and taken is None):
                found.append(Branching(start + at, Place(stretch, at), ways, taken))
        start += offset
    return found


def nearest(found: list[Branching], position: int) -> Branching | None:
    """The last branching at or before a position, else the first one after it; None if there is none."""
    after = bisect_right(found, position, key=lambda each: each.position)
    return found[max(after - 1, 0)] if found else None


class Branchings:
    """The branchings of a text at the user's place, found again only when the draft changed: not as it grows."""

    def __init__(self) -> None:
        self._of: tuple[Tree, Place, frozenset[int], int] | None = None
        self._found: list[Branching] = []

    def of(self, tree: Tree) -> list[Branching]:
        """As `branchings`."""
        *before, number = self._of or (None, None, None, 0)
        now = tree, tree.place, tree.hidden
        if any(a is not b for a, b in zip(before, now, strict=True)) or number != len(tree.stretches):
            self._of, self._found = (*now, len(tree.stretches)), branchings(tree)
        return self._found
