"""A tagged text: its tokens with corrections, its copy, and the token at an offset."""

import io
from dataclasses import replace

import numpy as np
import pytest

from lstmterm.tagging.sentences import split_text
from lstmterm.tagging.treebank import Level, Tagged
from lstmterm.ui.tagger.corrections import Corrections
from lstmterm.ui.tagger.tagged_text import TaggedSentence, TaggedText


def tagged(text: str, level: Level, names: str) -> tuple[TaggedText, Corrections]:
    """A text whose first token has the first tag, and so on; every second tag is unsure."""
    sentences = []
    for sentence in split_text(io.StringIO(text), level):
        count = 1 if level == "sequence" else len(sentence.words)
        rows = np.full((count, len(names)), 0.1)
        rows[range(count), range(count)] = [0.5 if i % 2 else 0.9 for i in range(count)]
        known = tuple(i != 1 for i in range(count))
        sentences.append(TaggedSentence(sentence, tuple(names[:count]), rows, known))
    corrections = Corrections()
    corrections.follow(s.words for s in sentences)
    return TaggedText(1, level, tuple(names), sentences, "", False), corrections


def test_tokens_show_what_is_known_unsure_and_corrected() -> None:
    text, corrections = tagged("the tide rises", "word", "DNV")
    corrections.correct(0, 2, "N")
    assert [(t.word, t.tag, t.known, t.sign) for t in text.tokens(0, corrections)] == [
        ("the", "D", True, ""), ("tide", "N", False, "?"), ("rises", "N", True, "*"),
    ]  # fmt: skip
    assert text.corrected(0, corrections) == Tagged(("the", "tide", "rises"), ("D", "N", "N"))
    assert text.ranked(0, 1) == [("N", 0.5), ("D", 0.1), ("V", 0.1)]


def test_the_mark_of_a_correction_goes_when_the_tagger_says_the_same_and_comes_back_when_it_does_not() -> (
    None
):
    text, corrections = tagged("the tide rises", "word", "DNV")
    corrections.correct(0, 2, "N")
    before = text.sentences[0]
    better = replace(text, sentences=[replace(before, tags=("D", "N", "N"))])
    assert [(t.tag, t.sign) for t in better.tokens(0, corrections)] == [("D", ""), ("N", "?"), ("N", "")]
    assert corrections.to_save == [0], "it is still saved"
    assert text.tokens(0, corrections)[2].sign == "*"


@pytest.mark.parametrize(
    ("level", "copied"),
    [("word", "ab/D c/N\nd/D\n"), ("char", "DNVX\nD\n"), ("sequence", "ab c\tD\nd\tD\n")],
)
def test_a_copy_has_the_tags(level: Level, copied: str) -> None:
    text, corrections = tagged("ab c\nd" if level != "word" else "ab c\n\nd", level, "DNVX")
    assert text.as_plain_text(corrections) == copied


def test_the_token_at_an_offset() -> None:
    text, _ = tagged("the tide. It\n\nebbs", "word", "DNVX")
    assert [text.index_at(offset) for offset in (0, 3, 4, 8, 10, 99)] == [
        (0, 0), (0, 0), (0, 1), (0, 2), (1, 0), (2, 0),
    ]  # fmt: skip
    line, _ = tagged("ab c\nd", "sequence", "DN")
    assert [line.index_at(offset) for offset in (0, 3, 5)] == [(0, 0), (0, 0), (1, 0)]
