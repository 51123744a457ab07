"""The Tagger tab: its tagger, its pages, and the ways between them."""

from pathlib import Path

from textual.widgets import Input, Static

from lstmterm.ui.tagger.panel import TaggerPanel
from tests.ui.conftest import idle, make_app, screen_text, settle, until
from tests.ui.tagger.acting import choose_tagger, open_tab, tags_shown, toasts, type_text
from tests.ui.tagger_models import WORDS, keep_tagger


async def test_a_file_that_is_not_a_tagger_is_refused_and_the_present_tagger_stays(tmp_path: Path) -> None:
    keep_tagger("english-upos", WORDS)
    data = tmp_path / "sentences-of-the-harbour-with-tags.csv"
    data.write_text("text,tag\nthe tide,DET NOUN\n")
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        panel = await open_tab(pilot)
        await type_text(pilot, "the tide")
        facts = str(app.query_one("#tagger-summary", Static).content)
        await choose_tagger(pilot, str(data))
        assert f"{data}isnotamodel" in toasts(app)
        assert "is not a model" in " ".join(screen_text(app).split())
        assert panel.reference == "english-upos"
        assert "english-upos ▾" in screen_text(app)
        assert str(app.query_one("#tagger-summary", Static).content) == facts
        await type_text(pilot, "the tide rises")
        assert [tag for _, tag, _ in tags_shown(app)] == ["DET", "NOUN", "VERB"]
        await pilot.press("f9")
        await idle(pilot)
        assert "95.30%" in screen_text(app)

        panel.open_model("gone")
        await idle(pilot)
        assert "Thereisnomodelnamed'gone'" in toasts(app)
        panel.open_model("english-upos")
        await idle(pilot)
        assert str(app.query_one("#tagger-summary", Static).content) == facts, (
            "opened again, it is there at once"
        )


async def test_a_refused_tagger_leaves_no_figures(tmp_path: Path) -> None:
    data = tmp_path / "tags.csv"
    data.write_text("text,tag\nthe tide,DET NOUN\n")
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        panel = await open_tab(pilot)
        await choose_tagger(pilot, str(data))
        assert "isnotamodel" in toasts(app)
        assert panel.reference == ""
        assert "There is no tagger yet" in screen_text(app)
        assert not app.query_one("#tag-text").border_subtitle


async def test_the_palette_offers_a_tagger_for_tagging_only() -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        app.screen.query_one(Input).value = "with english"
        await until(pilot, lambda: "Tag with english-upos" in screen_text(app))
        assert "Generate with" not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.query(TaggerPanel))
        await until(pilot, lambda: app.query_one(TaggerPanel).reference == "english-upos")


async def test_the_summary_of_the_tagger_is_whole_or_left_out() -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_tab(pilot)
        line = app.query_one("#tagger-summary", Static)
        await until(pilot, lambda: "right" in str(line.content))
        for columns, shown in ((120, "right ("), (60, ""), (80, "right ·")):
            await pilot.resize_terminal(columns, 24)
            await until(pilot, lambda shown=shown: shown in str(line.content))
            assert len(str(line.content)) <= line.size.width
