"""From a text, a time and this machine to a spec."""

from typing import TypeVar

T = TypeVar("T")


def choose(table: tuple[tuple[float, T], ...], value: float) -> T:
    """The entry of the first limit that `value` does not exceed: up to a limit, this; up to the next, that."""
    return next(chosen for limit, chosen in table if value <= limit)
