"""The line at the top."""

import pytest
from textual.widgets import Tab

from lstmterm import paths
from lstmterm.ui.tabs import TABS
from lstmterm.ui.train.panel import TrainPanel
from tests.ui.conftest import keep_run, make_app, screen_text, settle, until
from tests.ui.journals import learning


async def test_it_names_the_tabs_and_the_run_in_progress(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        line = screen_text(app).splitlines()[0]
        assert [str(tab.label) for tab in app.query(Tab)] == [
            f"{tab.title} {tab.key.upper()}" for tab in TABS
        ]
        assert "● harbour" in line
        assert line.rstrip().endswith("%")
        app.services.runs.take_summaries(
            [row for row in app.services.runs.summaries if row.status != "running"]
        )
        app.services.runs_listed.publish(None)  # type: ignore[arg-type]
        await pilot.pause()
        assert "●" not in screen_text(app).splitlines()[0]


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (40, " Train Generate Tagger Inspect Library"),
        (50, " Train Generate Tagger Inspect Library   ● 42% +1"),
        (60, " Train F2 Generate F3 Tagger F4 Inspect F5 Library F6 ● 42%"),
        (80, " Train F2 Generate F3 Tagger F4 Inspect F5 Library F6 ● a_lon…e_of_a_run 42% +1"),
        (120, " ● a_long_name_of_a_run 42% +1"),
    ],
)
async def test_five_tabs_are_whole_at_every_width(columns: int, line: str) -> None:
    long, other = (
        keep_run(f"20250131-{time}-{name}", learning(), 1)
        for time, name in (("142230", "a_long_name_of_a_run"), ("142130", "other"))
    )
    app = make_app()
    with long.held(), other.held():
        async with app.run_test(size=(columns, 24)) as pilot:
            await settle(pilot)
            await until(pilot, lambda: "Library" in screen_text(app).splitlines()[0])
            shown = screen_text(app).splitlines()[0].rstrip()
            assert (shown if columns < 100 else shown[-len(line) :]) == line
            assert all(tab.title in shown for tab in TABS)


async def test_the_brand_stays_until_a_run_needs_its_place() -> None:
    app = make_app()
    async with app.run_test(size=(76, 24)) as pilot:
        await settle(pilot)
        assert screen_text(app).startswith(" lstmterm   Train F2   Generate F3")
        with keep_run("20250131-142230-harbour", learning(), 1).held():
            await settle(pilot)
            assert screen_text(app).startswith(" Train F2 Generate F3")
            await pilot.resize_terminal(120, 24)
            await until(pilot, lambda: screen_text(app).startswith(" lstmterm   Train F2"))


async def test_a_tab_shows_the_key_that_the_settings_give_it() -> None:
    paths.settings().parent.mkdir(parents=True)
    paths.settings().write_text('[keys]\n"tab.library" = "ctrl+l"\n"tab.train" = "ctrl+h"\n')
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        line = screen_text(app).splitlines()[0]
        assert "Library ^l" in line
        assert "Train F2" in line, "no terminal sends ^h"


async def test_a_click_on_the_run_shows_it(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await pilot.press("f6")
        train = app.query_one("#train", TrainPanel)
        train.choose(None)
        await until(pilot, lambda: not train.display and "● harbour" in screen_text(app))
        await pilot.click("#running")
        await until(pilot, lambda: train.display and train.chosen == "20250131-142230-harbour")
