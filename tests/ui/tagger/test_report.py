"""The Report page: a tagger evaluated on gold data."""

import re
import threading
from pathlib import Path

import pytest

from lstmterm.infer.evaluate import evaluate
from lstmterm.ui.tagger.report import ReportPage
from lstmterm.ui.widgets.pick import Pick
from tests.ui.conftest import idle, make_app, screen_text, until
from tests.ui.tagger.acting import (
    open_tab,
)
from tests.ui.tagger_models import WORDS, keep_tagger


async def test_a_long_name_of_gold_data_is_cut_at_its_start(tmp_path: Path) -> None:
    keep_tagger("english-upos", WORDS)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_tab(pilot)
        await pilot.press("f9")
        await idle(pilot)
        page = app.query_one("#report")
        page.query_one("#report-data", Pick).chosen = "a-very-long-name-of-tagged-sentences.csv"
        page._set_working(True, "")  # type: ignore[attr-defined]
        await pilot.pause()
        line = next(line for line in screen_text(app).splitlines() if "Evaluate on" in line)
        assert re.search(r"…\S*-sentences\.csv ▾ +column .*Evaluate +Stop", line)


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
    began, go_on, came = threading.Event(), threading.Event(), threading.Event()

    def slowly(*arguments, **options):
        began.set()
        report = evaluate(*arguments, **{**options, "on_tagged": lambda done: None})
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
        await until(pilot, began.is_set)
        panel.open_model("moods")
        await until(pilot, lambda: page.reference == "moods")
        go_on.set()
        await until(pilot, came.is_set)
        await idle(pilot)
        assert page.report is None
        assert not page.working
        assert "of 4 right" not in screen_text(app)
