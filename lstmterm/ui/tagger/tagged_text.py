"""A text with a tagger's tags, as the page shows, corrects and copies it."""

from dataclasses import dataclass

import numpy as np
from textual.message import Message

from lstmterm.tagging.sentences import Sentence
from lstmterm.tagging.treebank import Level, Tagged
from lstmterm.ui.tagger.corrections import Corrections
from lstmterm.ui.tagger.gloss import TaggedToken

UNSURE_BELOW = 0.6  # the probability of a tag


@dataclass(frozen=True)
class TaggedSentence:
    """A sentence with its tags: one for each word, or a single one for a whole sequence."""

    sentence: Sentence
    tags: tuple[str, ...]
    probabilities: np.ndarray  # (tags of the sentence, tags of the tagger)
    known: tuple[bool, ...]  # for each tag, whether the training data had its words

    @property
    def words(self) -> tuple[str, ...]:
        """Its words."""
        return self.sentence.words


@dataclass
class TaggedText(Message):
    """A text was tagged."""

    number: int  # of the text; the page shows the newest only
    level: Level
    names: tuple[str, ...]  # all of the tagger's tags, in the order of the probabilities
    sentences: list[TaggedSentence]
    unknown: str  # characters that a tagger of characters does not know
    cut: bool  # whether there is more text than was tagged

    def tokens(self, number: int, corrections: Corrections) -> list[TaggedToken]:
        """A sentence's tokens, with the user's corrections; one that the tagger makes too is not marked."""
        found, corrected = self.sentences[number], corrections.sheets[number].tags
        words = (" ".join(found.words),) if self.level == "sequence" else found.words
        return [
            TaggedToken(
                word, own := corrected.get(i, tag), known, float(row.max()) < UNSURE_BELOW, own != tag
            )
            for i, (word, tag, known, row) in enumerate(
                zip(words, found.tags, found.known, found.probabilities, strict=True)
            )
        ]

    def ranked(self, number: int, index: int) -> list[tuple[str, float]]:
        """All tags with their probabilities for a token, the most probable first."""
        row = self.sentences[number].probabilities[index]
        return [(self.names[i], float(row[i])) for i in (-row).argsort(kind="stable")]

    def corrected(self, number: int, corrections: Corrections) -> Tagged:
        """A sentence with the user's corrections, as data."""
        found, corrected = self.sentences[number], corrections.sheets[number].tags
        return Tagged(found.words, tuple(corrected.get(i, tag) for i, tag in enumerate(found.tags)))

    def as_plain_text(self, corrections: Corrections) -> str:
        """All words with their tags: `word/TAG`, a deciphered text, or lines with their labels."""
        lines = []
        for i in range(len(self.sentences)):
            sentence = self.corrected(i, corrections)
            if self.level == "sequence":
                lines.append(f"{' '.join(sentence.words)}\t{sentence.tags[0]}")
            elif self.level == "char" and all(len(tag) == 1 for tag in sentence.tags):
                lines.append("".join(sentence.tags))
            else:
                lines.append(" ".join(f"{w}/{t}" for w, t in zip(sentence.words, sentence.tags, strict=True)))
        return "\n".join(lines) + "\n"

    def index_at(self, offset: int) -> tuple[int, int]:
        """The sentence and the index in it of the token that is at, or before, an offset of the text."""
        here = (0, 0)
        for number, found in enumerate(self.sentences):
            for i, start in enumerate(found.sentence.starts):
                if start > offset:
                    return here
                here = (number, 0 if self.level == "sequence" else i)
        return here


NOTHING = TaggedText(0, "word", (), [], "", False)
