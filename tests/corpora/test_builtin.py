"""Every built-in text is there, or says why it is not."""

import sys
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.corpora import builtin
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError


def test_every_built_in_text_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in builtin.NAMES:
        corpus = open_corpus(name)
        assert (corpus.name, corpus.source) == (name, name)
        assert len(corpus) > 50_000
        assert (corpus.floor is not None) == (name == "reber")
    assert builtin.DEFAULT in builtin.NAMES


def test_a_python_without_its_topics_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(InputError, match="pydoc_data"):
        open_corpus("python-docs")


def test_the_library_is_without_its_tests() -> None:
    names = {document.name for document in builtin.read("python-stdlib").documents}
    assert "json/decoder.py" in names
    assert not [name for name in names if "site-packages" in name or "/test" in name]


def test_a_damaged_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "shipped_corpora", lambda: tmp_path)
    with pytest.raises(InputError, match=r"'harbour' is missing from .*; reinstall lstmterm"):
        builtin.read("harbour")
    monkeypatch.setattr(builtin.sysconfig, "get_paths", lambda: {"stdlib": str(tmp_path)})
    with pytest.raises(InputError, match="This Python has no source files in"):
        builtin.read("python-stdlib")
