"""Models side by side: marked in the Library, measured in a thread, and shown."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.side_by_side import (
    CharacterFigures,
    SampleSettings,
    SharedText,
    adapted,
    chosen,
    measured,
)
from lstmterm.models import library
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.library import comparer
from lstmterm.ui.library.comparison import ComparisonScreen, Sample, figures_table
from tests.character_models import TorchModel
from tests.ui.conftest import idle, keep_model, make_app, screen_text, until
from tests.ui.library.test_panel import opened, under
from tests.ui.tagger_models import WORDS, keep_tagger
from tests.ui.test_text_safety import HOSTILE, SHOWN, nothing_obeyed
from tests.ui.textual_private import notices

TEXT = "the tide turns and the boats turn with it\n" * 9


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "tide.txt"
    path.write_text(TEXT)
    return path


async def comparing(app: LstmTerm, pilot: Any, place: Path | None, *names: str) -> ComparisonScreen:
    """The comparison of these models on a text."""
    await pilot.pause()
    screen = ComparisonScreen(app.services, chosen(names))
    screen.place = None if place is None else str(place)
    app.push_screen(screen)
    await until(pilot, lambda: screen.query("#compared-status"))
    return screen


async def done(pilot: Any, screen: ComparisonScreen) -> None:
    await until(pilot, lambda: not screen.busy)
    await idle(pilot)


async def test_models_are_marked_and_compared() -> None:
    for seed, name in enumerate(("bard", "poet")):
        keep_model(name, seed=seed)
    keep_tagger("tags", WORDS)
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        panel = await opened(app, pilot, "model:bard")
        await pilot.press("c")
        await until(pilot, lambda: "Mark two or more models" in "".join(notices(app)))
        await pilot.press("space")
        await until(pilot, lambda: "▣ bard" in screen_text(app))
        assert "1 marked" in screen_text(app)
        assert panel.item.name == "poet", "the cursor goes on"
        await pilot.press("space", "space")
        await until(pilot, lambda: "▣ tags" in screen_text(app))
        await pilot.press("c")
        await until(pilot, lambda: "compare models of one kind" in "".join(notices(app)))
        await under(pilot, panel, "model:tags")
        await pilot.press("space")
        await until(pilot, lambda: "◆ tags" in screen_text(app))
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen))
        assert isinstance(app.screen, ComparisonScreen)
        await done(pilot, app.screen)
        assert "'bard' was trained on was not found unchanged; give a text" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ComparisonScreen))
        library.remove("poet")
        panel.gather()
        await until(pilot, lambda: "1 marked" in screen_text(app))
        await under(pilot, panel, "text:harbour")
        await pilot.press("space")
        assert panel.item_list.marked == ["bard"]


async def test_the_figures_and_samples_are_those_of_the_command(text: Path) -> None:
    TorchModel(1, 16, vocabulary=Vocabulary("\n " + "abdehinorstuw")).publish("one")
    TorchModel(2, 8, seed=2).publish("two")
    models = chosen(("one", "two"))
    shared = SharedText.of(models, str(text))
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await comparing(app, pilot, text, "one", "two")
        await done(pilot, screen)
        shown = screen_text(app)
        assert f"tide · {len(TEXT)} characters" in shown
        for place, (entry, _) in enumerate(models):
            expected = measured(entry, shared, SampleSettings(screen.sample.seed))
            found = screen.figures[place]
            assert isinstance(found, CharacterFigures)
            assert replace(found, chars_per_second=0) == replace(expected, chars_per_second=0)
            assert f"{expected.carried.nats_per_char:.3f}  {expected.reset.nats_per_char:.3f}" in shown
            assert screen.query(Sample)[place].border_title == entry.name
            assert expected.sample.split()[0][:30] in shown
        seed = screen.sample.seed
        await pilot.press("a")
        await until(pilot, lambda: not screen.busy and "adapted" in screen_text(app))
        for place, (entry, _) in enumerate(models):
            assert screen.figures[place].adapted == adapted(entry, shared)  # type: ignore[union-attr]
            assert screen.figures[place].sample in screen.query(Sample)[place].shown  # type: ignore[union-attr]
        assert screen.sample.seed == seed
        await pilot.press("ctrl+r")
        await until(pilot, lambda: screen.sample.seed != seed)
        await done(pilot, screen)
        assert len(screen.figures) == 2
        assert "adapted" not in screen_text(app)


async def test_another_text_is_chosen(text: Path) -> None:
    for name in ("bard", "poet"):
        keep_model(name)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await comparing(app, pilot, None, "bard", "poet")
        await done(pilot, screen)
        assert not screen.figures
        assert screen.check_action("adapt", ()) is False
        await pilot.press("ctrl+l")
        await until(pilot, lambda: app.screen.query("#filter"))
        app.screen.query_one("#filter").value = str(text)  # type: ignore[attr-defined]
        await idle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: len(screen.figures) == 2)
        await done(pilot, screen)
        assert "tide · " in screen_text(app)
        assert "nats per character" in screen_text(app)


async def test_samples_are_beside_each_other_where_there_is_room(text: Path) -> None:
    for name in ("bard", "poet"):
        keep_model(name)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await comparing(app, pilot, text, "bard", "poet")
        await done(pilot, screen)
        first, second = screen.query(Sample)
        assert (first.region.x, first.region.width) == (second.region.x, second.region.width)
        assert first.region.bottom <= second.region.y
        assert screen.focused is screen.query_one("#samples")
        await pilot.press("end")
        await until(pilot, lambda: second.region.bottom <= 24)
        await pilot.resize_terminal(110, 24)
        await until(pilot, lambda: first.region.y == second.region.y)
        assert first.region.right <= second.region.x
        await pilot.press("tab")
        await until(pilot, lambda: screen.focused in (first, second))


async def test_escape_stops_and_then_closes(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bard", "poet"):
        keep_model(name)
    ended = threading.Event()

    def endless(*arguments: Any) -> Any:
        doing = arguments[-1]
        try:
            while True:
                doing("scoring", 1, 2)
        finally:
            ended.set()

    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        monkeypatch.setattr(comparer, "measured", endless)
        screen = await comparing(app, pilot, text, "bard", "poet")
        await until(pilot, lambda: "1 of 2, bard: scoring 50%" in screen_text(app))
        assert "esc stop" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: ended.is_set() and "Stopped." in screen_text(app))
        assert app.screen is screen
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)
        ended.clear()
        screen = await comparing(app, pilot, text, "bard", "poet")
        await until(pilot, lambda: "scoring 50%" in screen_text(app))
        screen.leave(None)
        await until(pilot, ended.is_set)


async def test_taggers_are_compared(tmp_path: Path) -> None:
    keep_tagger("upos", WORDS)
    keep_tagger("worse", {**WORDS, "sea": "VERB"})
    data = tmp_path / "gold.csv"
    data.write_text("text,tag\nthe sea rises .,DET NOUN VERB PUNCT\nthe glim owes us,DET NOUN NOUN PRON\n")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await comparing(app, pilot, data, "upos", "worse")
        await done(pilot, screen)
        shown = screen_text(app)
        assert "gold.csv: tags from the column" in shown
        assert "75.00%" in shown
        assert "62.50%" in shown
        assert not screen.query(Sample)
        assert screen.check_action("adapt", ()) is False


async def test_names_and_samples_are_shown_as_they_are(text: Path) -> None:
    keep_model("bard")
    keep_model("[red]x")
    app = make_app()
    async with app.run_test(size=(130, 40)) as pilot:
        screen = await comparing(app, pilot, text, "bard", "[red]x")
        await done(pilot, screen)
        figures = screen.figures[1]
        assert isinstance(figures, CharacterFigures)
        screen.figures[1] = replace(figures, sample=HOSTILE)
        screen._draw()
        await until(pilot, lambda: "[@click" in screen_text(app))
        shown = nothing_obeyed(app)
        assert "[red]x" in shown
        assert all(part in shown for part in SHOWN)


def test_the_best_figures_are_bold() -> None:
    cells = [
        {"size": "1x8", "loss": "2.100", "reset": "–"},
        {"size": "1x8", "loss": "11.000", "reset": "2.2"},
    ]
    table = figures_table(["a", "b"], cells, 80)
    styles = {str(column.header): [cell.style for cell in column.cells] for column in table.columns}  # type: ignore[union-attr]
    assert styles == {"model": ["", ""], "size": ["", ""], "loss": ["bold", ""], "reset": ["", ""]}


async def test_names_can_be_read_where_the_room_is_short(text: Path) -> None:
    for seed, name in enumerate(("bard", "harbour-poet")):
        keep_model(name, seed=seed)
    app = make_app()
    async with app.run_test(size=(60, 20)) as pilot:
        screen = await comparing(app, pilot, text, "bard", "harbour-poet")
        await done(pilot, screen)
        shown = screen_text(app)
        assert " harbour-poet " in shown
        assert " loss " in shown
        assert " file " not in shown
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: " file " in screen_text(app))


async def test_the_keys_on_its_border_are_never_cut(text: Path) -> None:
    keep_model("bard")
    keep_model("poet", seed=2)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await comparing(app, pilot, text, "bard", "poet")
        await done(pilot, screen)
        await until(pilot, lambda: "^r again" in screen_text(app))
        await pilot.resize_terminal(40, 10)
        await until(pilot, lambda: "^r again" not in screen_text(app))
        border = next(line for line in screen_text(app).splitlines() if "esc close" in line)
        assert "…" not in border


def test_long_names_are_cut_before_the_end_in_which_they_differ() -> None:
    names = ["grid-hidden64-dropout0-s1", "grid-hidden64-dropout0-s2"]
    table = figures_table(names, [{"loss": "2.1"}, {"loss": "2.2"}], 20)
    shown = [str(cell) for cell in table.columns[0].cells]
    assert [name[-3:] for name in shown] == ["-s1", "-s2"]
    assert all(len(name) <= 14 and "…" in name for name in shown)
