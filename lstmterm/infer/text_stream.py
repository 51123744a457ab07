"""Text that a model writes, as a stream that can be steered while it is written.

The command and the screen are two consumers of the same `TextStream`: `generate` writes one text
for each seed, the Generate tab writes on and on, from the hidden state that earlier prompts left.
"""

import dataclasses
import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Self

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM, Held, Progress
from lstmterm.infer.sample import Sampler
from lstmterm.infer.spelling import Spelling
from lstmterm.spec.sampling import DEFAULT, Sampling


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a stream's text: a character as it is written."""

    stream: int  # the stream's index
    symbol: int | None  # its number in the vocabulary; None for text held back until the end
    text: str  # what it adds to the stream's text; may be empty
    nats: float  # surprisal: -ln of its probability at temperature 1; nan unless measured


@dataclass(eq=False)
class TextStream:
    """A character model that writes one or several texts from a carried hidden state.

    `sampling`, `length` and `held` may be changed between two characters, and apply from the next one.
    Setting `stopping`, from any thread, ends the text after the current character.
    """

    model: CharLSTM
    vocabulary: Vocabulary
    _: KW_ONLY
    sampling: Sampling = DEFAULT
    length: int | None = 500  # None: without end
    stop: str = ""
    measure: bool = False  # whether the surprisal of every character is computed
    held: Held | None = None  # hidden units whose c is held: (layer, unit) -> value; None: those of the model
    stopping: threading.Event = field(default_factory=threading.Event)
    chars: list[int] = field(default_factory=list, init=False)  # written in each stream since `write` began
    nats: list[float] = field(default_factory=list, init=False)  # their total surprisal
    _sampler: Sampler | None = field(default=None, init=False)
    _before: Sampler | None = field(
        default=None, init=False
    )  # before the last prompt; None: the initial state

    def start(
        self, prompt: str, seeds: Sequence[int], progress: Progress = lambda done, whole: None
    ) -> dict[str, int]:
        """Read `prompt` and start a stream for each seed, all from the state carried so far.

        Without a carried state it is the beginning of a text (see `Sampler.begin`). Returns the
        prompt's unknown characters and how often each occurs. `progress` is that of `Sampler.feed`.
        """
        self._before = self._sampler
        self._sampler = sampler = self._after(self._before, seeds)
        return (sampler.begin if self._before is None else sampler.feed)(prompt, progress)

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

    def write(self) -> Iterator[Chunk]:
        """Write from where the last text ended, up to `length` characters in each stream.

        Yields every character as it is written, the streams in turn. A stream's texts add up to its
        whole text: bytes come out when their character is complete, and the beginning of `stop`
        once it turned out not to be one. A stream ends before `stop`, which is left out.
        """
        sampler = self._started()
        spellings = [Spelling(self.vocabulary, self.stop) for _ in range(sampler.streams)]
        chars = self.chars = [0] * sampler.streams
        nats = self.nats = [0.0 if self.measure else math.nan] * sampler.streams
        step = 0
        stops, measure, stopping = bool(self.stop), self.measure, self.stopping.is_set
        while (self.length is None or step < self.length) and not stopping():
            if self.held is not None:
                sampler.hold(self.held)
            symbols = sampler.step(self.sampling)
            step += 1
            for stream, spelling in enumerate(spellings):
                if spelling.stopped:
                    continue
                symbol = symbols[stream]
                chars[stream] += 1
                if measure:
                    nats[stream] += sampler.nats[stream]
                yield Chunk(stream, symbol, spelling.add(symbol), sampler.nats[stream])
            if stops and all(spelling.stopped for spelling in spellings):
                return
        for stream, spelling in enumerate(spellings):
            if rest := spelling.end():
                yield Chunk(stream, None, rest, math.nan)

    def nats_per_char(self, stream: int = 0) -> float:
        """The mean surprisal of the last text of a stream; nan if nothing was written or measured."""
        return self.nats[stream] / self.chars[stream] if self.chars and self.chars[stream] else math.nan

    def rewind(self) -> None:
        """Return to the state before the last prompt; doing it again changes nothing."""
        self._sampler = None if self._before is None else self._after(self._before)

    def reset(self) -> None:
        """Return to the model's initial state."""
        self._sampler = self._before = None

    def continued_by(self, model: CharLSTM, vocabulary: Vocabulary, seed: int) -> Self:
        """The same stream with other weights, its state kept if sizes and vocabulary are the same.

        Units stay held unless the model has other sizes.
        """
        same = (model.layers, model.hidden) == (self.model.layers, self.model.hidden)
        new = dataclasses.replace(self, model=model, vocabulary=vocabulary, held=self.held if same else None)
        if self._sampler is None or self.vocabulary.symbols != vocabulary.symbols:
            return new
        if self._sampler.state.h.shape == model.initial().h.shape:
            new._before = self._before
            new._sampler = new._after(self._sampler, [seed])
        return new

    def _after(self, sampler: Sampler | None, seeds: Sequence[int] = (0,)) -> Sampler:
        return Sampler(self.model, self.vocabulary, seeds, sampler, held=self.held, measure=self.measure)

    def _started(self) -> Sampler:
        if self._sampler is None:
            raise RuntimeError("start() comes first.")
        return self._sampler


def generate(
    model: CharLSTM,
    vocabulary: Vocabulary,
    *,
    prompt: str = "",
    length: int | None = 500,
    sampling: Sampling = DEFAULT,
    seeds: Sequence[int] = (0,),
    stop: str = "",
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
