"""Help: what it lists about a screen."""

from textual.widgets import Static

from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.help_screen import HelpScreen, _heading
from lstmterm.ui.widgets.pages import Pages
from tests.ui.conftest import make_app, screen_text, until


async def test_each_tab_has_its_text_and_its_key_in_the_help() -> None:
    app = make_app()
    async with app.run_test(size=(120, 160)) as pilot:
        for tab in TABS:
            await app.show_tab(tab.id)
            await pilot.pause()
            title = app.query_one("#panels").panel.ABOUT[0]  # type: ignore[attr-defined]
            await pilot.press("f1")
            await pilot.pause()
            assert isinstance(app.screen, HelpScreen)
            shown = screen_text(app)
            assert title in shown, tab.id
            assert f"tab.{tab.id}" in shown, tab.id
            await pilot.press("escape")
            await pilot.pause()


async def test_keys_that_a_text_to_read_leaves_to_the_tabs_are_listed() -> None:
    app = make_app()
    async with app.run_test(size=(120, 100)) as pilot:
        await app.show_tab("library")
        await pilot.pause()
        app.query_one("#library #card").focus()
        await pilot.press("ctrl+pageup")
        await until(pilot, lambda: app.query_one("#panels", Pages).current == "inspect")
        await app.show_tab("library")
        app.query_one("#library #card").focus()
        await pilot.press("f1")
        await pilot.pause()
        assert "tab.before" in screen_text(app)


def test_keys_stand_under_the_title_of_their_widget_or_its_name() -> None:
    class FormOfLength(Static):
        pass

    titled = Static()
    titled.border_title = "Loss · bard"
    assert _heading(titled) == "Loss"
    assert _heading(FormOfLength()) == "Form of length"
    assert _heading(make_app()) == "Everywhere"
    assert _heading(HelpScreen(HelpScreen.__new__(HelpScreen))) == "This screen"
