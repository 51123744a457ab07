"""The Train page: a tagger is planned, started and followed."""

from dataclasses import replace
from pathlib import Path

from textual.widgets import Static

from lstmterm.ui.tagger.panel import TaggerPanel
from lstmterm.ui.train.knob_screen import KnobScreen
from tests.ui.conftest import idle, keep_run, make_app, screen_text, settle, until
from tests.ui.journals import learning
from tests.ui.tagger.acting import keep_cipher_run, open_tab
from tests.ui.tagger_models import ROT13, keep_tagger
from tests.ui.train.test_panel import go_to


async def test_a_tagger_is_planned_checked_and_started(launched: list, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await open_tab(pilot)
        assert "There is no tagger yet" in screen_text(app)
        await pilot.press("f8")
        await idle(pilot)
        await until(pilot, lambda: "column tag: 1" in screen_text(app))
        assert "bidirectional" in screen_text(app)
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
