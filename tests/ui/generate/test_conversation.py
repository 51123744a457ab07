"""The growing text of a page: wrapped, scrolled and followed."""

import random

from textual.app import App, ComposeResult

from lstmterm.ui.generate.conversation import Conversation
from tests.ui.conftest import screen_text, until
from tests.ui.textual_private import strips


async def test_streamed_text_looks_like_text_added_at_once() -> None:
    """Also if a piece ends a line that is already on the screen."""

    class Page(App[None]):
        def compose(self) -> ComposeResult:
            yield Conversation()

    chance = random.Random(2)
    text = "".join(chance.choice("ab \n") for _ in range(400))
    looks = []
    for longest in (len(text), 7):
        app = Page()
        async with app.run_test(size=(30, 60)) as pilot:
            page, rest = app.query_one(Conversation), text
            while rest:
                size = chance.randint(1, longest) if longest < len(text) else longest
                page.add(rest[:size])
                rest = rest[size:]
                await pilot.pause()
            assert page.text == text.removesuffix("\n") or page.text == text
            looks.append([strip.text for strip in strips(app)])
    assert looks[0] == looks[1]


async def test_text_added_before_the_page_is_shown_is_wrapped_correctly() -> None:
    class Page(App[None]):
        def compose(self) -> ComposeResult:
            yield Conversation()

        def on_mount(self) -> None:
            self.query_one(Conversation).display = False

    app = Page()
    async with app.run_test(size=(40, 60)) as pilot:
        page = app.query_one(Conversation)
        page.add("a" * 500)
        page.add("b" * 100)
        page.display = True
        await until(pilot, lambda: "b" in screen_text(app))
        lines = screen_text(app).split()
        assert len({len(line) for line in lines[:-1]}) == 1
        assert "".join(lines) == "a" * 500 + "b" * 100
