"""The Tag page: a text is tagged as it is typed, and its tags corrected."""

from pathlib import Path

from textual import events as ui_events
from textual.widgets import Static

from lstmterm.tagging import treebank
from lstmterm.ui.tagger.tag_page import TagPage
from lstmterm.ui.tagger.token_view import TokenView
from tests.ui.conftest import idle, make_app, screen_text, until
from tests.ui.tagger.acting import open_tab, tags_shown, type_text
from tests.ui.tagger_models import MOODS, ROT13, SPEC, WORDS, keep_tagger

HOSTILE = "[/ [red]x[/red] \x1b[2J \u202eabc"


async def test_a_text_is_tagged_while_it_is_typed() -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: app.query("#tagger"))
        await idle(pilot)
        assert "95.3% right (81.0% of unknown words) · 5 tags · from harbour" in screen_text(app)
        await pilot.press(*"the tide rises")
        await until(pilot, lambda: [tag for _, tag, _ in tags_shown(app)] == ["DET", "NOUN", "VERB"])
        await until(pilot, lambda: "VERB" in str(app.query_one("#tag-bars", Static).content))

        await type_text(pilot, "the sea owes us a bucket. The glimber, rises.")
        shown = screen_text(app)
        assert "2 sentences" in shown
        assert "glimber°" in shown
        assert "° 1 unknown" in shown
        assert "? 1 unsure" in shown
        await pilot.press("tab")
        view = app.query_one(TokenView)
        assert view.has_focus
        await pilot.press("end", "home", "right", "right")
        assert view.cursor == (0, 2)
        assert "owes" in str(app.query_one("#tag-bars", Static).content)
        await pilot.press("down")
        assert view.cursor is not None
        assert view.cursor[0] == 1
        await pilot.press("up", "n")
        assert view.cursor == (1, 1)
        bars = str(app.query_one("#tag-bars", Static).content)
        assert "not in its training data" in bars
        assert "unsure" in bars
        assert await pilot.click(view, offset=(3, 0))
        assert view.cursor == (0, 0)
        await pilot.press("y")
        assert app.clipboard.startswith("the/DET sea/NOUN owes/VERB")
        for size in ((160, 50), (20, 8), (3, 2), (40, 60), (120, 36)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await until(pilot, lambda: "glimber°" in screen_text(app))


async def test_only_the_newest_text_is_shown_and_hostile_text_is_made_visible() -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await open_tab(pilot)
        page = app.query_one(TagPage)
        await type_text(pilot, "the sea")
        old = page.tagged
        assert old is not None
        box = app.query_one("#text")
        box.post_message(ui_events.Paste(HOSTILE))
        await until(pilot, lambda: page.tagged is not None and page.tagged is not old)
        page.on_tagged_text(old)
        assert page.tagged is not old
        shown = screen_text(app)
        assert "[red]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown


async def test_tags_are_corrected_saved_and_trained_from(tmp_path: Path) -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    target = tmp_path / "mine.conllu"
    async with app.run_test(size=(100, 30)) as pilot:
        await open_tab(pilot)
        await type_text(pilot, "the tide rises. The sea.")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert not app.query_one(TagPage).corrections.to_save
        app.query_one(TokenView).focus()
        await pilot.press("home", "right", "enter")
        await pilot.pause()
        listed = app.screen.query_one("#choices")
        assert "NOUN" in str(listed.get_option_at_index(0).prompt)  # type: ignore[attr-defined]
        await pilot.press(*"verb", "enter")
        await idle(pilot)
        assert tags_shown(app)[1] == ("tide", "VERB", "*")
        assert "✓ 1 to save" in screen_text(app)
        await type_text(pilot, "the tide rises, a. The sea.")
        assert tags_shown(app)[1] == ("tide", "VERB", "*")
        await pilot.press("delete")
        assert tags_shown(app)[1] == ("tide", "NOUN", "")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*"NEW", "enter")
        await pilot.pause()
        await pilot.press("end", "a")
        await pilot.pause()
        assert app.query_one(TagPage).corrections.to_save == [0, 1]
        await pilot.press("ctrl+s")
        await pilot.pause()
        await until(pilot, lambda: "english-upos-corrections.conllu" in screen_text(app))
        app.screen.query_one("#answer").value = str(target)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, target.exists)
        assert treebank.read(str(target)).sentences[0].tags[1] == "NEW"
        assert len(treebank.read(str(target)).sentences) == 2
        await until(pilot, lambda: "It has 2 sentences, " in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: app.query("#training"))
        await idle(pilot)
        await until(pilot, lambda: "distinct tags" in str(app.query_one("#training #facts", Static).content))
        assert app.query_one("#training").form.values.source == str(target)  # type: ignore[attr-defined]


async def test_the_tagger_is_trained_further_on_corrections(launched: list, tmp_path: Path) -> None:
    keep_tagger("english-upos", WORDS, spec=SPEC)
    app = make_app()
    target = tmp_path / "mine.conllu"
    async with app.run_test(size=(80, 24)) as pilot:
        await open_tab(pilot)
        await type_text(pilot, "the tide rises.")
        app.query_one(TokenView).focus()
        await pilot.press("a", "ctrl+s")
        await until(pilot, lambda: app.screen.query("#answer"))
        app.screen.query_one("#answer").value = str(target)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query("#further"))
        said = str(app.screen.query_one(Static).content)
        assert "It has 1 sentence, 4 words now." in said
        assert "A new tagger from 4 words alone would know only them, and guess the rest." in said
        assert "Further training of english-upos adds them to what it knows" in said
        await pilot.press("enter")
        await until(pilot, lambda: app.query("#training"))
        await until(pilot, lambda: "Learns" in str(app.query_one("#training #plan", Static).content))
        values = app.query_one("#training").form.values  # type: ignore[attr-defined]
        assert (values.start_from, values.source, values.name, values.time) == (
            "english-upos", str(target), "english-upos-further", "1 minute",
        )  # fmt: skip
        assert "english-upos ▾" in screen_text(app)
        assert not launched
        assert app.focused is app.query_one("#training #start")
        await pilot.press("enter")
        await until(pilot, lambda: launched)
        arguments, run = launched[0]
        request = ["train-tagger", str(target), "--name", "english-upos-further", "--from", "english-upos"]
        assert arguments == [*request, "--minutes", "1", "--nice", "10", "--run-id", run]
        assert "english-upos-further" in run
        assert app.services.settings.time == "3 minutes", "a minute is not the time of other runs"


async def test_letters_and_whole_lines_have_their_own_layout() -> None:
    keep_tagger("rot", ROT13, "char", metrics={})
    keep_tagger("mood", MOODS, "sequence", metrics={})
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await open_tab(pilot)
        assert panel.reference == "mood"
        await type_text(pilot, "the storm\nthe calm")
        assert [tag for _, tag, _ in tags_shown(app)] == ["bad", "good"]
        assert "→ bad" in screen_text(app)
        await pilot.press("ctrl+o")
        await idle(pilot)
        assert "mood" in screen_text(app)
        await pilot.press(*"rot", "enter")
        await idle(pilot)
        await type_text(pilot, "FUVEM\nx")
        shown = screen_text(app)
        assert "THIS-" in shown
        assert "it does not know x" in shown
        assert "letter by letter" in shown
