"""Words as numbers: a tagger's vocabulary of words, characters, suffixes and tags.

Every vocabulary of n entries gives them the numbers 0 to n-1 in sorted order; everything else is
its unknown entry, number n. There is no padding entry: what fills a batch is masked, and no tag
stands for it.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

LONGEST_WORD = 32  # characters that an encoder reads of a word: the first and the last half of them
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
_SHAPE_NUMBERS = {name: i for i, name in enumerate(SHAPES)}


def shape(word: str) -> str:
    """What a word looks like, as one of `SHAPES`."""
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
    """U word types as numbers."""

    words: np.ndarray  # (U,) int64, the unknown word where the vocabulary has no entry
    shapes: np.ndarray  # (U,) int64
    suffixes: np.ndarray  # (U, K) int64, one for each suffix length
    letters: tuple[np.ndarray, ...]  # U arrays (n,) int64 of characters, none of them empty

    def take(self, rows: Iterable[int]) -> "Features":
        """The features of some rows."""
        chosen = np.asarray(rows, dtype=np.int64)
        letters = tuple(self.letters[i] for i in chosen)
        return Features(self.words[chosen], self.shapes[chosen], self.suffixes[chosen], letters)


@dataclass(frozen=True)
class TaggerVocabulary:
    """All that a tagger knows by name, each part sorted.

    `forms` are the words of the training data as they were written. A form's key is the form, or
    its lower case; a key has an embedding of its own unless it is one of the `rare`.
    """

    forms: tuple[str, ...]
    rare: tuple[str, ...]
    characters: str
    suffixes: tuple[tuple[str, ...], ...]  # one tuple for each length in `suffix_lengths`
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
        """The vocabulary of training sentences; keys seen less than `min_count` times are rare.

        A suffix is kept when at least two different words end with it.
        """
        forms = Counter(word for words in sentences for word in words)
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

    def key(self, word: str) -> str:
        """What a word is looked up by."""
        return word.lower() if self.lowercase else word

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The keys that have an embedding, in the order of their numbers."""
        return tuple(sorted({self.key(form) for form in self.forms} - set(self.rare)))

    @cached_property
    def tag_numbers(self) -> dict[str, int]:
        """Tag -> number."""
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
        """Whether the training data had the word, exactly as it is written."""
        return word in self._forms

    def features(self, types: Sequence[str]) -> Features:
        """Words as numbers; U words give arrays of U rows."""
        words, characters, suffixes = self._word_numbers, self._character_numbers, self._suffix_numbers
        letters = tuple(
            np.array([characters.get(c, len(characters)) for c in _ends(word)], dtype=np.int64)
            for word in types
        )
        return Features(
            words=np.array([words.get(self.key(word), len(words)) for word in types], dtype=np.int64),
            shapes=np.array([_SHAPE_NUMBERS[shape(word)] for word in types], dtype=np.int64),
            suffixes=np.array(
                [
                    [
                        numbers.get(word.lower()[-length:], len(numbers))
                        for length, numbers in zip(self.suffix_lengths, suffixes, strict=True)
                    ]
                    for word in types
                ],
                dtype=np.int64,
            ).reshape(len(types), len(suffixes)),
            letters=letters,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for a model's header."""
        return {
            "forms": list(self.forms),
            "rare": list(self.rare),
            "characters": self.characters,
            "suffixes": [list(ends) for ends in self.suffixes],
            "suffix_lengths": list(self.suffix_lengths),
            "tags": list(self.tags),
            "lowercase": self.lowercase,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TaggerVocabulary":
        """The vocabulary that `to_dict` made `values` of."""
        return cls(
            forms=tuple(values["forms"]),
            rare=tuple(values["rare"]),
            characters=values["characters"],
            suffixes=tuple(tuple(ends) for ends in values["suffixes"]),
            suffix_lengths=tuple(values["suffix_lengths"]),
            tags=tuple(values["tags"]),
            lowercase=values["lowercase"],
        )


def _ends(word: str) -> str:
    """The part of a word that a character encoder reads; never empty."""
    half = LONGEST_WORD // 2
    return (word if len(word) <= LONGEST_WORD else word[:half] + word[-half:]) or " "
