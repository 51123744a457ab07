"""A walk with Tab over everything that can have the focus in a dialog, and the keys that its border names."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rich.segment import Segment
from textual.binding import Binding
from textual.content import Content
from textual.pilot import Pilot
from textual.style import Style
from textual.widget import Widget

from lstmterm import paths
from lstmterm.infer.side_by_side import chosen
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate.editor import Editor
from lstmterm.ui.generate.several import Card, SeveralDialog
from lstmterm.ui.generate.unit_picker import UnitPicker
from lstmterm.ui.inspect.similar_places import SimilarPlaces
from lstmterm.ui.library.comparison import ComparisonScreen
from lstmterm.ui.tagger.data_picker import DataPicker
from lstmterm.ui.train.corpus_picker import CorpusPicker
from lstmterm.ui.train.runs_table import RunsTable
from lstmterm.ui.widgets.dialogs import Dialog
from tests.ui.conftest import idle, keep_model, make_app, settle, until
from tests.ui.generate.tab import opened
from tests.ui.inspect.conftest import open_units
from tests.ui.inspect.models import LINES
from tests.ui.textual_private import own_keys, strips
from tests.ui.widgets.test_dialogs import CLOSING, ELSEWHERE

TAKES_TAB = {Editor, CorpusPicker, DataPicker}  # Tab types a tab, or completes a path
SIZES = ((80, 24), (60, 20), (40, 10))


def drawn(app: Any, widget: Widget) -> list[list[Segment]]:
    """What the screen shows where a widget is."""
    region = widget.region.intersection(app.screen.region)
    return [[*row.crop(region.x, region.right)] for row in strips(app)[region.y : region.bottom]]


async def comparison(app: LstmTerm, pilot: Pilot[None]) -> None:
    """Two models compared on a text."""
    keep_model("other", seed=2)
    text = paths.models() / "tide.txt"
    text.write_text("the tide turns and the boats turn with it\n" * 9)
    screen = ComparisonScreen(app.services, chosen(("tiny", "other")))
    screen.place = str(text)
    app.push_screen(screen)
    await until(pilot, lambda: len(screen.figures) == 2 and not screen.busy)


async def runs_table(app: LstmTerm, pilot: Pilot[None]) -> None:
    """All runs."""
    await settle(pilot)
    app.push_screen(table := RunsTable(app.services))
    await until(pilot, lambda: table.rows)


async def several(app: LstmTerm, pilot: Pilot[None]) -> None:
    """Four texts."""
    await opened(app, pilot)
    await pilot.press(*"The", "alt+s")
    await until(pilot, lambda: isinstance(app.screen, SeveralDialog))
    await idle(pilot)


async def similar_places(app: LstmTerm, pilot: Pilot[None]) -> None:
    """The places that are like one of a text."""
    await open_units(pilot, LINES)
    await pilot.press("s")
    await until(pilot, lambda: isinstance(app.screen, SimilarPlaces) and app.screen.places)


async def unit_picker(app: LstmTerm, pilot: Pilot[None]) -> None:
    """The units that can be held."""
    await opened(app, pilot)
    await pilot.press("f12")
    await until(pilot, lambda: isinstance(app.screen, UnitPicker))


OPENING: dict[type[Dialog[Any]], Callable[[LstmTerm, Pilot[None]], Awaitable[None]]] = {
    ComparisonScreen: comparison,
    RunsTable: runs_table,
    SeveralDialog: several,
    SimilarPlaces: similar_places,
    UnitPicker: unit_picker,
}  # what needs a model or runs


def test_every_dialog_is_walked() -> None:
    assert OPENING.keys() == ELSEWHERE


async def open_dialog(dialog: type[Dialog[Any]], app: LstmTerm, pilot: Pilot[None]) -> None:
    """Show a dialog."""
    await idle(pilot)
    if dialog in OPENING:
        keep_model()
        await OPENING[dialog](app, pilot)
    else:
        app.push_screen(CLOSING[dialog][0]())
    await idle(pilot)
    assert isinstance(app.screen, dialog)


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("dialog", [*CLOSING, *OPENING], ids=lambda dialog: dialog.__name__)
async def test_what_has_the_focus_is_in_sight_shows_it_and_does_something(dialog: type[Dialog[Any]]) -> None:
    app = make_app()
    async with app.run_test(size=SIZES[0]) as pilot:
        await open_dialog(dialog, app, pilot)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await idle(pilot)
            reachable = {*app.screen.focus_chain}
            seen: dict[Widget, Any] = {}
            while (widget := app.focused) is not None and widget not in seen:
                about = f"{size}: {widget}"
                assert widget.region.overlaps(app.screen.region), about
                assert own_keys(widget) or isinstance(widget, Card), about  # the dialog acts on a card
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


def named_keys(app: LstmTerm) -> set[str]:
    """The keys that borders of the open dialog name, as a click sends them."""
    found: set[str] = set()
    for widget in app.screen.query(Widget):
        if isinstance(widget.border_subtitle, Content) or widget.border_subtitle:
            subtitle = widget._border_subtitle
            for span in subtitle.spans if subtitle is not None else ():
                click = span.style.meta.get("@click", "") if isinstance(span.style, Style) else ""
                found |= {*re.findall(r"press_key\('(.+)'\)", click)}
    return found


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("dialog", [*CLOSING, *OPENING], ids=lambda dialog: dialog.__name__)
async def test_the_keys_on_a_border_are_keys_that_work(dialog: type[Dialog[Any]]) -> None:
    """Also where the settings give an action another key."""
    others = iter("ghijlqvwxz")
    names = [binding.id for binding in dialog.BINDINGS if binding.id]  # type: ignore[union-attr]
    changed = dict(zip(names, others, strict=False))
    paths.settings().parent.mkdir(parents=True, exist_ok=True)
    lines = [f'"{name}" = "{key}"' for name, key in changed.items()]
    paths.settings().write_text("\n".join(["[keys]", *lines, ""]))
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await open_dialog(dialog, app, pilot)
        named = named_keys(app)
        everywhere = (each for each in app.BINDINGS if isinstance(each, Binding) and each.priority)
        active = {*app.screen.active_bindings, *(name for each in everywhere for name in each.key.split(","))}
        assert named <= active, f"{named - active} of {named} do nothing"
        if dialog in (RunsTable, SeveralDialog, SimilarPlaces, ComparisonScreen):
            assert named & {*changed.values()}
