"""Which models the Generate tab writes with."""

import os
import time

import pytest

from lstmterm.models import library
from lstmterm.ui.following import RunsListed
from lstmterm.ui.generate.held_unit import HeldUnit
from lstmterm.ui.generate.held_units import HeldUnits
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.widgets.adapt_dialog import AdaptDialog
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.text_box import TextBox
from tests.ui.conftest import idle, keep_model, screen_text, until
from tests.ui.generate.tab import generating, text, wrote
from tests.ui.library.test_draft_item import keep_draft
from tests.ui.textual_private import notices


async def test_without_a_model_it_says_what_to_do() -> None:
    async with generating(model=None) as (app, pilot, _):
        assert "There is no model yet" in screen_text(app)
        await pilot.press("a", "enter")
        await pilot.pause()


async def test_a_model_that_is_chosen_again_is_described() -> None:
    async with generating() as (app, pilot, panel):
        before = screen_text(app)
        panel.open_model("tiny")
        await idle(pilot)
        await until(pilot, lambda: screen_text(app) == before)
        assert "reading…" not in before


async def test_models_are_chosen_reloaded_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep_model("first", loss=2.0, complete=False)
    keep_model("second", seed=2)
    async with generating((120, 36), model=None) as (app, pilot, panel):
        await pilot.press("ctrl+o")
        await pilot.pause()
        await pilot.press(*"fir", "enter")
        await idle(pilot)
        assert panel.pages[0].writer.reference == "first"
        assert "val 2.000 · in training" in screen_text(app)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        keep_model("first", loss=1.25, seed=2, complete=False)
        os.utime(path, (1, 1))
        await pilot.press("enter")
        await wrote(app, pilot, panel)
        assert "val 1.250 · in training" in screen_text(app)
        assert "Newer weights" in screen_text(app)
        said: list[str] = []
        monkeypatch.setattr(app.services, "notify", lambda message, *_: said.append(message))
        path.write_bytes(b"nonsense, long enough to be looked at")
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        assert len(set(said)) == 1  # by the look under way, and by the prompt
        assert "is not a model" in said[0]
        said.clear()
        path.unlink()
        for _ in range(3):
            panel._look_for_newer()
            await idle(pilot)
        assert len(said) == 1, "a failure is reported once, not at every look"


async def test_the_newest_model_is_open_until_one_is_chosen_or_used() -> None:
    keep_model("first")
    async with generating((120, 36), model=None) as (app, pilot, panel):

        async def another(name: str, age: float) -> str:
            """The open model after this one was saved and the runs were listed."""
            at = time.time() - age
            os.utime(keep_model(name), (at, at))
            app.services.runs_listed.publish(RunsListed([]))
            await idle(pilot)
            return panel.pages[0].writer.reference

        assert panel.pages[0].writer.reference == "first"
        assert await another("older", 1_000) == "first"
        assert await another("trained", -10) == "trained"
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        assert await another("later", -20) == "trained"


async def test_a_copy_of_the_model_adapts_to_a_text_and_writes() -> None:
    """All of it, in a process of its own."""
    async with generating() as (app, pilot, panel):
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        written = text(panel)
        await pilot.press("f9")
        await until(pilot, lambda: app.screen.query(TextBox))
        box = app.screen.query_one(TextBox)
        assert box.text == written
        box.insert("the sea owes us a bucket\n" * 40)  # what was there is selected
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, AdaptDialog) and app.screen.is_done)
        assert "Adapting with sgd" in screen_text(app)
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press(*"-sea", "enter")
        await until(pilot, lambda: panel.pages[0].writer.reference == "tiny-adapted-sea")
        await idle(pilot)
        assert library.find("tiny-adapted-sea").place == "own"
        assert "Saved the adapted model as tiny-adapted-sea." in notices(app)
        await pilot.press("x", "enter")
        await wrote(app, pilot, panel)
        assert text(panel).startswith(written)


async def test_without_a_model_or_a_text_nothing_adapts() -> None:
    async with generating(model=None) as (app, pilot, _):
        await pilot.press("f9")
        await until(pilot, lambda: "There is no model to adapt yet." in notices(app))
        keep_model()
        app.query_one(GeneratePanel).open_model("tiny")
        await pilot.press("f9")
        await until(pilot, lambda: app.screen.query(TextBox))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not app.screen.is_modal)


async def test_a_draft_is_opened_with_the_model_that_wrote_the_end_of_its_text() -> None:
    keep_model("bard")
    keep_draft("night")
    async with generating(model="poet") as (app, pilot, panel):
        panel.open_model("poet")
        page = panel.pages[0]
        await app.open_draft("night")
        await until(pilot, lambda: page.draft.name == "night" and page.model == "bard")
        assert notices(app) == []


async def test_a_draft_whose_model_is_gone_says_so_and_another_one_continues_it() -> None:
    keep_draft("night")
    async with generating(model="poet") as (app, pilot, panel):
        await app.open_draft("night")
        said = "bard, which wrote this draft, is no longer available. poet continues it."
        await until(pilot, lambda: notices(app) == [said])
        before = text(panel)
        await pilot.press("x", "enter")
        await wrote(app, pilot, panel)
        assert text(panel).startswith(before + "x")
        assert len(text(panel)) == len(before) + 61


async def test_a_model_of_which_a_unit_is_held_stays() -> None:
    async with generating(model="bard") as (app, pilot, panel):
        app.query_one(HeldUnits).add(0, HeldUnit(0, 3, 2.5))
        at = time.time() + 10
        os.utime(keep_model("newer"), (at, at))
        app.services.runs_listed.publish(RunsListed([]))
        await idle(pilot)
        assert panel.pages[0].model == "bard"
        assert panel.pages[0].writer.held == {(0, 3): 2.5}
