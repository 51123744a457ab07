"""What a growing text copies, against a search in the whole text."""

import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.corpora import copied
from lstmterm.corpora.copied import CopyIndex
from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.growing import WINDOW, GrowingText, Stretch
from tests.corpora.files import write
from tests.corpora.test_copied import index_of

pieces = st.lists(st.text("abd\n", max_size=30), max_size=8)


@given(st.text("ab\n", min_size=1, max_size=80), st.integers(1, 4), pieces, st.data())
def test_it_finds_what_is_found_in_the_whole_text(
    text: str, times: int, pieces: list[str], data: st.DataObject
) -> None:
    corpus = text * times
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copied, "_LONG", data.draw(st.sampled_from([2, 5, 64])))
        patch.setattr(copied, "_FEW", data.draw(st.sampled_from([0, 4096])))
        index = index_of(corpus, patch, 1000, (0, len(corpus)))
        least = data.draw(st.integers(1, 6))
        growing, stretches, whole = GrowingText(index, least), list[Stretch](), ""
        for piece in [*pieces, corpus[: data.draw(st.integers(0, 60))]]:
            whole += piece
            growth = growing.append(piece)
            assert growth.kept <= len(stretches)
            stretches[growth.kept :] = growth.stretches
            found = index.copying(whole, least)
            spans = [(s.start, s.start + s.length) for s in found.spans]
            assert [(s.start, s.end) for s in stretches] == spans
            assert all(type(number) is int for stretch in stretches for number in stretch), "as JSON has them"
            for start, end, position, length in stretches:
                assert whole[start:end] == corpus[position : position + length]
            assert growing.longest == (found.longest.length if found.longest else 0)
            share = found.shares[WINDOW]
            assert growing.share == pytest.approx(share) if share == share else math.isnan(growing.share)


@pytest.fixture(scope="module")
def bytes_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyIndex]:
    folder = tmp_path_factory.mktemp("bytes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTMTERM_HOME", str(folder))
        yield CopyIndex.of(open_corpus(write(folder, "aé漢é aa漢字é".encode() + b"\x80a" * 3), level="byte"))


@given(st.lists(st.text("aé漢語\udc80", max_size=12), max_size=6))
def test_stretches_of_bytes_have_whole_characters(bytes_index: CopyIndex, pieces: list[str]) -> None:
    growing, stretches, whole = GrowingText(bytes_index, 2), list[Stretch](), ""
    for piece in pieces:
        whole += piece
        growth = growing.append(piece)
        stretches[growth.kept :] = growth.stretches
    spans = bytes_index.spans(whole, 2)
    assert [(s.position, s.length) for s in stretches] == [(s.position, s.length) for s in spans]
    bounds = [len(whole[:k].encode("utf-8", "surrogateescape")) for k in range(len(whole) + 1)]
    for stretch, span in zip(stretches, spans, strict=True):
        inside = [k for k, at in enumerate(bounds) if span.start <= at <= span.start + span.length]
        if len(inside) > 1:
            assert (stretch.start, stretch.end) == (inside[0], inside[-1])
        else:
            assert stretch.start == stretch.end


def test_the_end_is_looked_up_again_and_nothing_else(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "the quick brown fox jumps over the lazy dog\n" * 30))
    growing = GrowingText(CopyIndex.of(corpus), 8)
    lengths: list[int] = []
    maximal = growing.index.maximal
    growing.index.maximal = lambda ids: lengths.append(len(ids)) or maximal(ids)  # type: ignore[method-assign]
    for _ in range(20):
        growing.append("a quick brown fox; ")
    assert max(lengths) < 40


def test_a_long_copy_is_not_looked_up_again_while_it_goes_on(tmp_path: Path) -> None:
    """A text learned by heart, written in small pieces, is one stretch that only becomes longer."""
    corpus = "".join(random.Random(1).choices("abc\n", k=40_000))
    with pytest.MonkeyPatch.context() as patch:
        index = index_of(corpus, patch, 1 << 20, (0, len(corpus)))
        growing, looked_up = GrowingText(index), list[int]()
        maximal = CopyIndex.maximal

        def counted(self: CopyIndex, ids: np.ndarray) -> np.ndarray:
            looked_up.append(len(ids))
            return maximal(self, ids)

        patch.setattr(CopyIndex, "maximal", counted)
        growth = [growing.append(corpus[at : at + 40]) for at in range(5000, 25000, 40)]
        assert growth[-1].stretches == [Stretch(0, 20000, 5000, 20000)]
        assert growing.longest == 20000
        assert growing.share == 1.0
        assert sum(looked_up) < 400
        growing.append("And now something else")
        assert looked_up[-1] > 20000, "what begins within the stretch may end after it"
        growing.append("New again.")
        assert looked_up[-1] < 100
        assert growing.longest == 20000
