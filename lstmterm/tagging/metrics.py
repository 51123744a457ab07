"""How good a tagger's tags are: accuracy, precision, recall, F1, confusion, spans."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmterm.tagging.spans import scheme_of, spans


@dataclass(frozen=True)
class Score:
    """How well one tag, or one type of span, was found. Where nothing was counted it is 0."""

    name: str
    right: int  # predicted, and so in the data
    predicted: int
    support: int  # in the data

    @property
    def precision(self) -> float:
        """Of the predicted, the share that is right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Of those in the data, the share that was found."""
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.predicted + self.support
        return 2 * self.right / both if both else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "support": self.support,
        }


@dataclass(frozen=True)
class Report:
    """A tagger's tags held against the data's."""

    tags: tuple[str, ...]  # all that occur on either side, sorted
    confusion: np.ndarray  # (G, G) counts: the data's tag down, the predicted one across
    known: tuple[int, int]  # right and all, of words that the training data had
    unknown: tuple[int, int]
    spans: tuple[Score, ...] | None  # by type, with "all" first; None where tags are no spans

    @property
    def tokens(self) -> int:
        """Words that were judged."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The share of words with the right tag."""
        return _share(int(np.trace(self.confusion)), self.tokens)

    @property
    def accuracy_known(self) -> float | None:
        """The same among words that the training data had; None where there are none."""
        return _share(*self.known) if self.known[1] else None

    @property
    def accuracy_unknown(self) -> float | None:
        """The same among the others; None where there are none."""
        return _share(*self.unknown) if self.unknown[1] else None

    @property
    def scores(self) -> tuple[Score, ...]:
        """Every tag's."""
        right, predicted = np.diag(self.confusion), self.confusion.sum(axis=0)
        support = self.confusion.sum(axis=1)
        return tuple(
            Score(tag, int(r), int(p), int(s))
            for tag, r, p, s in zip(self.tags, right, predicted, support, strict=True)
        )

    @property
    def macro_f1(self) -> float:
        """The mean of the tags' F1, each tag counting the same."""
        return float(np.mean([score.f1 for score in self.scores]))

    def most_confused(self, most: int = 10) -> list[tuple[str, str, int]]:
        """The commonest mistakes: the data's tag, the predicted one, how often."""
        mistakes = self.confusion.copy()
        np.fill_diagonal(mistakes, 0)
        order = np.argsort(-mistakes, axis=None, kind="stable")[:most]
        pairs = (divmod(int(i), len(self.tags)) for i in order)
        return [(self.tags[a], self.tags[b], int(mistakes[a, b])) for a, b in pairs if mistakes[a, b]]

    def confusion_csv(self) -> str:
        """The confusion table: the data's tags down, the predicted ones across."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(["gold \\ predicted", *self.tags])
        writer.writerows([tag, *map(int, row)] for tag, row in zip(self.tags, self.confusion, strict=True))
        return buffer.getvalue()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, all but the confusion table."""
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
    """Judge predicted tags, sentence by sentence, against the data's.

    Where a sentence has one label and many words, it is known when all of its words are.
    """
    tags = tuple(sorted({tag for side in (gold, predicted) for sentence in side for tag in sentence}))
    numbers = {tag: i for i, tag in enumerate(tags)}
    confusion = np.zeros((len(tags), len(tags)), dtype=np.int64)
    counts = {True: [0, 0], False: [0, 0]}
    for sentence, wanted, given in zip(words, gold, predicted, strict=True):
        familiar = [knows(word) for word in sentence]
        if len(wanted) != len(sentence):
            familiar = [all(familiar)]
        for known, a, b in zip(familiar, wanted, given, strict=True):
            confusion[numbers[a], numbers[b]] += 1
            counts[known][0] += a == b
            counts[known][1] += 1
    known, unknown = ((c[0], c[1]) for c in (counts[True], counts[False]))
    are_spans = scheme_of(tag for sentence in gold for tag in sentence) is not None
    return Report(tags, confusion, known, unknown, span_scores(gold, predicted) if are_spans else None)


def span_scores(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> tuple[Score, ...]:
    """Precision, recall and F1 of whole spans, all types together ("all"), then by type."""
    counts: dict[str, list[int]] = {"all": [0, 0, 0]}
    for a, b in zip(gold, predicted, strict=True):
        wanted, given = set(spans(a)), set(spans(b))
        for at, group in enumerate((wanted & given, given, wanted)):
            for span in group:
                counts["all"][at] += 1
                counts.setdefault(span.kind, [0, 0, 0])[at] += 1
    return tuple(Score(name, *counts[name]) for name in ["all", *sorted(counts.keys() - {"all"})])


def _share(right: int, all_of_them: int) -> float:
    return right / all_of_them if all_of_them else float("nan")
