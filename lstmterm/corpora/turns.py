r"""Who speaks in a text, and how a turn looks: found by counting, or given as a pattern.

A pattern is a turn with `{name}` and `{text}` in it, such as `{name}:\n{text}\n\n` in plays and `{name}: {text}\n`
in transcripts. Without `{name}`, as in `> {text}\n`, it is how one of two speakers is quoted, and the other one
writes plain lines.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lstmterm.errors import InputError

PATTERNS = ("{name}:\n{text}\n\n", "{name}: {text}\n", "> {text}\n")
QUOTED, PLAIN = ">", "reply"  # the speakers of a pattern without names

_NAME = r"(?P<name>[^\W\d_][^\n:]{0,30}?)"
_FEWEST_TURNS = 6
_FEWEST_SPEAKERS = 2
_OFTEN = 2  # turns from which a name counts as a speaker
_SHARE = 0.5  # of the turns that are by such speakers


@dataclass(frozen=True)
class Turns:
    """How a turn looks, and the speakers with how often each speaks, the most frequent first."""

    pattern: str
    speakers: Mapping[str, int]

    @property
    def named(self) -> bool:
        """Whether turns begin with a name."""
        return "{name}" in self.pattern

    @property
    def stop(self) -> str:
        """The text at which an answer ends."""
        before, end = self.pattern.split("{text}")
        return end if self.named else end + before

    @property
    def end(self) -> str:
        """What ends a turn."""
        return self.pattern.split("{text}")[1]

    def opening(self, name: str) -> str:
        """What precedes the words of a speaker."""
        before = self.pattern.split("{text}")[0]
        if not self.named:
            return before if name == QUOTED else ""
        return before.replace("{name}", name)

    def turn(self, name: str, text: str) -> str:
        """What a speaker says, as it stands in the text."""
        return f"{self.opening(name)}{text}{self.end}"


def parsed(pattern: str) -> str:
    r"""A pattern as a user types it, with `\n` and `\t` for line ends and tabs. Raises `InputError`."""
    plain = pattern.replace("\\n", "\n").replace("\\t", "\t")
    before, found, end = plain.partition("{text}")
    if not found or not end or "{text}" in end or plain.count("{name}") > 1 or "{name}" in end:
        raise InputError(
            f"The pattern {pattern!r} is not a turn: write one with {{name}}, then {{text}}, and what follows it, "
            r"such as '{name}:\n{text}\n\n'."
        )
    if not before.replace("{name}", ""):
        raise InputError(
            f"The pattern {pattern!r} needs something beside the name before {{text}}, such as a colon."
        )
    return plain


def counted(text: str, pattern: str) -> Turns:
    """The speakers of a text whose turns have this pattern."""
    before = pattern.split("{text}")[0]
    if "{name}" not in pattern:
        quoted = len(re.findall(rf"^{re.escape(before)}", text, re.M))
        plain = len(re.findall(rf"(?<=\n)(?!{re.escape(before)})(?=\S)", text))
        return Turns(pattern, {QUOTED: quoted, PLAIN: min(plain, quoted)} if quoted else {})
    start, after = before.split("{name}")
    found = re.compile(rf"^{re.escape(start)}{_NAME}{re.escape(after)}(?=\S)", re.M)
    names = Counter(match["name"] for match in found.finditer(text))
    return Turns(pattern, dict(names.most_common()))


def find(text: str) -> Turns | None:
    """The pattern in which most of a text is spoken, with its speakers; None if it has no speakers."""
    best: tuple[int, Turns] | None = None
    for pattern in PATTERNS:
        turns = counted(text, pattern)
        often = {name: n for name, n in turns.speakers.items() if n >= _OFTEN}
        spoken, whole = sum(often.values()), sum(turns.speakers.values())
        if len(often) < _FEWEST_SPEAKERS or spoken < max(_FEWEST_TURNS, _SHARE * whole):
            continue
        if best is None or spoken > best[0]:
            best = spoken, Turns(pattern, often)
    return best and best[1]
