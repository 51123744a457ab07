"""The prompt's history."""

from textual.app import App, ComposeResult

from lstmterm.ui.generate.prompt_line import PromptLine


class Line(App[None]):
    def compose(self) -> ComposeResult:
        yield PromptLine()


async def test_up_and_down_go_through_earlier_prompts() -> None:
    app = Line()
    async with app.run_test() as pilot:
        line = app.query_one(PromptLine)
        line.focus()
        for prompt in ("one", "two", "two", ""):
            line.remember(prompt)
        assert line.history == ["one", "two"]
        await pilot.press("x", "up")
        assert line.value == "two"
        await pilot.press("up", "up")
        assert line.value == "one"
        await pilot.press("down", "down", "down")
        assert line.value == "x"
