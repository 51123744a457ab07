"""The branches of a draft as an outline: every visible stretch, how deep it is, and how it came to be."""

import shlex

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.drafts.tree import Origin, Stretch, Tree


def outline(tree: Tree) -> list[tuple[Stretch, int]]:
    """The visible stretches, each before what continues it, with the number of branchings that lead to it."""
    depths: dict[int, int] = {}
    found = list[tuple[Stretch, int]]()
    for stretch, _ in tree.walk():
        parent = stretch.parent.stretch
        alone = len(tree.siblings(stretch.number)) < 2
        depths[stretch.number] = depths.get(parent, 0) + (not alone)
        found.append((stretch, depths[stretch.number]))
    return found


def described(origin: Origin) -> str:
    """How a stretch came to be: "typed", or the model, its settings and its bits per character."""
    if origin.made != "written":
        return origin.made
    bits = f", {origin.nats / NATS_PER_BIT:.2f} bits" if origin.nats is not None else ""
    return f"{shlex.join([origin.model, *origin.arguments])}{bits}"
