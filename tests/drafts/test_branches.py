"""Branchings along the path to a place."""

import time

import pytest

from lstmterm.drafts import branches
from lstmterm.drafts.branches import Branching, Branchings, branchings, nearest
from lstmterm.drafts.tree import Origin, Place, Tree
from tests.drafts.test_tree import grown


def test_branchings_are_where_a_text_could_go_on_in_another_way() -> None:
    tree = grown()
    assert branchings(tree) == [Branching(3, Place(1, 3), (1, 4), 4)]
    assert branchings(tree, Place(3)) == [
        Branching(3, Place(1, 3), (1, 4), 1),
        Branching(7, Place(1, 7), (2, 3), 3),
    ]
    assert branchings(tree, Place(1)) == [
        Branching(3, Place(1, 3), (1, 4), 1),
        Branching(7, Place(1, 7), (2, 3), None),
    ]
    assert branchings(tree, Place(0)) == [Branching(0, Place(0, 0), (1,), None)]
    assert branchings(Tree()) == []
    tree.hide(2)
    assert branchings(tree, Place(3)) == [Branching(3, Place(1, 3), (1, 4), 1)]
    assert branchings(tree, Place(1))[1:] == [Branching(7, Place(1, 7), (3,), None)]


def test_a_long_text_has_the_branchings_that_it_has() -> None:
    tree = Tree()
    for _ in range(100):
        tree.add("ab", Origin())
    assert branchings(tree) == []
    tree.add("c", Origin(), Place(50, 1))
    tree.add("d", Origin(), Place(60))
    tree.go(Place(100))
    assert branchings(tree) == [
        Branching(99, Place(50, 1), (50, 101), 50),
        Branching(120, Place(60, 2), (61, 102), 61),
    ]


def test_beginnings_are_ways_too() -> None:
    tree = Tree()
    for text in ("one", "two"):
        tree.add(text, Origin(), Place(0, 0))
    assert branchings(tree) == [Branching(0, Place(0, 0), (1, 2), 2)]


def test_the_way_beside_is_cyclic() -> None:
    taken, end = Branching(7, Place(1, 7), (2, 3, 8), 3), Branching(7, Place(1, 7), (2, 3), None)
    assert [taken.beside(by) for by in (1, 2, -1)] == [8, 2, 2]
    assert (end.beside(1), end.beside(-1)) == (2, 3)
    assert (taken.number, end.number) == (2, 0)


def test_each_way_leads_to_where_one_was_on_it() -> None:
    tree = grown()
    (branching,) = branchings(tree)
    assert branching.leaf(tree, 1) == Place(3)
    tree.go(Place(3, 2))
    tree.go(Place(4))
    assert branching.leaf(tree, 1) == Place(3, 2)
    assert branching.leaf(tree, 4) == Place(4)
    tree.hide(3)
    assert branching.leaf(tree, 1) == Place(2)


def test_the_nearest_branching_is_the_last_one_before_a_position() -> None:
    found = [Branching(3, Place(1, 3), (1, 4), 1), Branching(7, Place(1, 7), (2, 3), 3)]
    assert nearest(found, 7) is found[1]
    assert nearest(found, 6) is found[0]
    assert nearest(found, 1) is found[0]
    assert nearest([], 1) is None


def test_they_are_found_again_only_when_the_draft_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    tree, found, times = Tree(), Branchings(), list[Tree]()
    find = branches.branchings

    def counted(of: Tree) -> list[Branching]:
        times.append(of)
        return find(of)

    monkeypatch.setattr(branches, "branchings", counted)
    first = tree.add("abc", Origin())
    tree.add("d", Origin(), Place(first, 1))
    steps = [
        lambda: tree.add("e", Origin(), Place(first, 1)),
        lambda: tree.go(Place(first)),
        lambda: tree.hide(3),
        tree.undo,
        tree.undo,
        tree.redo,
        lambda: tree.add("new", Origin()),
    ]
    for number, step in enumerate(steps, 1):
        step()
        assert found.of(tree) == branchings(tree)
        tree.grow("more")
        assert found.of(tree) == branchings(tree), "a text that grows has the same"
        assert len(times) == number
    assert found.of(Tree()) == []


def test_a_draft_of_thousands_of_ways_is_looked_through_once() -> None:
    tree = Tree()
    first = tree.add("x" * 6000, Origin())
    for k in range(3000):
        tree.add("y", Origin(), Place(first, 2 * k))
        tree.go(Place(first))
    began = time.perf_counter()
    assert len(branchings(tree)) == 3000
    assert time.perf_counter() - began < 2
