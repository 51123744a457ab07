"""The Units page: the text coloured by a unit, and what is found of the units, as the command finds it."""

import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from textual.pilot import Pilot
from textual.widgets import OptionList

from lstmterm.cli import lstmterm
from lstmterm.infer.activity import saturation
from lstmterm.infer.similar import SimilarStates
from lstmterm.infer.units import Ranker, Ranking
from lstmterm.spec.units import QUANTITIES, TITLES
from lstmterm.ui.inspect.found_units import FoundUnits
from lstmterm.ui.inspect.gate_points import GatePoints
from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.inspect.reading import Source
from lstmterm.ui.inspect.similar_places import SimilarPlaces, last_rows
from lstmterm.ui.inspect.unit_card import UnitCard, UnitFacts
from lstmterm.ui.inspect.unit_values import rise_colours
from lstmterm.ui.inspect.units_view import UnitsView
from lstmterm.ui.widgets.dialogs import Ask
from tests.character_models import TorchModel, read_in_one_stream
from tests.patience import LONG
from tests.ui.conftest import idle, keep_model, make_app, screen_text, until
from tests.ui.inspect.conftest import open_units, said, units_known
from tests.ui.inspect.models import LINES as TEXT


def facts(page: UnitsView) -> UnitFacts:
    assert page.facts is not None
    return page.facts


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 50)])
async def test_the_text_is_coloured_by_any_unit_and_quantity(size: tuple[int, int]) -> None:
    keep_model()
    async with make_app().run_test(size=size) as pilot:
        page = await open_units(pilot, TEXT)
        reading = page.reading
        assert reading is not None
        await pilot.press("u")
        await until(pilot, lambda: isinstance(pilot.app.screen, Ask))
        await pilot.press("end", *["backspace"] * 8, *"0:3", "enter")
        await until(pilot, lambda: page.place == (0, 3) and facts(page).values.unit == 3)
        for _ in QUANTITIES:
            quantity = page.quantity
            await until(pilot, lambda quantity=quantity: facts(page).values.quantity == quantity)
            await units_known(pilot, page)
            expected = read_in_one_stream(reading.model, reading.ids, 0, quantity)[:, 3]
            np.testing.assert_allclose(facts(page).values.by_character, expected, atol=2e-3)
            assert page.text._shown.levels == facts(page).values.colours().levels
            assert f"0:3 {TITLES[quantity]} {expected[page.text.cursor]:+.2f}" in screen_text(pilot.app)
            await pilot.press("c")
        assert page.quantity == "tanh_c"


async def test_keys_step_through_all_units_and_at_once_within_a_layer() -> None:
    keep_model(layers=2)
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, TEXT)
        model = facts(page).values.reading.model
        page.choose((0, 0), "tanh_c")
        await until(pilot, lambda: facts(page).values.name == "0:0")
        start = time.perf_counter()
        for unit in range(1, 6):
            await pilot.press("]")
            assert facts(page).values.name == f"0:{unit}", "without waiting"
        assert time.perf_counter() - start < 5
        page.choose((0, model.hidden - 1), "tanh_c")
        await pilot.press("]")
        await until(pilot, lambda: facts(page).values.name == "1:0")
        await pilot.press("[", "[")
        await until(pilot, lambda: facts(page).values.name == f"0:{model.hidden - 2}")
        page.choose((0, 0), "tanh_c")
        await pilot.press("comma")
        await until(pilot, lambda: facts(page).values.name == f"1:{model.hidden - 1}")


async def test_a_unit_that_is_not_there_cannot_be_chosen() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, TEXT)
        before = page.place
        for typed in ("7", "9:0"):
            await pilot.press("u")
            await until(pilot, lambda: isinstance(pilot.app.screen, Ask))
            await pilot.press("end", *["backspace"] * 8, *typed, "enter")
            await idle(pilot)
            assert isinstance(pilot.app.screen, Ask)
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(pilot.app.screen, Ask))
        assert page.place == before


async def test_the_page_and_the_command_agree(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(TEXT)
    TorchModel(1, 12).publish("bard")
    async with make_app().run_test(size=(160, 50)) as pilot:
        page = await open_units(pilot, TEXT)
        found = [option.finding for option in page.query_one(FoundUnits).options if not option.disabled]  # type: ignore[attr-defined]
        await pilot.press("x")
        await until(pilot, lambda: not page.busy and facts(page).silenced)
        await idle(pilot)
        shown, gates = facts(page), said(page, UnitCard)
        name = shown.values.name

        def rows(*words: str) -> list[dict]:
            result = CliRunner().invoke(lstmterm, ["cells", "bard", str(file), *words, "--json", "--quiet"])
            return [json.loads(line) for line in result.stdout.splitlines()]

        best = [row for row in rows() if row["beyond_chance"]]
        assert [(f.feature, f"{f.layer}:{f.unit}") for f in found[: len(best)]] == [
            (row["feature"], row["unit"]) for row in best
        ]
        assert all(f.beyond_chance for f in found)
        assert best[0]["unit"] == name, "the page goes to the best unit by itself"
        for finding, row in zip(found, best, strict=False):
            assert finding.correlation == pytest.approx(row["correlation"], abs=1e-4)
            assert finding.chance_correlation == pytest.approx(row["chance"], abs=1e-4)
        (unit,) = rows("--unit", name, "--most", "5")
        assert shown.silenced is not None
        for silenced, row in zip(reversed(shown.silenced), unit["silenced"], strict=True):
            assert silenced.rise == pytest.approx(row["rise"], abs=1e-5)
        for positions, side in zip(shown.values.passages, ("highest", "lowest"), strict=True):
            values = shown.values.by_character[positions]
            expected = [np.tanh(row["c"]) for row in unit[side]]
            np.testing.assert_allclose(values, expected, atol=1e-4)
        for gate, share in unit["gates"].items():
            assert f"{gate:<8}{share['left']:>6.1%}   {share['right']:>6.1%}" in gates


async def test_what_is_lost_without_a_unit_colours_the_text_until_asked_otherwise() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, TEXT)
        values = page.text._shown.levels
        await pilot.press("x")
        await until(pilot, lambda: not page.busy and facts(page).silenced)
        await idle(pilot)
        reading, silenced = page.reading, facts(page).silenced
        assert reading is not None
        assert silenced is not None
        rises = rise_colours(reading, silenced[0])
        assert page.text._shown.levels == rises.levels
        assert rises.levels[0] == 0, "the first character is not predicted"
        assert f"without {facts(page).values.name} " in screen_text(pilot.app)
        await pilot.press("right")
        more = silenced[0].rises[0] / np.log(2)
        await until(
            pilot, lambda: f"without {facts(page).values.name} {more:+.2f} bits" in screen_text(pilot.app)
        )
        bits = silenced[0].rises / np.log(2)
        assert [rises.levels[1 + int(k)] for k in (np.nanargmax(bits), np.nanargmin(bits))] == [
            4 + sum(np.nanmax(bits) >= bound for bound in (0.1, 0.3, 1)),
            4 - sum(np.nanmin(bits) < -bound for bound in (0.1, 0.3, 1)),
        ]
        assert f"c at 0 {silenced[1].rise / np.log(2):+.4f} ± " in said(page, UnitCard)
        await pilot.press("x")
        assert page.text._shown.levels == values
        await pilot.press("x")
        assert page.text._shown.levels == rises.levels
        await pilot.press("c")
        assert page.text._shown.levels == values, "first back to the unit"
        await pilot.press("x", "]")
        await until(pilot, lambda: facts(page).silenced is None)
        assert page.text._shown.levels != rises.levels


async def test_a_page_that_is_left_finds_the_rest_when_it_is_shown_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, TEXT)
        await pilot.press("x")
        await until(pilot, lambda: facts(page).silenced)
        known_before = facts(page)
        for stopped, ended in (("comparing", "f7"), ("silencing", "f8")):
            page._doing[stopped] = "…"
            page._say()
            if stopped == "comparing":
                page.work.rankings.clear()  # type: ignore[union-attr]
            else:
                page.facts = replace(facts(page), silenced=None)
            await pilot.press(ended)
            await until(pilot, lambda: not page.display)
            assert not page.busy
            assert page.facts is not None, "what was found is kept"
            await pilot.press("f9")
            await until(pilot, lambda: page.display)
            await units_known(pilot, page)
            await until(pilot, lambda: facts(page).silenced)
        assert page.work is not None
        assert page.work.rankings
        assert facts(page).values is known_before.values


async def test_a_list_that_was_stopped_can_be_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_model()
    async with make_app().run_test(size=(120, 36)) as pilot:
        page = await open_units(pilot, TEXT)
        found, go_on, stuck = page.query_one(FoundUnits), threading.Event(), threading.Event()
        add = Ranker.add

        def waiting(ranker: Ranker, layer: int, first: int, units: np.ndarray) -> None:
            stuck.set()
            go_on.wait(LONG)
            add(ranker, layer, first, units)

        monkeypatch.setattr(Ranker, "add", waiting)
        await pilot.press("c", "c")  # from tanh c to h, and to the input gates: both are new
        await until(pilot, stuck.is_set)
        await pilot.press("escape")
        await until(pilot, lambda: not page.busy)
        assert "Press f" in str(found.options[0].prompt)
        go_on.set()
        await pilot.press("f")
        await units_known(pilot, page)
        assert facts(page).values.quantity == "input"
        assert not found.options[0].disabled


async def test_enter_goes_to_a_unit_and_to_a_passage() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, TEXT)
        await pilot.press("f")
        await until(pilot, lambda: page.query_one(FoundUnits).has_focus)
        await pilot.press("end", "enter")
        last = page.query_one(FoundUnits).options[-1].finding  # type: ignore[attr-defined]
        await until(pilot, lambda: facts(page).values.name == f"{last.layer}:{last.unit}")
        await pilot.press("e")
        passages = page.query_one(UnitCard).query_one(OptionList)
        await until(pilot, lambda: passages.has_focus)
        await pilot.press("down", "enter")
        await until(pilot, lambda: page.text.cursor == facts(page).values.passages[0][1])
        await pilot.press("e")
        await until(pilot, lambda: page.text.has_focus)
        marks = sorted(p for positions in facts(page).values.passages for p in positions)
        await pilot.press("ctrl+end", "n")
        await until(pilot, lambda: page.text.cursor == marks[0])


async def test_the_gates_are_plotted_with_the_chosen_unit() -> None:
    keep_model()
    async with make_app().run_test(size=(120, 36)) as pilot:
        page = await open_units(pilot, TEXT)
        await pilot.press("g")
        await idle(pilot)
        for title in ("input gates, layer 0", "forget gates, layer 0", "output gates, layer 0"):
            assert title in screen_text(pilot.app)
        assert screen_text(pilot.app).count("◆") == 3
        reading, known_of = page.reading, facts(page).saturation
        assert reading is not None
        assert known_of is not None
        expected = saturation(reading.model, reading.ids)
        np.testing.assert_allclose(known_of.left["forget"], expected.left["forget"], atol=1e-6)
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, TEXT)
        await pilot.press("g")
        await idle(pilot)
        assert [gate for gate, _ in page.query_one(GatePoints).plots()] == ["forget"]


async def similar(pilot: Pilot[None]) -> SimilarPlaces:
    """The dialog with the places that it found."""
    await pilot.press("s")
    await until(pilot, lambda: isinstance(pilot.app.screen, SimilarPlaces))
    dialog = pilot.app.screen
    assert isinstance(dialog, SimilarPlaces)
    await until(pilot, lambda: dialog.places)
    await idle(pilot)
    return dialog


async def test_similar_places_are_those_along_the_selection() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, TEXT)
        page.text.go_to(8)
        await pilot.press(*["shift+right"] * 4)
        await until(pilot, lambda: page.text.selection == (8, 13))
        dialog = await similar(pilot)
        assert "as the training text was not" in screen_text(pilot.app)
        reading = page.reading
        assert reading is not None
        assert dialog.places is not None
        states = SimilarStates.of(reading.model, reading.card.path, reading.ids)
        top = read_in_one_stream(reading.model, reading.ids, reading.model.layers - 1, "h")[8:13]
        expected = states.nearest(top, 20)
        np.testing.assert_allclose(
            [place.cosine for place in dialog.places], [place.cosine for place in expected], atol=2e-3
        )
        assert dialog.places[0].position == 12, "the place itself, as it is in the text"
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is not dialog)
        await pilot.press("right")
        assert page.text.selection is None


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 50)])
async def test_the_similar_stretch_is_in_view(size: tuple[int, int]) -> None:
    keep_model()
    async with make_app().run_test(size=size) as pilot:
        page = await open_units(pilot, "a tide\n" * 30 + "the bucket is late " * 9 + "\n" + "a tide\n" * 30)
        page.text.go_to(page.text.text.index("bucket"))
        await similar(pilot)
        around = pilot.app.screen.query_one(".similar-around")
        rows = screen_text(pilot.app).splitlines()[around.content_region.y : around.content_region.bottom]
        assert any("bucket" in row for row in rows)


def test_the_last_rows_of_a_text_fit() -> None:
    assert last_rows("one\ntwo\nthree", 2, 80) == "two\nthree"
    assert last_rows("one\n" + "x" * 30, 2, 10) == "x" * 20
    assert last_rows("one\n" + "x" * 20, 3, 10) == "one\n" + "x" * 20
    assert last_rows("", 3, 10) == ""


async def test_sentences_fit_into_the_list_of_units() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, TEXT)
        found = page.query_one(FoundUnits)
        none, all_ = np.zeros((1, 8, 1)), np.ones(1)
        nothing = Ranking("tanh_c", ("vowel",), 9, none, none, all_, all_)
        for ranking, stopped in ((None, False), (None, True), (nothing, False)):
            found.show(ranking, stopped=stopped)
            lines = str(found.options[0].prompt).splitlines()
            await until(pilot, lambda lines=lines: all(line in screen_text(pilot.app) for line in lines))


async def test_another_text_and_another_model_are_shown_and_nothing_is_left_of_the_first() -> None:
    keep_model("one", seed=1)
    keep_model("two", seed=2)
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, TEXT)
        panel = pilot.app.query_one(InspectPanel)
        first = page.facts
        panel.open_model("one")
        await until(
            pilot, lambda: page.reading and page.reading.reference == "one" and page.facts is not first
        )
        await units_known(pilot, page)
        assert facts(page).values.reading is page.reading
        panel.open_source(Source("typed", "aa"))
        await until(pilot, lambda: page.reading and page.reading.text == "aa" and not page.busy)
        await idle(pilot)
        assert facts(page).values.reading is page.reading
        assert len(facts(page).values.by_character) == 2


async def test_hostile_text_is_shown_and_never_interpreted() -> None:
    keep_model()
    async with make_app().run_test(size=(160, 50)) as pilot:
        page = await open_units(pilot, "[red]x[/red] [@click=app.quit]q[/]\x1b[2J\u202eabc e\u0301 " * 3)
        await similar(pilot)
        assert "[red]x[/red]" in screen_text(pilot.app)
        assert page.facts is not None
