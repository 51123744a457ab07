"""The list of all texts, built in, stored, and offered by the catalogue."""

from pathlib import Path

import pytest

from lstmterm.corpora import catalogue
from lstmterm.corpora.adding import add
from lstmterm.corpora.catalogue import Entry, Part
from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.fetching import take
from lstmterm.corpora.listing import all_texts
from tests.corpora.files import write


def test_the_list_has_every_text_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def entry(name: str) -> Entry:
        part = Part(f"{name}.txt", f"http://127.0.0.1:9/{name}")
        return Entry(name, f"Title of {name}", (part,), "public domain", "English", "tests")

    entries = {name: entry(name) for name in ("offered", "fetched")}
    monkeypatch.setattr(catalogue, "entries", lambda: entries)
    path = write(tmp_path, "a text\n", "mine.txt")
    add(open_corpus(path))
    take(entries["fetched"], Path(path))

    found = {text.name: text for text in all_texts()}
    assert [text.name for text in all_texts()] == [*found]  # each once
    assert (found["harbour"].origin, found["harbour"].here) == ("built-in", True)
    assert (found["mine"].origin, found["mine"].bytes) == ("own", 7)
    assert (found["fetched"].origin, found["fetched"].licence) == ("fetched", "public domain")
    assert found["fetched"].bytes == 7
    assert (found["offered"].origin, found["offered"].here, found["offered"].bytes) == (
        "catalogue",
        False,
        None,
    )
    assert [*found][-3:] == ["fetched", "mine", "offered"]


def test_a_missing_built_in_text_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pydoc_data.topics", None)
    assert "python-docs" not in {text.name for text in all_texts()}
