"""A vocabulary numbers its characters, and maps all others to the unknown one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.corpora.vocabulary import Vocabulary

anything = st.text(st.characters(exclude_categories=[]))


@given(anything.filter(bool), anything)
def test_encoding_and_decoding(symbols: str, text: str) -> None:
    vocabulary = Vocabulary("".join(dict.fromkeys(symbols)))
    ids = vocabulary.encode(text)
    assert ids.dtype == vocabulary.dtype
    assert [int(i) for i in ids] == [
        vocabulary.symbols.index(c) if c in vocabulary.symbols else vocabulary.unknown for c in text
    ]
    assert vocabulary.decode(ids) == "".join(c if c in vocabulary.symbols else "\ufffd" for c in text)
    missing = [c for c in text if c not in vocabulary.symbols]
    assert vocabulary.missing(text) == {c: missing.count(c) for c in missing}


def test_bytes() -> None:
    vocabulary = Vocabulary.bytes()
    assert (len(vocabulary), vocabulary.unknown, vocabulary.dtype) == (256, 256, np.uint16)
    assert vocabulary.encode("é").tolist() == [0xC3, 0xA9]
    assert vocabulary.decode(np.array([0xC3, 0xA9, 0xFF])) == "é\ufffd"
    assert vocabulary.missing("é") == {}


@pytest.mark.parametrize("vocabulary", [Vocabulary("ab\n"), Vocabulary.bytes()])
def test_a_vocabulary_survives_as_plain_data(vocabulary: Vocabulary) -> None:
    assert Vocabulary.from_dict(vocabulary.to_dict()) == vocabulary


@pytest.mark.parametrize("symbols", ["", "aa"])
def test_characters_must_be_there_and_distinct(symbols: str) -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        Vocabulary(symbols)
