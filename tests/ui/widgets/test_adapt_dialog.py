"""Adapting from the screen: progress, figures, and whether the model is kept; the process is a stub."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Input, ProgressBar

from lstmterm import paths
from lstmterm.errors import InputError, RunError
from lstmterm.infer.adapting_process import Figures, Step
from lstmterm.ui.widgets.adapt_dialog import AdaptDialog, verdict
from lstmterm.ui.widgets.dialogs import Ask, Question
from tests.ui.conftest import keep_model, screen_text, until

BEGUN = Figures("tiny", chars=1500, unknown=2, before=2.5, own_chars=500, own_before=2.0)
DONE = Figures("tiny", 1500, 2, 2.5, "Adapting with sgd: rate 1.", 2.25, 1.75, 500, 2.0, 2.125)


class Stub:
    """In the place of the process: it tells what it is given, and the rest once it `goes` on."""

    made: list["Stub"]
    told: list[Step | Figures | Exception]

    def __init__(self) -> None:
        self.goes = threading.Event()
        self.closed = False
        self.saved: list[tuple[str, bool]] = []
        self.refusal = ""
        self.given: tuple[str, str] | None = None
        Stub.made.append(self)

    def adapt(self, model: str, text: str) -> Iterator[Step | Figures]:
        self.given = model, text
        for told in Stub.told:
            if isinstance(told, Exception):
                raise told
            yield told
            if isinstance(told, Step):
                self.goes.wait(60)
                if self.closed:
                    raise RunError("It was killed.")

    def save(self, name: str, *, overwrite: bool) -> None:
        if self.refusal:
            raise InputError(self.refusal)
        self.saved.append((name, overwrite))

    def close(self) -> None:
        self.closed = True
        self.goes.set()


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> type[Stub]:
    Stub.made, Stub.told = [], [BEGUN, Step("adapting", 30, 75), DONE]
    monkeypatch.setattr("lstmterm.ui.widgets.adapt_dialog.AdaptingProcess", Stub)
    return Stub


class Asking(App[None]):
    """The dialog alone, and what came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.dialog = AdaptDialog("tiny", "the sea owes us")
        self.results: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.results.append)


async def running(pilot: Pilot[None]) -> Stub:
    """The stub once its progress is shown."""
    await until(pilot, lambda: Stub.made and "adapting" in screen_text(pilot.app))
    return Stub.made[0]


async def done(app: Asking, pilot: Pilot[None]) -> Stub:
    """The stub once the model is adapted."""
    (await running(pilot)).goes.set()
    await until(pilot, lambda: app.dialog.is_done)
    return Stub.made[0]


async def test_progress_and_figures_are_shown_as_they_come() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        process = await running(pilot)
        assert process.given == ("tiny", "the sea owes us")
        shown = screen_text(app)
        assert app.dialog.query_one(ProgressBar).percentage == pytest.approx(0.4)
        assert "2.500" in shown
        assert "1.750" not in shown
        assert "Keep" not in shown
        await pilot.press("k")  # there is nothing to keep yet
        assert app.screen is app.dialog
        process.goes.set()
        await until(pilot, lambda: app.dialog.is_done)
        shown = screen_text(app)
        for part in (
            "2.500",
            "2.250",
            "1.750",
            "2.000",
            "2.125",
            "0.250 bits",
            "1,500 characters",
            "2 unknown",
        ):
            assert part in shown
        assert "Adapting with sgd" in shown
        assert app.focused is app.dialog.query_one("#adapt-keep")


@pytest.mark.parametrize("finished", [False, True])
async def test_escape_ends_the_process_and_keeps_nothing(finished: bool) -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        process = await (done(app, pilot) if finished else running(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: app.results)
        assert app.results == [None]
        assert process.closed
        assert not process.saved


async def test_the_process_ends_with_the_screen() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        process = await running(pilot)
    assert process.closed


async def test_a_name_is_asked_for_and_the_model_is_kept() -> None:
    keep_model("bard")
    keep_model("tiny-adapted")
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        process = await done(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        answer = app.screen.query_one("#answer", Input)
        assert answer.value == "tiny-adapted-2"
        answer.value = "bard"
        await pilot.press("enter")
        await until(pilot, lambda: "There is already a model named 'bard'" in screen_text(app))
        answer.value = "sea"
        await pilot.press("enter")
        await until(pilot, lambda: app.results)
        assert app.results == ["sea"]
        assert process.saved == [("sea", False)]
        assert process.closed


async def test_a_shipped_name_is_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bard.safetensors").write_bytes(keep_model("tiny").read_bytes())
    monkeypatch.setattr(paths, "shipped_models", lambda: tmp_path)
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        process = await done(app, pilot)
        for key in ("n", "y"):
            await pilot.press("k")
            await until(pilot, lambda: isinstance(app.screen, Ask))
            app.screen.query_one("#answer", Input).value = "bard"
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, Question))
            assert "ships with lstmterm" in screen_text(app)
            await pilot.press(key)
            await until(pilot, lambda: not isinstance(app.screen, Question))
        await until(pilot, lambda: app.results)
        assert process.saved == [("bard", True)]


async def test_what_is_not_saved_can_be_saved_again() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        process = await done(app, pilot)
        process.refusal = "The disk is [red]full[/]."
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.dialog and "[red]full[/]" in screen_text(app))
        process.refusal = ""
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press("enter")
        await until(pilot, lambda: app.results)
        assert process.saved == [("tiny-adapted", False)]


@pytest.mark.parametrize(
    "error", [InputError("No such [b]model[/b]."), RunError("It diverged."), OSError("full")]
)
async def test_a_failure_is_said(error: Exception, stub: type[Stub]) -> None:
    stub.told = [error]
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: str(error) in screen_text(app))
        assert str(app.dialog.query_one("#adapt-leave", Button).label) == "Close"
        await pilot.press("k", "enter")
        await until(pilot, lambda: app.results)
        assert app.results == [None]


def test_a_text_that_did_not_become_easier() -> None:
    figures: dict[str, Any] = {"chars": 30, "unknown": 0, "before": 2.0, "after": 1.9}
    assert "too short" in verdict(Figures("tiny", while_adapting=2.001, **figures))
    assert "0.100 bits" in verdict(Figures("tiny", while_adapting=1.9, **figures))
