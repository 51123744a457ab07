"""The table of what differs between runs."""

import json

from lstmterm.runs import storage
from lstmterm.ui.widgets.dialogs import TextDialog
from tests.ui.conftest import make_app, screen_text, settle, until


async def test_the_settings_of_compared_runs_that_differ_are_listed_by_a_key(recorded: None) -> None:
    for at, run in enumerate(storage.known_runs()):
        spec = json.loads((run.folder / "spec.json").read_text())
        spec["model"] = {"layers": 1, "hidden": 300 + at}
        (run.folder / "spec.json").write_text(json.dumps(spec))
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.query_one("#loss-chart").focus()
        await pilot.press("d")
        await until(pilot, lambda: "Compare runs first" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, TextDialog))
        await pilot.press("c", "c", "d")
        await until(pilot, lambda: "val_loss" in screen_text(app))
        line = next(line for line in screen_text(app).splitlines() if " hidden " in line)
        assert sum(str(300 + at) in line for at in range(9)) == 3
