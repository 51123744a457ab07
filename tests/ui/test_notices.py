"""Notices in the corner of the screen."""

import pytest

from lstmterm.ui import notices as module
from tests.ui.conftest import make_app
from tests.ui.textual_private import notices


async def test_a_key_that_is_held_down_repeats_no_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    app = make_app()
    async with app.run_test() as pilot:
        for _ in range(20):
            app.services.notify("There is nothing to undo.")
        app.services.notify("There is nothing to undo.", "warning")
        await pilot.pause()
        assert len(notices(app)) == 2, "one of each kind"
        now[0] += app.NOTIFICATION_TIMEOUT
        app.services.notify("There is nothing to undo.")
        await pilot.pause()
        assert len(notices(app)) == 3, "the first one is gone by then"
