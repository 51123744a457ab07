"""Saving a text under a name that is asked for."""

import os
from pathlib import Path

import pytest
from textual.widgets import Input

from lstmterm.errors import InputError
from lstmterm.ui.services import Panel
from lstmterm.ui.widgets.dialogs import Question
from lstmterm.ui.widgets.save_file import check_file, save_file
from tests.ui.conftest import make_app, screen_text, until


def test_only_a_file_in_an_existing_folder_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "there.txt").touch()
    check_file(str(tmp_path / "new.txt"))
    check_file(str(tmp_path / "there.txt"))
    for answer, message in (
        (" ", "Type a file name."),
        (str(tmp_path), "Type a file name."),
        (
            str(tmp_path / "no" / "new.txt"),
            f"There is no folder {tmp_path / 'no'}. Create it first, or choose another.",
        ),
        ("/dev/null", "This is not a regular file and cannot be replaced. Choose another name."),
    ):
        with pytest.raises(InputError) as refused:
            check_file(answer)
        assert str(refused.value) == message


async def saved(patch: pytest.MonkeyPatch, keys: list[str], path: Path, text: str) -> list[str]:
    """What the user reads after saving `text` to `path`, with these keys."""
    notes: list[str] = []
    app = make_app()
    patch.setattr(app.services, "notify", lambda message, *_: notes.append(message))
    async with app.run_test() as pilot:
        panel = Panel(app.services, id="saving")
        await app.screen.mount(panel)
        saving = app.run_worker(save_file(panel, "Save to which file?", "text.txt", text))
        await until(pilot, lambda: app.screen.query("#answer"))
        app.screen.query_one("#answer", Input).value = str(path)
        await pilot.press(*keys)
        await until(pilot, lambda: saving.is_finished)
    return notes


async def test_a_text_is_saved_byte_for_byte_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.txt"
    assert await saved(monkeypatch, ["escape"], path, "é\udcff") == []
    assert not path.exists()
    assert await saved(monkeypatch, ["enter"], path, "é\udcff") == [f"Saved to {path}."]
    assert path.read_bytes() == b"\xc3\xa9\xff"

    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "fsync", fail)
    refused = await saved(monkeypatch, ["enter"], tmp_path / "other.txt", "x")
    assert refused == [
        f"Cannot write {tmp_path / 'other.txt'}: permission denied. Make it writable, or choose another place."
    ]


@pytest.mark.parametrize(
    ("keys", "there", "other"),
    [
        ([], "old", None),  # enter presses the button that keeps it; then escape
        (["y"], "new\ufffd", None),
        (["n", "2", "enter"], "old", "new\ufffd"),
    ],
)
async def test_a_file_is_replaced_only_after_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: list[str], there: str, other: str | None
) -> None:
    real = tmp_path / "real"
    real.write_text("old")
    real.chmod(0o640)
    path = tmp_path / "there"
    path.symlink_to(real)
    notes: list[str] = []
    app = make_app()
    monkeypatch.setattr(app.services, "notify", lambda message, *_: notes.append(message))
    async with app.run_test() as pilot:
        panel = Panel(app.services, id="saving")
        await app.screen.mount(panel)
        saving = app.run_worker(save_file(panel, "Save to which file?", "text.txt", "new\ud800"))
        await until(pilot, lambda: app.screen.query("#answer"))
        app.screen.query_one("#answer", Input).value = str(path)
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(app.screen, Question))
        assert "Replace it?" in screen_text(app)
        await pilot.press(*(keys[:1] or ["enter"]))
        if keys != ["y"]:
            await until(pilot, lambda: app.screen.query("#answer"))
            assert app.screen.query_one("#answer", Input).value == str(path), "it can be changed"
            await pilot.press(*(["end", *keys[1:]] if keys else ["escape"]))
        await until(pilot, lambda: saving.is_finished)
    assert real.read_text() == there
    assert real.stat().st_mode & 0o777 == 0o640
    assert path.is_symlink()
    second = tmp_path / "there2"
    assert (second.read_text() if second.exists() else None) == other
    assert notes == [f"Saved to {path}{'' if other is None else 2}."] * bool(keys)
