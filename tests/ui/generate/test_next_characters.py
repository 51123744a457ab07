"""The list of what comes next: characters and words, what is marked, and what a choice posts."""

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import OptionList

from lstmterm.infer.next_words import Ahead, Next
from lstmterm.ui.generate.next_characters import NextCharacters, named
from tests.ui.conftest import until

CHARACTERS = Ahead((Next("d", 0.925, 0.925), Next(" ", 0.05, 0.05)), 0.0)
WORDS = Ahead((Next("d", 0.9, 0.9), Next("dship", 0.04, 0.04), Next(", my", 0.02, 0.02)), 0.0, "lor")
SHARPER = Ahead((Next("d", 0.95, 0.85), Next("dship", 0.02, 0.06)), 0.0, "lor")


class Listing(App[None]):
    """The list alone, in the width that it has in the tab."""

    CSS = "NextCharacters { width: 38; height: 20; border: round $primary; }"

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield NextCharacters()

    @on(NextCharacters.Chosen)
    def _chosen(self, event: NextCharacters.Chosen) -> None:
        self.chosen.append(event.text)


def _lines(shown: OptionList) -> list[str]:
    prompts = [option.prompt for option in shown.options]
    assert all(isinstance(prompt, Content) for prompt in prompts)
    return [str(prompt) for prompt in prompts]


async def test_characters_and_words_stand_in_one_list() -> None:
    app = Listing()
    async with app.run_test() as pilot:
        shown = app.query_one(NextCharacters)
        shown.show(CHARACTERS, WORDS, there="dship")
        await until(pilot, lambda: shown.option_count)
        lines = [line.split() for line in _lines(shown)]
        assert [line[0] for line in lines] == [
            "Characters", "d▸██████████████", "space", "Words", "lord▸██████████████", "lordship▸▋", ",",
        ]  # fmt: skip
        assert [line[-1] for line in lines if "%" in line[-1]] == ["92.5%", "5.0%", "90.0%", "4.0%", "2.0%"]
        assert "drawn" not in _lines(shown)[0]
        assert shown.highlighted == 1
        assert all(len(line) <= shown.content_size.width for line in _lines(shown))


async def test_probabilities_of_the_model_stand_beside_those_that_are_drawn() -> None:
    app = Listing()
    async with app.run_test() as pilot:
        shown = app.query_one(NextCharacters)
        shown.show(CHARACTERS, SHARPER)
        await until(pilot, lambda: shown.option_count)
        lines = [line.split() for line in _lines(shown)]
        assert lines[0] == ["Characters", "drawn", "model"]
        assert [line[-2:] for line in lines[4:]] == [["95.0%", "85.0%"], ["2.0%", "6.0%"]]
        assert all(len(line) <= shown.content_size.width for line in _lines(shown))


async def test_enter_chooses_and_w_goes_to_the_words_and_back() -> None:
    app = Listing()
    async with app.run_test() as pilot:
        shown = app.query_one(NextCharacters)
        shown.show(CHARACTERS, WORDS)
        shown.focus()
        await until(pilot, lambda: shown.has_focus and shown.highlighted == 1)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.chosen == [" "])
        await pilot.press("w", "down", "enter")
        await until(pilot, lambda: app.chosen == [" ", "dship"])
        shown.show(CHARACTERS, WORDS)  # after the choice: still among the words
        await until(pilot, lambda: shown.highlighted == 4)
        await pilot.press("w", "enter")
        await until(pilot, lambda: app.chosen == [" ", "dship", "d"])


async def test_a_search_that_was_cut_short_is_said_and_an_empty_one_shows_nothing() -> None:
    app = Listing()
    async with app.run_test() as pilot:
        shown = app.query_one(NextCharacters)
        shown.show(CHARACTERS, Ahead((Next("d", 0.1, 0.1),), 0.3))
        await until(pilot, lambda: shown.option_count == 6)
        assert _lines(shown)[-1] == "others may be likelier"
        shown.show(Ahead((), 0.0), Ahead((), 0.0))
        await until(pilot, lambda: shown.option_count == 2)
        shown.focus()
        await pilot.press("enter", "w")
        assert app.chosen == []


@pytest.mark.parametrize("text", ["\x1b[2Jx", "[red]x[/red]", "\n\nKING", "a" * 40, "中文中文中文中文"])
async def test_any_text_is_shown_as_text_in_its_column(text: str) -> None:
    app = Listing()
    async with app.run_test() as pilot:
        shown = app.query_one(NextCharacters)
        shown.show(CHARACTERS, Ahead((Next(text, 0.5, 0.5),), 0.0, "x"))
        await until(pilot, lambda: shown.option_count == 5)
        prompt = shown.options[-1].prompt
        assert isinstance(prompt, Content)
        assert prompt.cell_length <= shown.content_size.width
        assert "\x1b" not in prompt.plain
        assert "\n" not in prompt.plain
        assert "x" in prompt.plain or "a" in prompt.plain or "K" in prompt.plain or "中" in prompt.plain


def test_invisible_characters_have_names() -> None:
    assert [named(c) for c in (" ", "\n", "\t", "a", "\x1b", "\u200b", "\u0301", "\u202e")] == [
        "space", "new line", "tab", "a", "␛", "U+200B", "◌\u0301", "U+202E",
    ]  # fmt: skip
