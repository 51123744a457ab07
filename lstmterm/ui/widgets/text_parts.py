"""Parts of a text: how each was written, and the stretches that are underlined."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple


class Part(NamedTuple):
    """Characters `start` to `end` of a text, and how they came to be."""

    start: int
    end: int
    name: str


def joined(parts: Iterable[Part]) -> list[Part]:
    """The same parts, those of one name that follow one another as one."""
    found: list[Part] = []
    for part in parts:
        if found and (found[-1].end, found[-1].name) == (part.start, part.name):
            found[-1] = found[-1]._replace(end=part.end)
        elif part.end > part.start:
            found.append(part)
    return found


class Parts:
    """Parts of a text one after another; characters between them have no name."""

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self._starts: list[int] = []
        self._names: list[str] = []
        self._end = 0
        for part in parts:
            self.add(part)

    def add(self, part: Part) -> None:
        """Add a part that begins where the last one ends, or after that."""
        start, end, name = part
        if start < self._end:
            raise ValueError(f"a part begins at {start}, within one that ends at {self._end}")
        if start > self._end:
            self._begin(self._end, "")
        if end > start:
            self._begin(start, name)
            self._end = end

    def _begin(self, start: int, name: str) -> None:
        if not self._names or self._names[-1] != name:
            self._starts.append(start)
            self._names.append(name)

    def cut(self, position: int) -> None:
        """Forget everything from a character on."""
        kept = bisect_left(self._starts, position)
        del self._starts[kept:], self._names[kept:]
        self._end = min(self._end, position)

    def at(self, position: int) -> str:
        """The name of the part that a character is in; empty if it is in none."""
        number = bisect_right(self._starts, position) - 1
        return self._names[number] if number >= 0 and position < self._end else ""


class Spans:
    """Stretches (start, end) of a text in their order; they may overlap, but neither is within another."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number: int) -> tuple[int, int]:
        return self.starts[number], self.ends[number]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.starts, self.ends, strict=True)

    def replace(self, kept: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """Keep the first `kept`, and put these in the place of the others.

        Returns from which character to which something is another way now, or None if nothing is.
        """
        same = 0
        while same < len(spans) and kept + same < len(self) and self[kept + same] == spans[same]:
            same += 1
        first, added = kept + same, spans[same:]
        gone = [self[number] for number in range(first, len(self))]
        self.starts[first:] = [start for start, _ in added]
        self.ends[first:] = [end for _, end in added]
        changed = [*gone, *added]
        return (min(s for s, _ in changed), max(e for _, e in changed)) if changed else None

    def cut(self, position: int) -> None:
        """Forget those that reach beyond the character before a position."""
        kept = bisect_right(self.ends, position)
        del self.starts[kept:], self.ends[kept:]

    def at(self, position: int) -> int | None:
        """The number of the stretch that a character is in; None if it is in none."""
        number = bisect_right(self.ends, position)
        return number if number < len(self) and self.starts[number] <= position else None
