"""Lines that are made for the width of their box."""

from textual.app import App, ComposeResult
from textual.content import Content

from lstmterm.ui.widgets.fitted_scroll import FittedScroll
from lstmterm.ui.widgets.plain import Line
from tests.ui.conftest import until


class Box(FittedScroll):
    lines = 3

    def compose(self) -> ComposeResult:
        yield Line(grows=True)

    def draw(self) -> None:
        width = self.scrollable_content_region.width
        self.query_one(Line).set_text(Content("\n".join(["=" * width] * self.lines)))


class Boxes(App[None]):
    def compose(self) -> ComposeResult:
        yield Box()


async def test_lines_are_as_wide_as_the_box_also_when_its_scroll_bar_comes_and_goes() -> None:
    app = Boxes()
    async with app.run_test(size=(20, 6)) as pilot:
        box = app.query_one(Box)

        def drawn() -> list[int]:
            return [len(line) for line in str(box.query_one(Line).content).splitlines()]

        await until(pilot, lambda: drawn() == [20] * 3)
        for lines, width in ((9, 18), (3, 20)):
            box.lines = lines
            box.draw()
            await until(pilot, lambda lines=lines, width=width: drawn() == [width] * lines)
