"""The settings file: comments are kept, and a file with an error is never overwritten."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from lstmterm import settings
from lstmterm.errors import InputError
from lstmterm.settings import Settings


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "settings.toml") == Settings()


def test_what_is_saved_is_loaded_and_every_setting_has_its_sentence(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    chosen = Settings(theme="nord", time="90 seconds", bell=True, keys={"train.start": "f9"})
    settings.save(chosen, path)
    assert settings.load(path) == chosen
    for sentence in settings.SENTENCES.values():
        assert f"# {sentence}" in path.read_text()


def test_comments_and_unknown_entries_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('# mine\ntheme = "nord" # cold\nfuture = 3\n')
    settings.save(Settings(theme="dracula"), path)
    kept = path.read_text()
    assert "# mine" in kept
    assert "# cold" in kept
    assert "future = 3" in kept
    assert settings.load(path).theme == "dracula"


def test_dotted_keys_are_read_as_they_are_meant(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[keys]\ntrain.start = "f9"\n')
    assert settings.load(path).keys == {"train.start": "f9"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('theme = "a"\ntime = \n', 2),
        ('theme = "a"\n\nbell = "yes"\n', 3),
        ("\n\n\n[keys\n", 4),
        ("theme = 3\n", 1),
    ],
)
def test_a_broken_file_is_reported_with_its_line_and_left_untouched(
    tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"line {line}\b"):
        settings.load(path)
    with pytest.raises(InputError):
        settings.save(Settings(theme="nord"), path)
    assert path.read_text() == text


def test_a_file_that_is_no_text_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b'theme = "a"\n\xff\xfe')
    with pytest.raises(InputError, match="line 2"):
        settings.load(path)


@pytest.mark.parametrize(
    "text",
    [
        "keys = " + "[" * 5000,
        "a = " + "{b = " * 5000,
        "k" + ".k" * 5000 + " = 1",
        "[keys]\n" + "a." * 3000 + 'b = "c"',
    ],
    ids=["brackets", "braces", "dots", "keys"],
)
def test_settings_that_are_nested_deeply_are_reported(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(InputError, match="nested too deeply"):
        settings.load(path)
    with pytest.raises(InputError, match="nested too deeply"):
        settings.save(Settings(), path)
    assert path.read_text() == text


def test_a_folder_a_pipe_and_a_huge_file_in_place_of_the_settings_are_reported(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").write_bytes(b"")
    os.truncate(tmp_path / "huge", 10**12)
    for name, reason in (
        ("folder", "is not a file"),
        ("pipe", "is not a file"),
        ("huge", "more than 1,000,000"),
    ):
        with pytest.raises(
            InputError, match=f"cannot be read: {name} .*{reason}|cannot be read: {name} {reason}"
        ):
            settings.load(tmp_path / name)


COMMENTED = """\
# mine

theme = "nord"  # cold
future = [
  "a",
[1] # not a table
,]

# my keys
[keys]
# first
"train.start" = "f9"  # quick
train.stop = "f10" # slow
tab.library = "f3"

[other]
# last
x = 1
"""


def test_comments_stay_where_they_are_beside_tables(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    text = COMMENTED.replace("[1] # not a table\n,]", '"b",\n]')
    path.write_text(text)
    before = settings.load(path)
    settings.save(replace(before, bell=True, theme="dracula"), path)
    lines = path.read_text().splitlines()
    added = ["", f"# {settings.SENTENCES['bell']}", "bell = true"]
    assert lines[7:10] == added
    changed = text.replace('"nord"', '"dracula"').splitlines()
    assert lines[:7] + lines[10:] == changed, "nothing else changed or moved"
    assert settings.load(path) == replace(before, bell=True, theme="dracula")

    keys = {"train.start": "f11", "train.stop": "f10", "tab.train": "f2"}
    settings.save(replace(settings.load(path), keys=keys), path)
    assert settings.load(path).keys == keys
    for kept in ("# mine", "# my keys\n[keys]\n# first", '"f11"  # quick', '"f10" # slow', "# last\nx = 1"):
        assert kept in path.read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# about keys\n[keys]\n", "{new}\n# about keys\n[keys]\n"),
        ("# head\n\n# about keys\n[keys]\n", "# head\n\n{new}\n# about keys\n[keys]\n"),
        ("", "{new}\n"),
        ("# only this", "# only this\n\n{new}"),
        ('text = """\n[keys]\n"""\n', 'text = """\n[keys]\n"""\n\n{new}'),
        ("bits = true\r\n# x\r\n[keys]\r\n", "bits = true\r\n\n{new}# x\r\n[keys]\r\n"),
    ],
)
def test_a_new_setting_comes_before_the_tables(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(before.encode())
    settings.save(replace(settings.load(path), bell=True), path)
    new = f"# {settings.SENTENCES['bell']}\nbell = true\n"
    assert path.read_bytes().decode() == after.format(new=new)
    assert settings.load(path).bell


def test_a_link_to_the_settings_stays_one(tmp_path: Path) -> None:
    real, path = tmp_path / "dotfiles.toml", tmp_path / "settings.toml"
    real.write_text("bits = true\n")
    path.symlink_to(real)
    settings.save(replace(settings.load(path), bell=True), path)
    assert path.is_symlink()
    assert settings.load(real) == Settings(bits=True, bell=True)


@pytest.mark.parametrize("linked", ["settings.toml", "."])
def test_what_the_settings_are_linked_to_keeps_its_permissions(tmp_path: Path, linked: str) -> None:
    real, config = tmp_path / "dotfiles", tmp_path / "config"
    real.mkdir(mode=0o755)
    (real / "settings.toml").write_text("bits = true\n")
    (real / "settings.toml").chmod(0o644)
    if linked == ".":
        config.symlink_to(real)
    else:
        config.mkdir()
        (config / linked).symlink_to(real / linked)
    settings.save(Settings(bell=True), config / "settings.toml")
    assert (real.stat().st_mode & 0o777, (real / "settings.toml").stat().st_mode & 0o777) == (0o755, 0o644)
    assert settings.load(real / "settings.toml").bell
