"""A trained tagger at work, in numpy.

A word's share of the first layer's gates depends on the word alone: it is computed once and kept,
so that a text costs its rare words' letters, and the recurrence. Both directions step together, one
product of two matrices each. As in `lstm`, the gates lie in the order o, i, f, g, and the halving
of x in sigmoid(x) = (1 + tanh(x / 2)) / 2 is in the weights.

Shapes: D directions, H hidden, L layers, B sentences of at most T words, N words in all, U word
types, G tags. All numbers are float32.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lstmterm.errors import InputError
from lstmterm.infer.lstm import arranged
from lstmterm.infer.word_types import TypeEncoder
from lstmterm.models.model_file import LoadedModel
from lstmterm.tagging.spans import Rules
from lstmterm.tagging.treebank import Level
from lstmterm.tagging.words import TaggerVocabulary

_KEPT_TYPES = 16_384  # word types whose gates are remembered
_PIECE = 8_192  # words of a longer sentence that are read at a time
_CONTEXT = 256  # words around a piece that are read with it
_WINDOW = 16_384  # words that are gathered, sorted by length and tagged together
_BATCH = 1_024  # words of similar sentences that are read side by side: what a core's cache holds
_HALF = np.float32(0.5)

State = tuple[np.ndarray, np.ndarray]  # h and c, each (D, B, H)


@dataclass(frozen=True)
class Tagging:
    """A sentence with its tags: one a word, or a single one for the sequence."""

    words: Sequence[str]
    tags: list[str]
    probabilities: np.ndarray  # (n, G) float32, every tag's, in the order of `Tagger.tags`
    chosen: np.ndarray  # (n,) the tags' numbers

    @property
    def chosen_probabilities(self) -> np.ndarray:
        """The probability of each shown tag, (n,)."""
        return self.probabilities[np.arange(len(self.chosen)), self.chosen]


class Tagger:
    """A trained tagger. Tagging changes nothing in it but what it remembers of word types."""

    def __init__(
        self,
        tensors: Mapping[str, np.ndarray],
        vocabulary: TaggerVocabulary,
        level: Level,
        rules: Rules | None,
    ) -> None:
        self.vocabulary = vocabulary
        self.level: Level = level
        self._rules = rules
        self._layers = _layers(tensors)
        self._types = TypeEncoder(tensors, vocabulary)
        self._numbers: dict[str, int] = {}  # of the word types whose gates are kept
        self._gates = np.empty((256, self._layers[0].width), np.float32)
        self._output = np.ascontiguousarray(tensors["output.weight"].T), tensors["output.bias"]

    @classmethod
    def from_model(cls, model: LoadedModel) -> Self:
        """The tagger of a model file. Raises `InputError` when it is none."""
        card = model.card
        if card.kind != "tagger":
            raise InputError(f"{card.path} is a character model; tagging takes a tagger (`lstmterm models`).")
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
        self, sentences: Iterable[Sequence[str]], hold: int = _WINDOW, workers: int = 1
    ) -> Iterator[Tagging]:
        """Tag sentences, in their order; about `hold` words are gathered at a time.

        `workers` threads take batches of them. That is worth while where numpy's matrix products
        keep to one thread each (`OPENBLAS_NUM_THREADS=1` before numpy is imported).
        """
        with ThreadPoolExecutor(workers) if workers > 1 else contextlib.nullcontext() as pool:
            each = map if pool is None else pool.map
            window: list[Sequence[str]] = []
            held = 0
            for words in sentences:
                window.append(words)
                held += len(words) + 1
                if held >= hold:
                    yield from self._tag_window(window, each)
                    window, held = [], 0
            yield from self._tag_window(window, each)

    def _tag_window(self, window: Sequence[Sequence[str]], each: Callable[..., Any]) -> list[Tagging]:
        """Tag some sentences, those of similar length side by side, `each` batch on its own."""
        numbers = np.split(
            self._type_numbers([word for words in window for word in words]),
            np.cumsum([len(words) for words in window])[:-1],
        )
        done = {i: self._decided(words, self._nothing()) for i, words in enumerate(window) if not words}
        batches = list(_batches([len(words) for words in window]))
        logits = each(self._logits, ([numbers[i] for i in batch] for batch in batches))
        for batch, parts in zip(batches, logits, strict=True):
            for i, scores in zip(batch, parts, strict=True):
                done[i] = self._decided(window[i], scores)
        return [done[i] for i in range(len(window))]

    def _nothing(self) -> np.ndarray:
        return np.empty((0, len(self.tags)), np.float32)

    def _decided(self, words: Sequence[str], logits: np.ndarray) -> Tagging:
        """Tags and probabilities of logits (n, G)."""
        if not len(logits):
            return Tagging(words, [], logits, np.empty(0, np.int64))
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
        read = self._read(sentences, [None] * len(self._layers))
        if self.level == "sequence":
            hidden = self._layers[-1].hidden  # forwards the last word's is the end, backwards the first's
            read = [np.concatenate([h[-1:, :hidden], h[:1, hidden:]], axis=1) for h in read]
        return np.split(self._scored(np.concatenate(read)), np.cumsum([len(h) for h in read])[:-1])

    def _in_pieces(self, sentence: np.ndarray) -> np.ndarray:
        """Logits (N, G) of a very long sentence, read in pieces that overlap: memory stays bounded.

        One direction carries its state from piece to piece and is exact; both ways, each piece is
        read with some words around it.
        """
        starts = range(0, len(sentence), _PIECE)
        if self._layers[0].directions == 1:
            state: list[State | None] = [None] * len(self._layers)
            return np.concatenate(
                [self._scored(self._read([sentence[a : a + _PIECE]], state)[0]) for a in starts]
            )
        parts = []
        for a in starts:
            begin = max(a - _CONTEXT, 0)
            (read,) = self._read([sentence[begin : a + _PIECE + _CONTEXT]], [None] * len(self._layers))
            parts.append(self._scored(read)[a - begin : a - begin + _PIECE])
        return np.concatenate(parts)

    def _scored(self, hidden: np.ndarray) -> np.ndarray:
        weights, bias = self._output
        return hidden @ weights + bias

    def _type_numbers(self, words: Sequence[str]) -> np.ndarray:
        """The rows of `_gates` that hold the words' shares of the first layer's gates."""
        numbers = self._numbers
        new = list(dict.fromkeys(word for word in words if word not in numbers))
        if new:
            if len(numbers) + len(new) > _KEPT_TYPES:
                numbers.clear()
                new = list(dict.fromkeys(words))
            start = len(numbers)
            if start + len(new) > len(self._gates):
                grown = np.empty(
                    (max(start + len(new), 2 * len(self._gates)), self._layers[0].width), np.float32
                )
                grown[:start] = self._gates[:start]
                self._gates = grown
            self._gates[start : start + len(new)] = self._layers[0].gates_of(self._types.encode(new))
            numbers.update(zip(new, range(start, start + len(new)), strict=True))
        return np.array([numbers[word] for word in words])

    def _read(self, sentences: Sequence[np.ndarray], state: list[State | None]) -> list[np.ndarray]:
        """What the top layer makes of sentences given as type numbers: arrays (n, D*H).

        `state` holds each layer's (h, c) or None for its start, and is given what is left at the end,
        which means something where all sentences are equally long.
        """
        lengths = np.array([len(ids) for ids in sentences])
        rectangle = _Rectangle.of(lengths, self._layers[0].directions)
        gates = self._gates[np.concatenate(sentences)]
        read = gates
        for k, layer in enumerate(self._layers):
            read, state[k] = layer.read(gates, rectangle, state[k])
            if k + 1 < len(self._layers):
                gates = self._layers[k + 1].gates_of(read)
        return np.split(read, np.cumsum(lengths)[:-1])


@dataclass(frozen=True)
class _Rectangle:
    """Where N words of B sentences lie in T steps, in each direction."""

    steps: np.ndarray  # (D, N): at which step each direction reads each word
    sentence: np.ndarray  # (N,)
    sentences: int  # B
    longest: int  # T

    @classmethod
    def of(cls, lengths: np.ndarray, directions: int) -> Self:
        """The rectangle of sentences of these lengths, (B,)."""
        sentence = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(sentence)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        steps = np.stack([place, lengths[sentence] - 1 - place])[:directions]
        return cls(steps, sentence, len(lengths), int(lengths.max()))


@dataclass(frozen=True)
class _Layer:
    """One layer, in all its directions."""

    inputs: np.ndarray  # (W, D*4H), gates in our order
    bias: np.ndarray  # (D*4H,)
    recurrent: np.ndarray  # (D, H, 4H)
    first: tuple[np.ndarray, np.ndarray]  # h and c at a sentence's start, (D, 1, H)

    @property
    def directions(self) -> int:
        """D."""
        return self.recurrent.shape[0]

    @property
    def hidden(self) -> int:
        """H."""
        return self.recurrent.shape[1]

    @property
    def width(self) -> int:
        """D*4H: gates of all directions."""
        return len(self.bias)

    def gates_of(self, inputs: np.ndarray) -> np.ndarray:
        """The inputs' share of the gates, (N, D*4H) of (N, W)."""
        gates = inputs @ self.inputs
        gates += self.bias
        return gates

    def read(self, gates: np.ndarray, at: _Rectangle, state: State | None) -> tuple[np.ndarray, State]:
        """h after each word in its direction, (N, D*H), of its gates (N, D*4H), and h and c at the end.

        Behind a sentence's last word the steps go on over zeros, and nobody looks.
        """
        directions, hidden = self.directions, self.hidden
        laid = np.zeros((at.longest, directions, at.sentences, 4 * hidden), np.float32)
        parts = gates.reshape(len(gates), directions, 4 * hidden)
        for d in range(directions):
            laid[at.steps[d], d, at.sentence] = parts[:, d]
        h, c = state or (np.repeat(part, at.sentences, axis=1) for part in self.first)
        read = self._steps(laid, h, c)
        picked = [read[at.steps[d], d, at.sentence] for d in range(directions)]
        return np.concatenate(picked, axis=1), (read[-1].copy(), c)

    def _steps(self, laid: np.ndarray, h: np.ndarray, c: np.ndarray) -> np.ndarray:
        """h after each step, (T, D, B, H), of gates (T, D, B, 4H); `c` is changed in place."""
        size, recurrent = self.hidden, self.recurrent
        read = np.empty((*laid.shape[:3], size), np.float32)
        gates = np.empty(laid.shape[1:], np.float32)
        sigmoids = gates[..., : 3 * size]
        o, i, f, g = (gates[..., n * size : (n + 1) * size] for n in range(4))
        for t in range(len(laid)):
            now = read[t]
            np.matmul(h, recurrent, out=gates)
            np.add(gates, laid[t], out=gates)
            np.tanh(gates, out=gates)
            np.multiply(sigmoids, _HALF, out=sigmoids)
            np.add(sigmoids, _HALF, out=sigmoids)
            np.multiply(c, f, out=c)
            np.multiply(i, g, out=i)
            np.add(c, i, out=c)
            np.tanh(c, out=now)
            np.multiply(now, o, out=now)
            h = now
        return read


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Sentences that are no longer than a piece in batches of similar length, the others alone."""
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


def _layers(tensors: Mapping[str, np.ndarray]) -> list[_Layer]:
    """The layers of torch's tensors."""
    depth = sum(name.startswith("lstm.weight_hh_l") and "reverse" not in name for name in tensors)
    ends = ["", "_reverse"] if "lstm.weight_hh_l0_reverse" in tensors else [""]
    hidden = tensors["lstm.weight_hh_l0"].shape[1]
    zero = np.zeros((depth * len(ends), hidden), np.float32)
    start = [tensors.get(f"initial.{part}", zero) for part in "hc"]
    layers = []
    for k in range(depth):
        names = [f"_l{k}{end}" for end in ends]
        rows = slice(k * len(ends), (k + 1) * len(ends))
        first = tuple(np.array(part[rows, None], np.float32) for part in start)
        layers.append(
            _Layer(
                inputs=np.concatenate([arranged(tensors[f"lstm.weight_ih{n}"]).T for n in names], axis=1),
                bias=np.concatenate(
                    [arranged(tensors[f"lstm.bias_ih{n}"] + tensors[f"lstm.bias_hh{n}"]) for n in names]
                ),
                recurrent=np.stack([arranged(tensors[f"lstm.weight_hh{n}"]).T for n in names]),
                first=(first[0], first[1]),
            )
        )
    return layers
