"""The Tagger tab: every action, with taggers made by hand and recorded runs."""

import json
import re
import threading
from pathlib import Path

import pytest
from textual import events as ui_events
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import Theme
from textual.widgets import Input, Static
from textual.widgets._toast import Toast

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.infer.evaluate import evaluate
from lstmterm.runs import folder
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Tagged
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.tagger import saving
from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.corrections import Corrections
from lstmterm.ui.tagger.page import TagPage
from lstmterm.ui.tagger.panel import TaggerPanel
from lstmterm.ui.tagger.reader import split
from lstmterm.ui.tagger.report import ReportPage
from lstmterm.ui.tagger.timeline import Truth, tags_in
from lstmterm.ui.tagger.tokens import TokenView
from lstmterm.ui.themes import DARK, LIGHT
from lstmterm.ui.train.knob_screen import KnobScreen
from lstmterm.ui.widgets.pick import Pick
from tests.ui.conftest import idle, keep_run, make_app, screen_text, settle, until
from tests.ui.journals import learning
from tests.ui.tagger_models import MOODS, ROT13, WORDS, deciphering, keep_tagger
from tests.ui.train.test_panel import go_to

HOSTILE = "[/ [red]x[/red] \x1b[2J \u202eabc"


def app_of(pilot: Pilot[None]) -> LstmTerm:
    assert isinstance(pilot.app, LstmTerm)
    return pilot.app


async def open_tab(pilot: Pilot[None]) -> TaggerPanel:
    await app_of(pilot).show_tab("tagger")
    await idle(pilot)
    return pilot.app.query_one(TaggerPanel)


async def type_text(pilot: Pilot[None], text: str) -> None:
    box = pilot.app.query_one("#text")
    page = pilot.app.query_one(TagPage)
    before = page._number
    box.text = text  # type: ignore[attr-defined]
    await until(pilot, lambda: page._number > before)
    await until(pilot, lambda: page.tagged is not None and page.tagged.number == page._number)
    await idle(pilot)


def tags_shown(app: LstmTerm) -> list[tuple[str, str, str]]:
    """Word, tag and signs of every token."""
    view = app.query_one(TokenView)
    return [(t.word, t.tag, t.signs) for sentence in view._sentences for t in sentence]


async def test_a_text_is_tagged_as_it_is_typed_and_looked_at_word_by_word() -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: app.query("#tagger"))
        await idle(pilot)
        assert "95.3% right (81.0% of unknown words) · 5 tags · from harbour" in screen_text(app)
        await pilot.press(*"the tide rises")
        await until(pilot, lambda: [tag for _, tag, _ in tags_shown(app)] == ["DET", "NOUN", "VERB"])
        await until(pilot, lambda: "VERB" in str(app.query_one("#odds", Static).content))

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
        assert "owes" in str(app.query_one("#odds", Static).content)
        await pilot.press("down")
        assert view.cursor is not None
        assert view.cursor[0] == 1
        await pilot.press("up", "n")
        assert view.cursor == (1, 1)
        odds = str(app.query_one("#odds", Static).content)
        assert "not in its training data" in odds
        assert "unsure" in odds
        assert await pilot.click(view, offset=(3, 0))
        assert view.cursor == (0, 0)
        await pilot.press("y")
        assert app.clipboard.startswith("the/DET sea/NOUN owes/VERB")
        for size in ((160, 50), (20, 8), (3, 2), (40, 60), (120, 36)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert "glimber°" in screen_text(app)


async def test_only_the_newest_text_is_shown_and_hostile_text_is_seen_as_it_is() -> None:
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
        assert not app.query_one(TagPage).corrections.wanted
        app.query_one(TokenView).focus()
        await pilot.press("home", "right", "enter")
        await pilot.pause()
        listed = app.screen.query_one("#tags")
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
        assert app.query_one(TagPage).corrections.wanted == [0, 1]
        await pilot.press("ctrl+s")
        await pilot.pause()
        await until(pilot, lambda: "english-upos-corrections.conllu" in screen_text(app))
        app.screen.query_one("#answer").value = str(target)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, target.exists)
        assert treebank.read(str(target)).sentences[0].tags[1] == "NEW"
        assert len(treebank.read(str(target)).sentences) == 2
        await until(pilot, lambda: "Train a tagger from it?" in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: app.query("#training"))
        await idle(pilot)
        await until(pilot, lambda: "distinct tags" in screen_text(app))
        assert app.query_one("#training").form.values.source == str(target)  # type: ignore[attr-defined]


async def test_letters_and_whole_lines_are_shown_in_their_own_way() -> None:
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


async def choose_tagger(pilot: Pilot[None], reference: str) -> None:
    """Choose a tagger as a person does."""
    await pilot.press("ctrl+o")
    await until(pilot, lambda: pilot.app.screen.query("#filter"))
    pilot.app.screen.query_one("#filter", Input).value = reference
    await pilot.press("enter")
    await idle(pilot)


def toasts(app: LstmTerm) -> str:
    """What the notes in the corner say, without the ends of their lines."""
    return "".join("".join(str(toast.render()).split()) for toast in app.query(Toast))


async def test_what_is_no_tagger_is_refused_in_full_and_the_present_one_stays(tmp_path: Path) -> None:
    keep_tagger("english-upos", WORDS)
    data = tmp_path / "sentences-of-the-harbour-with-tags.csv"
    data.write_text("text,tag\nthe tide,DET NOUN\n")
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        panel = await open_tab(pilot)
        await type_text(pilot, "the tide")
        facts = str(app.query_one("#tagger-facts", Static).content)
        await choose_tagger(pilot, str(data))
        assert f"{data}isnotamodel" in toasts(app)
        assert "is not a model" in " ".join(screen_text(app).split())
        assert panel.reference == "english-upos"
        assert "english-upos ▾" in screen_text(app)
        assert str(app.query_one("#tagger-facts", Static).content) == facts
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
        assert str(app.query_one("#tagger-facts", Static).content) == facts, (
            "opened again, it is there at once"
        )


async def test_where_there_was_no_tagger_a_refused_one_leaves_no_figures(tmp_path: Path) -> None:
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


async def test_the_data_to_compare_with_is_named_by_the_end_of_its_name(tmp_path: Path) -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_tab(pilot)
        await pilot.press("f9")
        await idle(pilot)
        page = app.query_one("#report")
        page.query_one("#report-data", Pick).chosen = "a-very-long-name-of-tagged-sentences.csv"
        page.working = True  # type: ignore[attr-defined]
        page._draw_buttons()  # type: ignore[attr-defined]
        await pilot.pause()
        line = next(line for line in screen_text(app).splitlines() if "Evaluate on" in line)
        assert re.search(r"…\S*-sentences\.csv ▾ +column .*Evaluate +Stop", line)


async def test_the_palette_tags_with_a_tagger_and_writes_with_no_such_model() -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        app.screen.query_one(Input).value = "with english"
        await until(pilot, lambda: "Tag with english-upos" in screen_text(app))
        assert "Write with" not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.query(TaggerPanel))
        await until(pilot, lambda: app.query_one(TaggerPanel).reference == "english-upos")


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was started instead of children."""
    found: list[list[str]] = []

    class Child:
        def poll(self) -> None:
            return None

    def launch(arguments: list[str], run_id: str) -> Child:
        found.append(list(arguments))
        (paths.runs() / run_id).mkdir(parents=True, exist_ok=True)
        return Child()

    monkeypatch.setattr("lstmterm.runs.launching.launch", launch)
    return found


async def test_a_tagger_is_wished_for_checked_and_started(launched: list, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await open_tab(pilot)
        assert "There is no tagger yet" in screen_text(app)
        await pilot.press("f8")
        await idle(pilot)
        await until(pilot, lambda: "column tag: 1" in screen_text(app))
        assert "both ways" in screen_text(app)
        await pilot.press("ctrl+b")
        await pilot.pause()
        assert "NOUN" in screen_text(app)
        await pilot.press("escape")

        await pilot.press("ctrl+o")
        await idle(pilot)
        await pilot.press(*"vigenere:SEA")
        await pilot.pause()
        await pilot.press("enter")
        panel = app.query_one("#training")
        await until(pilot, lambda: "random strings" in str(panel.query_one("#facts", Static).content))
        await idle(pilot)
        assert "300 steps" in screen_text(app)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, KnobScreen))
        go_to(app, "hidden")
        await pilot.press(*"64", "ctrl+y")
        command = "lstmterm train-tagger vigenere:SEA --name vigenere-SEA --steps 300 --hidden 64"
        assert app.clipboard == command
        await pilot.press("ctrl+s")
        await idle(pilot)
        assert "More (1)" in screen_text(app)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)
        assert launched[0][:-4] == command.split()[1:]
        await settle(pilot)
        assert "● vigenere-SEA" in screen_text(app)
        assert app.settings.time == "3 minutes"

        data = tmp_path / "short.csv"
        data.write_text("text,tag\nthe tide,DET\n")
        for source, said in (
            (str(data), "short.csv, line 2: 2 words but 1 tag;"),
            (str(tmp_path / "no.csv"), "There is no file"),
        ):
            panel.choose_source(source)  # type: ignore[attr-defined]
            await idle(pilot)
            assert said in str(panel.query_one("#facts", Static).content)
        panel.choose_source("harbour")  # type: ignore[attr-defined]
        await idle(pilot)
        app.query_one("#column").focus()
        await pilot.press(*"NOPE")
        await until(pilot, lambda: "no column 'NOPE'" in str(panel.query_one("#facts", Static).content))
        assert panel.form.values.knobs == {"hidden": "64", "column": "NOPE"}  # type: ignore[attr-defined]
        app.query_one("#level").focus()
        await pilot.press("down")
        await idle(pilot)
        assert panel.form.values.knobs["level"] == "char"  # type: ignore[attr-defined]


def keep_cipher_run(run_id: str, **how: object) -> folder.Run:
    """A recorded run on rot13."""
    run = keep_run(run_id, deciphering(**how), 1)  # type: ignore[arg-type]
    spec = {
        "task": "tagger",
        "name": "rot13",
        "data": {"source": "rot13", "name": "rot13", "level": "char"},
        "training": {"steps": 300},
    }
    (run.folder / "spec.json").write_text(json.dumps(spec))
    return run


async def test_letters_fall_into_place_while_a_cipher_is_learned(launched: list) -> None:
    keep_run("20250131-120000-harbour", learning(done=0.3, ending="stopped"))
    run = keep_cipher_run("20250131-142230-rot13")
    keep_tagger("rot13", ROT13, "char")
    app = make_app()
    with run.held():
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await open_tab(pilot)
            await pilot.press("f8")
            await settle(pilot)
            shown = screen_text(app)
            assert "14 of 14 letters right" in shown
            assert "THE-TIDE-WAITS" in shown
            assert "right 100.0%" in shown
            assert "harbour " not in shown.split("Runs")[1]
            timeline = app.query_one("#training").query_one("#timeline")
            timeline.focus()
            await pilot.press("left", "left", "left")
            await pilot.pause()
            shown = screen_text(app)
            assert "of 14 letters right" in shown
            assert "THE-EEEEEEEEEE" in shown
            assert "✓✓✓✓" in shown
            await pilot.press("ctrl+t")
            assert run.stop_requested()
            await pilot.press("ctrl+n")
            await idle(pilot)
            assert app.query_one(TaggerPanel).reference == "rot13"
            assert app.query_one(TaggerPanel).page.id == "tag"
            await app.open_run("20250131-120000-harbour")
            assert app.query_one("#train").chosen == "20250131-120000-harbour"  # type: ignore[attr-defined]
            await app.open_run(run.id)
            assert app.query_one("#training").chosen == run.id  # type: ignore[attr-defined]


async def test_the_report_says_how_good_a_tagger_is(tmp_path: Path) -> None:
    keep_tagger("english-upos", WORDS, layout="csv")
    data = tmp_path / "gold.csv"
    data.write_text("text,tag\nthe sea rises .,DET NOUN VERB PUNCT\nthe glim owes us,DET NOUN NOUN PRON\n")
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await open_tab(pilot)
        await pilot.press("f9")
        await idle(pilot)
        assert "Measured in training" in screen_text(app)
        assert "95.30%" in screen_text(app)
        page = app.query_one("#report")
        page.source = str(data)  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: page.report is not None)  # type: ignore[attr-defined]
        await pilot.pause()
        shown = screen_text(app)
        assert "gold.csv: tags from the column tag, 5 distinct tags" in shown
        assert str(tmp_path) not in shown
        assert "75.00% of 8 right" in shown
        assert "85.71% of 7" in shown
        assert "unknown 0.00% of 1" in shown
        assert "Most confused" in shown
        scores = app.query_one("#scores")
        assert [str(cell).strip() for cell in scores.get_row_at(1)] == ["NOUN", "100.0", "33.3", "50.0", "3"]  # type: ignore[attr-defined]
        app.query_one("#confusion").focus()
        await pilot.press("down", "right", "right")
        await pilot.pause()
        assert "NOUN right: 1 time" in str(app.query_one("#confusion").border_subtitle)
        app.query_one("#report-column").focus()  # where the key would go to the end of the line
        await pilot.press("ctrl+e")
        await pilot.pause()
        target = tmp_path / "confusion.csv"
        app.screen.query_one("#answer").value = str(target)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, target.exists)
        assert target.read_text().splitlines()[2] == "NOUN,1,1,0,0,1"
        page.source = str(tmp_path / "none.csv")  # type: ignore[attr-defined]
        page.action_evaluate()  # type: ignore[attr-defined]
        await idle(pilot)
        assert "There is no file" in screen_text(app)
        page.action_evaluate()  # type: ignore[attr-defined]
        page.action_stop()  # type: ignore[attr-defined]
        await idle(pilot)
        assert "Stopped." in screen_text(app)


async def test_a_report_of_a_tagger_that_is_no_longer_chosen_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("english-upos", "moods"):
        keep_tagger(name, WORDS, layout="csv")
    data = tmp_path / "gold.csv"
    data.write_text("text,tag\nthe sea rises .,DET NOUN VERB PUNCT\n")
    go_on, came = threading.Event(), threading.Event()

    def slowly(*arguments, **options):
        report = evaluate(*arguments, **options)
        assert go_on.wait(60)
        came.set()
        return report

    monkeypatch.setattr("lstmterm.infer.evaluate.evaluate", slowly)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await open_tab(pilot)
        await panel.show_page("report")
        page = app.query_one(ReportPage)
        page.source = str(data)
        page.action_evaluate()
        panel.open_model("moods")
        await until(pilot, lambda: page.reference == "moods")
        go_on.set()
        await until(pilot, came.is_set)
        await idle(pilot)
        assert page.report is None
        assert not page.working
        assert "of 4 right" not in screen_text(app)


# Without a screen


def test_corrections_stay_with_their_words() -> None:
    corrections = Corrections()
    corrections.follow([("the", "tide", "rises"), ("us",)])
    corrections.correct(0, 2, "NOUN")
    corrections.correct(1, 0, "X")
    corrections.follow([("so",), ("the", "tide", "rises"), ("us",)])
    assert [sheet.tags for sheet in corrections.sheets] == [{}, {2: "NOUN"}, {0: "X"}]
    corrections.follow([("so",), ("the", "low", "tide", "rises"), ("us",)])
    assert corrections.sheets[1].tags == {3: "NOUN"}
    corrections.mark_saved([2])
    assert corrections.wanted == [1]
    assert corrections.corrected == 2


@pytest.mark.parametrize(
    ("name", "level", "sentence"),
    [
        ("a.csv", "word", Tagged(("the", 'ti"de'), ("DET", "NOUN"))),
        ("a.conllu", "word", Tagged(("do", "n't"), ("AUX", "PART"))),
        ("a.csv", "char", Tagged(tuple("A B"), tuple("xyz"))),
        ("a.csv", "sequence", Tagged(("calm", "sea"), ("good",))),
    ],
)
def test_saved_sentences_are_read_again_as_they_are(
    tmp_path: Path, name: str, level, sentence: Tagged
) -> None:
    path = tmp_path / name
    spaces = [(False,) * len(sentence.words)]
    assert saving.save(path, [sentence], spaces, level, "UPOS") == 1
    assert saving.save(path, [sentence], spaces, level, "UPOS") == 2
    assert treebank.read(str(path), level=level).sentences == (sentence, sentence)


def test_sentences_that_a_file_cannot_hold_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(InputError, match="cannot hold"):
        saving.save(path, [Tagged(("New York",), ("PROPN",))], [(True,)], "word", "UPOS")
    assert not path.exists()
    path.write_text("other,columns\n1,2\n")
    with pytest.raises(InputError, match="header"):
        saving.save(path, [Tagged(("a",), ("DET",))], [(True,)], "word", "UPOS")
    assert path.read_text() == "other,columns\n1,2\n"
    with pytest.raises(InputError, match="ends with"):
        saving.check(str(tmp_path / "a.txt"), "word")


def test_the_places_of_words_in_a_text() -> None:
    text = "The  tide\nrises. I don't\n\nknow"
    found, cut = split(text, "word")
    assert not cut
    assert [
        text[start : start + len(word)] for s in found for word, start in zip(s.words, s.starts, strict=True)
    ] == [word for s in found for word in s.words]
    assert split("a " * 6000, "word")[1]


def test_tags_are_found_in_a_sample_whatever_the_words_are() -> None:
    truth = Truth("word", ("a/b", "New York", "."), ("X", "Y", "Z"))
    assert tags_in("a/b/X New York/Y ./Z", truth) == ["X", "Y", "Z"]


def luminance(color: Color) -> float:
    """How light a colour is to the eye, 0 to 1, as the Web Content Accessibility Guidelines define it."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_tag_colour_can_be_read(theme: Theme) -> None:
    names = [f"T{i}" for i in range(12)]
    colours = TagColours(names, theme)
    assert len({colours.of(tag) for tag in names}) == len(names)
    for ground in (theme.background, theme.surface):  # the pages', and the dialogs'
        assert ground is not None
        for tag in names:
            color = colours.color(tag)
            assert color is not None
            dark, light = sorted(luminance(c) for c in (Color.parse(ground), color))
            assert (light + 0.05) / (dark + 0.05) >= 3, (ground, tag)


def test_the_tags_of_one_type_of_span_share_a_colour() -> None:
    colours = TagColours(["B-PER", "I-PER", "B-LOC"], DARK)
    assert colours.of("B-PER") == colours.of("I-PER") != colours.of("B-LOC")
