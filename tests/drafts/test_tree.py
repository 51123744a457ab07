"""The tree of a draft: places, ways, edits, undo; by hand and against plain texts."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lstmterm.drafts.edits import edit
from lstmterm.drafts.tree import Origin, Piece, Place, Tree

WRITTEN = Origin("written", model="m")


def grown() -> Tree:
    """Stretches: 1 "The sea", 2 " is calm" after it, 3 " is wild" as well, 4 "n" after "The " of 1."""
    tree = Tree()
    tree.add("The sea", Origin())
    tree.add(" is calm", WRITTEN)
    tree.add(" is wild", WRITTEN, Place(1))
    tree.add("n", Origin("edited"), Place(1, 3))
    return tree


def test_a_text_is_what_leads_to_a_place() -> None:
    tree = grown()
    assert tree.text() == "Then"
    assert tree.text(Place(2)) == "The sea is calm"
    assert tree.text(Place(3, 3)) == "The sea is"
    assert tree.text(Place(0)) == ""
    assert tree.pieces(Place(3)) == [Piece(1, 0, 7), Piece(3, 7, 15)]
    assert tree.pieces() == [Piece(1, 0, 3), Piece(4, 3, 4)]


def test_the_ways_from_a_place() -> None:
    tree = grown()
    assert tree.ways(Place(1)) == [2, 3]
    assert tree.ways(Place(1, 3)) == [1, 4]
    assert tree.ways(Place(0)) == [1]
    assert tree.siblings(3) == [2, 3]
    assert tree.siblings(4) == [1, 4]
    tree.hide(2)
    assert tree.siblings(3) == [3]


def test_the_place_after_some_characters() -> None:
    tree = grown()
    assert tree.place_at(0) == Place(0, 0)
    assert tree.place_at(3) == Place(1, 3)
    assert tree.place_at(10, Place(3)) == Place(3, 3)
    assert tree.place_at(99, Place(3)) == Place(3, 8)


def test_one_returns_to_where_one_was_in_a_branch() -> None:
    tree = grown()
    tree.go(Place(3, 3))
    tree.go(Place(2))
    assert tree.leaf(3) == Place(3, 3)
    assert tree.leaf(1) == Place(2)
    assert tree.leaf(4) == Place(4)
    tree.hide(3)
    assert tree.leaf(3) == Place(3)


def test_what_is_hidden_takes_the_rest_along_and_comes_back() -> None:
    tree = grown()
    tree.go(Place(2))
    tree.hide(1)
    assert tree.place == Place(0, 0)
    assert [s.number for s, _ in tree.walk()] == []
    assert not tree.is_visible(2)
    tree.undo()
    assert tree.place == Place(2)
    assert [(s.number, depth) for s, depth in tree.walk()] == [(1, 0), (2, 1), (3, 1), (4, 1)]
    tree.redo()
    assert tree.hidden == {1}
    with pytest.raises(ValueError, match="empty beginning"):
        tree.hide(0)


def test_joined_changes_are_one_step_of_undo() -> None:
    tree = Tree()
    tree.add("The", Origin())
    for number in range(3):
        tree.add("abc"[number], WRITTEN, Place(1), joined=number > 0)
    tree.hide(2, joined=True)
    tree.go(Place(3), joined=True)
    assert (tree.text(), tree.ways(Place(1))) == ("Theb", [3, 4])
    tree.undo()
    assert (tree.text(), tree.ways(Place(1))) == ("The", [2, 3, 4])
    tree.redo()
    assert (tree.text(), tree.ways(Place(1))) == ("Theb", [3, 4])
    assert not tree.can_redo


def test_a_step_that_leads_back_is_none() -> None:
    tree = Tree()
    tree.add("The", Origin())
    tree.add("a", WRITTEN)
    tree.add("b", WRITTEN, Place(1))
    tree.go(Place(2), joined=True)
    assert not tree.can_redo
    tree.undo()
    assert tree.text() == "The"
    assert tree.ways(Place(1)) == [2, 3]


def test_the_first_change_is_joined_to_nothing() -> None:
    tree = Tree()
    tree.add("The", Origin(), joined=True)
    tree.undo()
    assert tree.text() == ""


def test_a_place_at_the_end_follows_what_grows() -> None:
    tree = Tree()
    tree.add("The", WRITTEN)
    tree.grow(" sea")
    tree.finish(Origin("written", model="m", nats=1.5))
    assert tree.text() == "The sea"
    assert tree.stretches[1].origin.nats == 1.5


@pytest.mark.parametrize("place", [Place(9), Place(-1), Place(1, 8), Place(1, -1)])
def test_places_that_are_not_there(place: Place) -> None:
    tree = grown()
    for use in (tree.go, tree.text, tree.ways):
        with pytest.raises(ValueError, match=r"there is no stretch|has no character"):
            use(place)


@settings(max_examples=300)
@given(st.text("ab\n", max_size=12), st.text("ab\n", max_size=12))
def test_an_edit_leads_from_one_text_to_the_other(old: str, new: str) -> None:
    tree = Tree()
    for start in range(0, len(old), 4):
        tree.add(old[start : start + 4], Origin())
    found = edit(tree, new)
    if found is None:
        assert old == new
    elif found.text:
        tree.add(found.text, Origin("edited"), found.place)
    else:
        tree.go(found.place)
    assert tree.text() == new


class TextsAndTrees(RuleBasedStateMachine):
    """A tree beside the plain texts that it should show."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = Tree()
        self.views = [(Place(), frozenset[int](), "")]  # and what each shows
        self.now = 0
        self.known = {Place(0, 0): ""}

    def see(self, place: Place, text: str, joined: bool, hidden: frozenset[int] = frozenset()) -> None:
        view = place, self.views[self.now][1] | hidden, text
        before = self.views[: self.now + (not joined or self.now == 0)]
        back = joined and before[-1] == view
        self.views = before if back and self.now else [*before, view]
        self.now = len(self.views) - 1

    @rule(text=st.text("abc \n", min_size=1, max_size=5), joined=st.booleans(), data=st.data())
    def add(self, text: str, joined: bool, data: Any) -> None:
        place = data.draw(st.sampled_from(list(self.known)))
        before = self.known[place]
        number = self.tree.add(text, Origin(), place, joined=joined)
        self.see(Place(number), before + text, joined)
        for offset in range(len(text) + 1):
            self.known[Place(number, offset)] = before + text[:offset]

    @rule(joined=st.booleans(), data=st.data())
    def go(self, joined: bool, data: Any) -> None:
        place = data.draw(st.sampled_from(list(self.known)))
        if place != self.tree.place:
            self.see(place, self.known[place], joined)
        self.tree.go(place, joined=joined)

    @rule()
    def undo(self) -> None:
        assert self.tree.can_undo == (self.now > 0)
        self.tree.undo()
        self.now = max(self.now - 1, 0)

    @rule()
    def redo(self) -> None:
        assert self.tree.can_redo == (self.now + 1 < len(self.views))
        self.tree.redo()
        self.now = min(self.now + 1, len(self.views) - 1)

    @rule(joined=st.booleans(), data=st.data())
    def hide(self, joined: bool, data: Any) -> None:
        if len(self.tree.stretches) > 1:
            stretch = data.draw(st.integers(1, len(self.tree.stretches) - 1))
            self.tree.hide(stretch, joined=joined)
            place = self.tree.place
            text = self.known[place] if place.offset is not None else self.tree.text()
            self.see(place, text, joined, frozenset({stretch}))
            assert stretch not in [piece.stretch for piece in self.tree.pieces()]

    @invariant()
    def shows_the_text(self) -> None:
        place, hidden, text = self.views[self.now]
        assert (self.tree.place, self.tree.hidden, self.tree.text()) == (place, hidden, text)
        assert all(self.tree.text(place) == text for place, text in self.known.items())
        pieces = self.tree.pieces()
        assert "".join(self.tree.text()[p.start : p.end] for p in pieces) == self.tree.text()


TestTextsAndTrees = TextsAndTrees.TestCase
