"""The cursor among the tagged words."""

from textual import on
from textual.app import App, ComposeResult

from lstmterm.ui.tagger.gloss import TaggedToken
from lstmterm.ui.tagger.token_view import TokenView

SENTENCES = [
    [TaggedToken("the", "DET"), TaggedToken("glim", "NOUN", unsure=True), TaggedToken("rises", "VERB")],
    [TaggedToken("it", "PRON"), TaggedToken("ebbs", "VERB", unsure=True, corrected=True)],
]


class View(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.requests: list[str] = []

    def compose(self) -> ComposeResult:
        yield TokenView()

    @on(TokenView.Requested)
    def _requested(self, event: TokenView.Requested) -> None:
        self.requests.append(event.what)


async def test_keys_and_clicks_move_the_cursor() -> None:
    app = View()
    async with app.run_test(size=(40, 12)) as pilot:
        view = app.query_one(TokenView)
        assert view.cursor is None
        await pilot.press("right", "end", "n")
        view.show(SENTENCES, "word", ("DET", "NOUN", "VERB", "PRON"))
        view.focus()
        await pilot.pause()
        path = []
        for key in ("right", "right", "right", "right", "right", "up", "up", "down", "home", "n", "n", "end"):
            await pilot.press(key)
            path.append(view.cursor)
        assert path == [
            (0, 1), (0, 2), (1, 0), (1, 1), (1, 1), (0, 1), (0, 1), (1, 1), (0, 0), (0, 1), (0, 1), (1, 1),
        ]  # fmt: skip
        await pilot.click(view, offset=(3, 1))
        assert view.cursor == (0, 0)
        await pilot.click(view, offset=(30, 9))
        assert view.cursor == (0, 0)
        view.go_to(1, 0)
        assert view.cursor == (1, 0)
        view.show(SENTENCES[:1], "word", ("DET",))
        assert view.cursor == (0, 2), "the cursor stays within what is shown"


async def test_keys_and_double_clicks_ask_for_changes() -> None:
    app = View()
    async with app.run_test(size=(40, 12)) as pilot:
        view = app.query_one(TokenView)
        view.focus()
        await pilot.press("enter", "y")
        assert app.requests == [], "there is no token"
        view.show(SENTENCES, "word", ("DET",))
        await pilot.press("enter", "delete", "a", "y")
        await pilot.double_click(view, offset=(3, 0))
        await pilot.pause()
        assert app.requests == ["correct", "undo", "accept", "copy", "correct"]
