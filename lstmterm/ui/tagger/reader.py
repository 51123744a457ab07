"""A tagger that reads for the screen: in threads, posting what it found.

Nothing here touches a widget. A text is split and tagged as `lstmterm tag` does it: words by the
rules of `tokens`, or each line for itself where letters or whole sequences are tagged.
"""

import io
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from textual.message import Message

from lstmterm.errors import InputError
from lstmterm.infer.tag import Tagger, Tagging
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.tagging.sentences import Sentence, split_text
from lstmterm.tagging.treebank import Level

MOST_UNITS = 5_000  # words (or letters) of a text that are shown; `lstmterm tag` takes whole files
UNSURE = 0.6  # a tag below this probability is marked


class Stale(Exception):
    """A newer text is there; this one's tags are of no use."""


@dataclass(frozen=True)
class TaggedSentence:
    """A sentence with its tags: one a word, or a single one for all of it."""

    sentence: Sentence
    tags: tuple[str, ...]
    chances: np.ndarray  # (tags of the sentence, tags of the tagger)
    known: tuple[bool, ...]  # for each tag, whether the training data had its words

    @property
    def words(self) -> tuple[str, ...]:
        """Its words."""
        return self.sentence.words


@dataclass
class TaggedText(Message):
    """A text, tagged; `number` says which, so that an older one is told from the newest."""

    number: int
    level: Level
    names: tuple[str, ...]  # all tags of the tagger, in the order of the chances
    sentences: list[TaggedSentence]
    unknown: str  # characters that a tagger of letters does not know
    cut: bool  # whether the text goes on behind what was tagged
    seconds: float


@dataclass
class TaggerLoaded(Message):
    """A tagger was read: the wanted one, or better weights of the one in use."""

    reference: str
    card: ModelCard


@dataclass
class TaggerRefused(Message):
    """The tagger that was wanted cannot be read; in a sentence."""

    reference: str
    reason: str


class TaggerReader:
    """One tagger; its methods run in threads, one at a time.

    The tagger in use stays until another one is read, whatever becomes of its file.
    """

    def __init__(self, post: Callable[[Message], object]) -> None:
        self.wanted = ""
        self.reference = ""  # of the one in use
        self._post = post
        self._busy = threading.Lock()
        self._stamp: tuple[Path, float, int] | None = None
        self._tagger: Tagger | None = None

    def read_model(self) -> None:
        """Read the wanted tagger's file if it is another one than last time."""
        with self._busy:
            self._read_model()

    def _read_model(self) -> None:
        wanted = self.wanted
        if not wanted:
            return
        try:
            path = library.find(wanted).path
            found = path.stat()
            stamp = (path, found.st_mtime, found.st_size)
            if stamp == self._stamp and wanted == self.reference:
                return
            loaded = model_file.load(path)
            tagger = Tagger.from_model(loaded)
        except (InputError, OSError) as error:
            if wanted != self.reference:
                self._post(TaggerRefused(wanted, str(error)))
            return
        self._tagger, self._stamp, self.reference = tagger, stamp, wanted
        self._post(TaggerLoaded(wanted, loaded.card))

    def tag(self, text: str, number: int, is_stale: Callable[[], bool]) -> None:
        """Tag a text and post the result, unless a newer one comes meanwhile."""
        with self._busy:
            if is_stale():
                return
            self._read_model()
            if self._tagger is None:
                return
            try:
                self._post(self._tagged(self._tagger, text, number, is_stale))
            except Stale:
                return

    def _tagged(self, tagger: Tagger, text: str, number: int, is_stale: Callable[[], bool]) -> TaggedText:
        began = time.perf_counter()
        found, cut = split(text, tagger.level)
        done: list[TaggedSentence] = []
        for sentence, tagging in zip(found, tagger.tag_all((s.words for s in found), hold=512), strict=True):
            if is_stale():
                raise Stale
            done.append(_with_facts(sentence, tagging, tagger))
        unknown = ""
        if tagger.level == "char":
            letters = {c for sentence in found for c in sentence.words}
            unknown = "".join(sorted(c for c in letters if not tagger.vocabulary.knows(c)))
        took = time.perf_counter() - began
        return TaggedText(number, tagger.level, tagger.tags, done, unknown, cut, took)


def _with_facts(sentence: Sentence, tagging: Tagging, tagger: Tagger) -> TaggedSentence:
    knows = tagger.vocabulary.knows
    known = tuple(knows(word) for word in sentence.words)
    if tagger.level == "sequence":
        known = (all(known),)
    return TaggedSentence(sentence, tuple(tagging.tags), tagging.probabilities, known)


def split(text: str, level: Level) -> tuple[list[Sentence], bool]:
    """The sentences of a text, at most `MOST_UNITS` words of them; whether that is not all."""
    found: list[Sentence] = []
    units = 0
    for sentence in split_text(io.StringIO(text), level):
        if units + len(sentence.words) > MOST_UNITS:
            rest = MOST_UNITS - units
            if rest and not found:
                found.append(Sentence(sentence.words[:rest], sentence.starts[:rest], sentence.spaces[:rest]))
            return found, True
        if sentence.words:
            found.append(sentence)
            units += len(sentence.words)
    return found, False
