"""The Against page: what it shows, and that its figures are those of `score --against`."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from textual.pilot import Pilot

from lstmterm.cli import lstmterm
from lstmterm.infer.against import Predicted
from lstmterm.infer.lstm import Progress
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.inspect import against_reader
from lstmterm.ui.inspect.against_card import AgainstCard, TypesTable, gained
from lstmterm.ui.inspect.against_view import AgainstView
from lstmterm.ui.inspect.compared_text import ComparedText
from lstmterm.ui.widgets.pick import Pick
from tests.ui.conftest import idle, keep_model, make_app, screen_text, until
from tests.ui.inspect.conftest import open_page, said
from tests.ui.inspect.models import keep_trained


async def opened(pilot: Pilot[None]) -> AgainstView:
    """The page once it has compared, or says why not."""
    view = await open_page(pilot, "f8", AgainstView)
    await compared(pilot, view)
    return view


async def compared(pilot: Pilot[None], view: AgainstView) -> None:
    await until(pilot, lambda: view.reading and not view.busy)
    await idle(pilot)


def found(view: AgainstView) -> ComparedText:
    assert view.found is not None
    return view.found


def score(*words: str) -> list[dict[str, float]]:
    done = CliRunner().invoke(lstmterm, ["score", *words, "--json", "--quiet"])
    assert done.exception is None, done.exception
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("other", ["5-gram", "2-gram", "tiny"])
async def test_the_figures_are_those_of_the_command(tmp_path: Path, other: str) -> None:
    keep_model("tiny", seed=3)
    keep_trained(tmp_path)
    async with make_app().run_test(size=(80, 24)) as pilot:
        view = await opened(pilot)
        if other != view.other:
            view.compare_with(other)
            await compared(pilot, view)
        comparison = found(view).comparison
        rows = score("trained", "--split", "val", "--against", other)
        each = score("trained", "--split", "val", "--against", other, "--per-char")
        shown = said(view, TypesTable)
    assert [(row.name, row.count) for row in comparison.rows] == [(row["name"], row["count"]) for row in rows]
    for mine, row in zip(comparison.rows, rows, strict=True):
        for what in ("bits", "other_bits", "gain", "share"):
            assert getattr(mine, what) == pytest.approx(row[what], abs=1e-6), (mine.name, what)
        assert f"{row['gain']:+7.2f}" in shown
        assert f"{row['share']:6.0%}" in shown
    gains = [np.nan if line["difference"] is None else line["difference"] for line in each]
    assert np.allclose(comparison.gains * np.log(2), gains, atol=2e-6, equal_nan=True)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 50)])
async def test_the_text_is_coloured_and_the_cursor_tells(tmp_path: Path, size: tuple[int, int]) -> None:
    keep_trained(tmp_path)
    async with make_app().run_test(size=size) as pilot:
        view = await opened(pilot)
        comparison = found(view).comparison
        assert view.text._shown.levels == found(view).levels
        await pilot.press("n")
        await idle(pilot)
        at = view.text.cursor
        assert at == found(view).marks[0]
        assert abs(comparison.gains[at]) == pytest.approx(np.nanmax(np.abs(comparison.gains)), rel=0.5)
        bits = [
            predictor.measures.nats[at - 1] / np.log(2) for predictor in (comparison.one, comparison.other)
        ]
        n = 7 if size[0] < 100 else 9
        for part in (f"{bits[0]:{n}.2f}{bits[1]:{n}.2f}{bits[1] - bits[0]:+{n}.2f}", "5-gram", "▸"):
            assert part in said(view, AgainstCard)
            assert part in screen_text(pilot.app)
        for part in ("worse", "better", f"{abs(comparison.rows[-1].gain):.2f} bits/char", "than 5-gram"):
            assert part in screen_text(pilot.app)
        assert ("predicted" in screen_text(pilot.app)) == (size[1] > 30)


def test_figures_of_a_long_line_do_not_touch() -> None:
    for gain, shown in ((-12.391, " -12.39"), (-134.14, "   -134"), (99.996, "   +100"), (99.99, " +99.99")):
        assert gained(gain, 7)[0] == shown


async def test_types_take_the_place_of_the_card_where_there_is_little_room(tmp_path: Path) -> None:
    keep_trained(tmp_path)
    async with make_app().run_test(size=(80, 24)) as pilot:
        view = await opened(pilot)
        assert view.query_one(AgainstCard).display
        await pilot.press("t")
        await until(pilot, lambda: "after white space" in screen_text(pilot.app))
        assert not view.query_one(AgainstCard).display
        await pilot.press("t")
        await until(pilot, lambda: "after white space" not in screen_text(pilot.app))


async def test_another_predictor_is_chosen_from_a_list(tmp_path: Path) -> None:
    keep_model("tiny", seed=3)
    keep_trained(tmp_path)
    async with make_app().run_test(size=(80, 24)) as pilot:
        view = await opened(pilot)
        first = found(view)
        await pilot.press("o")
        await until(pilot, lambda: pilot.app.screen.query("#filter"))
        assert "n-grams of the training text" in screen_text(pilot.app)
        await pilot.press(*"tiny", "enter")
        await until(pilot, lambda: view.other == "tiny")
        await compared(pilot, view)
        assert view.query_one("#other", Pick).chosen == "tiny"
        assert found(view).comparison.other.name == "tiny"
        view.compare_with("5-gram")
        await compared(pilot, view)
        assert found(view) is first, "what was found is kept"


async def test_without_the_training_text_a_sentence_says_so_and_a_model_can_be_chosen() -> None:
    keep_model("other", seed=3)
    keep_model("tiny")
    async with make_app().run_test(size=(80, 24)) as pilot:
        view = await opened(pilot)
        assert view.found is None
        for card in (AgainstCard, TypesTable):
            assert "The 5-gram needs the text" in said(view, card)
            assert "Press o to choose" in said(view, card)
        await pilot.press("n", "right", "t", "t")  # nothing to go to
        view.compare_with("other" if view.reading and view.reading.reference == "tiny" else "tiny")
        await compared(pilot, view)
        assert found(view).comparison.rows
        assert not found(view).comparison.rare_known
        await pilot.press("t")
        await until(pilot, lambda: "no word counts as rare" in screen_text(pilot.app))


async def test_stopping_leaves_the_page_usable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_trained(tmp_path)
    counted = against_reader.by_ngrams

    def endless(card: ModelCard, training: object, text: str, name: str, progress: Progress) -> Predicted:
        while name == "4-gram":
            progress(1, 4)
            time.sleep(0.01)
        return counted(card, training, text, name, progress)  # type: ignore[arg-type]

    monkeypatch.setattr(against_reader, "by_ngrams", endless)
    async with make_app().run_test(size=(80, 24)) as pilot:
        view = await opened(pilot)
        view.compare_with("4-gram")
        await until(pilot, lambda: "predicting with 4-gram 25%" in screen_text(pilot.app))
        await pilot.press("right", "escape")
        await until(pilot, lambda: not view.busy)
        assert view.text.cursor == 1, "keys are taken meanwhile"
        await idle(pilot)  # the thread has ended
        await until(pilot, lambda: "stopped" in screen_text(pilot.app))
        view.compare_with("2-gram")
        await compared(pilot, view)
        assert found(view).comparison.other.name == "2-gram"


async def test_a_page_that_is_shown_again_has_what_it_found(tmp_path: Path) -> None:
    keep_trained(tmp_path)
    async with make_app().run_test(size=(80, 24)) as pilot:
        view = await opened(pilot)
        first = found(view)
        await pilot.press("f7")
        await idle(pilot)
        await pilot.press("f8")
        await idle(pilot)
        assert found(view) is first
