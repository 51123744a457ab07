"""A button that shows what was chosen."""

import pytest

from lstmterm.ui.widgets.pick import Pick, end_of
from tests.ui.widgets.alone import Alone


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("harbour", 10, "harbour"),
        ("/texts/novel.txt", 10, "…novel.txt"),
        ("漢字漢字", 5, "…漢字"),
        ("a\x1bb", 9, "a␛b"),
    ],
)
def test_a_long_choice_shows_its_end(text: str, cells: int, shown: str) -> None:
    assert end_of(text, cells) == shown


async def test_a_pick_is_as_wide_as_its_choice_and_never_markup() -> None:
    app = Alone(lambda: Pick(prompt="choose…"))
    async with app.run_test() as pilot:
        pick = app.query_one(Pick)
        assert str(pick.render()) == "choose… ▾"
        pick.chosen = "[red]x"
        await pilot.pause()
        assert str(pick.render()) == "[red]x ▾"
        assert pick.get_content_width(app.size, app.size) == len("[red]x ▾")
