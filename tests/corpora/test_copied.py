"""What a text copies, against a plain search."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm import paths
from lstmterm.corpora import copied, suffixes
from lstmterm.corpora.copied import CopyIndex, Span
from lstmterm.corpora.corpus import Corpus, open_corpus
from lstmterm.corpora.vocabulary import Vocabulary
from tests.corpora.files import write

texts = st.text("ab\nc", min_size=1, max_size=60) | st.builds(
    lambda part, times: part * times, st.text("abc", min_size=1, max_size=12), st.integers(1, 8)
)


def index_of(text: str, monkeypatch: pytest.MonkeyPatch, block: int, span: tuple[int, int]) -> CopyIndex:
    """An index without files, sorted in blocks of this size."""
    monkeypatch.setattr(copied, "_BLOCK", block)
    monkeypatch.setattr(copied, "_OVERLAP", 200)
    vocabulary = Vocabulary("abc\n")
    ids: np.ndarray = vocabulary.encode(text)
    corpus = Corpus("t", "t", ids, vocabulary, "", "", "", ())  # type: ignore[arg-type]
    within = ids[slice(*span)]
    parts = [suffixes.suffix_array(within[slice(*cut)]) for cut in copied._cut(len(within))]
    return CopyIndex(corpus, span, np.concatenate(parts))


def plain_spans(text: str, wanted: str) -> list[tuple[int, int]]:
    """Start and length of each stretch of `wanted` that is in `text` and cannot be extended."""
    longest = [
        max(n for n in range(len(wanted) - i + 1) if wanted[i : i + n] in text) for i in range(len(wanted))
    ]
    return [(i, n) for i, n in enumerate(longest) if n and (i == 0 or longest[i - 1] < n + 1)]


@given(texts, texts.map(lambda text: text + "d") | texts, st.data())
def test_spans_and_shares_are_those_of_a_plain_search(text: str, wanted: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text) - 1))
    span = begin, data.draw(st.integers(begin + 1, len(text)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copied, "_LONG", data.draw(st.sampled_from([1, 2, 5, 64])))
        patch.setattr(copied, "_LONGER", data.draw(st.sampled_from([2, 4, 8, 1024])))
        patch.setattr(copied, "_FEW", data.draw(st.sampled_from([0, 10, 4096])))
        index = index_of(text, patch, data.draw(st.sampled_from([4, 20, 1000])), span)
        found = index.spans(wanted, least=1)
        assert [(s.start, s.length) for s in found] == plain_spans(text[slice(*span)], wanted)
        for start, length, position in found:
            assert text[position : position + length] == wanted[start : start + length]
            assert span[0] <= position <= position + length <= span[1]
        lines = index.lines(found)
        assert lines == [text[: s.position].count("\n") + 1 for s in found]
        for n in (1, 3, 8):
            windows = [wanted[i : i + n] in text[slice(*span)] for i in range(len(wanted) - n + 1)]
            share = index.share(wanted, n)
            assert share == pytest.approx(sum(windows) / len(windows)) if windows else math.isnan(share)


def test_a_long_row_of_one_character_is_looked_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It copies a stretch from each of its positions, which one by one would take seconds."""
    index = index_of("a" * 80 + "\n" + "ab\n" * 20, monkeypatch, 1000, (0, 141))
    monkeypatch.setattr(suffixes, "longest_match", lambda *_: pytest.fail("one by one"))
    found = index.spans("a" * 3000)
    assert [(s.start, s.length) for s in found] == [(start, 80) for start in range(2921)]


def test_an_index_is_kept_and_made_again_after_damage(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "the quick brown fox jumps over the lazy dog\n" * 30))
    calls: list[tuple[int, int]] = []
    built = CopyIndex.of(corpus, progress=lambda done, whole: calls.append((done, whole)))
    assert calls[-1] == (len(corpus), len(corpus))
    (file,) = paths.encoded().glob("*.suffixes")
    again = CopyIndex.of(corpus, progress=lambda *_: pytest.fail("it is kept"))
    wanted = "a brown fox jumps over\nthe fence"
    assert again.copying(wanted) == built.copying(wanted)
    longest = built.copying(wanted).longest
    assert longest is not None
    assert (longest.start, longest.length, longest.position % 44) == (1, 21, 9)
    file.write_bytes(file.read_bytes()[:-4])
    mended = CopyIndex.of(corpus, progress=lambda *each: calls.append(each))
    assert mended.copying(wanted) == built.copying(wanted)
    facts = file.with_name(f"{file.name}.json")
    for damage in ("", "[]", '{"length": "long", "modified_ns": 1}'):
        facts.write_text(damage)
        assert CopyIndex.of(corpus).copying(wanted) == built.copying(wanted)


def test_parts_have_indexes_of_their_own(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "what is only in the first part\n" + "and in the second one\n"))
    assert CopyIndex.of(corpus, (0, 31)).copying("in the second one").longest == Span(0, 7, 13)
    assert CopyIndex.of(corpus, (31, len(corpus))).copying("in the second one").longest == Span(0, 17, 35)


def test_characters_that_the_corpus_lacks_match_nothing(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "aaaabbbbz" * 20), vocab_limit=2)  # z is unknown there
    index = CopyIndex.of(corpus)
    assert index.spans("aazbb", least=1) == [
        Span(0, 2, index.spans("aa", 1)[0].position),
        *index.spans("aazbb", 1)[1:],
    ]
    assert [span.length for span in index.spans("aazbb", least=1)] == [2, 2]
    assert index.copying("").longest is None
    assert index.copying("zzz").figures() == {"longest": 0}


def test_bytes_are_matched_as_bytes(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "größer als das Größte"), level="byte")
    found = CopyIndex.of(corpus).copying("Größte").longest
    assert found is not None
    assert (found.start, found.length) == (0, len("Größte".encode()))


def test_long_texts_are_only_sorted_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = open_corpus(write(tmp_path, "abc" * 100))
    monkeypatch.setattr(copied, "MOST_UNASKED", 100)
    assert CopyIndex.unasked(corpus, (0, 101)) is None
    assert CopyIndex.unasked(corpus, (0, 100)) is not None
    CopyIndex.of(corpus, (0, 101))
    assert CopyIndex.unasked(corpus, (0, 101)) is not None
