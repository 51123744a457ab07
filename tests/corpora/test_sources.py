"""A name or a path leads to its text; one that leads to nothing gets a hint."""

from pathlib import Path

import pytest

from lstmterm.corpora.corpus import open_corpus


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("harbor", "Did you mean 'harbour'"),
        ("tinyshakespeare", "lstmterm corpora fetch tinyshakespeare"),
        ("notes", r"\./notes"),
        ("zzzzzz", "lstmterm corpora"),
        ("./none.txt", "no file"),
        ("", "empty"),
    ],
)
def test_a_name_that_means_nothing_gets_a_hint(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    with pytest.raises(ValueError, match=message) as caught:
        open_corpus(name)
    assert caught.value.exit_code == 2  # type: ignore[attr-defined]
