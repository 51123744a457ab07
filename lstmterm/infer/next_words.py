"""What comes next: the likeliest characters and the likeliest words, with their probabilities.

A next word is what is written up to the end of the word that is being written, or of the next one: in the middle
of a word a way to end it ("rd"), else what stands before the next word and the word (" lord", ", my"). It ends
before the first character that is not part of a word. So its probability is that of its characters one after
the other, times that of any end of the word after them. The probabilities of all next words add up to 1.

The search reads beginnings of words, several in one product, always the likeliest that were not read yet. A word
is never likelier than its beginning. So once no beginning is likelier than the last word that was found, the
words are the likeliest there are: the search is exact, as long as it needs no more than `MOST_READ` beginnings.
Where it does, `missed` says how likely a word that it has not seen may be. It holds for the probabilities under
any sampling settings (`Sampler.expected_after`), which are those by which words are compared.

Shapes: V vocabulary size, B beginnings read at once, N beginnings read in all, S states of the rules.
"""

import dataclasses
import heapq
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import Reader, State
from lstmterm.infer.sample import UNCHANGED, Sampler, probabilities
from lstmterm.infer.spelling import Spelling
from lstmterm.spec.sampling import Sampling

MOST_READ = 1_000  # beginnings of words
_TOGETHER = 8  # beginnings that are read in one product

# In rules: this character ends what comes next, as the first one after it or as its last one; or no text has it here.
ENDS_BEFORE, ENDS_AFTER, NEVER = -1, -2, -3
_LEAD, _WORD, _IN_WORD = 0, 1, 2  # states of the rules for words: before it, in it, in one begun by the text
_APOSTROPHES = "'’"  # part of a word after one of its other characters
_BEGINNING = np.dtype(
    [
        ("probability", np.float64),
        ("plain", np.float64),  # its probability by the model as it is
        ("parent", np.intp),  # the beginning before its last character
        ("symbol", np.intp),  # its last character
        ("state", np.intp),  # of the rules
    ]
)


@dataclass(frozen=True)
class Next:
    """What may come next, and how likely it is: under the sampling settings, and by the model as it is."""

    text: str
    probability: float
    plain: float


@dataclass(frozen=True)
class Ahead:
    """The likeliest texts that may come next, the likeliest first."""

    texts: tuple[Next, ...]
    missed: float  # no text that is not among them has a greater probability
    begun: str = ""  # of words: the part of the first one that is already there

    @property
    def exact(self) -> bool:
        """Whether they are the likeliest there are."""
        return self.missed <= (self.texts[-1].probability if self.texts else 0)


def next_characters(sampler: Sampler, sampling: Sampling = UNCHANGED, most: int = 10) -> Ahead:
    """The likeliest next characters of a sampler's one stream; of bytes, those of whole characters."""
    return Search(sampler, sampling, most, _character_rules(sampler.vocabulary)).run(0)


def next_words(sampler: Sampler, text: str, sampling: Sampling = UNCHANGED, most: int = 10) -> Ahead:
    """The likeliest next words of a sampler's one stream, after the end of `text`, which it has read."""
    begun = begun_word(text)
    ahead = Search(sampler, sampling, most, _word_rules(sampler.vocabulary)).run(_IN_WORD if begun else _LEAD)
    return dataclasses.replace(ahead, begun=begun)


def begun_word(text: str) -> str:
    """The word in which a text ends, as far as it is there; empty if it ends in none."""
    start = len(text)
    while start and (_is_of_word(text[start - 1]) or text[start - 1] in _APOSTROPHES):
        start -= 1
    return text[start:].lstrip(_APOSTROPHES)


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def _word_rules(vocabulary: Vocabulary) -> np.ndarray:
    """The state after each character in each state, (S, V); or `ENDS_BEFORE`.

    Of bytes, the first one of a character decides: those of U+0080 to U+00BF, U+2000 to U+2FFF and of anything
    above U+FFFF begin no letters, others do.
    """
    bytewise = vocabulary.level == "byte"
    ascii_only = vocabulary.symbols[:128] if bytewise else vocabulary.symbols
    begins = np.array([_is_of_word(c) for c in ascii_only])
    continues = begins | np.array([c in _APOSTROPHES for c in ascii_only])
    if bytewise:
        first = np.arange(0x80, 0x100)
        letters = (first >= 0xC3) & (first <= 0xEF) & (first != 0xE2)
        begins = np.append(begins, letters)
        continues = np.append(continues, letters | (first < 0xC0))  # also the rest of a letter
    lead = np.where(begins, _WORD, _LEAD)
    word = np.where(continues, _WORD, ENDS_BEFORE)
    return np.array([lead, word, np.where(continues, _WORD, _LEAD)])


def _character_rules(vocabulary: Vocabulary) -> np.ndarray:
    """As `_word_rules`: state k is that of a character of which k bytes are missing, or 0."""
    if vocabulary.level == "char":
        return np.full((1, len(vocabulary)), ENDS_AFTER)
    byte = np.arange(0x100)
    first = np.select([byte < 0xC2, byte < 0xE0, byte < 0xF0, byte < 0xF5], [ENDS_AFTER, 1, 2, 3], ENDS_AFTER)
    rest = (byte >= 0x80) & (byte < 0xC0)
    return np.array([first, *(np.where(rest, after, ENDS_BEFORE) for after in (ENDS_AFTER, 1, 2))])


class Search:
    """Looks for the likeliest texts that rules end, and begin where a sampler's one stream is."""

    def __init__(
        self, sampler: Sampler, sampling: Sampling, most: int, rules: np.ndarray, floor: float = 0.0
    ) -> None:
        """At most this many texts, each with a probability above `floor`."""
        self._sampler, self._sampling, self._rules, self._most = sampler, sampling, rules, most
        self._model, self._floor = sampler.model, floor
        size = MOST_READ + _TOGETHER
        shape = (self._model.layers, size, self._model.hidden)
        self._h, self._c = np.empty(shape, np.float32), np.empty(shape, np.float32)
        self._nodes = np.ones(size, _BEGINNING)  # those that were read
        self._read = 1  # the first one is empty
        self._waiting = np.empty(0, _BEGINNING)  # those to read
        self._found: list[
            tuple[float, float, int, int]
        ] = []  # probabilities, beginning, last character or -1

    @property
    def _least(self) -> float:
        """The probability that a text must exceed to be among the likeliest."""
        return max(self._floor, self._found[-1][0] if len(self._found) == self._most else 0.0)

    def run(self, state: int) -> Ahead:
        """Look for the texts, from a state of the rules."""
        beginning = self._sampler.state
        self._h[:, :1], self._c[:, :1], self._nodes["state"][0] = beginning.h, beginning.c, state
        self._look(np.zeros(1, np.intp), self._sampler.logits())
        while len(self._waiting) and self._read < MOST_READ:
            self._read_likeliest()
        missed = float(self._waiting["probability"].max(initial=self._least))
        texts = (Next(self._text(node, last), p, plain) for p, plain, node, last in self._found)
        return Ahead(tuple(texts), missed)

    def _read_likeliest(self) -> None:
        number = min(_TOGETHER, len(self._waiting))
        order = np.argpartition(-self._waiting["probability"], number - 1)
        taken, self._waiting = self._waiting[order[:number]], self._waiting[order[number:]]
        nodes = np.arange(self._read, self._read + number)
        self._nodes[nodes] = taken
        self._read += number
        parents, symbols = taken["parent"], taken["symbol"]
        reader = Reader(self._model, State(self._h[:, parents], self._c[:, parents]))
        reader.read(symbols if number > 1 else symbols[0])
        after = reader.state
        self._h[:, nodes], self._c[:, nodes] = after.h, after.c
        self._look(nodes, reader.logits())

    def _look(self, nodes: np.ndarray, logits: np.ndarray) -> None:
        """Take note of what follows the beginnings `nodes`, (B,), by logits (V, B), or (V,) for one."""
        logits = logits.reshape(-1, len(nodes))
        plain = probabilities(logits)
        if self._sampling == UNCHANGED:
            chosen = plain
        else:
            paths = [self._path(int(node)) for node in nodes]
            chosen = self._sampler.expected_after(paths, logits, self._sampling)
        begun = self._nodes[nodes]
        chosen, plain = chosen * begun["probability"], plain * begun["plain"]
        after = self._rules[begun["state"]].T
        ended = after == ENDS_BEFORE
        ends = zip(*(np.where(ended, p, 0).sum(axis=0).tolist() for p in (chosen, plain)), nodes, strict=True)
        least = self._least
        found = [(p, q, int(node), -1) for p, q, node in ends if p > least]
        symbols, columns = np.nonzero((after == ENDS_AFTER) & (chosen > least))
        last = (chosen[symbols, columns], plain[symbols, columns], nodes[columns], symbols)
        found += zip(*(values.tolist() for values in last), strict=True)
        self._found = heapq.nlargest(self._most, self._found + found)
        symbols, columns = np.nonzero((after >= 0) & (chosen > self._least))
        longer = np.empty(len(symbols), _BEGINNING)
        longer["probability"], longer["plain"] = chosen[symbols, columns], plain[symbols, columns]
        longer["parent"], longer["symbol"] = nodes[columns], symbols
        longer["state"] = after[symbols, columns]
        waiting = np.concatenate([self._waiting, longer])
        self._waiting = waiting[waiting["probability"] > self._least]

    def _path(self, node: int) -> Sequence[int]:
        """The characters of a beginning."""
        symbols = list[int]()
        while node:
            symbols.append(int(self._nodes["symbol"][node]))
            node = int(self._nodes["parent"][node])
        return symbols[::-1]

    def _text(self, node: int, last: int) -> str:
        spelling = Spelling(self._sampler.vocabulary)
        symbols = [*self._path(node), *([] if last < 0 else [last])]
        return "".join(map(spelling.add, symbols)) + spelling.end()
