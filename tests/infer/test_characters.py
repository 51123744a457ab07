"""Characters and the numbers that a model reads for them."""

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.characters import starts_of, text_of

TEXT = "aé漢👩\udcffb"


def test_bytes_are_grouped_by_character() -> None:
    vocabulary = Vocabulary.bytes()
    assert starts_of(vocabulary, TEXT).tolist() == [0, 1, 3, 6, 10, 11]
    assert text_of(vocabulary, vocabulary.encode(TEXT)) == TEXT


def test_of_characters_each_has_a_number() -> None:
    vocabulary = Vocabulary("ab")
    assert starts_of(vocabulary, TEXT).tolist() == [*range(6)]
    assert text_of(vocabulary, vocabulary.encode("abc")) == "ab\ufffd"


def test_an_empty_text_has_no_starts() -> None:
    assert [len(starts_of(v, "")) for v in (Vocabulary.bytes(), Vocabulary("a"))] == [0, 0]
