"""The keys at the bottom: which are drawn, and where."""

import pytest
from textual.binding import Binding

from lstmterm.ui.widgets.keys_line import Key, KeysLine
from tests.ui.conftest import until
from tests.ui.widgets.alone import Alone


def made(id: str, label: str) -> Key:
    return Key(Binding(id[0], id, label, id=id), id[0], "", True)


KEYS = (
    made("start", "Start"),
    made("more", "More settings"),
    made("help", "Help"),
    made("palette", "Palette"),
)


@pytest.mark.parametrize(
    ("width", "shown"),
    [(60, "s Start m More settings h Help p Palette"), (30, "s Start h Help p Palette")],
)
async def test_help_and_palette_are_on_the_right_and_others_only_where_they_fit(
    width: int, shown: str
) -> None:
    app = Alone(KeysLine)
    async with app.run_test(size=(width, 3)) as pilot:
        await pilot.pause()
        line = app.query_one(KeysLine)
        line.keys = KEYS
        drawn = line.render().plain
        assert " ".join(drawn.split()) == shown
        assert len(drawn) == width - 1, "the last key is at the right edge"


async def test_the_line_lists_an_action_once_under_its_first_key() -> None:
    class TwoKeys(Alone):
        BINDINGS = [Binding("f9,f10", "screenshot", "Picture")]

    app = TwoKeys(KeysLine)
    async with app.run_test(size=(60, 3)) as pilot:
        line = app.query_one(KeysLine)
        await until(pilot, lambda: line.keys, seconds=10)
        assert [key.shown for key in line.keys if key.binding.action == "screenshot"] == ["f9"]
