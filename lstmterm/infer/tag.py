"""Tagging with a trained tagger, in numpy.

What a word contributes to the first layer's gates depends on the word alone: it is computed once and
cached, so a text costs the encoding of its rare words, and the recurrence.

Shapes: D directions, H hidden units, N words in all, G tags. All numbers are float32.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lstmterm.errors import InputError
from lstmterm.infer import blas
from lstmterm.infer.sentence_lstm import LayerState, SentenceLSTM
from lstmterm.infer.word_types import TypeEncoder
from lstmterm.models.model_file import LoadedModel
from lstmterm.tagging.spans import Rules
from lstmterm.tagging.treebank import Level
from lstmterm.tagging.words import TaggerVocabulary

_CACHED_TYPES = 16_384  # word types whose gates are cached
_PIECE = 8_192  # words of a longer sentence that are read at a time
_CONTEXT = 256  # words around a piece that are read with it
GATHERED = 16_384  # words that are sorted by the length of their sentences and tagged together
_BATCH = 1_024  # words of similar sentences that are read in parallel: what a core's cache holds


@dataclass(frozen=True)
class Tagging:
    """A sentence with its tags: one for each word, or a single one for the sequence."""

    words: Sequence[str]
    tags: list[str]
    probabilities: np.ndarray  # (n, G), of every tag, in the order of `Tagger.tags`
    chosen: np.ndarray  # (n,), the tags as numbers

    @property
    def chosen_probabilities(self) -> np.ndarray:
        """The probability of each chosen tag, (n,)."""
        return self.probabilities[np.arange(len(self.chosen)), self.chosen]


class Tagger:
    """A trained tagger. Tagging changes nothing in it but its cache of word types."""

    def __init__(
        self,
        tensors: Mapping[str, np.ndarray],
        vocabulary: TaggerVocabulary,
        level: Level,
        rules: Rules | None,
    ) -> None:
        blas.limit()
        self.vocabulary = vocabulary
        self.level: Level = level
        self._rules = rules
        self._lstm = SentenceLSTM(tensors)
        self._types = TypeEncoder(tensors, vocabulary)
        self._numbers: dict[str, int] = {}  # of the cached word types, rows of `_gates`
        self._gates = np.empty((256, self._lstm.width), np.float32)
        self._output = np.ascontiguousarray(tensors["output.weight"].T), tensors["output.bias"]

    @classmethod
    def from_model(cls, model: LoadedModel) -> Self:
        """The tagger in a model file. Raises `InputError` for any other model."""
        card = model.card
        if card.kind != "tagger":
            raise InputError(
                f"{card.path} is a character model; tagging needs a tagger (see `lstmterm models`)."
            )
        try:
            vocabulary = TaggerVocabulary.from_dict(card.metadata["vocabulary"])
            level = card.metadata["level"]
            rules = Rules(vocabulary.tags, card.metadata["scheme"]) if card.metadata["scheme"] else None
            return cls(model.tensors, vocabulary, level, rules)
        except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
            raise InputError(f"{card.path} is damaged: its parts do not fit together ({error!r}).") from None

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags, in the order of their probabilities."""
        return self.vocabulary.tags

    def tag(self, words: Sequence[str]) -> Tagging:
        """Tag one sentence."""
        return next(self.tag_all([words]))

    def tag_all(
        self, sentences: Iterable[Sequence[str]], hold: int = GATHERED, workers: int = 1
    ) -> Iterator[Tagging]:
        """Tag sentences, in their order; about `hold` words are gathered and tagged at a time.

        `workers` threads share the batches of similar sentences.
        """
        with ThreadPoolExecutor(workers) if workers > 1 else contextlib.nullcontext() as pool:
            each = map if pool is None else pool.map
            gathered: list[Sequence[str]] = []
            held = 0
            for words in sentences:
                gathered.append(words)
                held += len(words) + 1
                if held >= hold:
                    yield from self._tag_gathered(gathered, each)
                    gathered, held = [], 0
            yield from self._tag_gathered(gathered, each)

    @blas.one_thread()
    def _tag_gathered(self, sentences: Sequence[Sequence[str]], each: Callable[..., Any]) -> list[Tagging]:
        """Tag sentences in batches of similar length; `each` maps a function over the batches."""
        numbers = np.split(
            self._type_numbers([word for words in sentences for word in words]),
            np.cumsum([len(words) for words in sentences])[:-1],
        )
        nothing = np.empty((0, len(self.tags)), np.float32)
        done = {
            i: Tagging(words, [], nothing, np.empty(0, np.int64))
            for i, words in enumerate(sentences)
            if not words
        }
        batches = list(_batches([len(words) for words in sentences]))
        logits = each(self._logits, ([numbers[i] for i in batch] for batch in batches))
        for batch, parts in zip(batches, logits, strict=True):
            for i, scores in zip(batch, parts, strict=True):
                done[i] = self._decided(sentences[i], scores)
        return [done[i] for i in range(len(sentences))]

    def _decided(self, words: Sequence[str], logits: np.ndarray) -> Tagging:
        """The tags and probabilities for logits (n, G)."""
        scores = logits - logits.max(axis=1, keepdims=True)
        probabilities = np.exp(scores)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        chosen = self._rules.decode(logits) if self._rules else logits.argmax(axis=1)
        names = self.tags
        return Tagging(words, [names[i] for i in chosen], probabilities, chosen)

    # The network

    def _logits(self, sentences: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Logits of sentences given as type numbers: (n, G) each, or (1, G) for a whole sequence."""
        if len(sentences[0]) > _PIECE and self.level != "sequence":
            return [self._in_pieces(sentence) for sentence in sentences]
        read, _ = self._read(sentences)
        if self.level == "sequence":
            hidden = self._lstm.hidden  # forwards it ends at the last word, backwards at the first
            read = [np.concatenate([h[-1:, :hidden], h[:1, hidden:]], axis=1) for h in read]
        return np.split(self._scored(np.concatenate(read)), np.cumsum([len(h) for h in read])[:-1])

    def _in_pieces(self, sentence: np.ndarray) -> np.ndarray:
        """Logits (N, G) of a very long sentence, read in pieces so that memory stays bounded.

        A tagger with one direction carries its state from piece to piece and is exact; with two, it
        reads each piece with some words around it.
        """
        around = _CONTEXT if self._lstm.directions == 2 else 0
        parts, state = [], None
        for a in range(0, len(sentence), _PIECE):
            begin = max(a - around, 0)
            (read,), after = self._read([sentence[begin : a + _PIECE + around]], state)
            parts.append(self._scored(read)[a - begin : a - begin + _PIECE])
            state = None if around else after
        return np.concatenate(parts)

    def _scored(self, hidden: np.ndarray) -> np.ndarray:
        weights, bias = self._output
        return hidden @ weights + bias

    def _type_numbers(self, words: Sequence[str]) -> np.ndarray:
        """The rows of `_gates` with what the words contribute to the first layer's gates, (N,)."""
        numbers = self._numbers
        new = list(dict.fromkeys(word for word in words if word not in numbers))
        if new:
            if len(numbers) + len(new) > _CACHED_TYPES:
                numbers.clear()
                new = list(dict.fromkeys(words))
            start = len(numbers)
            if start + len(new) > len(self._gates):
                grown = np.empty((max(start + len(new), 2 * len(self._gates)), self._lstm.width), np.float32)
                grown[:start] = self._gates[:start]
                self._gates = grown
            self._gates[start : start + len(new)] = self._lstm.gates_of(self._types.encode(new))
            numbers.update(zip(new, range(start, start + len(new)), strict=True))
        return np.array([numbers[word] for word in words])

    def _read(
        self, sentences: Sequence[np.ndarray], state: list[LayerState] | None = None
    ) -> tuple[list[np.ndarray], list[LayerState]]:
        """The LSTM's output for sentences given as type numbers, arrays (n, D*H), and its last state.

        `state` takes the place of the state at the start of a sentence. The last one means something
        if all sentences are equally long.
        """
        lengths = np.array([len(ids) for ids in sentences])
        read, state = self._lstm.read(self._gates[np.concatenate(sentences)], lengths, state)
        return np.split(read, np.cumsum(lengths)[:-1]), state


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Sentences as batches of similar length; those that are longer than a piece come alone."""
    batch: list[int] = []
    for i in sorted((i for i, n in enumerate(lengths) if n), key=lambda i: lengths[i]):
        if lengths[i] > _PIECE and batch:
            yield batch
            batch = []
        batch.append(i)
        if len(batch) * lengths[i] >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
