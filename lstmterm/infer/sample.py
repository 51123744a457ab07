"""Sampling: from what a model expects next to one character of every stream.

Randomness is numpy's PCG64 everywhere. A stream draws one uniform number from
`Generator(PCG64(seed))` for each character, none at temperature 0, and takes the character at that
point of the cumulative distribution: the sequence of numbers is the same whatever the settings. A character
that the settings force takes its number too.

Several streams sampled together each have their own generator, seeded as if they were alone.
Choosing is then exact arithmetic on the same numbers, but the model's products are not: a BLAS
rounds a matrix-matrix and a matrix-vector product differently, by about 1e-7 relative. So a stream
among others is the same text as that stream alone unless a uniform number falls into a gap of about
that width between two characters, expected less than once in a million characters; after that the
texts differ.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Self

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.loops import LoopGuard
from lstmterm.infer.lstm import CharLSTM, Held, Progress, Reader, State
from lstmterm.infer.rules import Rules
from lstmterm.spec.sampling import MAX_REPETITION_WINDOW, Sampling

UNCHANGED = Sampling(temperature=1.0)  # the model's own probabilities


def penalised(logits: np.ndarray, written: Iterable[deque[int]], sampling: Sampling) -> np.ndarray:
    """`logits`, (n,) or (n, B), after the repetition penalty on the last symbols of each stream.

    The penalty of CTRL (Keskar et al. 2019) divides logits. Its effect depends on their sign, which
    means nothing: adding a constant to all logits changes no probability. So this one subtracts
    the penalty's logarithm, which divides the probabilities, up to normalisation.
    """
    if sampling.repetition_penalty == 1:
        return logits
    logits = logits.copy()
    for column, symbols in zip(logits.reshape(len(logits), -1).T, written, strict=True):
        recent = list(islice(reversed(symbols), sampling.repetition_window))
        column[recent] -= math.log(sampling.repetition_penalty)  # once, however often it occurs
    return logits


def weights(logits: np.ndarray, sampling: Sampling, temperature: float) -> np.ndarray:
    """Unnormalised probabilities of the characters, float64: 1 for the likeliest, 0 for those left out.

    `logits` are (n,), or (n, B) for B streams; the temperature is above 0.
    """
    tempered = np.subtract(logits, np.maximum.reduce(logits), dtype=np.float64)
    if temperature != 1:
        tempered *= 1 / max(temperature, 1e-6)
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
    """The smallest weight in the nucleus: the fewest characters that reach `top_p` of the total.

    Characters below (1 - top_p) / n of the total do not reach 1 - top_p even together, so the
    nucleus is among the others, and only they are sorted.
    """
    total = kept.sum()
    candidates = np.sort(kept[kept >= (1 - top_p) / len(kept) * total])[::-1]
    reached = np.searchsorted(np.cumsum(candidates), top_p * total)
    return candidates[min(reached, len(candidates) - 1)]


def probabilities(
    logits: np.ndarray, sampling: Sampling = UNCHANGED, temperature: float | None = None
) -> np.ndarray:
    """The probabilities with which `sampling` draws, by logits (n,) or (n, B): the same shape, float64.

    `temperature` is that of the character, that of `sampling` if none is given.
    """
    temperature = sampling.temperature if temperature is None else temperature
    if temperature == 0:
        return (np.arange(len(logits)) == np.argmax(logits, axis=0)[..., None]).astype(np.float64).T
    kept = weights(logits, sampling, temperature)
    return kept / kept.sum(axis=0)


def nats(logits: np.ndarray, symbols: Any) -> Any:
    """-ln of the probability of `symbols`, numbers or (B,), by logits (n,) or (n, B).

    In float64, as are the probabilities that are sampled; the losses of `infer/score.py` are float32.
    """
    highest = np.maximum.reduce(logits)
    total = np.add.reduce(np.exp(np.subtract(logits, highest, dtype=np.float64)), axis=0)
    chosen = logits[symbols] if logits.ndim == 1 else logits[symbols, np.arange(logits.shape[1])]
    return np.log(total) + highest - chosen


def ranks(logits: np.ndarray, symbols: Any) -> Any:
    """1 + how many characters are likelier than `symbols`; numbers or (B,), by logits (n,) or (n, B)."""
    chosen = logits[symbols] if logits.ndim == 1 else logits[symbols, np.arange(logits.shape[1])]
    return 1 + np.count_nonzero(logits > chosen, axis=0)


class Sampler:
    """A model and the hidden state of one or several streams, sampled a character at a time.

    The state is carried from one `feed` or `step` to the next; each step may sample differently.
    """

    def __init__(
        self,
        model: CharLSTM,
        vocabulary: Vocabulary,
        seeds: Sequence[int],
        after: Self | None = None,
        *,
        held: Held | None = None,
        measure: bool = False,
    ) -> None:
        """A stream for each of `seeds`, all starting where `after` is now, or in the model's initial state.

        `after` is a sampler of one stream, which is not changed: the new streams have its hidden state and its
        recent characters. Its model may have other weights of the same sizes. `held` are the hidden units
        whose c is held (see `hold`); None leaves it to the model. With `measure` every step leaves the
        surprisal of its characters in `nats`, and their ranks in `ranks`.
        """
        self.vocabulary = vocabulary
        self.measure = measure
        self.streams = len(seeds)
        self.nats = [math.nan] * len(seeds)  # surprisal of the last step's characters
        self.ranks = [0] * len(seeds)  # of the last step's characters; the likeliest has 1
        self._held = None if held is None else dict(held)
        self._model = model if held is None else model.holding(held)
        self._state = model.initial() if after is None else after.state  # of all streams, until they diverge
        self._draws = [np.random.Generator(np.random.PCG64(seed)).random for seed in seeds]
        recent = () if after is None else after._written[0]
        self._written = [deque[int](recent, MAX_REPETITION_WINDOW) for _ in seeds]
        self._reader: Reader | None = None  # made when the streams diverge
        self._logits: np.ndarray | None = None  # of the next character, once computed
        self._position = 0  # characters written
        self._fed_at = 0  # how many were written before the last text that was read
        self._begins_line = after is None or after._at_line_start(
            0
        )  # whether a line began with that text's end
        self._sampling: Sampling | None = None  # the settings of the last character
        self._rules: Rules | None = None  # theirs

    @property
    def state(self) -> State:
        """A copy of the hidden state, of every stream."""
        if self._reader is not None:
            return self._reader.state
        return self._state.repeated(self.streams)

    @property
    def model(self) -> CharLSTM:
        """The model, with the units that it holds."""
        return self._model

    def logits(self) -> np.ndarray:
        """The logits of the next character, (n,) or (n, B), before any setting. The next step overwrites them."""
        return self._next()

    def hold(self, held: Held) -> None:
        """Hold the c of these hidden units from the next character that is read, and of no others.

        Raises `InputError` for a unit that the model does not have.
        """
        if held == self._held:
            return
        model = self._model.holding(held)
        self._held = dict(held)
        if self._reader is not None:
            self._reader = Reader(model, self._reader.state)
        self._model = model

    def begin(self, prompt: str = "", progress: Progress = lambda done, whole: None) -> dict[str, int]:
        """Read a text's beginning: a line end, where the vocabulary has one, then `prompt`.

        In training, texts and lines start after a line end; hardly anything was ever predicted from
        the initial state alone, and an unusual prompt can lead a young model astray from there.
        Returns the prompt's unknown characters and how often each occurs.
        """
        if not prompt.startswith("\n") and not self.vocabulary.missing("\n"):
            self.feed("\n")
        return self.feed(prompt, progress)

    def feed(self, text: str, progress: Progress = lambda done, whole: None) -> dict[str, int]:
        """Read `text` in every stream; returns its unknown characters and how often each occurs.

        `progress` is called with the number of characters read and in all, now and then while all streams are one.
        """
        ids = self.vocabulary.encode(text)
        if len(ids) == 0:
            return {}
        if self._reader is None:
            self._state = self._model.read(ids, self._state, progress)
        else:
            for symbol in ids:
                self._reader.read(symbol if self.streams == 1 else np.full(self.streams, symbol))
        self._logits = None
        self._fed_at, self._begins_line = self._position, text.endswith("\n")
        if self._rules is not None:
            self._rules.fed(text)
        return self.vocabulary.missing(text)

    def expected(self, sampling: Sampling = UNCHANGED) -> np.ndarray:
        """The probabilities of the next character as `sampling` draws it, (n,) or (n, B)."""
        self._use(sampling)
        if self._rules is None:
            return probabilities(penalised(self._next(), self._written, sampling), sampling)
        logits = self._rules.restricted(penalised(self._next(), self._written, sampling))
        return self._rules.certain(probabilities(logits, sampling, sampling.temperature_at(self._position)))

    def expected_after(
        self, paths: Sequence[Sequence[int]], logits: np.ndarray, sampling: Sampling
    ) -> np.ndarray:
        """As `expected`, after further characters of one stream, which were not read here, by their logits (n, B).

        A temperature that changes stays as it is now, and only the first character is pushed out of a loop.
        """
        self._use(sampling)
        written = [deque([*self._written[0], *path], MAX_REPETITION_WINDOW) for path in paths]
        logits = penalised(logits, written, sampling)
        if self._rules is None:
            return probabilities(logits, sampling)
        rules = self._rules.after(paths)
        temperature = sampling.temperature_at(self._position)
        return rules.certain(probabilities(rules.restricted(logits), sampling, temperature))

    def _use(self, sampling: Sampling) -> None:
        """Follow these settings from the next character on. Raises `InputError` if the model cannot."""
        if sampling is not self._sampling:
            begins = [self._at_line_start(k) for k in range(self.streams)]
            self._rules = Rules.of(self.vocabulary, sampling, begins, self._rules)
            self._sampling = sampling

    def _at_line_start(self, stream: int) -> bool:
        """Whether the next character of a stream is the first of a line."""
        if self._position == self._fed_at:
            return self._begins_line
        return self._written[stream][-1] == self.vocabulary.encode("\n")[0]

    def guard(self, stream: int = 0) -> LoopGuard | None:
        """What looks for loops in a stream; None if the settings do not ask for it."""
        return self._rules.guards[stream] if self._rules is not None and self._rules.guards else None

    def _next(self) -> np.ndarray:
        """The logits of the next character."""
        if self._logits is None:
            self._logits = self._stepping().logits()
        return self._logits

    def _stepping(self) -> Reader:
        if self._reader is None:
            self._reader = Reader(self._model, self.state)
        return self._reader

    def step(self, sampling: Sampling) -> list[int]:
        """Sample one character in every stream and read it; returns the symbol of each stream.

        Raises `InputError` if the model cannot write by these settings.
        """
        if sampling is not self._sampling:
            self._use(sampling)
        rules, temperature = self._rules, sampling.temperature
        unpenalised = self._next()
        logits = penalised(unpenalised, self._written, sampling)
        if rules is not None:
            logits, temperature = rules.restricted(logits), sampling.temperature_at(self._position)
        if temperature == 0:
            chosen = np.argmax(logits, axis=0)
        else:
            summed = np.add.accumulate(weights(logits, sampling, temperature))
            if self.streams == 1:
                chosen = summed.searchsorted(self._draws[0]() * summed[-1], side="right")
            else:
                points = np.array([draw() for draw in self._draws]) * summed[-1]
                chosen = np.count_nonzero(summed <= points, axis=0)
        if rules is not None:
            chosen = rules.forced(chosen)
        return self._read(chosen)

    def take(self, symbol: int) -> list[int]:
        """Read a character that was chosen in another way, in the one stream; returns it, as `step` does."""
        return self._read(np.intp(symbol))

    def _read(self, chosen: Any) -> list[int]:
        """Read a character in every stream: a number for one stream, else (B,)."""
        if self.measure:
            self.nats = np.atleast_1d(nats(self._next(), chosen)).tolist()
            self.ranks = np.atleast_1d(ranks(self._next(), chosen)).tolist()
        self._stepping().read(chosen)
        self._logits = None
        self._position += 1
        symbols = [int(chosen)] if self.streams == 1 else chosen.tolist()
        for stream, symbol in enumerate(symbols):
            self._written[stream].append(symbol)
        if self._rules is not None:
            self._rules.read(symbols)
        return symbols
