"""The entries of the palette."""

import threading
from collections.abc import Iterator

import pytest
from textual.command import CommandPalette

from lstmterm.ui.commands import ActionCommands, Found, LibraryCommands, OtherTabsCommands
from lstmterm.ui.train.loss_chart import LossChart
from lstmterm.ui.widgets.pages import Pages
from tests.ui.conftest import keep_model, make_app, screen_text, settle, until
from tests.ui.library.test_draft_item import keep_draft
from tests.ui.tagger_models import WORDS, keep_tagger


async def test_each_possible_action_with_a_name_is_an_entry_once(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        app.query_one("#loss-chart").focus()
        await pilot.pause()
        entries = {entry.name: entry for entry in ActionCommands(app.screen).entries()}
        assert entries["Loss: Compare"].help == "Also draw the curves of other runs  (c)"
        assert "Stop" in entries, "a run is running"
        assert "Resume" not in entries, "it is running already"
        assert "Palette" not in entries
        assert all(entry.discover and entry.help for entry in entries.values())


async def test_the_actions_of_panels_without_the_focus_are_entries_that_act_there(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        app.query_one("#corpus").focus()
        await pilot.pause()
        entries = {entry.name: entry for entry in ActionCommands(app.screen).entries()}
        chart = app.query_one("#loss-chart", LossChart)
        was = chart.log_loss
        await entries["Loss: Log"].do()
        await until(pilot, lambda: chart.has_focus)
        assert chart.log_loss is not was


async def test_an_action_is_found_by_its_name_and_by_what_it_does() -> None:
    keep_model("bard")
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("f3")
        await until(pilot, lambda: app.query("#generate #prompt") and app.focused is app.query_one("#prompt"))
        provider = ActionCommands(app.screen)
        await provider.startup()
        found = {
            query: [hit async for hit in provider.search(query)]
            for query in ("talk", "TALK with", "talk sea")
        }
        by_name = max(found["talk"], key=lambda hit: hit.score)
        assert (by_name.text, [hit.text for hit in found["TALK with"]]) == ("Talk", ["Talk"])
        assert found["TALK with"][0].score < by_name.score
        assert found["talk sea"] == []


async def test_entries_are_found_by_typing_while_they_are_collected(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries, may_end = LibraryCommands.entries, threading.Event()

    def slow_entries(self: LibraryCommands) -> Iterator[Found]:
        assert may_end.wait(60)
        return entries(self)

    monkeypatch.setattr(LibraryCommands, "entries", slow_entries)
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen.focused)
        await pilot.press(*"train on")
        may_end.set()
        await until(pilot, lambda: "Train on reber" in screen_text(app))


async def test_what_can_be_done_in_another_tab_is_an_entry_that_goes_there(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await app.show_tab("generate")
        await pilot.pause()
        entries = {entry.name: entry for entry in OtherTabsCommands(app.screen).entries()}
        assert entries["Train: Zoom in"].help == "Show fewer steps  (+ in Train)"
        for name in ("Library: Export", "Tagger: Evaluate", "Inspect: Adapt", "Train: Resume"):
            assert entries[name].help
        assert not [name for name in entries if name.startswith("Generate: ")], "these are actions here"
        assert not any(entry.discover for entry in entries.values()), "only what is typed finds them"
        await entries["Library: Export"].do()
        await until(pilot, lambda: app.query_one("#panels", Pages).current == "library")
        assert app.screen is app.screen_stack[0]


async def test_models_runs_and_texts_are_opened_where_they_are_used(recorded: None) -> None:
    keep_model("bard")
    keep_tagger("english-upos", WORDS)
    keep_draft("night")
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        entries = {entry.name: entry for entry in LibraryCommands(app.screen).entries()}
        assert {
            "Generate with bard",
            "Tag with english-upos",
            "Train on harbour",
            "Train from bard",
            "Open draft night",
        } <= entries.keys()
        assert "Train from english-upos" in entries
        assert "Generate with english-upos" not in entries
        await entries["Train from bard"].do()
        assert app.query_one("#train").form.values.start_from == "bard"  # type: ignore[attr-defined]
        assert entries["Show run 20250131-130000-bard"].help == "Finished"
        await entries["Open draft night"].do()
        await until(pilot, lambda: app.query_one("#generate").pages[0].draft.name == "night")  # type: ignore[attr-defined]
        await entries["Show run 20250131-130000-bard"].do()
        assert app.query_one("#train").chosen == "20250131-130000-bard"  # type: ignore[attr-defined]
