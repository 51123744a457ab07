"""Where things live, and names that stay there."""

import contextlib
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm import paths

PLACES = {
    "models": "data/models", "corpora": "data/corpora", "runs": "state/runs", "encoded": "cache/encoded",
    "settings": "config/settings.toml", "calibration": "cache/calibration.json",
}  # fmt: skip


@pytest.mark.parametrize(("place", "where"), PLACES.items())
def test_one_variable_moves_all(home: Path, place: str, where: str) -> None:
    assert getattr(paths, place)() == home / where
    assert not home.exists(), "asking creates nothing"


def test_a_home_may_be_relative_or_begin_with_a_tilde(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LSTMTERM_HOME", "here")
    assert paths.runs() == tmp_path / "here/state/runs"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LSTMTERM_HOME", "~/there")
    assert paths.runs() == tmp_path / "there/state/runs"


@pytest.mark.parametrize("value", [None, ""])
def test_without_it_the_platforms_places(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("LSTMTERM_HOME")
    if value is not None:
        monkeypatch.setenv("LSTMTERM_HOME", value)
    for place in PLACES:
        path = getattr(paths, place)()
        assert path.is_absolute()
        assert "lstmterm" in path.parts


@pytest.mark.parametrize("value", [None, "~/here"])
def test_without_a_home_folder_there_is_nothing_to_read(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    def unknown(*_: object) -> None:
        raise KeyError

    monkeypatch.delenv("LSTMTERM_HOME") if value is None else monkeypatch.setenv("LSTMTERM_HOME", value)
    for name in [name for name in os.environ if name == "HOME" or name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    for place in PLACES:
        assert getattr(paths, place)().is_relative_to("/no-home-folder/lstmterm")


def test_a_home_that_is_not_known_stays_in_the_path() -> None:
    assert paths.expanded("~no-such-user/x") == Path("~no-such-user/x")


def test_shipped_things_are_there() -> None:
    assert (paths.shipped_corpora() / "harbour.txt").is_file()


@pytest.mark.parametrize("argument", ["a/b", "./a", "/a", "a.txt", "a.b.gz", "../x", "dir/", ".", ".."])
def test_a_file_argument(argument: str) -> None:
    assert paths.is_file_argument(argument)


@pytest.mark.parametrize("argument", ["bard", "python-docs", "-", ""])
def test_a_name_argument(argument: str) -> None:
    assert not paths.is_file_argument(argument)


@given(st.text(st.characters(exclude_categories=[])))
def test_a_plain_name_is_a_file_in_its_folder(name: str) -> None:
    folder = Path("/folder")
    try:
        assert paths.plain_name(name) == name
    except paths.NameRejected:
        return
    assert (folder / name).parent == folder
    assert (folder / name).name == name
    assert (folder / f"{name}.safetensors").stem == name
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Cf", "Zl", "Zp") for c in name)


@pytest.mark.parametrize("name", ["bard", "my text", "Wörter", "漢字", "a.b", "x" * 100, "a'b"])
def test_good_names(name: str) -> None:
    assert paths.plain_name(name) == name


BAD = [
    "",
    ".",
    "..",
    ".x",
    "-x",
    " x",
    "x ",
    "a/b",
    "a\\b",
    "a:b",
    "a\nb",
    "a\x00b",
    "a\x1bb",
    "a\u202eb",
    "x" * 101,
    "nul",
    "COM1",
    "con.txt",
    "aux .x",
]


@pytest.mark.parametrize("name", BAD)
def test_bad_names(name: str) -> None:
    with pytest.raises(paths.NameRejected) as refused:
        paths.plain_name(name)
    assert refused.value.exit_code == 2


@given(
    st.text(st.characters(exclude_categories=[])) | st.sampled_from(["nul", "con.x", "..", "a/b", "ä" * 200])
)
def test_any_name_is_made_a_plain_one(name: str) -> None:
    plain = paths.made_plain(name)
    assert paths.plain_name(plain) == plain
    with contextlib.suppress(paths.NameRejected):
        if len(name) < 80:
            assert paths.made_plain(paths.plain_name(name)) == name


def test_dashes_and_spaces_in_turn_make_a_plain_name() -> None:
    assert paths.made_plain("- - .x -") == "x -"
    assert paths.made_plain("- - -") == "text"
