"""The form's plan: beside the chosen run, from another model, at length, and without moving a field."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Static

from lstmterm import paths
from lstmterm.models import library
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.train.form import Notes
from lstmterm.ui.train.panel import TrainPanel
from lstmterm.ui.train.planning import Planned
from lstmterm.ui.widgets.plain import PlainInput
from tests.ui.conftest import keep_model, make_app, screen_text, settle, until
from tests.ui.textual_private import notices


def said(app: LstmTerm, what: str) -> str:
    return str(app.query_one(what, Static).content)


async def test_the_form_says_how_its_plan_differs_from_the_chosen_run(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: "Unlike harbour: another text" in said(app, "#differs"))
        panel = app.query_one(TrainPanel)
        assert panel.reading is not None
        spec = paths.runs() / "20250131-142230-harbour" / "spec.json"
        values = json.loads(spec.read_text())
        values["text"] |= {"source": "harbour", "digest": panel.reading.digest}
        for run in paths.runs().iterdir():
            (run / "spec.json").write_text(json.dumps(values))
        panel.form.set_values(replace(panel.form.values, time="5 minutes", knobs={"seed": "7"}))
        panel.read_again()
        await until(pilot, lambda: "Unlike harbour: " in said(app, "#differs"))
        await until(pilot, lambda: "another text" not in said(app, "#differs"))
        assert "more." in said(app, "#differs")
        panel.choose("20250131-130000-bard")
        await until(pilot, lambda: "Unlike bard: " in said(app, "#differs"))
        await pilot.press("ctrl+b")
        await pilot.pause()
        await until(pilot, lambda: "how long" in screen_text(app))
        shown = screen_text(app)
        for row in ("how good", "how large", "why"):
            assert row in shown
        await pilot.press("escape")
        panel.choose(None)
        panel.compare_plan()
        assert said(app, "#differs") == ""


async def test_a_model_is_started_from_another_ones_weights(launched: list) -> None:
    keep_model("tides")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: "1x384 LSTM, " in said(app, "#plan"))
        app.query_one("#from").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "Start from the weights of which model?" in screen_text(app))
        assert "new weights" in screen_text(app)
        await pilot.press(*"tid", "enter")
        await until(pilot, lambda: "1x384 LSTM, " not in said(app, "#plan"))
        assert "keeps to what was given" in said(app, "#why")
        assert "tides ▾" in screen_text(app)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "--from tides" in " ".join(screen_text(app).split()))
        await pilot.press("escape")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)
        assert launched[0][0][:5] == ["train", "harbour", "--name", "harbour", "--from"]
        assert launched[0][0][5] == "tides"
        assert app.services.session.train["from"] == "tides", "it is there when the screen is opened again"

        panel = app.query_one(TrainPanel)
        panel.form.set_values(replace(panel.form.values, knobs={"hidden": "99"}))
        panel.read_again()
        await until(pilot, lambda: "but tides has" in said(app, "#plan"))
        assert app.query_one("#plan").has_class("-wrong")
        panel.start_from("")
        await until(pilot, lambda: "x99 LSTM, " in said(app, "#plan"))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
async def test_no_field_moves_while_the_plan_is_made(recorded: None, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        form = app.query_one(TrainPanel).form
        places = [
            (widget.id, widget.region) for widget in form.query("#corpus, #from, #name, #time, Button, Notes")
        ]
        places.append(("runs", app.query_one("#runs").region))
        for text in ("", "one line", "many lines\n" * 12):
            form.set_plan(text, text)
            form.set_facts(text)
            form.set_differs(text)
            await settle(pilot)
            now = [
                (widget.id, widget.region)
                for widget in form.query("#corpus, #from, #name, #time, Button, Notes")
            ]
            assert [*now, ("runs", app.query_one("#runs").region)] == places


async def test_a_click_on_the_plan_shows_it_at_length() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: " LSTM, " in said(app, "#plan"))
        assert "^b why" in screen_text(app)
        await pilot.click(Notes)
        await until(pilot, lambda: "how large" in screen_text(app))


async def test_a_text_that_cannot_be_trained_on_is_not_started_nor_named_like_the_one_before(
    launched: list, tmp_path: Path
) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "diary.txt").write_text("Hello world. This is my diary.\n")
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: " LSTM, " in said(app, "#plan"))
        panel = app.query_one(TrainPanel)
        for file, sentence in (
            ("empty.txt", "it must have at least two characters"),
            ("diary.txt", "too few for Val 0.05, which takes at least 40"),
        ):
            panel.choose_source(str(tmp_path / file))
            await until(pilot, lambda sentence=sentence: sentence in said(app, "#facts"))
            assert "harbour" not in app.query_one("#name", PlainInput).placeholder
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert any(sentence in note for note in notices(app)), file
        assert not launched
        (tmp_path / "diary.txt").write_text("Hello world. This is my diary.\n" * 40)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: " LSTM, " in said(app, "#plan"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)


@pytest.mark.parametrize(
    ("tab", "form", "name"), [("train", "#train", "harbour"), ("tagger", "#training", "harbour-tags")]
)
async def test_a_name_that_became_free_meanwhile_is_proposed_again(tab: str, form: str, name: str) -> None:
    keep_model(name)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await app.show_tab(tab)
        if tab == "tagger":
            await settle(pilot)
            await pilot.press("f8")
        panel = app.query_one(form, TrainPanel)
        await until(pilot, lambda: panel.form.name_or_hint == f"{name}-2")
        await app.show_tab("library")
        await until(pilot, lambda: not panel.is_shown)
        library.remove(name)
        await app.show_tab(tab)
        await until(pilot, lambda: panel.form.name_or_hint == name)


async def test_a_plan_of_the_values_before_does_not_hide_what_is_wrong_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planning, time_is_gone = threading.Event(), threading.Event()

    def plan_text(*_: object) -> Planned:
        planning.set()
        time_is_gone.wait(60)
        return Planned("About 3 minutes")

    monkeypatch.setattr("lstmterm.ui.train.plan_panel.plan_text", plan_text)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, planning.is_set)
        app.query_one("#time").focus()
        app.simulate_key("x")  # `press` would wait for the plan
        await until(pilot, lambda: "Give a time" in said(app, "#plan"))
        time_is_gone.set()
        await settle(pilot)
        assert "Give a time" in said(app, "#plan")
