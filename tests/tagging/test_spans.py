"""BIO and BIOES: schemes, spans, decoding under the rules."""

import itertools

import numpy as np
import pytest

from lstmterm.tagging.spans import Rules, Span, breaks, scheme_of, spans

BIO = ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")
BIOES = ("B-X", "E-X", "I-X", "O", "S-X")


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        (BIO, "bio"), (("B", "I", "O"), "bio"), (BIOES, "bioes"),
        (("NOUN", "VERB"), None), (("O",), None), (("B-X", "I-X"), None), (("O", "OUT", "B-X"), None),
    ],
)  # fmt: skip
def test_schemes_are_recognized(tags: tuple[str, ...], scheme: str | None) -> None:
    assert scheme_of(tags) == scheme
    assert scheme_of([*tags * 100, "IX"]) == scheme


def test_spans_of_tags() -> None:
    assert spans(["B-PER", "I-PER", "O", "B-LOC", "B-LOC", "I-PER"]) == [
        Span("PER", 0, 2), Span("LOC", 3, 4), Span("LOC", 4, 5), Span("PER", 5, 6),
    ]  # fmt: skip
    assert spans(["S-X", "B-X", "I-X", "E-X", "O"]) == [Span("X", 0, 1), Span("X", 1, 4)]
    assert spans([]) == []
    assert spans(["B-X", "", "I-X", "IX"]) == [Span("X", 0, 1), Span("X", 2, 3)]


def test_rules() -> None:
    for tags, scheme, broken in (
        (["O", "B-PER", "I-PER", "B-PER", "B-LOC"], "bio", []),
        (["O", "I-PER"], "bio", [1]),
        (["I-PER", "", "I-PER", "O"], "bio", [0]),
        (["B-PER", "I-LOC"], "bio", [1]),
        (["O", "PER", "B-X", "IX"], "bio", [1, 3]),
        (["S-X", "B-X", "E-X", "O"], "bioes", []),
        (["B-X", "O"], "bioes", [1]),
        (["O", "B-X"], "bioes", [1]),
    ):
        assert list(breaks(tags, scheme)) == broken, tags  # type: ignore[arg-type]


@pytest.mark.parametrize(("tags", "scheme"), [(BIO, "bio"), (BIOES, "bioes")])
def test_decoding_finds_the_best_sequence_that_keeps_the_rules(tags: tuple[str, ...], scheme: str) -> None:
    random = np.random.Generator(np.random.PCG64(3))
    rules = Rules(tags, scheme)  # type: ignore[arg-type]
    broken = 0
    for length in (1, 2, 3, 4):
        lawful = [
            path
            for path in itertools.product(range(len(tags)), repeat=length)
            if not list(breaks([tags[i] for i in path], scheme))  # type: ignore[arg-type]
        ]
        for _ in range(20):
            scores = random.normal(size=(length, len(tags))).astype(np.float32) * 3
            best = max(lawful, key=lambda path: sum(scores[t, i] for t, i in enumerate(path)))
            assert rules.decode(scores).tolist() == list(best)
            broken += tuple(scores.argmax(axis=1)) != best
    assert broken, "the rules had nothing to do"


def test_marks_without_a_beginning_are_no_spans() -> None:
    assert scheme_of(["O", "E-X", "S-X"] * 9) is None
