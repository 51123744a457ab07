"""The Library's list by itself: its headings, and where its cursor goes."""

import pytest

from lstmterm import paths
from lstmterm.corpora.listing import TextEntry
from lstmterm.models.library import ModelEntry
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.library.item_list import ItemList
from lstmterm.ui.library.items import Item, ModelItem, TextItem
from tests.ui.conftest import screen_text
from tests.ui.journals import NOW
from tests.ui.widgets.alone import Alone


def model(name: str) -> Item:
    path = paths.models() / name
    card = ModelCard(path, 0, {"kind": "charlm", "metrics": {"val_loss": 1.5}}, {})
    return ModelItem(ModelEntry(name, path, "own"), card)


def text(name: str) -> Item:
    return TextItem(TextEntry(name, "built-in", "text", 2048, ""))


A, B, C, SEA = model("a"), model("b"), model("c"), text("sea")


async def test_kinds_have_headings_with_their_numbers() -> None:
    app = Alone(ItemList)
    async with app.run_test(size=(40, 12)) as pilot:
        app.query_one(ItemList).show([A, B, SEA], NOW)
        await pilot.pause()
        shown = [" ".join(line.strip("│ ").split()) for line in screen_text(app).splitlines()]
        for line in ("Models 2", "◆ a val 1.500", "Runs 0", "none yet", "Texts 1"):
            assert line in shown, line


@pytest.mark.parametrize(
    ("under", "left", "expected"),
    [
        (B, [A, B, C, SEA], B),
        (B, [C, B, SEA], B),
        (B, [A, C, SEA], C),
        (C, [A, B, SEA], B),
        (A, [SEA], SEA),
        (A, [], None),
    ],
    ids=["same", "moved", "the next", "the one before", "of another kind", "nothing left"],
)
async def test_the_cursor_stays_on_its_item_or_goes_to_the_nearest(
    under: Item, left: list[Item], expected: Item | None
) -> None:
    app = Alone(ItemList)
    before: list[Item] = [A, B, C, SEA]
    async with app.run_test(size=(40, 12)) as pilot:
        items = app.query_one(ItemList)
        items.show(before, NOW)
        items.highlighted = items.get_option_index(str(before.index(under)))
        await pilot.pause()
        items.show(left, NOW)
        await pilot.pause()
        assert items.item == expected
