"""How the Tagger tab's pages look; see `test_snapshots.py`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from lstmterm import paths
from lstmterm.ui.tagger.report import ReportPage
from lstmterm.ui.tagger.tag_page import TagPage
from lstmterm.ui.tagger.token_view import TokenView
from lstmterm.ui.widgets.pick import Pick
from tests.ui.conftest import idle, settle, until
from tests.ui.tagger.acting import keep_cipher_run, type_text
from tests.ui.tagger_models import WORDS, keep_tagger
from tests.ui.test_snapshots import (
    DARK,
    LIGHT,
    LOOK_NAMES,
    LOOKS,
    SIZES,
    Pictures,
    app_of,
    looks_as_before,
    name,
    picture,
    same_everywhere,
    walked,
)

__all__ = ["looks_as_before"]
GOLD = """text,tag
"The sea owes us a bucket .","DET NOUN VERB PRON DET NOUN PUNCT"
"The harbour rises , the tide rises .","DET NOUN VERB PUNCT DET NOUN VERB PUNCT"
"a low tide owes us the dark sea","DET ADJ NOUN VERB PRON DET ADJ NOUN"
"it rises late .","PRON VERB ADV PUNCT"
"""
TEXT = "The sea owes us a bucket. The glimber rises, the tide rises.\n\nA harbour [red]."


async def tag(pilot: Pilot[None]) -> None:
    await pilot.press("f7")
    await idle(pilot)
    if not pilot.app.query_one("#text").text:  # type: ignore[attr-defined]
        await type_text(pilot, TEXT)
        pilot.app.query_one(TagPage).corrections.correct(0, 1, "VERB")
        pilot.app.query_one(TagPage)._draw()
    pilot.app.query_one(TokenView).focus()
    await pilot.press("home", "n")


async def training(pilot: Pilot[None]) -> None:
    await pilot.press("f8")
    await settle(pilot)
    await until(pilot, lambda: "both ways" in str(pilot.app.query_one("#training #plan").content))  # type: ignore[attr-defined]


async def report(pilot: Pilot[None]) -> None:
    page = pilot.app.query_one(ReportPage)
    pilot.app.query_one("#report-data", Pick).chosen = "gold.csv"
    page.source = str(paths.models() / "gold.csv")
    Path(page.source).write_text(GOLD)
    page.action_evaluate()
    await until(pilot, lambda: page.report is not None)
    pilot.app.query_one("#confusion").focus()
    await pilot.press("down", "right")


PAGES = {"tag": tag, "training": training}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """Tagging and training at every size in both themes, while a cipher is learned."""
    pictures: Pictures = {}
    for theme in (DARK, LIGHT):

        async def walk(pilot: Pilot[None], pictures: Pictures, theme: str = theme) -> None:
            await app_of(pilot).show_tab("tagger")
            await idle(pilot)
            for size in (size for size, look in LOOKS if look == theme):
                await pilot.resize_terminal(*size)
                for page, show in PAGES.items():
                    await show(pilot)
                    pictures[name(page, size, theme)] = await picture(pilot)

        with same_everywhere(tmp_path_factory.mktemp("tagger")):
            keep_tagger("english-upos", WORDS)
            with keep_cipher_run("20250131-142230-rot13", done=3).held():
                pictures |= walked(walk, theme)
    return pictures


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """The report at every size, what opens over a word, and the tab with nothing in it."""

    async def walk(pilot: Pilot[None], pictures: Pictures) -> None:
        await app_of(pilot).show_tab("tagger")
        await idle(pilot)
        pictures["empty"] = await picture(pilot)
        await tag(pilot)
        await pilot.press("enter")
        pictures["picker"] = await picture(pilot)
        await pilot.press("escape")
        await pilot.press("f9")
        await idle(pilot)
        pictures["filed"] = await picture(pilot)
        await report(pilot)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            pictures[f"report-{size[0]}"] = await picture(pilot)

    with same_everywhere(tmp_path_factory.mktemp("beside")):
        keep_tagger("english-upos", WORDS, layout="csv")
        return walked(walk)


@pytest.mark.parametrize(("size", "theme"), LOOKS, ids=LOOK_NAMES)
@pytest.mark.parametrize("page", PAGES)
def test_page(
    pages: Pictures, looks_as_before: Callable[[str], bool], page: str, size: tuple[int, int], theme: str
) -> None:
    assert looks_as_before(pages[name(page, size, theme)])


@pytest.mark.parametrize("what", ["empty", "picker", "filed", "report-80", "report-120", "report-160"])
def test_what_else_there_is(beside: Pictures, looks_as_before: Callable[[str], bool], what: str) -> None:
    assert looks_as_before(beside[what])
