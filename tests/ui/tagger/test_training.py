"""The Train page: a tagger is planned, started and followed."""

import json
import re
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Static

from lstmterm.runs.summary import summaries
from lstmterm.ui.following import RunsListed
from lstmterm.ui.tagger.form import TaggerForm
from lstmterm.ui.tagger.panel import TaggerPanel
from lstmterm.ui.tagger.training import TaggerTraining
from lstmterm.ui.train.knob_screen import KnobScreen
from tests.planning.test_beside_run import as_tagger_run
from tests.ui.conftest import idle, keep_model, keep_run, make_app, screen_text, settle, until
from tests.ui.journals import learning
from tests.ui.tagger.acting import app_of, keep_cipher_run, open_tab
from tests.ui.tagger_models import ROT13, SPEC, WORDS, deciphering, keep_tagger
from tests.ui.train.test_panel import go_to


async def open_planned_form(pilot: Pilot[None]) -> None:
    """The training page, once its form shows a plan."""
    await settle(pilot)
    await open_tab(pilot)
    await pilot.press("f8")
    await until(pilot, lambda: "Baseline" in screen_text(app_of(pilot)))


async def test_a_tagger_is_planned_checked_and_started(launched: list, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await open_tab(pilot)
        assert "There is no tagger yet" in screen_text(app)
        await pilot.press("f8")
        await idle(pilot)
        await until(pilot, lambda: "column tag: 1" in screen_text(app))
        assert "Baseline 69.8% right" in screen_text(app)
        await pilot.press("ctrl+b")
        await pilot.pause()
        assert re.search("how good +The baseline is counting", screen_text(app))
        assert "bidirectional" in screen_text(app)
        await pilot.press("pagedown")
        await until(pilot, lambda: "  NOUN  159" in screen_text(app))
        assert "\u240a" not in screen_text(app), "each tag has a line of its own"
        await pilot.press("escape")

        await pilot.press("ctrl+o")
        await idle(pilot)
        await pilot.press(*"vigenere:SEA")
        await pilot.pause()
        await pilot.press("enter")
        panel = app.query_one("#training")
        await until(pilot, lambda: "random strings" in str(panel.query_one("#facts", Static).content))
        await idle(pilot)
        assert "1,500 steps" in screen_text(app)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, KnobScreen))
        go_to(app, "hidden")
        await pilot.press(*"64", "ctrl+y")
        command = "lstmterm train-tagger vigenere:SEA --name vigenere-SEA --steps 1500 --hidden 64"
        assert app.clipboard == command
        await pilot.press("ctrl+s")
        await idle(pilot)
        assert "More (1)" in screen_text(app)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)
        assert launched[0][0][:-4] == command.split()[1:]
        await settle(pilot)
        assert "● vigenere-SEA" in screen_text(app)
        assert app.services.settings.time == "3 minutes"

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
        form = panel.form  # type: ignore[attr-defined]
        form.set_values(replace(form.values, knobs={**form.values.knobs, "text_column": "2"}))
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
            assert "accuracy 100.0%" in shown
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


async def test_a_tagger_is_started_from_another_one_and_the_form_says_how_it_differs_from_the_run(
    launched: list,
) -> None:
    keep_tagger("small", WORDS, spec=SPEC)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_planned_form(pilot)
        form, panel = app.query_one(TaggerForm), app.query_one(TaggerTraining)
        form.query_one("#from").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "Start from the weights of which tagger?" in screen_text(app))
        await pilot.press(*"small", "enter")
        await until(pilot, lambda: "Learns" in str(form.query_one("#plan", Static).content))
        assert "small ▾" in screen_text(app)
        assert app.services.session.train_tagger["from"] == "small", "it is there when the screen opens again"
        plan = panel._planned.beside
        assert plan is not None
        run = keep_run("20250131-120000-mine", deciphering(ending=True), 1)
        (run.folder / "spec.json").write_text(json.dumps(as_tagger_run(plan, 60)))
        app.on_runs_listed(RunsListed(summaries()))
        await until(pilot, lambda: panel.row is not None)
        await settle(pilot)
        differs = form.query_one("#differs", Static)
        assert not differs.display, "the plan is the run's"
        panel.start_from("")
        await until(pilot, lambda: "from not given (instead of small)" in str(differs.content))
        panel.start_from("small")
        await until(pilot, lambda: not differs.display)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)
        assert "--from small" in " ".join(launched[0][0])


async def test_data_that_the_tagger_cannot_read_is_said_in_the_form() -> None:
    keep_model("bard")
    keep_tagger("small", WORDS, spec=SPEC)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_planned_form(pilot)
        form = app.query_one(TaggerForm)
        for start, said in (
            ("gone", "gone"),
            ("bard", "bard is a character model; From takes a tagger here."),
        ):
            app.query_one(TaggerTraining).start_from(start)
            await until(pilot, lambda said=said: said in str(form.query_one("#facts", Static).content))
        app.query_one(TaggerTraining).start_from("small")
        await idle(pilot)
        form.query_one("#level").focus()
        await pilot.press("down")
        await until(
            pilot,
            lambda: "Level is char, but small has word" in str(form.query_one("#facts", Static).content),
        )


async def test_the_plan_says_how_large_the_file_is_and_what_an_earlier_run_reached() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_planned_form(pilot)
        panel = app.query_one(TaggerTraining)
        shown = panel.form.query_one("#plan", Static)
        assert "LSTM, " in str(shown.content)
        assert "kB file" in str(shown.content)
        assert "parameters, a file of about" in panel._planned.rows["how large"]
        plan = panel._planned.beside
        assert plan is not None
        run = keep_run("20250131-120000-mine", deciphering(ending=True), 1)
        (run.folder / "spec.json").write_text(json.dumps(as_tagger_run(plan, 60)))
        panel.read_again()
        await until(pilot, lambda: "100.0% right in 0:09 before" in str(shown.content))
        assert "The earlier run mine reached 100.0%" in panel._planned.rows["how good"]
