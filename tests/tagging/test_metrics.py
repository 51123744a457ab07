"""A tagger's figures, checked against scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from lstmterm.tagging.metrics import Report, report, span_scores

TAGS = ["ADJ", "NOUN", "VERB", "X"]


@pytest.fixture
def judged() -> tuple[list[list[str]], list[list[str]], Report]:
    random = np.random.Generator(np.random.PCG64(1))
    gold, predicted, words = [], [], []
    for length in random.integers(1, 12, size=60):
        gold.append([TAGS[i] for i in random.integers(3, size=length)])
        predicted.append([t if random.random() < 0.7 else TAGS[random.integers(4)] for t in gold[-1]])
        words.append([f"w{random.integers(40)}" for _ in range(length)])
    return gold, predicted, report(words, gold, predicted, lambda word: int(word[1:]) < 30)


def test_scores_are_scikit_learns(judged: tuple[list[list[str]], list[list[str]], Report]) -> None:
    gold, predicted, found = judged
    flat = [[tag for sentence in side for tag in sentence] for side in (gold, predicted)]
    assert found.tags == tuple(TAGS)
    assert (found.confusion == confusion_matrix(*flat, labels=TAGS)).all()
    expected: Any = precision_recall_fscore_support(*flat, labels=TAGS, zero_division=0)  # pyright: ignore[reportArgumentType]
    for i, score in enumerate(found.scores):
        ours = (score.precision, score.recall, score.f1, score.support)
        assert ours == pytest.approx([column[i] for column in expected])
    assert found.macro_f1 == pytest.approx(np.mean(expected[2]))
    assert found.accuracy == pytest.approx(np.mean(np.array(flat[0]) == np.array(flat[1])))


def test_known_and_unknown_words_make_up_all(judged: tuple[list[list[str]], list[list[str]], Report]) -> None:
    _, _, found = judged
    assert found.known[1] + found.unknown[1] == found.tokens
    assert found.known[0] + found.unknown[0] == np.trace(found.confusion)
    assert found.accuracy_unknown == found.unknown[0] / found.unknown[1]
    assert found.spans is None


def test_the_most_confused_pairs() -> None:
    found = report([["a"] * 4], [list("NNVV")], [list("NVNN")], lambda _: True)
    assert found.most_confused() == [("V", "N", 2), ("N", "V", 1)]
    assert found.accuracy_unknown is None
    assert found.confusion_csv() == "gold \\ predicted,N,V\nN,1,1\nV,2,0\n"


def test_spans_count_when_they_are_whole() -> None:
    gold = [["B-PER", "I-PER", "O", "B-LOC"]]
    predicted = [["B-PER", "O", "O", "B-LOC"]]
    everything, loc, per = span_scores(gold, predicted)
    assert (everything.precision, everything.recall, everything.f1) == (0.5, 0.5, 0.5)
    assert (loc.name, loc.f1) == ("LOC", 1.0)
    assert (per.name, per.f1, per.support) == ("PER", 0.0, 1)
    assert report([["w"] * 4], gold, predicted, lambda _: True).spans is not None


def test_a_label_for_a_sequence_is_known_when_its_words_are() -> None:
    found = report([["a", "b"], ["a", "z"]], [["x"], ["y"]], [["x"], ["x"]], lambda word: word < "c")
    assert (found.known, found.unknown) == ((1, 1), (0, 1))
