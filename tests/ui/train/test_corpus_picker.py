"""Choosing a text: by name, by a typed path, by walking, by fetching."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmterm.corpora.fetching import NotPermitted
from lstmterm.corpora.listing import TextEntry
from lstmterm.errors import RunError
from lstmterm.ui.train.corpus_picker import CorpusPicker, folder_rows
from lstmterm.ui.widgets.dialogs import Question
from tests.ui.conftest import idle, make_app, screen_text, settle, until

TEXTS = [
    TextEntry("harbour", "built-in", "text", 72_507, "A town by the sea"),
    TextEntry(
        "shakespeare", "catalogue", "text", 1_115_394, "All of it", licence="public domain", verified=False
    ),
]


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstmterm.corpora.listing.all_texts", lambda: TEXTS)


async def opened(app, pilot) -> CorpusPicker:
    await settle(pilot)
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(app.screen, CorpusPicker))
    await idle(pilot)
    await until(pilot, lambda: app.screen._named)
    await pilot.pause()
    return app.screen


async def test_by_name_by_path_by_walking_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "a[red]novel.txt").write_text("x" * 500)
    (folder / "poems").mkdir()
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot)
        shown = screen_text(app)
        assert "Built in" in shown
        assert "To download" in shown
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, CorpusPicker)

        picker = await opened(app, pilot)
        line = picker.query_one("#filter")
        line.value = f"{tmp_path}/she"  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press("tab")
        await pilot.pause()
        assert line.value == f"{folder}/"  # type: ignore[attr-defined]
        shown = screen_text(app)
        assert "a[red]novel.txt" in shown
        assert "poems/" in shown
        assert "This whole folder" in shown
        await pilot.press(*"a", "enter")
        await pilot.pause()
        assert app.query_one("#form").values.source == str(folder / "a[red]novel.txt")  # type: ignore[attr-defined]

        await opened(app, pilot)
        await pilot.press(*"harb", "enter")
        await pilot.pause()
        assert app.query_one("#form").values.source == "harbour"  # type: ignore[attr-defined]


async def test_a_file_of_the_current_folder_is_found_by_its_name_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "poems").mkdir()
    (tmp_path / "poems" / "odes.txt").write_text("An ode.\n" * 60)
    (tmp_path / "My novel.txt").write_text("A novel.\n" * 60)
    (tmp_path / "notes.txt").write_text("A note.\n" * 60)
    monkeypatch.chdir(tmp_path)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        picker = await opened(app, pilot)
        assert "Files and folders" in screen_text(app)  # without scrolling
        await pilot.press(*"nov")
        await pilot.pause()
        shown = screen_text(app)
        assert "My novel.txt" in shown
        assert "notes.txt" not in shown
        await pilot.press("tab")
        await pilot.pause()
        assert picker.line.value == str(tmp_path / "My novel.txt")
        await pilot.press("enter")
        await pilot.pause()
        assert app.query_one("#form").values.source == str(tmp_path / "My novel.txt")  # type: ignore[attr-defined]

        await opened(app, pilot)
        await pilot.press(*"notes.txt", "enter")
        await pilot.pause()
        assert app.query_one("#form").values.source == str(tmp_path / "notes.txt")  # type: ignore[attr-defined]

        await opened(app, pilot)
        await pilot.press(*"poems/od", "enter")
        await pilot.pause()
        assert app.query_one("#form").values.source == str(tmp_path / "poems" / "odes.txt")  # type: ignore[attr-defined]


async def test_a_name_that_nothing_has_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot)
        await pilot.press(*"nobel.txt")
        await until(pilot, lambda: "No text and no file here has nobel.txt in its name." in screen_text(app))


def fetch_by(monkeypatch: pytest.MonkeyPatch, fetch: Callable[..., None]) -> None:
    """A catalogue of one text, which is fetched by this function."""
    monkeypatch.setattr("lstmterm.corpora.fetching.fetch", fetch)
    monkeypatch.setattr("lstmterm.corpora.catalogue.entries", lambda: {"shakespeare": "entry"})


async def test_a_text_is_fetched_with_its_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    way = ""

    def fetch(entry: str, progress, allow_http: bool) -> None:
        progress("file", 100, 1000)
        go_on.wait(5)
        if way == "failed":
            raise RunError("no connection could be made")
        progress("file", 1000, 1000)

    fetch_by(monkeypatch, fetch)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        picker = await opened(app, pilot)
        await pilot.press(*"shake")
        for way in ("cancelled", "failed", "done"):
            go_on.clear()
            await pilot.press("enter")
            await until(pilot, lambda: "10%" in screen_text(app))
            assert "Downloading shakespeare" in screen_text(app)
            if way == "cancelled":
                await pilot.press("escape")
            go_on.set()
            if way == "done":
                await until(pilot, lambda: app.query_one("#form").values.source == "shakespeare")  # type: ignore[attr-defined]
            else:
                said = "cancelled" if way == "cancelled" else "no connection could be made"
                await until(pilot, lambda said=said: said in screen_text(app))
                assert app.screen is picker


@pytest.mark.parametrize("has_hash", [True, False])
async def test_an_address_that_is_not_https_is_asked_about(
    monkeypatch: pytest.MonkeyPatch, has_hash: bool
) -> None:
    permitted: list[bool] = []

    def fetch(entry: str, progress, allow_http: bool) -> None:
        permitted.append(allow_http)
        if not allow_http:
            raise NotPermitted("shakespeare", "http://plays.example/all.txt", has_hash=has_hash)

    fetch_by(monkeypatch, fetch)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        picker = await opened(app, pilot)
        await pilot.press(*"shake")
        for answer in ("escape", "y"):
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, Question))
            shown = " ".join(screen_text(app).replace("│", " ").split())
            assert "Download shakespeare anyway?" in shown
            assert (
                "http://plays.example/all.txt is not HTTPS, so anyone on the network path could read and change"
                in shown
            )
            assert ("is still checked" if has_hash else "is recorded and checked") in shown
            assert "--allow-http" not in shown
            await pilot.press(answer)
            if answer == "escape":
                await until(pilot, lambda: app.screen is picker)
        await until(pilot, lambda: app.query_one("#form").values.source == "shakespeare")  # type: ignore[attr-defined]
    assert permitted == [False, False, True]


def test_a_folder_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (row,) = folder_rows(f"{tmp_path}/none/")
    assert "No such file" in row.shown.plain
