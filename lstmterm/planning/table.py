"""Tables of rules: up to a limit, this; up to the next one, that."""

from typing import TypeVar

T = TypeVar("T")


def choose(table: tuple[tuple[float, T], ...], value: float) -> T:
    """The entry of the first limit that `value` does not exceed."""
    return next(chosen for limit, chosen in table if value <= limit)
