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


async def test_a_notice_about_a_tab_goes_when_the_user_goes_to_another_one() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        app.services.notify("There is nothing to undo.")
        app.services.notify("The disk is full.", "error")
        app.services.notify("harbour is trained.", seconds=10)
        await pilot.press("f2")
        assert len(notices(app)) == 3, "it is the same tab"
        await pilot.press("f3")
        assert notices(app) == ["The disk is full.", "harbour is trained."]
        app.services.notify("There is nothing to undo.")
        await pilot.press("ctrl+pagedown")
        await app.show_tab("train")
        await pilot.pause()
        assert notices(app) == ["The disk is full.", "harbour is trained."]
        app.services.notify("Choose a time.")
        await app.show_tab("generate")
        await pilot.pause()
        assert "Choose a time." in notices(app), "what opens a tab may say why"
