"""A dialogue of two speakers of a text, the user and a model, and how its text continues."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lstmterm.corpora.turns import PLAIN, QUOTED, Turns


@dataclass(frozen=True)
class Scene:
    """How turns look, and who speaks; a name is empty where there is nobody yet."""

    turns: Turns
    me: str = ""
    you: str = ""

    def filled(self) -> "Scene":
        """With the most frequent speakers in place of those who are not chosen."""
        you = self.you or next((name for name in self.turns.speakers if name != self.me), "")
        me = self.me or next((name for name in self.turns.speakers if name != you), "")
        return replace(self, me=me, you=you)

    def after(self, prompts: Sequence[str]) -> "Scene":
        """With the speaker whose turn the last of these prompts begins as the model, and the one before as the user."""
        turns = self.turns
        if not turns.named:
            return self
        text = turns.end + turns.end.join(prompts)
        begun = {
            found.end(): name
            for name in turns.speakers
            for found in re.finditer(re.escape(turns.end + turns.opening(name).rstrip()) + r"(?!\w)", text)
        }
        latest = [name for _, name in sorted(begun.items())]
        if not latest:
            return self
        you = latest.pop()
        me = next((name for name in (*latest[::-1], self.me, self.you) if name != you), "")
        return replace(self, me=me, you=you).filled()

    def being(self, name: str) -> "Scene":
        """With the user as another speaker; if that is the model, the two change places. Raises as `Turns.speaker`."""
        name = self.turns.speaker(name)
        return replace(self, me=name, you=self.me if name == self.you else self.you)

    def meeting(self, name: str) -> "Scene":
        """With the model as another speaker; if that is the user, the two change places. Raises as `Turns.speaker`."""
        name = self.turns.speaker(name)
        return replace(self, you=name, me=self.you if name == self.me else self.me)

    @property
    def unknown(self) -> list[str]:
        """Those of the two who were not found in the text."""
        return [name for name in (self.me, self.you) if name and name not in self.turns.speakers]

    def last(self, text: str) -> str | None:
        """Who of the two has the last turn of a text; None if neither has one."""
        turns = self.turns
        if not text:
            return None
        if not turns.named:
            line = text.removesuffix(turns.end).rpartition("\n")[2]
            return QUOTED if line.startswith(turns.before) else PLAIN
        begun = {name: self._last_opening(text, name) for name in (self.me, self.you)}
        latest = max(begun, key=lambda name: begun[name])
        return latest if begun[latest] >= 0 else None

    def _last_opening(self, text: str, name: str) -> int:
        """Where the last turn of a speaker begins; -1 if there is none."""
        end, opening = self.turns.end, self.turns.opening(name)
        at = text.rfind(end + opening)
        if at >= 0:
            return at + len(end)
        return 0 if text.startswith(opening) else -1

    def following(self, text: str) -> str:
        """Who speaks next, if both speak in turn."""
        return self.you if self.last(text) == self.me else self.me

    def continued(self, text: str, name: str, words: str = "") -> tuple[int, str]:
        """How a text continues to the point where `name` speaks: how much of it stays, and what is added.

        `words` are what the user says first. A turn in which nothing is said yet is used for `name`, or taken back.
        """
        turns, kept = self.turns, text
        words = turns.words(self.me, words)
        for speaker in (name, self.me, self.you, *turns.speakers):
            opening = turns.opening(speaker)
            rest = text.removesuffix(opening)
            if opening and rest != text and not turns.closing(rest):
                if speaker == name and not words:
                    return len(text), ""
                kept = rest
                break
        said = turns.turn(self.me, words) if words else ""
        return len(kept), turns.closing(kept) + said + turns.opening(name)
