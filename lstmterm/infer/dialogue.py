"""A dialogue with a character model: the user is one speaker of its text, the model another.

Before each answer the model reads the end of the dialogue from its initial state, the opening of its own turn
included, and writes until the turn ends. So the same turns, seed and settings give the same answer.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lstmterm.corpora.scene import Scene
from lstmterm.infer.draft_writing import read_part
from lstmterm.infer.text_stream import TextStream
from lstmterm.spec.sampling import Generation

LONGEST = 1_000  # characters of an answer that does not end on its own


def answering(generation: Generation, scene: Scene, name: str) -> Generation:
    """What is to be written of a turn of a speaker, and nothing after it."""
    stop = (*generation.stop, scene.turns.stop(name))
    return replace(generation, length=LONGEST, unit="characters", stop=stop)


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
    scene: Scene
    seed: int | None = None  # of the next answer, one more for each; None: random ones
    said: list[Turn] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Add what the user says."""
        name = self.scene.me
        self.said.append(Turn(name, self.scene.turns.words(name, text)))

    def answer(self, name: str | None = None) -> Iterator[str]:
        """The model's turn, as `name` or else as its own speaker, in pieces; added once it ended or was stopped.

        Setting `stream.stopping` ends it after the current character.
        """
        speaker, before = name or self.scene.you, self.text
        seed = secrets.randbelow(2**32) if self.seed is None else self.seed
        self.seed = None if self.seed is None else self.seed + 1
        asked = answering(Generation(), self.scene, speaker)
        self.stream.stopping.clear()
        self.stream.reset()
        self.stream.length, self.stream.stop = asked.length, asked.stop
        kept, added = self.scene.continued(before, speaker)
        self.stream.start(read_part(before[:kept] + added), [seed])
        pieces: list[str] = []
        try:
            for written in self.stream.write():
                pieces.append(written.text)
                yield written.text
        finally:
            self.said.append(Turn(speaker, "".join(pieces), seed))

    def overheard(self, turns: int) -> Iterator[tuple[str, Iterator[str]]]:
        """Let both speak for a number of turns, the model as each in turn; a name and the pieces of its turn."""
        for _ in range(turns):
            name = self.scene.following(self.text)
            yield name, self.answer(name)
            if self.stream.stopping.is_set():
                return

    def undo(self) -> int:
        """Take back the last answer, and what the user said before it; returns the number of turns taken back."""
        before = len(self.said)
        if self.said and self.said.pop().seed is not None and self.said and self.said[-1].seed is None:
            self.said.pop()
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
        return "".join(self.scene.turns.turn(turn.name, turn.text) for turn in self.said if turn.text)
