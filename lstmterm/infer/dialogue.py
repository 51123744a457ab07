"""A dialogue with a character model: the user is one speaker of its text, the model another.

Before each answer the model reads the last turns from its initial state, then the opening of its own turn,
and writes until the turn ends. So the same turns, seed and settings give the same answer.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from lstmterm.corpora.turns import Turns
from lstmterm.infer.text_stream import TextStream

CONTEXT = 2_000  # characters that the model reads before it answers
LONGEST = 1_000  # characters of an answer that does not end by itself


@dataclass(frozen=True)
class Turn:
    """What one of the speakers said; the seed of an answer of the model."""

    name: str
    text: str
    seed: int | None = None


@dataclass
class Dialogue:
    """The turns so far, and who speaks for whom. `answer` writes the model's next turn."""

    stream: TextStream
    turns: Turns
    me: str
    you: str
    seed: int | None = None  # of the next answer, one more for each; None: random ones
    said: list[Turn] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Add what the user says, as speaker `me`."""
        self.said.append(Turn(self.me, text))

    def answer(self, name: str | None = None) -> Iterator[str]:
        """The model's turn, as `name` or else as `you`, in pieces; it is added once it ended or was stopped.

        Setting `stream.stopping` ends it after the current character.
        """
        speaker = name or self.you
        seed = secrets.randbelow(2**32) if self.seed is None else self.seed
        self.seed = None if self.seed is None else self.seed + 1
        self.stream.stopping.clear()
        self.stream.reset()
        self.stream.length, self.stream.stop = LONGEST, (self.turns.stop,)
        self.stream.start(self.text[-CONTEXT:] + self.turns.opening(speaker), [seed])
        pieces: list[str] = []
        try:
            for written in self.stream.write():
                pieces.append(written.text)
                yield written.text
        finally:
            self.said.append(Turn(speaker, "".join(pieces), seed))

    def overheard(self, turns: int) -> Iterator[tuple[str, Iterator[str]]]:
        """Let both speak on: so many turns of the model, as each in turn; a name and the pieces of its turn."""
        for _ in range(turns):
            last = self.said[-1].name if self.said else self.you
            name = self.me if last == self.you else self.you
            yield name, self.answer(name)
            if self.stream.stopping.is_set():
                return

    def undo(self) -> int:
        """Take back the last answer and what led to it; returns the number of turns taken back."""
        before = len(self.said)
        while self.said and self.said.pop().name != self.me:
            pass
        return before - len(self.said)

    def retry(self) -> bool:
        """Take back the last turn if the model wrote it, so that it answers again."""
        if not self.said or self.said[-1].seed is None:
            return False
        self.said.pop()
        return True

    @property
    def text(self) -> str:
        """All turns, as they stand in the model's text."""
        return "".join(self.turns.turn(turn.name, turn.text) for turn in self.said)
