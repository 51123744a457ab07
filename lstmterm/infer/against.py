"""Two predictors of one text, compared character by character.

A predictor is a character model, or an n-gram model of such a model's training text. One that reads bytes has the
sum of the losses of a character's bytes, which can be compared with the loss of the character.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.corpora.baselines import MOST_COUNTED
from lstmterm.corpora.kneser_ney import ORDERS, NGrams
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.characters import starts_of, text_of
from lstmterm.infer.error_types import Row, compare, error_types, word_counts
from lstmterm.infer.lstm import Progress
from lstmterm.infer.surprise import Measures, Surprise
from lstmterm.models.model_file import ModelCard

MOST = 1_000_000  # characters of a text that are compared
NGRAMS = tuple(f"{order}-gram" for order in range(1, ORDERS + 1))  # what may take the place of another model


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a predictor expects of a text of N characters."""

    name: str
    vocabulary: Vocabulary
    text: str
    starts: np.ndarray  # (N,): the position of each character's first number
    measures: Measures  # of characters 1 to N - 1
    _after: Callable[[int], np.ndarray]  # the probabilities, (V,), of the number at a position from 1

    def expected(self, position: int) -> dict[str, float]:
        """The probability of each character at `position`, 1 to N - 1.

        If bytes are predicted they are those of its first byte, which is `byte C3` or so outside ASCII.
        """
        probabilities = self._after(int(self.starts[position])).tolist()
        return {self._named(number): p for number, p in enumerate(probabilities)}

    def came(self, position: int) -> str:
        """The character at `position`, as `expected` names it."""
        if self.vocabulary.level == "byte":
            return self._named(self.text[position].encode("utf-8", "surrogateescape")[0])
        return self.text[position]

    def _named(self, number: int) -> str:
        if self.vocabulary.level == "byte" and number >= 0x80:
            return f"byte {number:02X}"
        return self.vocabulary.symbols[number]


def by_model(card: ModelCard, text: str, surprise: Surprise) -> Predicted:
    """What the model of `card` expects; its surprise at the numbers of the text is computed."""
    starts = starts_of(card.vocabulary, text)
    measures = Measures(surprise.nats, surprise.ranks, surprise.entropy).by_character(starts)
    return Predicted(card.name, card.vocabulary, text, starts, measures, surprise.expected)


def by_ngrams(
    card: ModelCard, training: np.ndarray | None, text: str, name: str, progress: Progress
) -> Predicted:
    """What one of `NGRAMS` expects that is counted on `training`, the numbers that the model of `card` was trained on.

    `progress` takes orders done and in all. Raises `InputError` without a training text.
    """
    vocabulary, order = card.vocabulary, NGRAMS.index(name) + 1
    if training is None:
        raise InputError(
            f"The {name} needs the text that {card.name!r} was trained on, unchanged, and it was not found; "
            "compare with another model."
        )
    ids, starts = vocabulary.encode(text), starts_of(vocabulary, text)
    ngrams = NGrams(training[-MOST_COUNTED:], ids, len(vocabulary), order, progress)
    nats = np.where(ids[1:] < len(vocabulary), -np.log(ngrams.probabilities[1:]), np.nan)
    measures = Measures.of_nats(nats.astype(np.float32)).by_character(starts)

    def after(position: int) -> np.ndarray:
        return ngrams.expected(ids[max(position - order + 1, 0) : position])

    return Predicted(name, vocabulary, text, starts, measures, after)


def counted_words(card: ModelCard, training: np.ndarray | None) -> Mapping[str, int] | None:
    """How often each word occurs in the text that the model was trained on; None without it."""
    return None if training is None else word_counts(text_of(card.vocabulary, training[-MOST_COUNTED:]))


@dataclass(frozen=True, eq=False)
class Comparison:
    """A model and another predictor of a text of N characters."""

    one: Predicted
    other: Predicted
    gains: np.ndarray  # (N,), bits by which the model is better; nan unless both predict the character
    rows: list[Row]  # by types of characters, the last one for all
    rare_known: bool  # whether rare words of the training text are known

    @classmethod
    def of(cls, one: Predicted, other: Predicted, counts: Mapping[str, int] | None) -> "Comparison":
        """Both are of one text; `counts` are those of the words in the training text of the model.

        Raises `InputError` if no character is known to both.
        """
        nats, others = one.measures.nats, other.measures.nats
        types = error_types(one.text, nats, others, counts)
        rows = compare(types, nats, others)
        if not rows:
            raise InputError(
                f"{one.name!r} and {other.name!r} both know none of the characters of this text."
            )
        gains = np.append(np.nan, (others.astype(np.float64) - nats) / NATS_PER_BIT)
        return cls(one, other, gains, rows, counts is not None)
