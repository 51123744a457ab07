"""Help: what it lists about a screen."""

from textual.widgets import Static

from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.help_screen import HelpScreen, _heading
from lstmterm.ui.widgets.pages import Pages
from tests.ui.conftest import make_app, screen_text, settle, until


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


async def test_what_a_key_does_is_said_in_a_narrow_terminal_too() -> None:
    for size in ((60, 300), (80, 300), (100, 200)):
        app = make_app()
        async with app.run_test(size=size) as pilot:
            await app.show_tab("tagger")
            await pilot.pause()
            await pilot.press("f1")
            await pilot.pause()
            words = " ".join(screen_text(app).replace("│", " ").split())
            for sentence in ("Begin a new line", "Delete line", "Cursor down"):
                assert sentence in words, (size, sentence)
            keys, _, names = words.partition("Names in the settings file")
            assert ("tab.before" in names, "tab.before" in keys) == (size[0] < 100, size[0] >= 100), size


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


async def test_keys_stand_under_the_title_of_the_box_or_the_panel_that_they_are_in() -> None:
    titled = Static()
    titled.border_title = "Loss · bard"
    assert _heading(titled) == "Loss"
    app = make_app()
    assert _heading(app) == "Everywhere"
    assert _heading(HelpScreen(HelpScreen.__new__(HelpScreen))) == "This screen"
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert _heading(app.query_one("#time")) == "New model"
        assert _heading(app.query_one("#train")) == app.query_one("#panels", Pages).panel.ABOUT[0]


async def test_the_keys_of_all_that_is_shown_are_listed_not_only_of_what_has_the_focus(
    recorded: None,
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 160)) as pilot:
        await settle(pilot)
        app.query_one("#corpus").focus()
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.pause()
        shown = screen_text(app)
        assert "loss.compare" in shown
        assert "f1 alt+1" in shown
        assert "tagger.report" not in shown, "the Tagger tab is not shown"
