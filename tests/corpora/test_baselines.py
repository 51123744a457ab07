"""Baselines of a corpus: what is computed, from which part, and how it is kept."""

import bz2
import json
import lzma
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.corpora import baselines, kneser_ney
from lstmterm.corpora.baselines import NAMES, Baselines, known, of_all, of_ngrams
from lstmterm.corpora.corpus import Corpus, open_corpus
from lstmterm.corpora.splits import Split, cut
from tests.corpora.files import write
from tests.small import small_text


def opened(folder: Path, characters: int = 40_000) -> tuple[Corpus, Split]:
    corpus = open_corpus(write(folder, small_text(characters)))
    return corpus, cut(len(corpus), 0.1, 0.05)


def test_all_orders_and_compressors_are_there(tmp_path: Path) -> None:
    corpus, split = opened(tmp_path)
    found = of_all(corpus, split)
    assert tuple(found.losses) == (*NAMES, "xz", "bzip2")
    assert found.losses["6-gram"] < found.losses["bigram"] < found.losses["unigram"]
    assert not found.sampled
    train, val = (corpus.text(*span).encode() for span in (split.train, split.val))
    sizes = {
        "xz": len(lzma.compress(train + val)) - len(lzma.compress(train)),
        "bzip2": len(bz2.compress(train + val)) - len(bz2.compress(train)),
    }
    for name, size in sizes.items():  # the container of xz pads to four bytes
        assert found.losses[name] * len(val) / math.log(2) / 8 == pytest.approx(size, abs=8)


def test_ngrams_are_those_of_the_model(tmp_path: Path) -> None:
    corpus, split = opened(tmp_path, 5_000)
    train, val = (corpus.ids[slice(*span)] for span in (split.train, split.val))
    expected = kneser_ney.losses(train, val, len(corpus.vocabulary))
    assert list(of_ngrams(corpus, split).losses.values()) == expected
    assert tuple(of_ngrams(corpus, split).losses) == NAMES


def test_they_are_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, split = opened(tmp_path)
    assert known(corpus, split) is None
    ngrams = of_ngrams(corpus, split)
    assert known(corpus, split) == ngrams
    found = of_all(corpus, split)
    assert {name: found.losses[name] for name in NAMES} == ngrams.losses
    for name in ("_counted", "_compressed"):
        monkeypatch.setattr(baselines, name, lambda *_: pytest.fail("they are kept"))
    assert found == of_all(corpus, split) == of_ngrams(corpus, split) == known(corpus, split)


def test_other_splits_and_texts_have_their_own(tmp_path: Path) -> None:
    corpus, split = opened(tmp_path)
    other = cut(len(corpus), 0.2, 0.0)
    assert of_ngrams(corpus, split) != of_ngrams(corpus, other)
    assert len([*paths.encoded().glob("*.baselines")]) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-5],
        lambda text: "[]",
        lambda text: text.replace(
            text[text.index(": ") + 2 :], '"much", "counted": 1, "of": 1, "compressed": true}'
        ),
        lambda text: json.dumps(json.loads(text) | {"losses": {"unigram": -1.0}}),
        lambda text: json.dumps(json.loads(text) | {"counted": "all"}),
    ],
)
def test_damaged_ones_are_made_again(tmp_path: Path, damage: Callable[[str], str]) -> None:
    corpus, split = opened(tmp_path, 5_000)
    found = of_all(corpus, split)
    (file,) = paths.encoded().glob("*.baselines")
    file.write_text(damage(file.read_text()))
    assert known(corpus, split) is None
    assert of_all(corpus, split) == found
    assert known(corpus, split) == found


def test_long_texts_are_counted_from_their_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, split = opened(tmp_path)
    monkeypatch.setattr(baselines, "MOST_COUNTED", 5_000)
    found = of_all(corpus, split)
    assert found.sampled == "the last 5,000 of 34,000 characters"
    end = Split((split.train[1] - 5_000, split.train[1]), split.val, split.test)
    assert found.losses == of_all(corpus, end).losses


def test_the_entropy_is_there_where_it_is_known() -> None:
    corpus = open_corpus("reber")
    split = cut(len(corpus), 0.05, 0.05)
    for found in (of_all(corpus, split), known(corpus, split)):
        assert found is not None
        assert found.losses["floor"] == corpus.floor
        assert min(zip(found.losses.values(), found.losses, strict=True))[1] == "floor"


def test_short_parts_are_not_compressed(tmp_path: Path) -> None:
    corpus, split = opened(tmp_path, 5_000)
    assert set(of_all(corpus, split).losses) == set(NAMES)
    empty = cut(len(corpus), 0, 0)
    assert of_all(corpus, empty) == Baselines({}, 5_000, 5_000, compressed=True)


def test_without_a_cache_they_are_computed_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, split = opened(tmp_path, 5_000)
    monkeypatch.setattr(baselines.paths, "encoded", lambda: Path("/dev/null/none"))
    assert of_all(corpus, split) == of_all(corpus, split)
    assert known(corpus, split) is None
