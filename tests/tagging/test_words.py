"""Words as numbers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.tagging.words import LONGEST_WORD, SHAPES, TaggerVocabulary, shape

SENTENCES = [["The", "cat", "sat"], ["the", "hat"], ["A", "Zebra"]]


def vocabulary(**knobs: object) -> TaggerVocabulary:
    return TaggerVocabulary.build(SENTENCES, ["N", "D"], suffix_lengths=(2,), **knobs)  # type: ignore[arg-type]


def test_a_vocabulary_is_sorted_and_survives_its_file() -> None:
    made = vocabulary()
    assert made.words == ("a", "cat", "hat", "sat", "the", "zebra")
    assert made.tags == ("D", "N")
    assert made.suffixes == (("at",),)
    assert TaggerVocabulary.from_dict(json.loads(json.dumps(made.to_dict()))) == made


def test_a_word_is_known_exactly_as_written() -> None:
    made = vocabulary()
    assert made.knows("The")
    assert made.knows("the")
    assert not made.knows("THE")
    assert made.features(["THE", "dog"]).words.tolist() == [made.words.index("the"), len(made.words)]


def test_a_composed_and_a_decomposed_word_are_one() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    made = TaggerVocabulary.build([[decomposed], [composed], ["tea"]], ["N"], suffix_lengths=(2,))
    assert made.words == (composed, "tea")
    assert made.knows(decomposed)
    assert made.key(decomposed.upper()) == composed
    one, other = made.features([composed]), made.features([decomposed])
    assert one.words == other.words == [0]
    assert one.letters[0].tolist() == other.letters[0].tolist()


def test_a_vocabulary_of_0_1_0_with_decomposed_words_is_looked_up_as_it_is() -> None:
    decomposed = "cafe\u0301"
    kept = TaggerVocabulary((decomposed,), (), "".join(sorted(decomposed)), (), (), ("N",), lowercase=True)
    assert kept.knows(decomposed)
    assert not kept.knows("caf\u00e9")
    assert kept.features([decomposed]).words == [0]


def test_rare_words_are_known_but_have_no_number() -> None:
    made = vocabulary(min_count=2)
    assert made.words == ("the",)
    assert made.knows("cat")
    assert made.features(["cat", "The"]).words.tolist() == [1, 0]


def test_long_words_keep_both_ends() -> None:
    made = vocabulary()
    long = made.features(["cat" + "z" * 100 + "hat"]).letters[0]
    assert len(long) == LONGEST_WORD
    assert long[:3].tolist() == made.features(["cat"]).letters[0].tolist()
    assert long[-3:].tolist() == made.features(["hat"]).letters[0].tolist()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("word", "lower"), ("Word", "capitalised"), ("WORD", "upper"), ("W", "initial"), ("iPhone", "mixed"),
        ("你好", "uncased"), ("1984", "digits"), ("1,000", "number"), ("5th", "alphanumeric"),
        ("e.g.", "joined"), ("...", "punctuation"), ("$", "symbol"),
    ],
)  # fmt: skip
def test_shapes(word: str, expected: str) -> None:
    assert shape(word) == expected


@given(st.text())
def test_every_word_has_features(word: str) -> None:
    made = vocabulary()
    assert shape(word) in SHAPES
    features = made.features([word])
    assert len(features.letters[0]) >= 1
    assert (features.letters[0] <= len(made.characters)).all()
