"""Finding loops: a text in which the same characters come again and again."""

from dataclasses import dataclass

LOOP = 50  # characters
TIMES = 3
_REMEMBERED = 5_000  # characters within which the same ones must come again


@dataclass(slots=True)
class _Seen:
    """Where some `LOOP` characters were written."""

    times: int = 0  # that do not overlap
    end: int = -LOOP  # of the last of these
    last: int = 0  # the end of the last time, also where it overlaps
    followers: str = ""  # what came next


class LoopGuard:
    """Reads a text, and notices when its last `LOOP` characters were written `TIMES` times, without overlaps."""

    def __init__(self) -> None:
        self._text = ""  # the last characters; a character is chr() of its number
        self._length = 0
        self._seen: dict[str, _Seen] = {}  # the least recent first
        self._now: _Seen | None = None  # of the last characters
        self.found = 0  # how often a loop was noticed

    @property
    def looping(self) -> bool:
        """Whether the last characters are a loop."""
        return self._now is not None and self._now.times >= TIMES

    @property
    def followers(self) -> list[int]:
        """The numbers of the characters that went on with the loop; none if there is no loop."""
        return [ord(c) for c in self._now.followers] if self._now is not None and self.looping else []

    def read(self, symbol: int) -> None:
        """Take the number of the next character."""
        character = chr(symbol)
        if self._now is not None and character not in self._now.followers:
            self._now.followers += character
        self._text = (self._text + character)[-LOOP:]
        self._length += 1
        if self._length < LOOP:
            return
        seen = self._now = self._seen.pop(self._text, None) or _Seen()
        self._seen[self._text] = seen
        if self._length - seen.end >= LOOP:
            seen.times, seen.end = seen.times + 1, self._length
            self.found += seen.times >= TIMES
        seen.last = self._length
        oldest = next(iter(self._seen))
        if self._seen[oldest].last < self._length - _REMEMBERED:
            del self._seen[oldest]
