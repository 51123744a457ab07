"""The palette's entries for the end of a run."""

from textual.pilot import Pilot

from lstmterm import settings
from lstmterm.ui import end_of_runs
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.plain import PlainInput
from tests.ui.conftest import make_app, screen_text, settle, until
from tests.ui.textual_private import notices


def entry(app: LstmTerm, beginning: str) -> end_of_runs.SystemCommand:
    return next(each for each in end_of_runs.commands(app, app.services) if each.title.startswith(beginning))


async def asked(pilot: Pilot[None], app: LstmTerm) -> None:
    """The question for the command."""
    entry(app, "Command").callback()
    await until(pilot, lambda: isinstance(app.screen, Ask))


async def test_the_bell_and_the_notification_are_switched() -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        entry(app, "Ring the bell").callback()
        entry(app, "Show a notification").callback()
        assert (settings.load().bell, settings.load().notify) == (True, True)
        entry(app, "Do not ring").callback()
        entry(app, "Show no notification").callback()
        assert (settings.load().bell, settings.load().notify) == (False, False)
        await until(pilot, lambda: notices(app))
        assert notices(app)[-1] == "Saved: show no notification when a run ends."


async def test_the_command_is_checked_as_it_is_typed_and_saved() -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await asked(pilot, app)
        await pilot.press(*"nosuchprogram x", "enter")
        await until(pilot, lambda: "not a program" in " ".join(screen_text(app).split()))
        assert isinstance(app.screen, Ask), "it was not taken"
        app.screen.query_one("#answer", PlainInput).value = "sh -c 'echo $LSTMTERM_NAME'"
        await pilot.press("enter")
        await until(pilot, lambda: settings.load().on_end == "sh -c 'echo $LSTMTERM_NAME'")
        await until(pilot, lambda: notices(app))
        assert notices(app)[-1] == "Runs that begin from now on start it when they end."
        await asked(pilot, app)
        app.screen.query_one("#answer", PlainInput).value = " "
        await pilot.press("enter")
        await until(pilot, lambda: not settings.load().on_end)
