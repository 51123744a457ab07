"""The buttons of a tab's pages."""

from textual.app import App, ComposeResult
from textual.widgets import Button

from lstmterm import paths
from lstmterm.ui.services import Services
from lstmterm.ui.widgets.page_buttons import PageButtons
from lstmterm.ui.widgets.pages import Page
from tests.ui.widgets.alone import OpensNothing

PAGES = (
    Page("one", "One", "f7", "The first", "none:One"),
    Page("two", "Two", "f8", "The second", "none:Two"),
)


class Buttons(App[None], OpensNothing):
    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield PageButtons(PAGES, "tagger", Services(self, self))

    def on_page_buttons_chosen(self, event: PageButtons.Chosen) -> None:
        self.chosen.append(event.page)


async def test_a_button_asks_for_its_page_and_one_is_marked() -> None:
    app = Buttons()
    async with app.run_test() as pilot:
        assert [str(button.label) for button in app.query(Button)] == ["One F7", "Two F8"]
        assert [button.id for button in app.query(".-current")] == ["page-one"]
        await pilot.click("#page-two")
        await pilot.pause()
        assert app.chosen == ["two"]
        app.query_one(PageButtons).mark("two")
        assert [button.id for button in app.query(".-current")] == ["page-two"]


async def test_a_button_shows_the_key_that_is_set() -> None:
    paths.settings().parent.mkdir(parents=True, exist_ok=True)
    paths.settings().write_text('[keys]\n"tagger.two" = "ctrl+l"\n')
    app = Buttons()
    async with app.run_test():
        assert [str(button.label) for button in app.query(Button)] == ["One F7", "Two ^l"]


async def test_keys_are_left_out_where_they_have_no_room() -> None:
    app = Buttons()
    async with app.run_test():
        buttons = app.query_one(PageButtons)
        for columns, labels in ((36, ["One F7", "Two F8"]), (35, ["One", "Two"]), (80, ["One F7", "Two F8"])):
            buttons.fit(columns)
            assert [str(button.label) for button in app.query(Button)] == labels
