"""Writing with a model: from what it expects next to characters, one at a time.

Randomness is numpy's PCG64 everywhere. A stream draws from `Generator(PCG64(seed))` one uniform
number for each character that it writes, none at temperature 0, and takes the character at that
point of the cumulative distribution: the stream of numbers is the same whatever the settings.

Several streams written side by side each have a generator of their own, seeded as if they were
alone. Choosing is then exact arithmetic on the same numbers, but the model's products are not: a
BLAS rounds a matrix-matrix and a matrix-vector product differently, by about 1e-7 of a number's
size. So a stream among others is the same text as that stream alone unless a uniform number falls
into a gap of about that width between two characters, which is expected less than once in a
million characters; from there on the texts differ.
"""

import codecs
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM, Reader, State


@dataclass(frozen=True)
class Sampling:
    """How the next character is chosen: a frozen set of knobs, checked when built.

    Temperature divides the logits: 0 always takes the most likely character, 1 is the model as it
    is. Of the characters' probabilities at that temperature these are then kept, in this order:
    the `top_k` most likely (0: all); those at least `min_p` times as likely as the likeliest; the
    likeliest whose probabilities among what is left first reach `top_p` (nucleus sampling, Holtzman
    et al. 2020). Characters exactly as likely as the last one kept are kept too.
    """

    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= 100:
            raise InputError(f"The temperature is {self.temperature:g}; it is from 0 to 100.")
        if self.top_k < 0:
            raise InputError(f"--top-k is {self.top_k}; it is at least 1, or 0 to keep all characters.")
        if not 0 < self.top_p <= 1:
            raise InputError(f"--top-p is {self.top_p:g}; it is above 0 and at most 1.")
        if not 0 <= self.min_p <= 1:
            raise InputError(f"--min-p is {self.min_p:g}; it is from 0 to 1.")


AS_IT_IS = Sampling(temperature=1.0)


@dataclass(frozen=True, slots=True)
class Written:
    """A character that was written."""

    stream: int  # which of those side by side
    symbol: int  # its number in the vocabulary
    text: str  # what it adds to the stream's text; see `generate`
    nats: float  # -ln of its probability as the model has it (temperature 1); nan unless measured


def weights(logits: np.ndarray, sampling: Sampling) -> np.ndarray:
    """Probabilities of the characters up to a factor, float64; a character that is out has 0.

    `logits` are (n,), or (n, B) for B streams; temperature is above 0. The likeliest has 1.
    """
    tempered = np.subtract(logits, np.maximum.reduce(logits), dtype=np.float64)
    if sampling.temperature != 1:
        tempered *= 1 / max(sampling.temperature, 1e-6)
    kept = np.exp(tempered, out=tempered)
    n = len(kept)
    if 0 < sampling.top_k < n:
        kept[kept < np.partition(kept, n - sampling.top_k, axis=0)[n - sampling.top_k]] = 0
    if sampling.min_p > 0:
        kept[kept < sampling.min_p] = 0
    if sampling.top_p < 1:
        for column in kept.reshape(n, -1).T:
            column[column < _least_of_nucleus(column, sampling.top_p)] = 0
    return kept


def _least_of_nucleus(kept: np.ndarray, top_p: float) -> float:
    """The smallest weight of the fewest characters that reach `top_p` of all.

    Characters below (1 - top_p) / n of all do not reach 1 - top_p even together, so the others
    hold the nucleus, and only they are sorted.
    """
    total = kept.sum()
    candidates = np.sort(kept[kept >= (1 - top_p) / len(kept) * total])[::-1]
    reached = np.searchsorted(np.cumsum(candidates), top_p * total)
    return candidates[min(reached, len(candidates) - 1)]


def probabilities(logits: np.ndarray, sampling: Sampling = AS_IT_IS) -> np.ndarray:
    """What `sampling` makes of logits (n,) or (n, B): probabilities of the same shape, float64."""
    if sampling.temperature == 0:
        return (np.arange(len(logits)) == np.argmax(logits, axis=0)[..., None]).astype(np.float64).T
    kept = weights(logits, sampling)
    return kept / kept.sum(axis=0)


def nats(logits: np.ndarray, symbols: Any) -> Any:
    """-ln of the probability of `symbols`, numbers or (B,), by logits (n,) or (n, B); float64."""
    highest = np.maximum.reduce(logits)
    total = np.add.reduce(np.exp(np.subtract(logits, highest, dtype=np.float64)), axis=0)
    chosen = logits[symbols] if logits.ndim == 1 else logits[symbols, np.arange(logits.shape[1])]
    return np.log(total) + highest - chosen


class Writer:
    """A model writing one or several streams, steered from character to character.

    The hidden state goes on from one `feed` or `step` to the next, and each step may sample
    differently, so this serves a screen whose settings move while it writes.
    """

    def __init__(
        self,
        model: CharLSTM,
        vocabulary: Vocabulary,
        seeds: Sequence[int],
        state: State | None = None,
        *,
        measure: bool = False,
    ) -> None:
        """Streams from `seeds`, all from `state` (batch 1) or from the model's initial state.

        With `measure` every step leaves in `nats` how surprised the model was.
        """
        self.vocabulary = vocabulary
        self.measure = measure
        self.nats = [math.nan] * len(seeds)  # of the last characters written
        self._model = model
        self._state = model.initial() if state is None else state  # of all streams, until they part
        self._draws = [np.random.Generator(np.random.PCG64(seed)).random for seed in seeds]
        self._reader: Reader | None = None  # made when the streams part
        self._logits: np.ndarray | None = None  # of what comes next, while that is known

    @property
    def streams(self) -> int:
        """How many are written."""
        return len(self._draws)

    @property
    def state(self) -> State:
        """What is remembered now, of every stream."""
        if self._reader is not None:
            return self._reader.state
        return self._state.repeated(self.streams)

    def begin(self, prompt: str = "") -> dict[str, int]:
        """Feed the beginning of a text: a line end, where the vocabulary has one, and `prompt`.

        A model has seen texts and lines begin behind a line end, and hardly ever predicted anything
        from its initial state alone, from which an odd prompt can lead a young model astray.
        Returns the prompt's unknown characters and how often each occurs.
        """
        if not prompt.startswith("\n") and not self.vocabulary.missing("\n"):
            self.feed("\n")
        return self.feed(prompt)

    def feed(self, text: str) -> dict[str, int]:
        """Read `text` in every stream; returns its unknown characters and how often each occurs."""
        ids = self.vocabulary.encode(text)
        if len(ids) == 0:
            return {}
        if self._reader is None:
            _, self._state = self._model.run(ids, self._state)
        else:
            for symbol in ids:
                self._reader.read(symbol if self.streams == 1 else np.full(self.streams, symbol))
        self._logits = None
        return self.vocabulary.missing(text)

    def expected(self, sampling: Sampling = AS_IT_IS) -> np.ndarray:
        """Probabilities of what comes next, (n,) or (n, B), as `sampling` would draw; reads nothing."""
        return probabilities(self._next(), sampling)

    def _next(self) -> np.ndarray:
        if self._reader is None:
            self._reader = Reader(self._model, self.state)
        if self._logits is None:
            self._logits = self._reader.logits()
        return self._logits

    def step(self, sampling: Sampling) -> list[int]:
        """Write one character in every stream: the number of each stream's."""
        logits = self._next()
        if sampling.temperature == 0:
            chosen = np.argmax(logits, axis=0)
        elif self.streams == 1:
            summed = np.add.accumulate(weights(logits, sampling))
            chosen = summed.searchsorted(self._draws[0]() * summed[-1], side="right")
        else:
            summed = np.add.accumulate(weights(logits, sampling))
            points = np.array([draw() for draw in self._draws]) * summed[-1]
            chosen = np.count_nonzero(summed <= points, axis=0)
        if self.measure:
            self.nats = np.atleast_1d(nats(logits, chosen)).tolist()
        self._reader.read(chosen)  # type: ignore[union-attr]
        self._logits = None
        return [int(chosen)] if self.streams == 1 else chosen.tolist()


def generate(
    model: CharLSTM,
    vocabulary: Vocabulary,
    *,
    prompt: str = "",
    length: int | None = 500,
    sampling: Sampling = Sampling(),
    seeds: Sequence[int] = (0,),
    stop: str = "",
    measure: bool = False,
) -> Iterator[Written]:
    """Write a stream of `length` symbols for each seed, all behind `prompt`; None goes on for ever.

    Yields every character as it is written, the streams by turns. The texts of a stream's
    characters make its whole text: bytes come out when their character is whole, what may be the
    beginning of `stop` when it turned out not to be. A stream ends before `stop`, which is left out.
    """
    writer = Writer(model, vocabulary, seeds, measure=measure)
    writer.begin(prompt)
    spellings = [Spelling(vocabulary, stop) for _ in seeds]
    steps = itertools.count(1) if length is None else range(1, length + 1)
    for step in steps:
        symbols = writer.step(sampling)
        for stream, spelling in enumerate(spellings):
            if spelling.stopped:
                continue
            text = spelling.add(symbols[stream])
            if step == length:
                text += spelling.end()
            yield Written(stream, symbols[stream], text, writer.nats[stream])
        if stop and all(spelling.stopped for spelling in spellings):
            return


def write_text(
    model: CharLSTM, vocabulary: Vocabulary, prompt: str, length: int, sampling: Sampling, seed: int
) -> str:
    """`length` symbols behind `prompt`, as text."""
    written = generate(model, vocabulary, prompt=prompt, length=length, sampling=sampling, seeds=(seed,))
    return "".join(character.text for character in written)


class Spelling:
    """Symbols as text, one after the other, up to a text that ends it.

    Bytes that are no UTF-8 become lone surrogates (Python's `surrogateescape`), so that who writes
    the text out raw can write the very bytes.
    """

    def __init__(self, vocabulary: Vocabulary, stop: str = "") -> None:
        self._symbols = vocabulary.symbols
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._bytes = vocabulary.level == "byte"
        self._stop = stop
        self._held = ""  # may be the beginning of the stop
        self.stopped = False

    def add(self, symbol: int) -> str:
        """What is certain of the text now that `symbol` is written."""
        text = self._decoder.decode(bytes((symbol,))) if self._bytes else self._symbols[symbol]
        return self._before_stop(text) if self._stop else text

    def end(self) -> str:
        """What was still held back, when nothing more is written."""
        if self.stopped:
            return ""
        text = self._decoder.decode(b"", True) if self._bytes else ""
        text = self._before_stop(text) if self._stop else text
        return text if self.stopped else text + self._held

    def _before_stop(self, text: str) -> str:
        held = self._held + text
        found = held.find(self._stop)
        if found >= 0:
            self.stopped, self._held = True, ""
            return held[:found]
        longest = min(len(held), len(self._stop) - 1)
        kept = next(k for k in range(longest, -1, -1) if held.endswith(self._stop[:k]))
        certain = len(held) - kept
        self._held = held[certain:]
        return held[:certain]
