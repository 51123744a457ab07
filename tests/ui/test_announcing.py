"""What the screen tells the terminal when a run ends."""

from dataclasses import replace

import pytest

from lstmterm.ui.following import RunsListed
from tests.ui.conftest import make_app, settle, until


@pytest.mark.parametrize("wanted", [True, False])
async def test_the_terminal_shows_a_notification_when_a_run_fails_if_the_user_wants_it(
    recorded: None, monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    for name in ("TMUX", "TERM_PROGRAM", "LC_TERMINAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "foot")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.services.settings = replace(app.services.settings, notify=wanted)
        written: list[str] = []
        monkeypatch.setattr("lstmterm.ui.app.write_to_terminal", lambda _, said: written.append(said))
        running = replace(app.services.runs.summaries[0], status="running", name="bard")
        app.services.runs.summaries = [running]
        failed = replace(running, status="failed", reason="The loss was not finite at step 9.")
        app.on_runs_listed(RunsListed([failed]))
        if wanted:
            await until(pilot, lambda: bool(written))
            assert written == [
                "\x1b]777;notify;bard;diverged after 4,116 steps: The loss was not finite at step 9.\x1b\\"
            ]
        else:
            await settle(pilot)
            assert not written
