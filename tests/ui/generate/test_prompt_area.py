"""The prompt: its rows, its history, and what is pasted."""

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from lstmterm.ui.generate.prompt_area import PLACEHOLDER, PromptArea, placeholder
from tests.ui.conftest import screen_text, until


class Area(App[None]):
    AUTO_FOCUS = "PromptArea"

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str | int] = []

    def compose(self) -> ComposeResult:
        yield PromptArea()

    def on_prompt_area_submitted(self, message: PromptArea.Submitted) -> None:
        self.heard.append(message.text)

    def on_prompt_area_added(self, message: PromptArea.Added) -> None:
        self.heard.append(message.text)

    def on_prompt_area_paged(self, message: PromptArea.Paged) -> None:
        self.heard.append(message.by)

    @property
    def area(self) -> PromptArea:
        return self.query_one(PromptArea)


async def paste(pilot: Pilot[None], area: PromptArea, text: str) -> None:
    before = area.text
    area.post_message(events.Paste(text))
    await until(pilot, lambda: area.text != before)


async def test_up_and_down_go_through_earlier_prompts() -> None:
    app = Area()
    async with app.run_test() as pilot:
        for prompt in ("one", "two", "two", ""):
            app.area.remember(prompt)
        assert app.area.prompts == ["one", "two"]
        await pilot.press("x", "up")
        assert app.area.text == "two"
        await pilot.press("up", "up")
        assert app.area.text == "one"
        await pilot.press("down", "down", "down")
        assert app.area.text == "x"


async def test_up_and_down_first_go_through_the_rows_wrapped_ones_too() -> None:
    app = Area()
    async with app.run_test(size=(20, 10)) as pilot:
        app.area.remember("a\nb")
        app.area.remember("last")
        await pilot.press(*"words that need two rows")
        await until(pilot, lambda: app.area.size.height == 2)
        await pilot.press("up")
        assert app.area.text.startswith("words"), "there was a row above"
        await pilot.press("up")
        assert app.area.text == "last"
        await pilot.press("up")
        assert (app.area.text, app.area.cursor_location) == ("a\nb", (1, 1))
        await pilot.press("up", "!", "down")
        assert app.area.text == "a!\nb"
        await pilot.press("down")
        assert app.area.text == "last"
        await pilot.press("down")
        assert app.area.text == "words that need two rows"


async def test_enter_submits_and_new_lines_make_it_grow_to_five_rows() -> None:
    app = Area()
    async with app.run_test(size=(40, 12)) as pilot:
        assert app.area.size.height == 1
        await pilot.press("a", "ctrl+j", "b", "shift+enter", *r"c\n", "enter")
        await until(pilot, lambda: app.heard)
        assert app.heard == ["a\nb\nc\\n"], "a backslash and an n are what they are"
        assert app.area.size.height == 3
        assert [line.strip() for line in screen_text(app).split("\n")[:3]] == ["a", "b", r"c\n"]
        await pilot.press(*["ctrl+j"] * 6)
        await until(pilot, lambda: app.area.size.height == 5)
        app.area.text = ""
        await until(pilot, lambda: app.area.size.height == 1)
        assert "Type a prompt…" in screen_text(app)


async def test_pasted_lines_stay_and_control_characters_are_shown_not_sent() -> None:
    app = Area()
    async with app.run_test(size=(40, 12)) as pilot:
        await paste(pilot, app.area, "one\r\ntwo\rthree\n\tfour\x1b[31m\x0b\u2028\udc80[b]")
        await until(pilot, lambda: app.area.size.height == 4)
        assert app.area.text == "one\ntwo\nthree\n\tfour\x1b[31m\x0b\u2028\udc80[b]"
        shown = screen_text(app)
        assert [line.strip() for line in shown.split("\n")[:4]] == [
            "one",
            "two",
            "three",
            "four␛[31m␋␤\ufffd[b]",
        ]
        assert "\x1b" not in shown
        await pilot.press("enter")
        await until(pilot, lambda: app.heard)
        assert app.heard == [app.area.text]


async def test_page_keys_are_for_the_text_above_and_end_and_redo_for_the_tab() -> None:
    app = Area()
    async with app.run_test() as pilot:
        await pilot.press("pageup", "pagedown")
        await until(pilot, lambda: app.heard == [-1, 1])
        keys = {name for binding in PromptArea.BINDINGS for name in binding.key.split(",")}  # type: ignore[union-attr]
        assert not keys & {"ctrl+e", "ctrl+y"}
        assert {"end", "ctrl+z", "super+y", "ctrl+w"} <= keys


async def test_a_long_paste_is_added_at_once_with_what_stands_around_it() -> None:
    app = Area()
    async with app.run_test() as pilot:
        await pilot.press(*"To be, x", "left")
        app.area.post_message(events.Paste("or\r\nnot\x1b" * 100_000))
        await until(pilot, lambda: app.heard)
        assert app.heard == ["To be, " + "or\nnot\x1b" * 100_000 + "x"]
        assert app.area.text == ""


async def test_what_is_typed_is_unsent_until_it_is_sent() -> None:
    app = Area()
    async with app.run_test() as pilot:
        app.area.restore(["one"], "tw")
        await pilot.press("o")
        assert app.area.unsent == "two"
        await pilot.press("up")
        assert (app.area.text, app.area.unsent) == ("one", "two")
        await pilot.press("!")
        assert app.area.unsent == "one!", "an earlier prompt that is changed is another one"
        app.area.remember(app.area.text)
        assert app.area.unsent == ""


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", ""),
        ("The end.", ""),
        ("of the king ", ""),
        ("ki", "ki"),
        ("GULL:\nWe sail", "We sail"),
        ("and so the boat of the ki", "…the ki"),
        ("a" * 50, "…" + "a" * 8),
        ("[b]x\x1bé", "[b]x␛é"),
    ],
)
def test_an_empty_prompt_quotes_the_word_that_it_continues(text: str, quoted: str) -> None:
    expected = f'Type what follows "{quoted}" (empty: continue)' if quoted else PLACEHOLDER
    assert placeholder(text) == expected
