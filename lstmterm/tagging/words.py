"""Words as numbers: a tagger's vocabulary of words, characters, suffixes and tags.

A vocabulary of n entries numbers them 0 to n-1 in sorted order; everything else is its unknown entry,
number n. There is no padding entry, because padding is masked.

Words are looked up in NFC (Unicode Standard Annex #15): é is the same word as one character and as two.
"""

import dataclasses
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lstmterm.plain_data import restored

LONGEST_WORD = 32  # characters of a word that an encoder reads: half from its start, half from its end
SUFFIX_LENGTHS = (2, 3, 4)  # of a tagger that reads suffixes
SHAPES = (
    "lower",  # word
    "capitalised",  # Word
    "upper",  # WORD
    "initial",  # W
    "mixed",  # woRd, McDonald
    "uncased",  # letters of a script without case
    "digits",  # 1984
    "number",  # 1,000.50 or 3:30: digits with marks between them
    "alphanumeric",  # 5th, B2B
    "joined",  # letters with marks between them: e.g., n't, well-known
    "punctuation",
    "symbol",
    "other",
)


def shape(word: str) -> str:
    """The shape of a word, one of `SHAPES`."""
    letters = [c for c in word if c.isalpha()]
    digits = sum(c.isnumeric() for c in word)
    marks = sum(unicodedata.category(c)[0] == "M" for c in word)
    if not letters:
        if digits:
            return "digits" if digits == len(word) else "number"
        kinds = {unicodedata.category(c)[0] for c in word}
        return "punctuation" if kinds == {"P"} else "symbol" if kinds <= {"S", "P"} and kinds else "other"
    if digits:
        return "alphanumeric"
    if len(letters) + marks < len(word) and not word[0].isupper():
        return "joined"
    return _case(letters)


def _case(letters: Sequence[str]) -> str:
    upper = sum(c.isupper() or c.istitle() for c in letters)
    lower = sum(c.islower() for c in letters)
    if not upper and not lower:
        return "uncased"
    if not upper:
        return "lower"
    if upper == len(letters):
        return "initial" if len(letters) == 1 else "upper"
    return "capitalised" if upper == 1 and not letters[0].islower() else "mixed"


@dataclass(frozen=True)
class Features:
    """The features of U word types, as numbers."""

    words: np.ndarray  # (U,) int64
    shapes: np.ndarray  # (U,) int64
    suffixes: np.ndarray  # (U, K) int64, one for each suffix length
    letters: tuple[np.ndarray, ...]  # U arrays (n,) int64 of characters, none of them empty

    def take(self, rows: Iterable[int]) -> "Features":
        """The features of these rows."""
        chosen = np.asarray(rows, dtype=np.int64)
        letters = tuple(self.letters[i] for i in chosen)
        return Features(self.words[chosen], self.shapes[chosen], self.suffixes[chosen], letters)


@dataclass(frozen=True)
class TaggerVocabulary:
    """The words, characters, suffixes and tags of the training data, each sorted.

    `forms` are the words as written, in NFC. The key of a form is the form itself, or its lower case; a key has
    an embedding of its own unless it is one of the `rare` ones.
    """

    forms: tuple[str, ...]
    rare: tuple[str, ...]
    characters: str
    suffixes: tuple[tuple[str, ...], ...]  # a tuple for each of `suffix_lengths`
    suffix_lengths: tuple[int, ...]
    tags: tuple[str, ...]
    lowercase: bool

    @classmethod
    def build(
        cls,
        sentences: Iterable[Sequence[str]],
        tags: Iterable[str],
        *,
        lowercase: bool = True,
        suffix_lengths: Sequence[int] = (),
        min_count: int = 1,
    ) -> "TaggerVocabulary":
        """The vocabulary of training sentences. Keys seen fewer than `min_count` times are rare.

        A suffix is kept if at least two distinct words end with it.
        """
        forms = Counter(unicodedata.normalize("NFC", word) for words in sentences for word in words)
        keys: Counter[str] = Counter()
        for form, count in forms.items():
            keys[form.lower() if lowercase else form] += count
        suffixes = []
        for length in suffix_lengths:
            ends = Counter(key[-length:] for key in {form.lower() for form in forms})
            suffixes.append(tuple(sorted(end for end, n in ends.items() if n > 1)))
        return cls(
            forms=tuple(sorted(forms)),
            rare=tuple(sorted(key for key, count in keys.items() if count < min_count)),
            characters="".join(sorted({c for form in forms for c in form})),
            suffixes=tuple(suffixes),
            suffix_lengths=tuple(suffix_lengths),
            tags=tuple(sorted(set(tags))),
            lowercase=lowercase,
        )

    def joined(self, more: "TaggerVocabulary") -> "TaggerVocabulary":
        """This vocabulary with the entries of another one, which is built in the same way."""
        known = {*self.words, *more.words}
        suffixes = zip(self.suffixes, more.suffixes, strict=True)
        return dataclasses.replace(
            self,
            forms=tuple(sorted({*self.forms, *more.forms})),
            rare=tuple(sorted({*self.rare, *more.rare} - known)),
            characters="".join(sorted({*self.characters, *more.characters})),
            suffixes=tuple(tuple(sorted({*ends, *others})) for ends, others in suffixes),
            tags=tuple(sorted({*self.tags, *more.tags})),
        )

    @cached_property
    def _is_composed(self) -> bool:
        """Whether the forms are in NFC; those of a model of 0.1.0 are as they were in its data."""
        return all(unicodedata.is_normalized("NFC", form) for form in self.forms)

    def _form(self, word: str) -> str:
        """A word as it is looked up."""
        return unicodedata.normalize("NFC", word) if self._is_composed else word

    def key(self, word: str) -> str:
        """The key that a word is looked up by."""
        form = self._form(word)
        return form.lower() if self.lowercase else form

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The keys with an embedding, in the order of their numbers."""
        return tuple(sorted({self.key(form) for form in self.forms} - set(self.rare)))

    @cached_property
    def tag_numbers(self) -> dict[str, int]:
        """The number of each tag."""
        return {tag: i for i, tag in enumerate(self.tags)}

    @cached_property
    def _forms(self) -> frozenset[str]:
        return frozenset(self.forms)

    @cached_property
    def _word_numbers(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words)}

    @cached_property
    def _character_numbers(self) -> dict[str, int]:
        return {c: i for i, c in enumerate(self.characters)}

    @cached_property
    def _suffix_numbers(self) -> tuple[dict[str, int], ...]:
        return tuple({end: i for i, end in enumerate(ends)} for ends in self.suffixes)

    def knows(self, word: str) -> bool:
        """Whether the word is in the training data, exactly as written but for NFC."""
        return self._form(word) in self._forms

    def features(self, types: Sequence[str]) -> Features:
        """The features of U words."""
        types = [self._form(word) for word in types]
        words, characters, suffixes = self._word_numbers, self._character_numbers, self._suffix_numbers
        by_length = [*zip(self.suffix_lengths, suffixes, strict=True)]
        ends = [[known.get(word.lower()[-n:], len(known)) for n, known in by_length] for word in types]
        return Features(
            words=np.array([words.get(self.key(word), len(words)) for word in types], dtype=np.int64),
            shapes=np.array([SHAPES.index(shape(word)) for word in types], dtype=np.int64),
            suffixes=np.array(ends, dtype=np.int64).reshape(len(types), len(suffixes)),
            letters=tuple(
                np.array([characters.get(c, len(characters)) for c in _ends(word)], dtype=np.int64)
                for word in types
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for a model's header."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: object) -> "TaggerVocabulary":
        """The inverse of `to_dict`. Raises `ValueError` for anything else."""
        vocabulary = restored(cls, values)
        if not vocabulary.tags or len(set(vocabulary.tags)) != len(vocabulary.tags):
            raise ValueError("its tags are missing or not distinct")
        if len(set(vocabulary.characters)) != len(vocabulary.characters):
            raise ValueError("its characters are not distinct")
        if (
            len(vocabulary.suffixes) != len(vocabulary.suffix_lengths)
            or min(vocabulary.suffix_lengths, default=1) < 1
        ):
            raise ValueError("its suffixes do not match their lengths")
        return vocabulary


def _ends(word: str) -> str:
    """The part of a word that a character encoder reads; never empty."""
    half = LONGEST_WORD // 2
    return (word if len(word) <= LONGEST_WORD else word[:half] + word[-half:]) or " "
