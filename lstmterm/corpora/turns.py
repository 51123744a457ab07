r"""How the turns of a text look, and who speaks there.

A pattern is a turn with `{name}` and `{text}` in it, such as `{name}:\n{text}\n\n` in plays and `{name}: {text}\n`
in transcripts. Without `{name}`, as in `> {text}\n`, it is how one of two speakers is quoted, and the other one
writes plain lines.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lstmterm.errors import InputError, did_you_mean

PATTERNS = ("{name}:\n{text}\n\n", "{name}: {text}\n", "> {text}\n")
QUOTED, PLAIN = ">", "reply"  # the speakers of a pattern without names


@dataclass(frozen=True)
class Turns:
    """How a turn looks, and the speakers with how many of 1,000 turns each has, the most frequent first."""

    pattern: str
    speakers: Mapping[str, int]

    @property
    def named(self) -> bool:
        """Whether turns begin with a name."""
        return "{name}" in self.pattern

    @property
    def end(self) -> str:
        """What ends a turn."""
        return self.pattern.split("{text}")[1]

    @property
    def before(self) -> str:
        """What precedes the words, with `{name}` in it where turns begin with a name."""
        return self.pattern.split("{text}")[0]

    def opening(self, name: str) -> str:
        """What precedes the words of a speaker."""
        if not self.named:
            return self.before if name == QUOTED else ""
        return self.before.replace("{name}", name)

    def stop(self, name: str) -> str:
        """The text at which a turn of a speaker ends."""
        return self.end + self.before if not self.named and name == PLAIN else self.end

    def found(self, name: str) -> str | None:
        """The speaker of this name, in capitals or not; None if the text has none."""
        name = name.strip()
        if name in self.speakers:
            return name
        return next((known for known in self.speakers if known.casefold() == name.casefold()), None)

    def speaker(self, name: str) -> str:
        """The known speaker of this name, or a new one. Raises `InputError` for what cannot be a name."""
        found, typed = self.found(name), name.strip()
        if found is not None:
            return found
        if not self.named:
            raise InputError(f"The two speakers are called {QUOTED!r} and {PLAIN!r} here (got {typed!r}).")
        if not typed or "\n" in typed or "\r" in typed:
            raise InputError("A speaker's name must be a line of text.")
        return typed

    def not_found(self, name: str) -> str:
        """The message about a speaker that was not found."""
        meant = did_you_mean(name, self.speakers)
        return f"{name} is not one of the speakers that were found. {meant}".rstrip()

    def words(self, name: str, text: str) -> str:
        """What a speaker says, without what would end the turn."""
        stop, said = self.stop(name), text.strip()
        if not stop.strip("\n"):
            fewer = "\n" * (len(stop) - 1) or " "
            return re.sub(rf"[^\S\n]*(?:\n[^\S\n]*){{{len(stop)},}}", fewer, said)
        while not self.named and name == PLAIN and said.startswith(self.before):
            said = said.removeprefix(self.before)
        return said.replace(stop, " ")

    def closing(self, text: str) -> str:
        """What is missing at the end of a text, so that a turn may begin."""
        if not text:
            return ""
        there = next(k for k in range(len(self.end), -1, -1) if text.endswith(self.end[:k]))
        return self.end[there:]

    def turn(self, name: str, text: str) -> str:
        """What a speaker says, as it stands in the text."""
        said = self.opening(name) + text
        return said + self.closing(said)


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
