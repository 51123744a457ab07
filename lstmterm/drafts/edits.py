"""A text that was edited, as a change of the tree."""

from dataclasses import dataclass

from lstmterm.drafts.tree import Place, Tree


@dataclass(frozen=True)
class Edit:
    """The place up to which an edited text is the old one, and what follows it."""

    place: Place
    text: str


def edit(tree: Tree, new: str) -> Edit | None:
    """How `new` differs from the text at the user's place; None if it does not.

    The old text stays as another way from the place where they part. What an edit in the middle leaves
    after it becomes part of the new stretch.
    """
    old = tree.text()
    if new == old:
        return None
    same = common(old, new)
    return Edit(tree.place_at(same), new[same:])


def common(old: str, new: str) -> int:
    """The length of the longest common beginning of two texts."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[:middle] == new[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
