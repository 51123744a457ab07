"""A tagger that tags a text while it is typed. It runs in threads, posts messages, and touches no widget."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from lstmterm.errors import InputError, within_memory
from lstmterm.infer.tag import Tagger, Tagging
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.tagging.sentences import Sentence, split_text
from lstmterm.tagging.treebank import Level
from lstmterm.ui.messages import on_screen
from lstmterm.ui.tagger.tagged_text import TaggedSentence, TaggedText

MOST_WORDS = 5_000  # (or letters) of a text that are shown; `lstmterm tag` takes whole files
_HOLD = 512  # words that are tagged before looking for a newer text


@dataclass
class TaggerLoaded(Message):
    """A tagger was read: the requested one, or better weights of the one in use."""

    reference: str
    card: ModelCard


@dataclass
class TaggerRefused(Message):
    """The requested tagger cannot be read, and why."""

    reference: str
    reason: str


class LiveTagger:
    """One tagger; its methods run in threads, one at a time.

    The tagger in use stays until another one is read, whatever happens to its file.
    """

    def __init__(self, post: Callable[[Message], object]) -> None:
        self.requested = ""
        self.reference = ""  # of the one in use
        self._post = post
        self._busy = threading.RLock()
        self._version: library.Version | None = None
        self._tagger: Tagger | None = None

    def load(self) -> None:
        """Read the requested tagger's file, unless it is the one that was read last."""
        with self._busy:
            requested = self.requested
            if not requested:
                return
            try:
                version = library.version(requested)
                if version == self._version and requested == self.reference:
                    return
                with within_memory():
                    model = model_file.load(version.path)
                    tagger = Tagger.from_model(model)
            except (InputError, OSError) as error:
                if requested != self.reference:
                    self._post(TaggerRefused(requested, on_screen(error)))
                return
            self._tagger, self._version, self.reference = tagger, version, requested
            self._post(TaggerLoaded(requested, model.card))

    def tag(self, text: str, number: int, is_stale: Callable[[], bool]) -> None:
        """Tag a text and post the result, unless a newer text comes meanwhile."""
        with self._busy:
            if is_stale():
                return
            self.load()
            try:
                if self._tagger is not None:
                    with within_memory():
                        self._tag(self._tagger, text, number, is_stale)
            except InputError as error:
                self._post(TaggerRefused(self.reference, on_screen(error)))

    def _tag(self, tagger: Tagger, text: str, number: int, is_stale: Callable[[], bool]) -> None:
        sentences, cut = beginning_of(text, tagger.level)
        done: list[TaggedSentence] = []
        tagged = tagger.tag_all((s.words for s in sentences), hold=_HOLD)
        for sentence, tagging in zip(sentences, tagged, strict=True):
            if is_stale():
                return
            done.append(_with_known(sentence, tagging, tagger))
        unknown = ""
        if tagger.level == "char":
            letters = {c for sentence in sentences for c in sentence.words}
            unknown = "".join(sorted(c for c in letters if not tagger.vocabulary.knows(c)))
        self._post(TaggedText(number, tagger.level, tagger.tags, done, unknown, cut))


def _with_known(sentence: Sentence, tagging: Tagging, tagger: Tagger) -> TaggedSentence:
    known = tuple(map(tagger.vocabulary.knows, sentence.words))
    if tagger.level == "sequence":
        known = (all(known),)
    return TaggedSentence(sentence, tuple(tagging.tags), tagging.probabilities, known)


def beginning_of(text: str, level: Level) -> tuple[list[Sentence], bool]:
    """The first sentences of a text, at most `MOST_WORDS` words of them, and whether there are more."""
    found: list[Sentence] = []
    words = 0
    for sentence in split_text([text], level):
        if words + len(sentence.words) > MOST_WORDS:
            if not found:
                most = slice(MOST_WORDS)
                found.append(Sentence(sentence.words[most], sentence.starts[most], sentence.spaces[most]))
            return found, True
        if sentence.words:
            found.append(sentence)
            words += len(sentence.words)
    return found, False
