"""Two predictors of one text: figures of characters, whatever each of them reads."""

import math

import numpy as np
import pytest

from lstmterm.corpora.kneser_ney import probabilities
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.against import NGRAMS, Comparison, by_ngrams, counted_words
from tests.random_models import card_of, predicted

TEXT = "The sea owes us a café, the sea owes us a café."
LETTERS = Vocabulary(" ,.Taecfhostuwé")
BYTES = Vocabulary.bytes()


def test_a_character_of_several_bytes_has_the_sum_of_their_nats() -> None:
    found, surprise = predicted(BYTES, TEXT)
    at = TEXT.index("é")
    assert len(found.measures.nats) == len(TEXT) - 1
    assert found.measures.nats[at - 1] == pytest.approx(surprise.nats[at - 1] + surprise.nats[at])
    assert found.measures.nats[at] == surprise.nats[at + 1]
    assert found.measures.ranks[at - 1] == max(surprise.ranks[at - 1], surprise.ranks[at])
    assert found.measures.entropy[at - 1] == surprise.entropy[at - 1]
    assert found.measures.nats.sum() == pytest.approx(surprise.nats.sum(), rel=1e-5)


def test_bytes_and_characters_are_compared_by_character() -> None:
    (one, _), (other, _) = predicted(BYTES, TEXT), predicted(LETTERS, TEXT, seed=2)
    compared = Comparison.of(one, other, None)
    assert compared.rows[-1].count == len(TEXT) - 1
    assert math.isnan(compared.gains[0])
    assert compared.gains[1:] == pytest.approx(
        (other.measures.nats - one.measures.nats) / math.log(2), rel=1e-5
    )
    assert compared.rows[-1].gain == pytest.approx(compared.gains[1:].mean(), rel=1e-5)
    at = TEXT.index("é")
    assert (one.came(at), other.came(at)) == ("byte C3", "é")
    assert other.expected(at)["é"] == pytest.approx(math.exp(-other.measures.nats[at - 1]), rel=1e-3)
    assert one.expected(at)["byte C3"] > math.exp(-one.measures.nats[at - 1]), (
        "the second byte is not certain"
    )


@pytest.mark.parametrize("vocabulary", [LETTERS, BYTES], ids=["characters", "bytes"])
def test_n_grams_are_those_of_the_training_text(vocabulary: Vocabulary) -> None:
    training, ids = vocabulary.encode(TEXT * 3), vocabulary.encode(TEXT)
    orders: list[tuple[int, int]] = []
    found = by_ngrams(card_of(vocabulary), training, TEXT, "3-gram", lambda *done: orders.append(done))
    *_, p = probabilities(training, ids, len(vocabulary), 3)
    assert found.measures.nats.sum() == pytest.approx(-np.log(p[1:]).sum(), rel=1e-5)
    assert orders == [(1, 3), (2, 3), (3, 3)]
    for at in (1, 2, 20):
        expected = found.expected(at)
        assert sum(expected.values()) == pytest.approx(1)
        assert expected[TEXT[at]] == pytest.approx(math.exp(-found.measures.nats[at - 1]), rel=1e-5)


def test_what_one_of_them_does_not_know_is_left_out() -> None:
    (one, _), (other, _) = predicted(LETTERS, TEXT), predicted(Vocabulary("aeés "), TEXT)
    compared = Comparison.of(one, other, None)
    assert [math.isnan(gain) for gain in compared.gains] == [
        k == 0 or c not in "aeés " for k, c in enumerate(TEXT)
    ]
    (stranger, _) = predicted(Vocabulary("xyz"), TEXT)
    with pytest.raises(InputError, match="none of the characters"):
        Comparison.of(one, stranger, None)


def test_without_the_training_text_there_are_no_n_grams_and_no_rare_words() -> None:
    with pytest.raises(InputError, match=r"The 5-gram needs the text that 'it' was trained on"):
        by_ngrams(card_of(LETTERS), None, TEXT, "5-gram", lambda done, whole: None)
    assert counted_words(card_of(LETTERS), None) is None
    counts = counted_words(card_of(BYTES), BYTES.encode(TEXT))
    assert counts is not None
    assert counts["café"] == 2
    assert NGRAMS == ("1-gram", "2-gram", "3-gram", "4-gram", "5-gram", "6-gram")
