"""How every tab looks: at three sizes, and at one size in the light theme.

Look at the report before `pytest tests/ui/test_snapshots.py --snapshot-update`. The pictures are taken
in one walk through one application for each theme and state, and compared one by one. The lines above
and below the panels are left out, so that a changed label there redraws none of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path

import pytest
from rich.table import Table
from textual.app import App
from textual.pilot import Pilot

from lstmterm import paths
from lstmterm.corpora.listing import Listed
from lstmterm.planning.char_plan import TextFacts
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.library.item_list import ItemList
from lstmterm.ui.library.items import Rows
from lstmterm.ui.train.form import FormValues
from lstmterm.ui.train.planning import SourceFacts
from lstmterm.ui.widgets.keys_line import KeysLine
from lstmterm.ui.widgets.top_bar import TopBar
from tests.ui.conftest import idle, keep_calm, keep_model, keep_runs, make_app, settle, until
from tests.ui.textual_private import compare_picture

SIZES = [(80, 24), (120, 36), (160, 50)]
DARK, LIGHT = "lstmterm-dark", "lstmterm-light"
LOOKS = [*((size, DARK) for size in SIZES), (SIZES[1], LIGHT)]
LOOK_NAMES = [f"{width}x{height}-{theme}" for (width, height), theme in LOOKS]
REPOSITORY = Path(__file__).parents[2]
TEXTS = [
    Listed("harbour", "built-in", "text", 72_507, "A town by the sea, written for this project"),
    Listed("novel", "own", "text", 611_000, "novel.txt"),
]
Pictures = dict[str, str]  # SVG by what it shows
Walk = Callable[[Pilot[None], Pictures], Awaitable[None]]


def read_recorded(values: FormValues, say: object, cancelled: object) -> SourceFacts:
    """A text of medium length, whatever is chosen."""
    name = Path(values.source).stem
    rows = (("characters", "72,507"), ("Expect", "A small text: spelling will come out well."))
    facts = TextFacts(12_000_000, 61)  # for the plan: so long that it uses all of the time it is given
    return SourceFacts(values.source, name, "72.5k characters, 61 distinct · utf-8", facts, rows)


@contextmanager
def same_everywhere(home: Path) -> Iterator[None]:
    """A home with nothing in it, where no path and no text differs from machine to machine."""
    from lstmterm.ui.library import panel

    def card_table(rows: Rows) -> Table:
        folders = ((str(REPOSITORY), "~"), (str(home), "~"))
        return table_of(
            [(title, reduce(lambda v, f: v.replace(*f), folders, value)) for title, value in rows]
        )

    table_of = panel.card_table
    plan = (
        "1x256, batch 16 x 48: about 9.8k steps in 3:00.",
        "It reads the 65,257 characters for about 12 epochs.",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTMTERM_HOME", str(home))
        keep_calm(patch, home)
        patch.setattr(panel, "card_table", card_table)
        patch.setattr("lstmterm.ui.train.panel.read_text", read_recorded)
        patch.setattr("lstmterm.ui.library.panel.listing", lambda: TEXTS)
        patch.setattr("secrets.randbelow", lambda _: 4711)
        patch.setattr("lstmterm.ui.train.panel.plan_text", lambda *_: plan)
        yield


def walked(walk: Walk, theme: str = DARK, size: tuple[int, int] = SIZES[0]) -> Pictures:
    """The pictures of a walk through one application."""
    paths.settings().parent.mkdir(parents=True)
    paths.settings().write_text(f'theme = "{theme}"\n')
    pictures: Pictures = {}

    async def whole() -> None:
        app = make_app()
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            await walk(pilot, pictures)

    asyncio.run(whole())
    return pictures


@pytest.fixture
def looks_as_before(
    snap_compare: Callable[[App[None]], bool], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], bool]:
    """Compares a picture that was taken already; what differs stands in the report."""

    def compare(picture: str) -> bool:
        compare_picture(monkeypatch, picture)
        return snap_compare(App())

    return compare


def app_of(pilot: Pilot[None]) -> LstmTerm:
    assert isinstance(pilot.app, LstmTerm)
    return pilot.app


async def train(pilot: Pilot[None]) -> None:
    await app_of(pilot).show_tab("train")
    await until(pilot, lambda: "steps in" in str(pilot.app.query_one("#plan").content))  # type: ignore[attr-defined]


async def generate(pilot: Pilot[None]) -> None:
    """The tab with a text that was written once."""
    await app_of(pilot).show_tab("generate")
    panel = pilot.app.query_one("#generate")
    if not panel.pages[0].writer.reference or not panel.pages[0].conversation.is_empty:  # type: ignore[attr-defined]
        return
    panel.form.field("seed").value = "7"  # type: ignore[attr-defined]
    panel.form.field("speed").value = "full"  # type: ignore[attr-defined]
    await idle(pilot)
    await pilot.press(*"The", "enter")
    await until(pilot, lambda: "500 characters" in str(pilot.app.query_one("#status").content))  # type: ignore[attr-defined]
    await idle(pilot)
    panel._show_status("500 characters · 9.1k/s · seed 7 · 3.21 nats")  # type: ignore[attr-defined]


async def library(pilot: Pilot[None]) -> None:
    await app_of(pilot).show_tab("library")
    await until(pilot, lambda: pilot.app.query_one(ItemList).items)


TABS = {"train": train, "generate": generate, "library": library}


async def picture(pilot: Pilot[None]) -> str:
    """The screen without its first and last line, once nothing changes any more."""
    pilot.app.query_one(TopBar).visible = pilot.app.query_one(KeysLine).visible = False
    await idle(pilot)
    await pilot.pause()
    return pilot.app.export_screenshot()


def name(tab: str, size: tuple[int, int], theme: str) -> str:
    return f"{tab}-{size[0]}x{size[1]}-{theme}"


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """Every tab while a run is in progress."""
    pictures: Pictures = {}
    for theme in (DARK, LIGHT):

        async def walk(pilot: Pilot[None], pictures: Pictures, theme: str = theme) -> None:
            for size in (size for size, look in LOOKS if look == theme):
                await pilot.resize_terminal(*size)
                for tab, show in TABS.items():
                    await show(pilot)
                    pictures[name(tab, size, theme)] = await picture(pilot)

        with same_everywhere(tmp_path_factory.mktemp("busy")), keep_runs():
            keep_model("bard", loss=1.466)
            pictures |= walked(walk, theme)
    return pictures


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """Every tab before anything was trained."""

    async def walk(pilot: Pilot[None], pictures: Pictures) -> None:
        for tab, show in TABS.items():
            await show(pilot)
            pictures[tab] = await picture(pilot)

    with same_everywhere(tmp_path_factory.mktemp("empty")):
        return walked(walk)


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """What the Train tab also shows: runs that ended, and what opens over it."""

    async def walk(pilot: Pilot[None], pictures: Pictures) -> None:
        await train(pilot)
        for what, key in (("knobs", "ctrl+g"), ("help", "f1")):
            await pilot.press(key)
            pictures[what] = await picture(pilot)
            await pilot.press("escape")
        await pilot.resize_terminal(*SIZES[1])
        for what, run in (("finished", "20250131-130000-bard"), ("failed", "20250131-110000-python")):
            pilot.app.query_one("#train").choose(run)  # type: ignore[attr-defined]
            await settle(pilot)
            pictures[what] = await picture(pilot)

    with same_everywhere(tmp_path_factory.mktemp("beside")), keep_runs():
        return walked(walk)


@pytest.mark.parametrize(("size", "theme"), LOOKS, ids=LOOK_NAMES)
@pytest.mark.parametrize("tab", TABS)
def test_tab(
    busy: Pictures, looks_as_before: Callable[[str], bool], tab: str, size: tuple[int, int], theme: str
) -> None:
    assert looks_as_before(busy[name(tab, size, theme)])


@pytest.mark.parametrize("tab", TABS)
def test_tab_with_nothing_to_show(empty: Pictures, looks_as_before: Callable[[str], bool], tab: str) -> None:
    assert looks_as_before(empty[tab])


@pytest.mark.parametrize("run", ["finished", "failed"])
def test_train_when_a_run_has_ended(
    beside: Pictures, looks_as_before: Callable[[str], bool], run: str
) -> None:
    assert looks_as_before(beside[run])


@pytest.mark.parametrize("screen", ["knobs", "help"])
def test_what_opens_over_the_train_tab(
    beside: Pictures, looks_as_before: Callable[[str], bool], screen: str
) -> None:
    assert looks_as_before(beside[screen])
