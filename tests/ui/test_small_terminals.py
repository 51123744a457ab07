"""Small and large terminals: every panel is whole, its fields can be reached, and no button is cut off."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.widgets import Button, Input

from lstmterm.runs import on_end
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.tagger.report import ReportPage
from lstmterm.ui.train.knob_screen import KnobScreen
from lstmterm.ui.train.loss_chart import LossChart
from lstmterm.ui.train.loss_panel import LossPanel
from lstmterm.ui.train.panel import TrainPanel
from lstmterm.ui.widgets.dialogs import Ask, Dialog, delete_question
from lstmterm.ui.widgets.pick import Pick
from tests.ui.conftest import idle, keep_model, make_app, screen_text, settle, until
from tests.ui.generate.tab import generating, streaming, text, texts, wrote
from tests.ui.tagger_models import WORDS, keep_tagger
from tests.ui.train.test_runs_panel import FINISHED, RUNNING

SMALL = ((60, 20), (40, 10))
each_size = pytest.mark.parametrize("size", SMALL, ids=["60x20", "40x10"])


@each_size
async def test_the_settings_show_all_of_their_buttons(size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        for tab, panel in (("train", "#train"), ("tagger", "#training")):
            await app.show_tab(tab)
            await idle(pilot)
            if tab == "tagger":
                await pilot.press("f8")
                await idle(pilot)
            app.query_one(panel).action_more()  # type: ignore[attr-defined]
            await until(pilot, lambda: isinstance(app.screen, KnobScreen))
            await pilot.pause()
            for button in app.screen.query(Button):
                assert button.region.right < size[0], button.label
                assert button.region.width >= button.content_size.width >= len(str(button.label))
            await pilot.press("escape")
            await idle(pilot)


@each_size
async def test_writing_has_the_whole_width_and_the_settings_are_a_page_further(size: tuple[int, int]) -> None:
    keep_model("bard")
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await app.show_tab("generate")
        await idle(pilot)
        writing, side = app.query_one("#writing"), app.query_one("#sampling")
        assert writing.region.width >= size[0] - 2
        assert app.focused is app.query_one("#prompt")
        await pilot.press("tab")
        await pilot.pause()
        assert side in (app.focused, *(app.focused.ancestors if app.focused else ()))
        assert side.region.width >= size[0] - 2
        assert 0 < side.region.y < 3
        await pilot.press("ctrl+b")
        await idle(pilot)
        await until(pilot, lambda: app.query_one("#next").region.height > 2)
        assert app.query_one("#next").region.bottom <= size[1]


@each_size
async def test_focusing_the_prompt_shows_the_text_and_not_the_settings(size: tuple[int, int]) -> None:
    """Textual scrolls the focused widget into the middle, also later, where it was laid out anew meanwhile."""
    async with generating(size) as (_, pilot, panel):
        prompt, side = panel.query_one(PromptArea), panel.query_one("#side")
        for focused, half in ((prompt, panel.query_one("#writing")), (side.query(Input).last(), side)):
            focused.focus()
            panel.scroll_to_center(focused, animate=True)
            await until(pilot, lambda half=half: half.region.y == panel.region.y)
            await idle(pilot)
            assert half.region.y == panel.region.y


@each_size
async def test_an_inspected_text_has_the_whole_width(size: tuple[int, int]) -> None:
    keep_model("bard")
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await app.show_tab("inspect")
        await idle(pilot)
        for name in (".inspected", ".beside"):
            assert app.query(name).first().region.width >= size[0] - 2


async def test_every_tab_takes_every_size_while_it_is_open() -> None:
    keep_model("bard")
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        for tab in ("train", "generate", "tagger", "inspect", "library"):
            await app.show_tab(tab)
            await idle(pilot)
            for size in ((300, 100), (40, 10), (60, 20), (120, 36)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert app.query_one("#tabs").region.bottom <= size[1]
                assert app.screen.size == size


async def test_a_text_streams_on_while_the_terminal_is_resized() -> None:
    async with generating(size=(120, 36)) as (app, pilot, panel):
        posted = await streaming(pilot, panel)
        for size in ((60, 20), (40, 10), (300, 100), (80, 24)):
            await pilot.resize_terminal(*size)
            before = len(text(panel))
            await until(pilot, lambda before=before: len(text(panel)) > before)
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        assert text(panel) == "The" + "".join(texts(posted)).removeprefix("The")
        shown = panel.pages[0].text
        assert shown.max_scroll_y == round(shown.scroll_y), "the end of the text is in sight"


async def test_quitting_waits_for_the_keys_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with generating() as (app, pilot, _):
        prompt, left = app.query_one(PromptArea), list[str]()
        monkeypatch.setattr(app, "exit", lambda: left.append(prompt.text))
        for letter in "tide":
            app.post_message(events.Key(letter, letter))
        app.post_message(events.Key("ctrl+q", None))
        await until(pilot, lambda: left)
        assert left == ["tide"]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)], ids=["60x20", "80x24", "160x50"])
@pytest.mark.parametrize("tab", ["inspect", "tagger"])
async def test_the_models_name_ends_on_the_screen(tab: str, size: tuple[int, int]) -> None:
    name = "grid-hidden96-dropout0_3-s1"
    keep_model(name)
    keep_tagger(name + "-tags", WORDS)
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await app.show_tab(tab)
        await idle(pilot)
        pick = app.query_one("#inspect-model" if tab == "inspect" else "#tagger-pick", Pick)
        pick.chosen = name
        await until(pilot, lambda: 10 < pick.region.right <= size[0])
        await until(pilot, lambda: str(pick.render()).endswith("s1 ▾"))
        assert cell_len(str(pick.render())) <= pick.content_size.width
        assert size[0] < 160 or str(pick.render()) == f"{name} ▾"


@each_size
@pytest.mark.parametrize("dialog", [delete_question, Ask], ids=["question", "ask"])
async def test_the_buttons_of_a_long_dialog_are_in_sight(
    size: tuple[int, int], dialog: Callable[..., Dialog[Any]]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        made = delete_question("run", *(f"20261130-002804-harbour-{n}" for n in range(9)))
        app.push_screen(made if dialog is delete_question else Ask("What?\n" * 12, "an answer"))
        await until(pilot, lambda: isinstance(app.screen, Dialog))
        await pilot.pause()
        for button in app.screen.query(Button):
            assert button.region.bottom < size[1], button.label
            assert button.region.right < size[0]
        if dialog is delete_question:
            box = app.screen.query_one(".dialog")
            await until(pilot, lambda: box.max_scroll_y > 0 or size != (40, 10))
            await pilot.press("pageup")
            await until(pilot, lambda: "Delete these 9 runs" in screen_text(app))


@each_size
async def test_a_report_can_be_asked_for_and_read(size: tuple[int, int]) -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await app.show_tab("tagger")
        await idle(pilot)
        await pilot.press("f9")
        await idle(pilot)
        page = app.query_one(ReportPage)
        evaluate, data = page.query_one("#evaluate", Button), page.query_one("#report-data", Pick)
        assert evaluate.region.right < size[0]
        assert evaluate.region.width >= len("Evaluate") + 2
        assert data.content_size.width >= len("choose data… ▾")
        page.source = data.chosen = "harbour-tags"
        page.action_evaluate()
        await until(pilot, lambda: page.report is not None and not page.has_class("-empty"))
        for name in ("#scores", "#pairs", "#confusion"):
            page.query_one(name).focus()
            await until(pilot, lambda name=name: page.query_one(name).region.bottom <= size[1] - 1)
            assert page.query_one(name).region.height >= 5


async def test_compared_runs_are_drawn_on_the_smallest_screen(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(40, 10)) as pilot:
        await settle(pilot)
        panel = app.query_one(TrainPanel)
        panel.choose(FINISHED)
        panel.action_show_run()
        panel.compare(RUNNING)
        await settle(pilot)
        await until(pilot, lambda: app.query_one(LossPanel).has_class("-comparing"))
        await until(pilot, lambda: app.query_one(LossChart).region.height >= 4)
        await until(pilot, lambda: any(mark in screen_text(app) for mark in "⠉⠒⠤⣀"))


async def test_why_an_answer_is_refused_can_be_read_on_the_smallest_screen() -> None:
    app = make_app()
    async with app.run_test(size=(40, 10)) as pilot:
        await idle(pilot)
        app.push_screen(Ask("Which command?\n\n" * 4, "", on_end.words))
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press(*"nosuch")
        await until(pilot, lambda: "for one." in screen_text(app))
        assert "nosuch" in screen_text(app).splitlines()[2], "the answer stays in sight"
