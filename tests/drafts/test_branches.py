"""Branchings along the path to a place."""

from lstmterm.drafts.branches import Branching, branchings, nearest
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
    assert branching.leaf(tree, 1) == Place(1)


def test_the_nearest_branching_is_the_last_one_before_a_position() -> None:
    found = [Branching(3, Place(1, 3), (1, 4), 1), Branching(7, Place(1, 7), (2, 3), 3)]
    assert nearest(found, 7) is found[1]
    assert nearest(found, 6) is found[0]
    assert nearest(found, 1) is found[0]
    assert nearest([], 1) is None
