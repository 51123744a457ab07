"""A draft is a tree of stretches of text: every way that a text was continued, none of them lost.

A stretch begins at some character of its parent, perhaps before the parent's end: then both go on from
there in different ways. Stretch 0 is empty and belongs to no one; all beginnings are its children. A
**place** is a stretch and how much of it is read, and so one text: from the beginning to there.

What a user does is a **change**: data that is applied to the tree, and that can be written to a file. The
same changes make the same tree. Undo returns to an earlier place and to what was hidden then. It removes no
stretch, so what was written can always be reached. A change may be joined to the one before it: then undo and
redo take both as one step.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Made = Literal["typed", "written", "edited"]


@dataclass(frozen=True)
class Origin:
    """How a stretch came to be; for one that a model wrote, all that it takes to write it again."""

    made: Made = "typed"
    model: str = ""  # its name or path
    sha256: str = ""  # of the model's file
    context: int = 0  # how many characters before the stretch the model read
    arguments: tuple[str, ...] = ()  # of `lstmterm generate`, after the model: seed, settings
    length: int | None = None  # characters that the model chose; None: as many as the stretch has
    nats: float | None = None  # mean surprisal of a character

    @property
    def seed(self) -> int | None:
        """The seed of what a model wrote."""
        given = dict(zip(self.arguments, self.arguments[1:], strict=False)).get("--seed")
        return int(given) if given is not None and given.isdecimal() else None


@dataclass(frozen=True)
class Place:
    """The first `offset` characters of a stretch; None is its end, which moves as the stretch grows."""

    stretch: int = 0
    offset: int | None = None


@dataclass
class Stretch:
    """A piece of text and where it continues another one."""

    number: int
    parent: Place  # the offset is known; stretch 0 is its own parent
    origin: Origin
    pieces: list[str] = field(default_factory=list)
    children: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its characters."""
        if len(self.pieces) > 1:
            self.pieces = ["".join(self.pieces)]
        return self.pieces[0] if self.pieces else ""


@dataclass(frozen=True)
class Piece:
    """A part of a text: characters `start` to `end` of the text, the first ones of a stretch."""

    stretch: int
    start: int
    end: int


@dataclass(frozen=True)
class View:
    """What undo returns to."""

    place: Place = Place()
    hidden: frozenset[int] = frozenset()


class Tree:
    """The stretches, the place where the user is, and what was hidden."""

    def __init__(self) -> None:
        self.stretches = [Stretch(0, Place(0, 0), Origin())]
        self._views = [View()]
        self._now = 0  # which of the views
        self._seen: dict[Place, None] = {}  # where the user was, the last place last

    # --- what there is --------------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        """Where the user is."""
        return self._views[self._now].place

    @property
    def hidden(self) -> frozenset[int]:
        """Stretches that the user removed; what continues them is hidden with them."""
        return self._views[self._now].hidden

    @property
    def can_undo(self) -> bool:
        """Whether there is a view before this one."""
        return self._now > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a view after this one."""
        return self._now + 1 < len(self._views)

    def text(self, place: Place | None = None) -> str:
        """The text that ends at a place; at the user's if none is given."""
        return "".join(self.stretches[s].text[:offset] for s, offset in self.path(place or self.place))

    def path(self, place: Place) -> list[tuple[int, int]]:
        """From the beginning to a place: stretches, and how much of each."""
        return list(self.upwards(place))[::-1]

    def upwards(self, place: Place) -> Iterator[tuple[int, int]]:
        """As `path`, from the place to the beginning."""
        stretch, offset = self._resolved(place)
        yield stretch, offset
        while stretch:
            stretch, offset = self._resolved(self.stretches[stretch].parent)
            yield stretch, offset

    def pieces(self, place: Place | None = None) -> list[Piece]:
        """The parts of the text that ends at a place, in their order, without empty ones."""
        found, start = list[Piece](), 0
        for stretch, offset in self.path(place or self.place):
            if offset:
                found.append(Piece(stretch, start, start + offset))
                start += offset
        return found

    def place_at(self, position: int, place: Place | None = None) -> Place:
        """The place after `position` characters of the text that ends at `place`."""
        pieces = self.pieces(place)
        if position == 0 or not pieces:
            return Place(0, 0)
        piece = next((p for p in pieces if position <= p.end), pieces[-1])
        return Place(piece.stretch, min(position, piece.end) - piece.start)

    def ways(self, place: Place) -> list[int]:
        """The stretches that go on from a place: the one that it is in, unless it ends there, and its children."""
        stretch, offset = self._resolved(place)
        inside = [stretch] if offset < len(self.stretches[stretch].text) else []
        return inside + [
            child
            for child in self.stretches[stretch].children
            if self.stretches[child].parent.offset == offset and child not in self.hidden
        ]

    def all_ways(self, stretch: int, last: int) -> list[tuple[int, tuple[int, ...]]]:
        """Up to offset `last` of a stretch, at `last` in any case: each offset where ways go on, and these, ascending."""
        children: dict[int, list[int]] = {last: []}
        for child in self.stretches[stretch].children:
            offset = self.stretches[child].parent.offset or 0
            if offset <= last:
                children.setdefault(offset, []).extend([child] * (child not in self.hidden))
        length = len(self.stretches[stretch].text)
        return [
            (offset, (*([stretch] if offset < length else ()), *sorted(found)))
            for offset, found in sorted(children.items())
        ]

    def siblings(self, stretch: int) -> list[int]:
        """The ways from where a stretch begins, this one among them unless it is hidden."""
        return self.ways(self.stretches[stretch].parent)

    def leaf(self, stretch: int, after: int = 0) -> Place:
        """Where the user last was beyond character `after` of a stretch, or in what follows; else its end."""
        beyond = self._visible_beyond(stretch, after) if self.is_visible(stretch) else set()
        for place in reversed(self._seen):
            is_before = place.stretch == stretch and place.offset is not None and place.offset <= after
            if place.stretch in beyond and not is_before:
                return place
        return Place(stretch)

    def _visible_beyond(self, stretch: int, after: int) -> set[int]:
        """A visible stretch, and those that are not hidden of what continues it beyond character `after`."""
        found, waiting = {stretch}, [stretch]
        while waiting:
            for child in self.stretches[waiting.pop()].children:
                parent = self.stretches[child].parent
                near = parent.stretch == stretch and (parent.offset or 0) <= after
                if not near and child not in self.hidden:
                    found.add(child)
                    waiting.append(child)
        return found

    def is_visible(self, stretch: int) -> bool:
        """Whether neither a stretch nor anything that it continues is hidden."""
        return not any(s in self.hidden for s, _ in self.path(Place(stretch)))

    def __len__(self) -> int:
        """The number of stretches that have text, hidden ones included."""
        return sum(1 for stretch in self.stretches if stretch.text)

    # --- changes --------------------------------------------------------------------------------------

    def add(self, text: str, origin: Origin, at: Place | None = None, *, joined: bool = False) -> int:
        """Continue a place, the user's if none is given, by a new stretch, and go to its end.

        Here and below, `joined` makes the change a part of the step before it, if there is one.
        """
        parent, offset = self._resolved(at or self.place)
        number = len(self.stretches)
        self.stretches.append(Stretch(number, Place(parent, offset), origin, [text]))
        self.stretches[parent].children.append(number)
        self._see(View(Place(number), self.hidden), joined)
        return number

    def grow(self, text: str) -> None:
        """Add text to the end of the newest stretch."""
        self.stretches[-1].pieces.append(text)

    def finish(self, origin: Origin) -> None:
        """Change what is known of the newest stretch, now that it is whole."""
        self.stretches[-1].origin = origin

    def go(self, place: Place, *, joined: bool = False) -> None:
        """Go to a place."""
        self._resolved(place)
        if place != self.place:
            self._see(View(place, self.hidden), joined)

    def hide(self, stretch: int, *, joined: bool = False) -> None:
        """Remove a stretch and what follows it from sight; whoever is in it goes to where it begins."""
        if stretch == 0:
            raise ValueError("the empty beginning cannot be hidden")
        inside = any(s == stretch for s, _ in self.path(self.place))
        place = self.stretches[stretch].parent if inside else self.place
        self._see(View(place, self.hidden | {stretch}), joined)

    def undo(self) -> None:
        """Return to the view before this one, if there is one."""
        self._now = max(self._now - 1, 0)

    def redo(self) -> None:
        """Return to the view that was left by `undo`, if there is one."""
        self._now = min(self._now + 1, len(self._views) - 1)

    def _see(self, view: View, joined: bool) -> None:
        self._now += not (joined and self._now)
        if joined and self._now and self._views[self._now - 1] == view:
            self._now -= 1  # the step led back to where it began, and is none
        self._views[self._now :] = [view]
        self._seen.pop(view.place, None)
        self._seen[view.place] = None

    def _resolved(self, place: Place) -> tuple[int, int]:
        """The number of a place's stretch, and the offset in it. Raises `ValueError` if there is no such place."""
        if not 0 <= place.stretch < len(self.stretches):
            raise ValueError(f"there is no stretch {place.stretch}")
        length = len(self.stretches[place.stretch].text)
        if place.offset is None:
            return place.stretch, length
        if not 0 <= place.offset <= length:
            raise ValueError(f"stretch {place.stretch} has no character {place.offset}")
        return place.stretch, place.offset

    def walk(self) -> Iterator[tuple[Stretch, int]]:
        """The visible stretches with text, each before what continues it, with their depth."""
        waiting = [(child, 0) for child in reversed(self.stretches[0].children)]
        while waiting:
            number, depth = waiting.pop()
            if number in self.hidden:
                continue
            stretch = self.stretches[number]
            yield stretch, depth
            waiting += [(child, depth + 1) for child in reversed(stretch.children)]
