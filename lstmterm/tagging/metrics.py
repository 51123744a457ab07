"""Measures of a tagger: accuracy, precision, recall, F1, the confusion matrix, and spans."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmterm.tagging.spans import scheme_of, spans


@dataclass(frozen=True)
class Score:
    """The counts of one tag, or of one type of span. A ratio of zero counts is 0."""

    name: str
    right: int  # both predicted and gold
    predicted: int
    support: int  # gold

    @property
    def precision(self) -> float:
        """The share of the predicted that is right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """The share of the gold that was found."""
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.predicted + self.support
        return 2 * self.right / both if both else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1, "support": self.support}


@dataclass(frozen=True)
class Report:
    """Predicted tags compared with gold tags."""

    tags: tuple[str, ...]  # all that occur, gold or predicted, sorted
    confusion: np.ndarray  # (G, G) counts: gold tags in rows, predicted tags in columns
    known: tuple[int, int]  # right and all, of words in the training data
    unknown: tuple[int, int]
    spans: tuple[Score, ...] | None  # by type, with "all" first; None for tags that are not spans

    @property
    def tokens(self) -> int:
        """The number of words."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The share of words with the right tag; NaN without words."""
        return int(np.trace(self.confusion)) / self.tokens if self.tokens else float("nan")

    @property
    def accuracy_known(self) -> float | None:
        """The accuracy on words of the training data; None if there are none."""
        return self.known[0] / self.known[1] if self.known[1] else None

    @property
    def accuracy_unknown(self) -> float | None:
        """The accuracy on other words; None if there are none."""
        return self.unknown[0] / self.unknown[1] if self.unknown[1] else None

    @property
    def scores(self) -> tuple[Score, ...]:
        """The score of every tag."""
        right, predicted = np.diag(self.confusion), self.confusion.sum(axis=0)
        support = self.confusion.sum(axis=1)
        return tuple(
            Score(tag, int(r), int(p), int(s))
            for tag, r, p, s in zip(self.tags, right, predicted, support, strict=True)
        )

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the tags, unweighted."""
        return float(np.mean([score.f1 for score in self.scores]))

    def most_confused(self, most: int = 10) -> list[tuple[str, str, int]]:
        """The most frequent mistakes: gold tag, predicted tag, count."""
        mistakes = self.confusion.copy()
        np.fill_diagonal(mistakes, 0)
        order = np.argsort(-mistakes, axis=None, kind="stable")[:most]
        pairs = (divmod(int(i), len(self.tags)) for i in order)
        return [(self.tags[a], self.tags[b], int(mistakes[a, b])) for a, b in pairs if mistakes[a, b]]

    def confusion_csv(self) -> str:
        """The confusion matrix as a table: gold tags in rows, predicted tags in columns."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(["gold \\ predicted", *self.tags])
        writer.writerows([tag, *map(int, row)] for tag, row in zip(self.tags, self.confusion, strict=True))
        return buffer.getvalue()

    def to_dict(self) -> dict[str, Any]:
        """As plain data, without the confusion matrix."""
        return {
            "tokens": self.tokens,
            "accuracy": self.accuracy,
            "accuracy_known": self.accuracy_known,
            "accuracy_unknown": self.accuracy_unknown,
            "macro_f1": self.macro_f1,
            "tags": {score.name: score.to_dict() for score in self.scores},
            "spans": None if self.spans is None else {s.name: s.to_dict() for s in self.spans},
            "most_confused": [{"gold": a, "predicted": b, "count": n} for a, b, n in self.most_confused()],
        }


def report(
    words: Sequence[Sequence[str]],
    gold: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    knows: Callable[[str], bool],
) -> Report:
    """Compare predicted tags with gold tags, sentence by sentence.

    `knows` tells whether a word was in the training data. A sequence with a single label is known if all
    of its words are. Words that are not annotated, whose gold tag is "", do not count.
    """
    predicted = [
        [b if a else "" for a, b in zip(*pair, strict=True)] for pair in zip(gold, predicted, strict=True)
    ]
    tags = tuple(sorted({tag for side in (gold, predicted) for sentence in side for tag in sentence if tag}))
    numbers = {tag: i for i, tag in enumerate(tags)}
    confusion = np.zeros((len(tags), len(tags)), dtype=np.int64)
    counts = {True: [0, 0], False: [0, 0]}
    for sentence, gold_tags, predicted_tags in zip(words, gold, predicted, strict=True):
        are_known = [knows(word) for word in sentence]
        if len(gold_tags) != len(sentence):
            are_known = [all(are_known)]
        for is_known, a, b in zip(are_known, gold_tags, predicted_tags, strict=True):
            if a:
                confusion[numbers[a], numbers[b]] += 1
                counts[is_known][0] += a == b
                counts[is_known][1] += 1
    known, unknown = ((right, total) for right, total in (counts[True], counts[False]))
    are_spans = scheme_of(tag for sentence in gold for tag in sentence if tag) is not None
    return Report(tags, confusion, known, unknown, span_scores(gold, predicted) if are_spans else None)


def span_scores(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> tuple[Score, ...]:
    """The scores of whole spans: all types together ("all"), then each type. A tag "" ends a span."""
    counts: dict[str, list[int]] = {"all": [0, 0, 0]}
    for a, b in zip(gold, predicted, strict=True):
        in_gold, in_predicted = set(spans(a)), set(spans(b))
        for at, group in enumerate((in_gold & in_predicted, in_predicted, in_gold)):
            for span in group:
                counts["all"][at] += 1
                counts.setdefault(span.kind, [0, 0, 0])[at] += 1
    return tuple(Score(name, *counts[name]) for name in ["all", *sorted(counts.keys() - {"all"})])
