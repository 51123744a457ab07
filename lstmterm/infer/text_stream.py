"""Text that a model writes, as a stream that can be steered while it is written.

The command and the screen are two consumers of the same `TextStream`: `generate` writes one text
for each seed, the Generate tab writes on and on, from the hidden state that earlier prompts left.
"""

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

import numpy as np

from lstmterm.amounts import plural
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.likeliest import BeamSearch
from lstmterm.infer.loops import LOOP, TIMES
from lstmterm.infer.lstm import CharLSTM, Held, Progress
from lstmterm.infer.next_words import Ahead, next_characters, next_words
from lstmterm.infer.sample import Sampler
from lstmterm.infer.spelling import Spelling
from lstmterm.infer.unit_count import UnitCount
from lstmterm.spec.sampling import DEFAULT, Sampling, Unit

_LONGEST_CHARACTER = 4  # bytes
_LONGEST = 2_000  # characters of a line or sentence; a text ends after that many for each

Ending = Literal["length", "stop", "loop", "stopped"]  # "stopped" by the user


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a stream's text: a character as it is written."""

    stream: int  # the stream's index
    symbol: int | None  # its number in the vocabulary; None for text held back until the end
    text: str  # what it adds to the stream's text; may be empty
    nats: float  # surprisal: -ln of its probability at temperature 1; nan unless measured
    rank: int = 0  # 1 + the number of characters that are likelier at temperature 1; 0 unless measured


@dataclass(eq=False)
class TextStream:
    """A character model that writes one or several texts from a carried hidden state.

    `sampling`, `length` and `held` may be changed between two characters, and apply from the next one.
    Setting `stopping`, from any thread, ends the text after the current character, or a few later if it may be in the
    middle of a `stop` or of a character's bytes.
    """

    model: CharLSTM
    vocabulary: Vocabulary
    _: KW_ONLY
    sampling: Sampling = DEFAULT
    length: int | None = 500  # None: without end
    unit: Unit = "characters"  # what `length` counts
    stop: tuple[str, ...] = ()  # strings before which a text ends
    beam: int = 0  # write the likeliest text that a search with so many texts finds; 0: draw it
    measure: bool = False  # whether the surprisal of every character is computed
    held: Held | None = None  # hidden units whose c is held: (layer, unit) -> value; None: those of the model
    stopping: threading.Event = field(default_factory=threading.Event)
    chars: list[int] = field(default_factory=list, init=False)  # written in each stream since `write` began
    nats: list[float] = field(default_factory=list, init=False)  # their total surprisal
    endings: list[Ending] = field(default_factory=list, init=False)  # why each ended
    loops: list[int] = field(default_factory=list, init=False)  # how many loops were found in each
    _sampler: Sampler | None = field(default=None, init=False)

    def start(
        self, prompt: str, seeds: Sequence[int], progress: Progress = lambda done, whole: None
    ) -> dict[str, int]:
        """Read `prompt` and start a stream for each seed, all from the state carried so far.

        Without a carried state it is the beginning of a text (see `Sampler.begin`). Returns the
        prompt's unknown characters and how often each occurs. `progress` is that of `Sampler.feed`.
        """
        before = self._sampler
        self._sampler = sampler = Sampler(
            self.model, self.vocabulary, seeds, before, held=self.held, measure=self.measure
        )
        return (sampler.begin if before is None else sampler.feed)(prompt, progress)

    @property
    def started(self) -> bool:
        """Whether there is a text to continue."""
        return self._sampler is not None

    def feed(self, text: str) -> None:
        """Read `text` as what comes next."""
        sampler = self._started()
        if self.held is not None:
            sampler.hold(self.held)
        sampler.feed(text)

    def expected(self) -> np.ndarray:
        """The probabilities of the next character, (n,) or (n, B) for B streams."""
        return self._started().expected(self.sampling)

    def ahead(self, text: str, most: int = 10) -> tuple[Ahead, Ahead]:
        """The likeliest next characters and words, after the one stream that has read `text` last."""
        sampler = self._started()
        return next_characters(sampler, self.sampling, most), next_words(sampler, text, self.sampling, most)

    def write(self) -> Iterator[Chunk]:
        """Write from where the last text ended, up to `length` characters, lines or sentences in each stream.

        Yields every character as it is written, the streams in turn. A stream's texts add up to its
        whole text: bytes come out when their character is complete, and the beginning of a `stop`
        once it turned out not to be one. A stream ends before the first `stop`, which is left out, and
        after a loop if the sampling settings say so. Raises `InputError` if the model cannot write by these.

        With a `beam` the settings are not used. A search finds the one text, whose characters come once they are
        certain.
        """
        sampler = self._started()
        counted = None if self.length is None or self.unit == "characters" else self.unit
        spellings = [
            Spelling(self.vocabulary, self.stop, UnitCount(counted) if counted else None)
            for _ in range(sampler.streams)
        ]
        chars = self.chars = [0] * sampler.streams
        nats = self.nats = [0.0 if self.measure else math.nan] * sampler.streams
        endings: list[Ending | None] = [None] * sampler.streams
        self.endings = []
        before = [_loops(sampler, stream) for stream in range(sampler.streams)]
        self.loops = [0] * sampler.streams
        found: Iterator[int] | None = None
        step, longest = 0, _LONGEST if counted else 1
        ends, measure, stopping = bool(self.stop or counted), self.measure, self.stopping.is_set
        late = max(
            (_LONGEST_CHARACTER, *map(len, self.stop))
        )  # symbols that may still come once it is stopping
        while self.length is None or step < self.length * longest:
            if stopping() and not self.beam:  # a search stops itself, and then has a few characters left
                if late == 0 or not any(spelling.holds_back for spelling in spellings):
                    break
                late -= 1
            if self.held is not None:
                sampler.hold(self.held)
            if self.beam:
                found = found or self._likeliest(sampler)
                symbol = next(found, None)
                if symbol is None:
                    break
                symbols = sampler.take(symbol)
            else:
                symbols = sampler.step(self.sampling)
            step += 1
            looks = self.sampling.loops != "off" and not self.beam
            for stream, spelling in enumerate(spellings):
                if endings[stream]:
                    continue
                symbol = symbols[stream]
                chars[stream] += 1
                if measure:
                    nats[stream] += sampler.nats[stream]
                yield Chunk(stream, symbol, spelling.add(symbol), sampler.nats[stream], sampler.ranks[stream])
                if (ends or looks) and (ending := self._ending(sampler, stream, spelling)):
                    endings[stream] = ending
                    self.loops[stream] = _loops(sampler, stream) - before[stream]
            if (ends or looks) and all(endings):
                break
        self.endings = [ending or ("stopped" if stopping() else "length") for ending in endings]
        for stream, spelling in enumerate(spellings):
            if endings[stream] is None:
                self.loops[stream] = _loops(sampler, stream) - before[stream]
            if rest := spelling.end():
                yield Chunk(stream, None, rest, math.nan)

    def _likeliest(self, sampler: Sampler) -> Iterator[int]:
        """The characters of the likeliest text. Raises `InputError` where no such text is meant."""
        if self.length is None or self.unit != "characters" or sampler.streams > 1:
            raise InputError(
                "The search for the likeliest text (--beam) writes one text, of a length in characters (--length)."
            )
        search = BeamSearch(sampler, self.beam, self.length, self.stop)
        return search.symbols(self.stopping.is_set)

    def _ending(self, sampler: Sampler, stream: int, spelling: Spelling) -> Ending | None:
        """Why a stream ends with its last character; None if it does not."""
        if spelling.stopped:
            return "stop"
        if self.length is not None and spelling.units and spelling.units >= self.length:
            return "length"
        if (
            self.sampling.loops == "stop"
            and not self.beam
            and (guard := sampler.guard(stream))
            and guard.looping
        ):
            return "loop"
        return None

    def remark(self, stream: int = 0) -> str:
        """What the user should know of how the last text of a stream was written; empty if nothing."""
        if self.endings and self.endings[stream] == "loop":
            return f"Stopped in a loop: the same {LOOP} characters were written {TIMES} times."
        if self.loops and self.loops[stream] and self.sampling.loops == "push":
            return f"Pushed the text out of a loop {plural(self.loops[stream], 'time')}."
        return ""

    def nats_per_char(self, stream: int = 0) -> float:
        """The mean surprisal of the last text of a stream; nan if nothing was written or measured."""
        return self.nats[stream] / self.chars[stream] if self.chars and self.chars[stream] else math.nan

    def reset(self) -> None:
        """Return to the model's initial state."""
        self._sampler = None

    def _started(self) -> Sampler:
        if self._sampler is None:
            raise RuntimeError("start() comes first.")
        return self._sampler


def _loops(sampler: Sampler, stream: int) -> int:
    """How many loops were found in a stream of a sampler."""
    guard = sampler.guard(stream)
    return 0 if guard is None else guard.found


def generate(
    model: CharLSTM,
    vocabulary: Vocabulary,
    *,
    prompt: str = "",
    length: int | None = 500,
    sampling: Sampling = DEFAULT,
    seeds: Sequence[int] = (0,),
    stop: tuple[str, ...] = (),
    measure: bool = False,
) -> Iterator[Chunk]:
    """Write a text of `length` characters after `prompt` for each seed; see `TextStream`."""
    stream = TextStream(model, vocabulary, sampling=sampling, length=length, stop=stop, measure=measure)
    stream.start(prompt, seeds)
    return stream.write()


def write_text(
    model: CharLSTM, vocabulary: Vocabulary, prompt: str, length: int, sampling: Sampling, seed: int
) -> str:
    """A text of `length` characters after `prompt`."""
    written = generate(model, vocabulary, prompt=prompt, length=length, sampling=sampling, seeds=(seed,))
    return "".join(character.text for character in written)
