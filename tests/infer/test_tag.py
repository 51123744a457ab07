"""A tagger at work: order, long sentences, rules, a bounded cache of words."""

import numpy as np
import pytest

from lstmterm.infer import tag
from lstmterm.infer.tag import Tagger
from lstmterm.tagging.spans import Rules, breaks
from tests.taggers import sentences, tagger, tensors_of, vocabulary_of

DATA = sentences(40)
VOCABULARY = vocabulary_of(DATA)


def at_work(level: str = "word", rules: Rules | None = None, **knobs: object) -> Tagger:
    return Tagger(tensors_of(tagger(VOCABULARY, level, **knobs)), VOCABULARY, level, rules)  # type: ignore[arg-type]


def test_sentences_come_back_in_their_order_with_every_word() -> None:
    ours = at_work()
    words = [s.words for s in DATA] + [(), ("a",) * 300, ()]
    tagged = list(ours.tag_all(words, hold=50))
    assert [t.words for t in tagged] == words
    assert [len(t.tags) for t in tagged] == [len(w) for w in words]
    assert [t.tags for t in tagged] == [ours.tag(w).tags for w in words]


def test_probabilities_are_those_of_the_shown_tags() -> None:
    tagged = at_work().tag(DATA[0].words)
    assert tagged.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (tagged.chosen_probabilities == tagged.probabilities.max(axis=1)).all()
    assert tagged.tags == [VOCABULARY.tags[i] for i in tagged.chosen]


@pytest.mark.parametrize("directions", [1, 2])
def test_a_long_sentence_in_pieces(directions: int, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [w for s in sentences(60, seed=5) for w in s.words]
    ours = at_work(directions=directions, scale=1.0)
    whole = ours.tag(words).probabilities
    monkeypatch.setattr(tag, "_PIECE", 50)
    monkeypatch.setattr(tag, "_CONTEXT", 40)
    pieces = ours.tag(words).probabilities
    assert pieces.shape == whole.shape
    assert np.abs(pieces - whole).max() < (1e-6 if directions == 1 else 1e-3)


def test_a_full_cache_of_words_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [s.words for s in DATA]
    expected = [t.tags for t in at_work().tag_all(words)]
    monkeypatch.setattr(tag, "_CACHED_TYPES", 10)
    ours = at_work()
    assert [t.tags for t in ours.tag_all(words, hold=8)] == expected
    assert len(ours._numbers) <= 30


def test_spans_keep_their_rules() -> None:
    made = vocabulary_of(
        [type(s)(s.words, tuple({"A": "O", "B": "B-X", "C": "I-X"}[t] for t in s.tags)) for s in DATA]
    )
    tensors = tensors_of(tagger(made, seed=4))
    free, bound = (Tagger(tensors, made, "word", rules) for rules in (None, Rules(made.tags, "bio")))
    words = [s.words for s in DATA]
    assert any(list(breaks(t.tags, "bio")) for t in free.tag_all(words))
    assert not any(list(breaks(t.tags, "bio")) for t in bound.tag_all(words))
