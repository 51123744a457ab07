"""The line at the top."""

import pytest
from textual.widgets import Tab

from lstmterm.ui.tabs import TABS
from tests.ui.conftest import keep_run, make_app, screen_text, settle, until
from tests.ui.journals import learning


async def test_it_names_the_tabs_and_the_run_in_progress(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        line = screen_text(app).splitlines()[0]
        assert [str(tab.label) for tab in app.query(Tab)] == [tab.title for tab in TABS]
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
        (50, " Train  Generate  Tagger  Inspect  Library  ● 42%"),
        (72, " lstmterm   Train   Generate   Tagger   Inspect   Library      ● 42% +1"),
        (80, " lstmterm   Train   Generate   Tagger   Inspect   Library  ● a_long_nam… 42% +1"),
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
            shown = screen_text(app).splitlines()[0].rstrip()
            assert (shown if columns < 100 else shown[-len(line) :]) == line
            assert all(tab.title in shown for tab in TABS)


async def test_the_brand_stays_until_a_run_needs_its_place() -> None:
    app = make_app()
    async with app.run_test(size=(62, 24)) as pilot:
        await settle(pilot)
        assert screen_text(app).startswith(" lstmterm   Train")
        with keep_run("20250131-142230-harbour", learning(), 1).held():
            await settle(pilot)
            assert screen_text(app).startswith(" Train  Generate")
            await pilot.resize_terminal(120, 24)
            await until(pilot, lambda: screen_text(app).startswith(" lstmterm   Train"))
