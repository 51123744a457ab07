"""Holding hidden units while a model writes: the writer, the list, and the dialog that adds a unit."""

import shlex
from collections.abc import Callable

import numpy as np
import pytest
from click.testing import CliRunner
from textual.message import Message

from lstmterm.cli import lstmterm
from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM, Reader
from lstmterm.infer.units import Finding
from lstmterm.models import library, model_file
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.ui.generate.held_unit import HeldUnit, held, parsed, restored, stored, summaries
from lstmterm.ui.generate.held_units import HeldUnits
from lstmterm.ui.generate.unit_finder import UnitFinder
from lstmterm.ui.generate.writer import PageSettings, TextWritten, Writer
from tests.ui.conftest import idle, keep_model, screen_text, until
from tests.ui.generate.tab import generating, text, wrote
from tests.ui.textual_private import notices


def writing() -> tuple[Writer, Callable[[], str]]:
    """A writer of a small model at temperature 1, and what gives the text that it posted since the last call."""
    keep_model()
    posted: list[Message] = []
    writer = Writer(0, posted.append, PageSettings(Sampling(temperature=1), Generation()))
    writer.reference = "tiny"

    def written() -> str:
        found = "".join(message.text for message in posted if isinstance(message, TextWritten))
        posted.clear()
        return found

    return writer, written


def model_of(name: str) -> tuple[CharLSTM, model_file.ModelCard]:
    loaded = model_file.load(library.find(name).path)
    return CharLSTM.from_tensors(loaded.tensors), loaded.card


def test_a_held_unit_has_its_value_at_every_step_and_a_released_one_its_own_again() -> None:
    writer, written = writing()
    writer.write("The", 7, 80)
    free = written()
    writer.held = {(0, 3): 2.5}
    writer.write("The", 7, 80)
    clamped = written()
    assert clamped != free
    model, card = model_of("tiny")
    ids = card.vocabulary.encode("\nThe" + clamped)
    reader = Reader(model, model.initial(), {(0, 3): 2.5})
    for symbol in ids:
        reader.read(symbol)
        assert reader.state.c[0, 0, 3] == np.float32(2.5)
    writer.held = {}
    writer.write("The", 7, 80)
    assert written() == free


def test_units_that_the_model_does_not_have_are_left_out() -> None:
    writer, written = writing()
    writer.write("The", 7, 80)
    free = written()
    writer.held = {(3, 1): 1.0, (0, 99): 1.0}
    writer.write("The", 7, 80)
    assert written() == free


async def test_a_unit_is_added_changed_switched_and_removed_while_the_model_writes() -> None:
    async with generating((120, 36), length="", speed="200", seed="7") as (app, pilot, panel):
        await pilot.press(*"The", "enter")
        await until(pilot, lambda: len(text(panel)) > 20)
        writer = panel.pages[0].writer
        await pilot.press("f12")
        await until(pilot, lambda: "Hold which hidden unit?" in screen_text(app))
        await pilot.press(*"0:3", "enter")
        await until(pilot, lambda: writer.held == {(0, 3): 1.0})
        await until(pilot, lambda: "tiny · held 0:3 = +1.00" in screen_text(app))
        before = len(text(panel))
        await until(pilot, lambda: len(text(panel)) > before + 20)
        await pilot.press("right", "right", "left", "shift+left")
        await until(pilot, lambda: writer.held == {(0, 3): 0.1})
        await pilot.press("space")
        await until(pilot, lambda: writer.held == {})
        await until(
            pilot, lambda: "held" not in screen_text(app).split("Held units")[0] and "off" in screen_text(app)
        )
        await pilot.press("left")
        await until(pilot, lambda: writer.held == {(0, 3): 0.0})  # a change holds it again
        await pilot.press("a")
        await until(pilot, lambda: "Hold which hidden unit?" in screen_text(app))
        await pilot.press(*"0:5=-2", "enter")
        await until(pilot, lambda: writer.held == {(0, 3): 0.0, (0, 5): -2.0})
        await until(pilot, lambda: "held 0:3 = +0.00, 0:5 = -2.00" in screen_text(app))
        await pilot.press("up", "right")
        await until(pilot, lambda: writer.held == {(0, 3): 0.1, (0, 5): -2.0})
        await pilot.press("o")
        await until(pilot, lambda: writer.held == {})
        await pilot.press("o", "d")
        await until(pilot, lambda: writer.held == {(0, 5): -2.0})
        await pilot.press("escape")
        await until(pilot, lambda: not app.query_one(HeldUnits).display)
        await until(pilot, lambda: writer.held == {(0, 5): -2.0})  # it stays held
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        stretches = panel.pages[0].draft.tree.stretches
        assert {"--hold 0:3=1", "--hold 0:5=-2"} <= {" ".join(s.origin.arguments[2:]) for s in stretches}
        keep_model("other")
        panel.open_model("other")
        assert writer.held == {}, "another model has other units"


async def test_the_command_writes_the_same_text() -> None:
    async with generating((120, 36), temperature="1.1", top_k="9", seed="7") as (app, pilot, panel):
        app.query_one(HeldUnits).add(0, HeldUnit(0, 3, 2.5))
        app.query_one(HeldUnits).add(0, HeldUnit(0, 1, -0.7))
        await pilot.press("alt+c")
        assert "Nothing has been written yet." in notices(app)
        await pilot.press(*"The a", "enter")
        await wrote(app, pilot, panel)
        await pilot.press("f12", "alt+c")
        await until(pilot, lambda: "The command that writes the last stretch again" in screen_text(app))
        command = panel.pages[0].command
        assert "--hold 0:3=2.5 --hold 0:1=-0.7" in command
        assert "lstmterm generate tiny --prompt 'The a'" in screen_text(app)
        result = CliRunner().invoke(lstmterm, [*shlex.split(command)[1:], "--quiet"])
        assert result.exit_code == 0, result.output
        assert "The a" + result.output == text(panel)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_a_unit_is_a_line_of_the_list(size: tuple[int, int]) -> None:
    async with generating(size) as (app, pilot, _):
        app.query_one(HeldUnits).add(0, HeldUnit(0, 1, -12.5, "line-position"))
        await pilot.press("f12")
        await until(pilot, lambda: "-12.50 line-position" in screen_text(app))


async def test_each_of_two_pages_has_units_of_its_own() -> None:
    async with generating((120, 36), temperature="1", seed="7") as (app, pilot, panel):
        await pilot.press("ctrl+g")
        panel.form.field("temperature2").value = "1"
        await idle(pilot)
        units = app.query_one(HeldUnits)
        await pilot.press("f12")
        await until(pilot, lambda: "Hold which hidden unit?" in screen_text(app))
        await pilot.press(*"0:3=2", "enter")
        await until(pilot, lambda: "page 2" in screen_text(app))
        assert [dict(page.writer.held) for page in panel.pages] == [{}, {(0, 3): 2.0}]
        await pilot.press("p")
        await until(pilot, lambda: "page 1" in screen_text(app))
        assert units.units == ()
        await pilot.press("escape", *"The", "enter")
        await wrote(app, pilot, panel)
        assert text(panel, 0) != text(panel, 1)


async def test_a_unit_is_chosen_by_the_feature_that_it_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        Finding(0, 6, "quotes", -0.8, 0.4, 0.1, 0.05),
        Finding(0, 2, "vowel", 0.6, 0.3, 0.1, 0.05),
        Finding(0, 1, "digit", 0.05, 0.01, 0.1, 0.05),
    ]

    class Ranking:
        def best_pairs(self) -> list[Finding]:
            return found

    monkeypatch.setattr("lstmterm.infer.units.rank", lambda *_, **__: Ranking())
    async with generating((120, 36)) as (app, pilot, panel):
        await pilot.press("f12")
        await until(pilot, lambda: "0:6    -0.80" in screen_text(app))
        assert "of harbour" in screen_text(app), "the text by which it was found"
        assert "digit" not in screen_text(app), "what chance reaches is not offered"
        await pilot.press(*"quo", "enter")
        await until(pilot, lambda: panel.pages[0].writer.held == {(0, 6): -1.0})
        await until(pilot, lambda: "-1.00 quotes" in screen_text(app))


async def test_the_keys_of_a_unit_are_shown_once_there_is_one() -> None:
    async with generating((120, 36)) as (app, pilot, _):
        await pilot.press("f12")
        await until(pilot, lambda: "Hold which hidden unit?" in screen_text(app))
        assert "Less" not in screen_text(app)
        await pilot.press(*"0:3", "enter")
        await until(
            pilot, lambda: all(label in screen_text(app) for label in ("Less", "More", "On/off", "Remove"))
        )
        await pilot.press("d")
        await until(pilot, lambda: "Less" not in screen_text(app))


async def test_a_feature_that_no_unit_follows_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstmterm.ui.generate.unit_finder.MOST", 2_000)
    async with generating() as (app, pilot, panel):
        await pilot.press("f12")
        await until(pilot, lambda: (finder := panel.pages[0].unit_finder()) and finder.found is not None)
        for typed, said in (("zzz", "No unit follows this feature here"), ("0:3", "Enter holds this unit")):
            await pilot.press("ctrl+u", *typed)
            await until(pilot, lambda said=said: said in screen_text(app))
        await pilot.press("ctrl+u", *"zzz", "enter")
        assert "Hold which hidden unit?" in screen_text(app), "nothing was chosen"


async def test_what_cannot_be_held_is_a_sentence() -> None:
    async with generating((120, 36)) as (app, pilot, panel):
        await pilot.press("f12")
        await until(pilot, lambda: "Hold which hidden unit?" in screen_text(app))
        for typed, said in (
            ("0:99", "The model has no hidden unit 0:99"),
            ("0:1=x9", "'0:1=x9' is not a unit and a value such as 0:12=1.5."),
            ("0:1=99", "The value of a held unit must be from -20 to 20 (got 99)."),
        ):
            await pilot.press(*typed, "enter")
            assert any(said in notice for notice in notices(app)), typed
            await pilot.press("ctrl+u")
        await pilot.press("escape")
        await until(pilot, lambda: "No unit is held." in screen_text(app))
        assert panel.pages[0].writer.held == {}
        await pilot.press("left", "space", "d", "o")
        assert panel.pages[0].writer.held == {}


def test_the_finder_compares_the_units_with_a_text_and_stops_when_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_model()
    model, card = model_of("tiny")
    monkeypatch.setattr("lstmterm.ui.generate.unit_finder.MOST", 2_000)
    finder = UnitFinder(model, card)
    assert finder.start()
    assert not finder.start()
    finder.find()
    assert finder.found
    assert finder.state == "by 2,000 characters of harbour"
    stopped = UnitFinder(model, card)
    stopped.stop()
    stopped.find()
    assert stopped.found is None


def test_a_unit_is_read_as_it_is_typed() -> None:
    assert parsed("1:37") == HeldUnit(1, 37)
    assert parsed("1:37=-2.5 quotes") == HeldUnit(1, 37, -2.5, "quotes")
    for wrong in ("", "1", "1:x", "1:2=", "1:2=inf"):
        with pytest.raises(InputError):
            parsed(wrong)


def test_what_is_held_is_said_shorter_where_there_is_little_room() -> None:
    units = (HeldUnit(1, 37), HeldUnit(0, 2, -0.5), HeldUnit(0, 9, on=False))
    assert held(units) == {(1, 37): 1.0, (0, 2): -0.5}
    assert summaries(units) == ["held 1:37 = +1.00, 0:2 = -0.50", "held 2 units"]
    assert summaries(units[2:]) == []


@pytest.mark.parametrize(
    "unit",
    [HeldUnit(0, 3), HeldUnit(1, 37, -0.1 - 0.2, "quotes"), HeldUnit(0, 3, 12.5, on=False)],
)
def test_a_unit_is_stored_and_restored(unit: HeldUnit) -> None:
    assert restored(stored(unit)) == unit
