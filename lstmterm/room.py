"""What is left out where there is not room for all."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

Key = TypeVar("Key")


def that_fit(needed: Mapping[Key, int], first_to_go: Iterable[Key], room: int) -> list[Key]:
    """The keys in their order, without as many of `first_to_go` as it takes until what the others need fits.

    Of those that went, the later ones come back where a last, wide one left room for them.
    """
    left = room - sum(needed.values())
    gone: list[Key] = []
    for key in first_to_go:
        if left >= 0:
            break
        if key in needed and key not in gone:
            gone.append(key)
            left += needed[key]
    for key in gone[::-1]:
        if needed[key] <= left:
            gone.remove(key)
            left -= needed[key]
    return [key for key in needed if key not in gone]
