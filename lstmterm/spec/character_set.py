r"""A set of characters as it is typed: single ones, and ranges such as `a-z`.

`\n` is a line end, `\t` a tab, `\s` a space, `\-` a hyphen and `\\` a backslash. A hyphen at the beginning or the
end is itself too.
"""

import re
from dataclasses import dataclass

from lstmterm.errors import InputError

_ESCAPES = {"n": "\n", "t": "\t", "s": " ", "-": "-", "\\": "\\"}
_PART = re.compile(r"\\.?|.", re.DOTALL)


@dataclass(frozen=True)
class CharacterSet:
    """Ranges of code points, both ends included."""

    ranges: tuple[tuple[int, int], ...]

    def __contains__(self, character: str) -> bool:
        return any(low <= ord(character) <= high for low, high in self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)


def character_set(text: str) -> CharacterSet:
    """The characters that a text names; none for an empty one. Raises `InputError`."""
    parts = _PART.findall(text)
    ranges: list[tuple[int, int]] = []
    k = 0
    while k < len(parts):
        first = last = _character(parts[k])
        if parts[k + 1 : k + 2] == ["-"] and k + 2 < len(parts):
            last = _character(parts[k + 2])
            k += 2
        if last < first:
            raise InputError(rf"{first}-{last} ends before it begins; write \- for a hyphen.")
        ranges.append((ord(first), ord(last)))
        k += 1
    return CharacterSet(tuple(ranges))


def _character(part: str) -> str:
    if part[0] != "\\":
        return part
    if part[1:] not in _ESCAPES:
        raise InputError(rf"{part} is not one of \n, \t, \s (space), \- and \\.")
    return _ESCAPES[part[1:]]
