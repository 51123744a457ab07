"""Text into sentences: where they end, and where their words are in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.tagging.sentences import Sentence, paragraphs, split_paragraph, split_text
from lstmterm.tagging.tokens import tokenise
from lstmterm.tagging.treebank import Level


def test_sentences() -> None:
    text = 'Mr. J. Smith left. "Really?" she said. So did I. (Yes.) It cost 3.50 e.g. here. 好。是'
    found = [" ".join(token.word for token in sentence) for sentence in split_paragraph(text)]
    assert found == [
        "Mr. J. Smith left .",
        '" Really ? " she said .',
        "So did I .",
        "( Yes . )",
        "It cost 3.50 e.g. here .",
        "好 。",
        "是",
    ]


@given(st.text())
def test_nothing_but_white_space_is_lost(text: str) -> None:
    tokens = [token for sentence in split_paragraph(text) for token in sentence]
    assert "".join(token.word for token in tokens) == "".join(text.split())
    assert all(text.startswith(token.word, token.start) for token in tokens)


@given(st.text(alphabet="ab. \n"), st.integers(1, 5))
def test_pieces_do_not_change_the_words(text: str, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert list(paragraphs(pieces)) == list(paragraphs([text]))


def test_a_text_without_any_end_is_cut_between_words() -> None:
    endless = ("word " * 1000 for _ in range(100))
    found = list(paragraphs(endless))
    assert max(len(p) for _, p in found) <= 100_000
    assert sum(len(tokenise(p)) for _, p in found) == 100_000


@given(st.text(alphabet="ab.' \n\t"), st.sampled_from(["word", "char", "sequence"]))
def test_words_are_at_their_offsets(text: str, level: Level) -> None:
    for sentence in split_text([text], level):
        for word, start in zip(sentence.words, sentence.starts, strict=True):
            assert text.startswith(word, start)


def test_lines_are_sentences_where_characters_or_sequences_are_tagged() -> None:
    text = "ab c\n\nd"
    chars = list(split_text([text], "char"))
    assert chars == [Sentence(tuple("ab c"), (0, 1, 2, 3)), Sentence(()), Sentence(("d",), (6,))]
    lines = list(split_text([text], "sequence"))
    assert lines == [Sentence(("ab", "c"), (0, 3)), Sentence(()), Sentence(("d",), (6,))]


@pytest.mark.parametrize(("layout", "words"), [("lines", ("do", "n't", ".")), ("words", ("don't.",))])
def test_each_line_is_a_sentence_where_the_layout_says_so(layout, words: tuple[str, ...]) -> None:
    first, second = split_text(["don't.\n \nThat is\n"], "word", layout)
    assert first.words == words
    assert (second.words, second.starts) == (("That", "is"), (9, 14))


def test_offsets_count_every_line_end_as_one_character() -> None:
    first, second = split_text(["a\r\n b\r\n\r\nc"], "word")
    assert (first.starts, second.starts) == ((0, 3), (6,))
