"""A walk with Tab over everything that can have the focus in a dialog."""

from typing import Any

import pytest
from rich.segment import Segment
from textual.widget import Widget

from lstmterm.ui.generate.editor import Editor
from lstmterm.ui.tagger.data_picker import DataPicker
from lstmterm.ui.train.corpus_picker import CorpusPicker
from lstmterm.ui.widgets.dialogs import Dialog
from tests.ui.conftest import idle, make_app
from tests.ui.textual_private import own_keys, strips
from tests.ui.widgets.test_dialogs import CLOSING

TAKES_TAB = {Editor, CorpusPicker, DataPicker}  # Tab types a tab, or completes a path
SIZES = ((80, 24), (60, 20), (40, 10))


def drawn(app: Any, widget: Widget) -> list[list[Segment]]:
    """What the screen shows where a widget is."""
    region = widget.region.intersection(app.screen.region)
    return [[*row.crop(region.x, region.right)] for row in strips(app)[region.y : region.bottom]]


@pytest.mark.parametrize("dialog", CLOSING, ids=lambda dialog: dialog.__name__)
async def test_what_has_the_focus_is_in_sight_shows_it_and_does_something(dialog: type[Dialog[Any]]) -> None:
    app = make_app()
    async with app.run_test(size=SIZES[0]) as pilot:
        await idle(pilot)
        app.push_screen(CLOSING[dialog][0]())
        await idle(pilot)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await idle(pilot)
            reachable = {*app.screen.focus_chain}
            seen: dict[Widget, Any] = {}
            while (widget := app.focused) is not None and widget not in seen:
                about = f"{size}: {widget}"
                assert widget.region.overlaps(app.screen.region), about
                assert own_keys(widget), about
                seen[widget] = widget.region, drawn(app, widget)
                await pilot.press("tab")
                await pilot.pause()
                if app.focused is not widget and widget.region == seen[widget][0]:
                    assert drawn(app, widget) != seen[widget][1], (
                        f"{about} does not show that it has the focus"
                    )
            assert seen, f"{size}: nothing has the focus"
            if dialog not in TAKES_TAB:
                missed = (reachable & {*app.screen.focus_chain}) - {*seen}  # some are enabled meanwhile
                assert not missed, f"{size}: {missed}"
