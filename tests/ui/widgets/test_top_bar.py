"""The line at the top."""

from textual.widgets import Tab

from lstmterm.ui.tabs import TABS
from tests.ui.conftest import make_app, screen_text, settle


async def test_it_names_the_tabs_and_the_run_in_progress(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        line = screen_text(app).splitlines()[0]
        assert [str(tab.label) for tab in app.query(Tab)] == [tab.title for tab in TABS]
        assert "● harbour" in line
        assert line.rstrip().endswith("%")
        app.services.runs.take_rows([row for row in app.services.runs.rows if row.status != "running"])
        app.services.runs_listed.publish(None)  # type: ignore[arg-type]
        await pilot.pause()
        assert "●" not in screen_text(app).splitlines()[0]
