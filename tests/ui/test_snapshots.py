"""How every tab looks, small and dark, larger and light; and how single widgets look in other states.

Look at the report before `pytest tests/ui/test_snapshots.py --snapshot-update`. The pictures are taken
in one walk through one application for each theme and state, and compared one by one. The lines above
and below the panels are left out, and of other states only the widget in question is shown, so that a
changed label elsewhere redraws none of them.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
from rich.console import Console, Group
from rich.segment import Segment, Segments
from textual.app import App
from textual.pilot import Pilot

from lstmterm import paths
from lstmterm.corpora.listing import TextEntry
from lstmterm.corpora.turns import Turns
from lstmterm.infer.side_by_side import CharacterFigures, chosen
from lstmterm.planning.text_size import TextFacts
from lstmterm.ui.generate.held_unit import HeldUnit
from lstmterm.ui.generate.held_units import HeldUnits
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.generate.status_line import StatusLine
from lstmterm.ui.inspect.against_view import AgainstView
from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.inspect.reading import Source
from lstmterm.ui.inspect.similar_places import SimilarPlaces
from lstmterm.ui.inspect.surprise_view import SurpriseView
from lstmterm.ui.inspect.units_view import UnitsView
from lstmterm.ui.library.comparison import ComparisonScreen
from lstmterm.ui.library.item_list import ItemList
from lstmterm.ui.library.items import Rows
from lstmterm.ui.tabs import TABS
from lstmterm.ui.tagger.report import ReportPage
from lstmterm.ui.tagger.tag_page import TagPage
from lstmterm.ui.tagger.token_view import TokenView
from lstmterm.ui.themes import DARK, LIGHT
from lstmterm.ui.train.form import FormValues
from lstmterm.ui.train.planning import Planned, SourceFacts
from lstmterm.ui.widgets.keys_line import KeysLine
from lstmterm.ui.widgets.top_bar import TopBar
from tests.ui.conftest import idle, keep_calm, keep_model, keep_runs, make_app, screen_text, settle, until
from tests.ui.inspect.conftest import open_page, units_known
from tests.ui.inspect.models import keep_trained_on
from tests.ui.tagger.acting import app_of, keep_cipher_run, type_text
from tests.ui.tagger_models import WORDS, keep_tagger
from tests.ui.textual_private import compare_picture, strips

SMALL, LARGE = (80, 24), (120, 36)
LOOKS = {"small-dark": (SMALL, DARK.name), "large-light": (LARGE, LIGHT.name)}
REPOSITORY = Path(__file__).parents[2]
TEXTS = [
    TextEntry("harbour", "built-in", "text", 72_507, "A town by the sea, written for this project"),
    TextEntry("novel", "own", "text", 611_000, "novel.txt"),
]
GOLD = """text,tag
"The sea owes us a bucket .","DET NOUN VERB PRON DET NOUN PUNCT"
"The harbour rises , the tide rises .","DET NOUN VERB PUNCT DET NOUN VERB PUNCT"
"a low tide owes us the dark sea","DET ADJ NOUN VERB PRON DET ADJ NOUN"
"it rises late .","PRON VERB ADV PUNCT"
"""
TEXT = "The sea owes us a bucket. The glimber rises, the tide rises.\n\nA harbour [red]."
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
    from lstmterm.ui.library import card

    def facts(rows: Rows) -> Group:
        folders = ((str(REPOSITORY), "~"), (str(home), "~"))
        return drawn([(title, reduce(lambda v, f: v.replace(*f), folders, value)) for title, value in rows])

    drawn = card.facts
    plan = Planned(
        "About 3 minutes\n1x256 LSTM, 1.4 MB file\nWords and layout, no sense",
        "It reads the 65,257 characters for about 12 epochs.",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTMTERM_HOME", str(home))
        keep_calm(patch, home)
        patch.setattr(card, "facts", facts)
        patch.setattr("lstmterm.ui.train.plan_panel.read_text", read_recorded)
        patch.setattr("lstmterm.ui.library.panel.all_texts", lambda: TEXTS)
        patch.setattr("secrets.randbelow", lambda _: 4711)
        patch.setattr("lstmterm.ui.train.plan_panel.plan_text", lambda *_: plan)
        yield


def walked(walk: Walk, theme: str = DARK.name, size: tuple[int, int] = SMALL) -> Pictures:
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


async def train(pilot: Pilot[None]) -> None:
    await app_of(pilot).show_tab("train")
    await until(pilot, lambda: "LSTM" in str(pilot.app.query_one("#plan").content))  # type: ignore[attr-defined]


async def generate(pilot: Pilot[None]) -> None:
    """The tab with a text that was written once."""
    await app_of(pilot).show_tab("generate")
    panel = pilot.app.query_one("#generate")
    if not panel.pages[0].writer.reference:  # type: ignore[attr-defined]
        return
    panel.form.field("seed").value = "7"  # type: ignore[attr-defined]
    panel.form.field("speed").value = "full"  # type: ignore[attr-defined]
    await idle(pilot)
    await pilot.press(*"The", "enter")
    await until(pilot, lambda: not panel.busy)  # type: ignore[attr-defined]
    await idle(pilot)
    page = panel.pages[0]  # type: ignore[attr-defined]
    page._done = ["500 characters · 9.1k/s · 4.63 bits/char"]
    page._copies.remark = ""
    page.describe()


async def library(pilot: Pilot[None]) -> None:
    await app_of(pilot).show_tab("library")
    await until(pilot, lambda: pilot.app.query_one(ItemList).items)


async def tagger(pilot: Pilot[None]) -> None:
    """The Tag page with a text of two unsure words, one of them corrected."""
    await app_of(pilot).show_tab("tagger")
    await idle(pilot)
    await type_text(pilot, TEXT)
    pilot.app.query_one(TagPage).corrections.correct(0, 1, "VERB")
    pilot.app.query_one(TagPage)._draw()
    pilot.app.query_one(TokenView).focus()
    await pilot.press("home", "n")


async def inspect(pilot: Pilot[None]) -> None:
    """The tab with a typed text, its cursor on the most surprising character."""
    await app_of(pilot).show_tab("inspect")
    panel = pilot.app.query_one(InspectPanel)
    panel.open_source(Source("typed", TEXT.lower()))
    view = panel.query_one(SurpriseView)
    await until(pilot, lambda: view.found and view.found.text == TEXT.lower())
    await idle(pilot)
    await pilot.press("n", "n")


async def report(pilot: Pilot[None]) -> None:
    """The Report page once it has evaluated, its cursor on a mistake."""
    page = pilot.app.query_one(ReportPage)
    page.source = str(paths.models() / "gold.csv")
    Path(page.source).write_text(GOLD)
    page.action_evaluate()
    await until(pilot, lambda: page.report is not None)
    pilot.app.query_one("#confusion").focus()
    await pilot.press("down", "right")


SHOW = {  # by a tab's id
    "train": train,
    "generate": generate,
    "tagger": tagger,
    "inspect": inspect,
    "library": library,
}


async def picture(pilot: Pilot[None], widget: str = "") -> str:
    """The screen without its first and last line, or one widget, once nothing changes any more."""
    pilot.app.query_one(TopBar).visible = pilot.app.query_one(KeysLine).visible = False
    await idle(pilot)
    await pilot.pause()
    if not widget:
        return pilot.app.export_screenshot()
    region = pilot.app.screen.query_one(widget).region
    console = Console(
        width=region.width, file=io.StringIO(), force_terminal=True, color_system="truecolor", record=True
    )
    for strip in strips(pilot.app)[region.y : region.bottom]:
        console.print(Segments([*strip.crop(region.x, region.right), Segment.line()]))
    return console.export_svg(title=widget)


@pytest.fixture(scope="module")
def tabs(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """Every tab while a run is in progress."""
    pictures: Pictures = {}
    for look, (size, theme) in LOOKS.items():

        async def walk(pilot: Pilot[None], pictures: Pictures, look: str = look) -> None:
            for tab, show in SHOW.items():
                await show(pilot)
                if tab == "train":
                    await until(pilot, lambda: "CPU 48%" in screen_text(pilot.app))
                pictures[f"{tab}-{look}"] = await picture(pilot)

        with same_everywhere(tmp_path_factory.mktemp("tabs")), keep_runs():
            keep_model("bard", loss=1.466)
            keep_tagger("english-upos", WORDS)
            pictures |= walked(walk, theme, size)
    return pictures


@pytest.fixture(scope="module")
def widgets(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """Widgets with nothing to show, of runs that ended, of the tagger's pages; and dialogs."""

    async def empty(pilot: Pilot[None], pictures: Pictures) -> None:
        for what, tab, widget in (
            ("no run", "train", "#loss"),
            ("no text", "generate", "#page1"),
            ("no item", "library", "#items"),
        ):
            await SHOW[tab](pilot)
            pictures[what] = await picture(pilot, widget)

    async def talking(pilot: Pilot[None], pictures: Pictures) -> None:
        await app_of(pilot).show_tab("generate")
        panel = pilot.app.query_one(GeneratePanel)
        panel.form.field("seed").value, panel.form.field("speed").value = "7", "full"
        await pilot.press("alt+k")
        await until(pilot, lambda: panel.scene)
        await pilot.press(*"the sea", "enter")
        await until(pilot, lambda: not panel.busy)
        await idle(pilot)
        page = panel.pages[0]
        page._done, page._copies.remark = ["9 characters · 9.1k/s · 4.63 bits/char"], ""
        page.describe()
        pictures["talk"] = await picture(pilot, "#writing")

    async def training(pilot: Pilot[None], pictures: Pictures) -> None:
        await train(pilot)
        for what, run in (("finished", "20250131-130000-bard"), ("failed", "20250131-110000-python")):
            pilot.app.query_one("#train").choose(run)  # type: ignore[attr-defined]
            await settle(pilot)
            pictures[what] = await picture(pilot, "#loss")
        await pilot.press("ctrl+g")
        pictures["knobs"] = await picture(pilot, ".knobs")

    async def tagging(pilot: Pilot[None], pictures: Pictures) -> None:
        await tagger(pilot)
        await pilot.press("enter")
        pictures["tag picker"] = await picture(pilot, ".tag-picker")
        await pilot.press("escape", "f9")
        await idle(pilot)
        pictures["measured in training"] = await picture(pilot, "#report-figures")
        await report(pilot)
        pictures["report"] = await picture(pilot, "#report-tables")
        await pilot.press("f8")
        await settle(pilot)
        plan = pilot.app.query_one("#training #plan")
        await until(pilot, lambda: "Baseline" in str(plan.content))  # type: ignore[attr-defined]
        pictures["tagger form"] = await picture(pilot, "#training #form")
        pictures["cipher"] = await picture(pilot, "#training #timeline")

    async def coloured(pilot: Pilot[None], pictures: Pictures) -> None:
        await generate(pilot)
        panel = pilot.app.query_one(GeneratePanel)
        panel.colour_by("bits")
        page = panel.pages[0]
        await until(pilot, lambda: not page._colours.known.lacks(1, len(page.text.text)))
        page.text.focus()
        page.text.go_to(30)
        await until(pilot, lambda: "expected" in str(page.query_one(".at-cursor", StatusLine).content))
        pictures["coloured text"] = await picture(pilot, "#page1")

    async def comparing(pilot: Pilot[None], pictures: Pictures) -> None:
        text = paths.models() / "tide.txt"
        text.write_text(TEXT.lower() * 9)
        screen = ComparisonScreen(app_of(pilot).services, chosen(("bard", "a-model-with-a-long-name")))
        screen.place = str(text)
        pilot.app.push_screen(screen)
        await until(pilot, lambda: len(screen.figures) == 2 and not screen.busy)
        for place, figures in screen.figures.items():
            assert isinstance(figures, CharacterFigures)
            screen.figures[place] = replace(figures, chars_per_second=9_100, adapted=figures.reset)
        screen._draw()
        await idle(pilot)
        width = "wide" if pilot.app.size == LARGE else "narrow"
        pictures[f"comparison, {width}"] = await picture(pilot, "#comparison")

    async def looking(pilot: Pilot[None], pictures: Pictures) -> None:
        """The pages of the Inspect tab, and the units that are held in the Generate tab."""
        width = "wide" if pilot.app.size == LARGE else "narrow"
        against = await open_page(pilot, "f8", AgainstView)
        await until(pilot, lambda: against.found)
        await pilot.press("n", "n")
        pictures[f"against, {width}"] = await picture(pilot, "AgainstView")
        await pilot.press("f9")
        await until(pilot, lambda: pilot.app.query(UnitsView))
        units = pilot.app.query_one(UnitsView)
        await units_known(pilot, units)
        pictures[f"units, {width}"] = await picture(pilot, "UnitsView")
        if width == "narrow":
            units.text.go_to(units.text.text.index("gull"))
            await pilot.press("s")
            dialog = pilot.app.screen
            await until(pilot, lambda: isinstance(dialog, SimilarPlaces) and dialog.places)
            pictures["similar"] = await picture(pilot, ".similar")
            await pilot.press("escape", "e")
            pictures["unit"] = await picture(pilot, ".unit-facts")
            await pilot.press("f8", "t")
            pictures["types of characters"] = await picture(pilot, "TypesTable")
        await app_of(pilot).show_tab("generate")
        await until(pilot, lambda: pilot.app.query("#generate HeldUnits") and pilot.app.query("#seed"))
        await idle(pilot)
        await pilot.press("f12")
        page = pilot.app.query_one(GeneratePanel).pages[0]
        await until(pilot, lambda: (finder := page.unit_finder()) is not None and finder.found is not None)
        if width == "narrow":
            await until(pilot, lambda: "by 40,000 characters" in screen_text(pilot.app))
            pictures["unit picker"] = await picture(pilot, ".picker")
        await pilot.press(*"0:3=-0.7", "enter")
        held = pilot.app.query_one(HeldUnits)
        await until(pilot, lambda: held.units)
        for unit in (HeldUnit(0, 5, 2.4, "line-position"), HeldUnit(0, 1, on=False), HeldUnit(0, 7, -12.5)):
            held.add(0, unit)
        pictures[f"held units, {width}"] = await picture(pilot, "#held")

    with same_everywhere(tmp_path_factory.mktemp("empty")):
        pictures = walked(empty)
    with same_everywhere(tmp_path_factory.mktemp("talking")), pytest.MonkeyPatch.context() as patch:
        keep_model("bard", loss=1.466)
        speakers = Turns("{name}\n{text}\n", {"the duke of everywhere": 9, "clerk": 5})
        patch.setattr("lstmterm.infer.speakers.turns_of", lambda *_: speakers)
        pictures |= walked(talking)
    with same_everywhere(tmp_path_factory.mktemp("training")), keep_runs():
        pictures |= walked(training, size=LARGE)
    with same_everywhere(tmp_path_factory.mktemp("coloured")):
        keep_model("bard", loss=1.466)
        pictures |= walked(coloured)
    for size in (SMALL, LARGE):
        with same_everywhere(tmp_path_factory.mktemp("comparing")):
            keep_model("bard", loss=1.466)
            keep_model("a-model-with-a-long-name", seed=2)
            pictures |= walked(comparing, size=size)
    for size, theme in LOOKS.values():
        with same_everywhere(tmp_path_factory.mktemp("looking")):
            keep_trained_on("harbour")
            pictures |= walked(looking, theme, size)
    with same_everywhere(tmp_path_factory.mktemp("tagging")):
        keep_tagger("english-upos", WORDS, layout="csv")
        with keep_cipher_run("20250131-142230-rot13", done=3).held():
            pictures |= walked(tagging, size=LARGE)
    return pictures


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("tab", [tab.id for tab in TABS])
def test_tab(tabs: Pictures, looks_as_before: Callable[[str], bool], tab: str, look: str) -> None:
    assert looks_as_before(tabs[f"{tab}-{look}"])


@pytest.mark.parametrize(
    "what",
    [
        "no run", "no text", "no item", "talk", "coloured text",
        "finished", "failed", "knobs",
        "tag picker", "measured in training", "report", "tagger form", "cipher",
        "comparison, narrow", "comparison, wide",
        "against, narrow", "against, wide", "types of characters",
        "units, narrow", "units, wide", "unit", "similar",
        "held units, narrow", "held units, wide", "unit picker",
    ],
)  # fmt: skip
def test_widget(widgets: Pictures, looks_as_before: Callable[[str], bool], what: str) -> None:
    assert looks_as_before(widgets[what])
