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


class Page(App[None]):
    """An application with nothing but a conversation."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[tuple[int, bool]] = []

    def compose(self) -> ComposeResult:
        yield Conversation()

    def on_conversation_mark_chosen(self, message: Conversation.MarkChosen) -> None:
        self.chosen.append((message.number, message.opened))


def underlined(app: App[None], below: int = 0) -> str:
    """The characters that are underlined, a line of them for each line of the screen `below` one that has some."""
    lines = (
        "".join(segment.text for segment in strip if segment.style and segment.style.underline)
        for strip in strips(app)[below:]
    )
    return "\n".join(filter(None, lines))


async def test_marks_are_underlined_while_the_text_grows() -> None:
    app = Page()
    async with app.run_test(size=(60, 12)) as pilot:
        page = app.query_one(Conversation)
        page.add("The", "prompt")
        page.add(" sea owes us\na bucket and more", "text")
        page.mark(0, [(1, 7), (18, 24)])
        await until(pilot, lambda: underlined(app) == " sea\nbucket")
        page.add(" ⟨a note⟩ ", "note")
        page.add("of it")
        page.mark(1, [(18, 33), (20, 45)])
        await until(pilot, lambda: underlined(app) == " sea\nbucket and moreof")
        page.mark(1, [(43, 48)])
        await until(pilot, lambda: underlined(app) == " sea\nof it")
        await pilot.resize_terminal(12, 12)
        await until(pilot, lambda: underlined(app) == " sea\nof it")
        page.clear()
        page.add("abcdefgh")
        await pilot.pause()
        assert underlined(app) == ""


async def test_keys_and_clicks_choose_marks() -> None:
    app = Page()
    async with app.run_test(size=(30, 6)) as pilot:
        page = app.query_one(Conversation)
        page.focus()
        await pilot.press("n", "enter")
        assert app.chosen == []
        page.add("".join(f"line {i}\n" for i in range(40)))
        page.mark(0, [(0, 4), (60, 64), (300, 307)])
        await pilot.press("n", "n", "N", "N", "enter")
        await until(pilot, lambda: app.chosen == [(2, False), (0, False), (2, False), (1, False), (1, True)])
        assert "line 8" in screen_text(app)
        await pilot.press("home")
        await pilot.click(Conversation, offset=(1, 0))
        await until(pilot, lambda: app.chosen[-1] == (0, False))
        await pilot.click(Conversation, offset=(6, 0))
        await pilot.click(Conversation, offset=(1, 1))
        await pilot.pause()
        assert app.chosen[-1] == (0, False)
        page.mark(0, [])
        await pilot.press("n", "enter")
        assert len(app.chosen) == 6


async def test_tabs_wide_and_control_characters_keep_their_places() -> None:
    app = Page()
    async with app.run_test(size=(20, 12)) as pilot:
        page = app.query_one(Conversation)
        page.add("a\tb\te\u0301漢[red]\x1b\n" + "漢" * 12 + "\n" + "x" * 10_000)
        await until(pilot, lambda: "xxx" in screen_text(app))
        page.scroll_to(y=0, animate=False, immediate=True)
        await until(pilot, lambda: "[red]" in screen_text(app))
        rows = [line.rstrip() for line in screen_text(app).splitlines()]
        assert rows[0].startswith("a   b   e\u0301漢[red]␛")
        assert {len(row.strip("▁▂▃▄▅▆▇ ")) for row in rows[3:8]} == {rows[3].count("x")}


async def test_what_is_selected_with_the_mouse_is_the_text_that_is_shown() -> None:
    app = Page()
    async with app.run_test(size=(20, 12)) as pilot:
        page = app.query_one(Conversation)
        page.add("the sea owes us\na bucket\tof it")
        await pilot.pause()
        await pilot.mouse_down(Conversation, offset=(4, 0))
        await pilot.hover(Conversation, offset=(7, 1))
        await pilot.mouse_up(Conversation, offset=(7, 1))
        await pilot.pause()
        selected = app.screen.get_selected_text()
        assert selected is not None
        assert selected.startswith("sea owes us\na bucke")
