"""What is computed beside a run: at once for short texts, by a process for others."""

import time
from pathlib import Path

import pytest

from lstmterm.corpora import aside, baselines
from lstmterm.corpora.aside import Aside
from lstmterm.corpora.corpus import Corpus, open_corpus
from lstmterm.corpora.splits import Split, cut
from tests.corpora.files import write
from tests.small import small_text


def opened(folder: Path) -> tuple[Corpus, Split]:
    corpus = open_corpus(write(folder, small_text(30_000)))
    return corpus, cut(len(corpus), 0.05, 0.05)


def test_a_short_text_is_done_at_once(tmp_path: Path) -> None:
    corpus, split = opened(tmp_path)
    work = Aside(corpus, split)
    assert work.baselines == baselines.known(corpus, split)
    assert work.baselines is not None
    assert "xz" in work.baselines.losses
    assert work.copies is not None
    assert work.copies.span == split.train


def test_a_longer_one_is_done_by_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "_AT_ONCE", 10)
    corpus, split = opened(tmp_path)
    began = time.perf_counter()
    work = Aside(corpus, split)
    assert time.perf_counter() - began < 0.2
    assert (work.baselines, work.copies) == (None, None)
    checked: list[bool] = []
    work.wait(lambda: checked.append(True))
    assert checked
    assert work.baselines == baselines.of_all(corpus, split)
    assert work.copies is not None
    again = Aside(corpus, split)
    assert again.baselines == work.baselines, "it is kept, without a process"
    work.close()


def test_waiting_ends_with_what_the_check_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "_AT_ONCE", 10)
    work = Aside(*opened(tmp_path))

    def check() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work.wait(check)
    work.close()
    assert work.baselines is None


def test_where_no_process_can_be_started_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_AT_ONCE", 10)
    monkeypatch.setattr(aside.sys, "executable", "/nothing/here")
    work = Aside(*opened(tmp_path))
    work.wait(lambda: None)
    assert (work.baselines, work.copies) == (None, None)
