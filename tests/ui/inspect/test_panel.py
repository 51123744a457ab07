"""The Inspect tab, from its key to the character at the cursor."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot

from lstmterm.infer.surprise import Surprise
from lstmterm.ui.inspect import surprise_view
from lstmterm.ui.inspect.character_card import CharacterCard
from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.inspect.reading import Source
from lstmterm.ui.inspect.surprise_side import PlaceList
from lstmterm.ui.inspect.surprise_view import SurpriseView
from lstmterm.ui.inspect.surprised_text import SurprisedText
from lstmterm.ui.inspect.surprising_places import lines, sums, words
from lstmterm.ui.inspect.view import Colours
from lstmterm.ui.widgets.adapt_dialog import AdaptDialog
from lstmterm.ui.widgets.coloured_text import ColouredText
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.text_box import TextBox
from tests.ui import textual_private
from tests.ui.conftest import idle, keep_model, make_app, screen_text, settle, until
from tests.ui.inspect.conftest import open_tab, said
from tests.ui.inspect.models import keep_trained


async def opened(pilot: Pilot[None]) -> InspectPanel:
    """The tab once it shows the surprise at a text."""
    panel = await open_tab(pilot)
    if panel.model:
        await until(pilot, lambda: view(panel).found)
    await idle(pilot)
    return panel


def view(panel: InspectPanel) -> SurpriseView:
    assert isinstance(panel.page, SurpriseView)
    return panel.page


def found(panel: InspectPanel) -> SurprisedText:
    seen = view(panel).found
    assert seen is not None
    return seen


async def showing(pilot: Pilot[None], panel: InspectPanel, text: str) -> None:
    panel.open_source(Source("typed", text))
    await until(pilot, lambda: view(panel).found and found(panel).text == text)
    await idle(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 50)])
async def test_the_text_is_coloured_and_the_cursor_tells(size: tuple[int, int]) -> None:
    keep_model()
    async with make_app().run_test(size=size) as pilot:
        panel = await opened(pilot)
        await showing(pilot, panel, "the sea owes us\na bucket")
        await pilot.press("down", "w")
        await idle(pilot)
        assert view(panel).text.cursor == 18
        for part in (
            f"b  {found(panel).bits[18]:.2f} bits",
            f"rank {found(panel).ranks[18]}",
            "▸",
            "bucket ",
        ):
            assert part in said(panel, CharacterCard)
            assert part in screen_text(pilot.app)
        assert "23 characters" in screen_text(pilot.app)


async def test_without_a_model_a_sentence_says_what_to_do() -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "Train one (F2)" in screen_text(pilot.app)
        await pilot.press("c", "n", "escape")  # nothing to colour, nowhere to go, nothing to stop


async def test_a_model_without_its_text_shows_another_and_says_so() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        assert str(view(panel).query_one(".inspected").border_title) == "harbour"
        assert view(panel).text.text.startswith("HARBOUR\n\nA cycle of short plays")
        assert len(view(panel).text.text) == 20_000
        await until(pilot, lambda: "Note: The model's own text was not found" in screen_text(pilot.app))
        assert not textual_private.notices(pilot.app), "nothing covers the panel"
        await pilot.press("i")
        await until(pilot, lambda: "so this is harbour." in screen_text(pilot.app))
        await pilot.press("escape")
        await showing(pilot, panel, "the sea owes us")
        await until(pilot, lambda: "Note:" not in screen_text(pilot.app))


async def test_colours_change_between_bits_and_ranks() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        bits = view(panel).text._shown.levels
        await pilot.press("c")
        assert view(panel).text._shown.levels == found(panel).levels("ranks") != bits
        assert "rank" in screen_text(pilot.app)
        await pilot.press("c")
        assert view(panel).text._shown.levels == bits


async def test_colours_appear_while_the_model_predicts(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_model()
    monkeypatch.setattr(surprise_view, "_EVERY", 0)
    monkeypatch.setattr(surprise_view, "_SHARE", 1e9)
    seen: list[tuple[bool, int]] = []
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        paint = type(view(panel)).paint

        def painted(self: SurpriseView, colours: Colours) -> None:
            paint(self, colours)
            shown = self._shown
            assert shown is not None
            seen.append((shown.finished, sum(level > 0 for level in self.text._shown.levels)))

        monkeypatch.setattr(SurpriseView, "paint", painted)
        await showing(pilot, panel, "the sea owes us a bucket " * 600)
        numbers = [number for _, number in seen]
        assert numbers == sorted(numbers)
        assert 0 < numbers[0] < numbers[-1] == 14_999
        assert [finished for finished, _ in seen].index(True) == len(seen) - 1


async def test_signs_under_the_text_tell_the_bits() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        await showing(pilot, panel, "the sea owes us")
        await pilot.press("d")
        await until(pilot, lambda: view(panel).text.has_signs)
        levels = found(panel).levels("bits")[1:]
        assert "".join(" ·1234568"[level] for level in levels) in screen_text(pilot.app)
        assert "· <1" in screen_text(pilot.app)
        await pilot.press("c")
        await until(pilot, lambda: "B 33+" in screen_text(pilot.app))
        await pilot.press("d")
        await until(pilot, lambda: "B 33+" not in screen_text(pilot.app))


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_the_side_turns_from_the_cursor_to_what_is_most_surprising(size: tuple[int, int]) -> None:
    keep_model()
    async with make_app().run_test(size=size) as pilot:
        panel = await opened(pilot)
        await showing(pilot, panel, "the sea\n\na bucket of sea")
        assert "At the cursor" in screen_text(pilot.app)
        if tall := size[1] > 40:
            assert "Histogram" in screen_text(pilot.app), "there is room for both"
        else:
            await pilot.press("v")
            await until(pilot, lambda: "Histogram" in screen_text(pilot.app))
            assert "At the cursor" not in screen_text(pilot.app)
        await until(pilot, lambda: "words   " in screen_text(pilot.app))
        assert f"words              6 {sums(found(panel))['words'].mean:9,.2f}" in screen_text(pilot.app)
        for places in (words, lines):
            await pilot.press("v")
            await until(pilot, lambda: isinstance(pilot.app.focused, PlaceList))
            await pilot.press("down", "enter")
            await until(pilot, lambda: isinstance(pilot.app.focused, ColouredText))
            assert view(panel).text.cursor == places(found(panel))[1].start
        await pilot.press("v")
        first = "Histogram" if tall else "At the cursor"
        await until(pilot, lambda: first in screen_text(pilot.app))
        await pilot.press("V")
        await until(pilot, lambda: isinstance(pilot.app.focused, PlaceList))
        await showing(pilot, panel, "another text")
        await until(pilot, lambda: "another text" in str(side_list(panel).get_option_at_index(0).prompt))


def side_list(panel: InspectPanel) -> PlaceList:
    return panel.query_one("#surprising-lines", PlaceList)


async def test_a_text_is_typed_or_pasted() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: pilot.app.screen.query(TextBox))
        await pilot.press(*"ab", "enter", *"cd", "ctrl+s")
        await until(pilot, lambda: view(panel).found and found(panel).text == "ab\ncd")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: pilot.app.screen.query(TextBox))
        assert pilot.app.screen.query_one(TextBox).text == "ab\ncd"
        await pilot.press("escape")
        await idle(pilot)
        assert view(panel).text.text == "ab\ncd"


async def test_a_file_is_read_as_texts_are(tmp_path: Path) -> None:
    keep_model()
    file = tmp_path / "old.txt"
    file.write_bytes("the caf\u00e9 by the sea, it was late and the tide was low\r\n".encode("latin-1") * 9)
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        panel.open_source(Source("named", str(file)))
        await until(pilot, lambda: "late" in view(panel).text.text)
        await idle(pilot)
        assert view(panel).text.text.startswith("the café by the sea")
        assert "\r" not in view(panel).text.text
        await until(pilot, lambda: view(panel).found)
        assert found(panel).levels("bits")[7] == 0, "the model does not know é"
        await until(pilot, lambda: "does not know é" in screen_text(pilot.app))


@pytest.mark.parametrize("source", [Source("typed", "x"), Source("named", "/nowhere/[red].txt")])
async def test_what_cannot_be_read_leaves_the_text(source: Source) -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        before = view(panel).text.text
        textual_private.notices(pilot.app).clear()
        panel.open_source(source)
        await until(pilot, lambda: not panel.busy)
        await idle(pilot)
        assert view(panel).text.text == before
        assert any("fewer than two" in n or "[red]" in n for n in textual_private.notices(pilot.app))


async def test_stopping_leaves_what_was_there() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        before = view(panel).text.text
        panel.open_source(Source("typed", "the sea " * 5000))
        panel.action_stop()
        await idle(pilot)
        assert not panel.busy
        assert view(panel).text.text == before
        assert "stopped" in screen_text(pilot.app)


async def test_a_page_that_is_left_stops_and_goes_on_when_it_is_shown_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_model()
    begun: list[Surprise] = []
    steps: list[int] = []
    turn = threading.Semaphore(0)

    class Slow(Surprise):
        def compute(self) -> Iterator[int]:
            begun.append(self)
            for done in super().compute():
                steps.append(done)
                yield done
                turn.acquire(timeout=20)

    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        surprise = view(panel)
        monkeypatch.setattr("lstmterm.ui.inspect.shared_surprise.Surprise", Slow)
        panel.open_source(Source("typed", "the sea owes us a bucket " * 80))
        await until(pilot, lambda: len(steps) == 1)
        turn.release()
        await until(pilot, lambda: len(steps) == 2)
        await pilot.press("f9")
        await until(pilot, lambda: panel.page.id == "units")
        assert not surprise.busy
        turn.release(1000)
        await idle(pilot)
        assert len(steps) == 3, "it ends at its next step"
        assert not surprise.found
        await pilot.press("f7")
        await until(pilot, lambda: surprise.found)
        assert len(begun) == 1
        assert steps == sorted(set(steps)), "what was predicted is not predicted again"
        assert surprise.found is not None
        assert surprise.found.text.startswith("the sea owes us")
        assert not np.isnan(surprise.found.bits[1:]).any()


async def test_pages_share_what_the_model_predicts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keep_trained(tmp_path)
    begun: list[Surprise] = []
    compute = Surprise.compute
    monkeypatch.setattr(Surprise, "compute", lambda self: begun.append(self) or compute(self))
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        await pilot.press("f8")
        await idle(pilot)
        panel.open_source(Source("typed", "the sea owes us a bucket"))
        await until(pilot, lambda: panel.page.reading is panel.reading and not panel.page.busy)
        await idle(pilot)
        begun.clear()
        await pilot.press("f7")
        await until(pilot, lambda: panel.page.id == "surprise" and view(panel).found)
        await idle(pilot)
        assert found(panel).text == "the sea owes us a bucket"
        assert not begun


async def test_another_model_sees_the_same_text() -> None:
    keep_model("one", seed=1)
    keep_model("two", seed=2)
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        panel.open_model("one")
        await showing(pilot, panel, "the sea owes us")
        first = view(panel).found
        panel.open_model("two")
        await until(pilot, lambda: view(panel).found not in (None, first))
        assert first is not None
        assert found(panel).text == first.text
        assert not np.allclose(found(panel).bits[1:], first.bits[1:])


async def test_hostile_text_is_shown_and_never_interpreted() -> None:
    keep_model()
    async with make_app().run_test(size=(120, 36)) as pilot:
        panel = await opened(pilot)
        await showing(pilot, panel, "[red]x[/red] [@click=app.quit]q[/]\x1b[2J\u202eabc 漢字 e\u0301")
        for _ in range(12):
            await pilot.press("right")
        await idle(pilot)
        assert "[red]x[/red] [@click=app.quit]q[/]␛[2J⇤abc 漢字 é".replace("é", "e\u0301") in screen_text(
            pilot.app
        )


async def test_the_cursor_is_where_typing_starts() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert isinstance(pilot.app.focused, ColouredText)


async def test_only_the_beginning_of_a_large_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_model()
    monkeypatch.setattr("lstmterm.corpora.beginning.LARGE", 10_000)
    file = tmp_path / "large.txt"
    file.write_text("the sea owes us a bucket\n" * 1000)
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        monkeypatch.setattr("lstmterm.ui.inspect.text_reader.any_corpus", None)  # which reads it whole
        panel.open_source(Source("named", str(file)))
        await until(pilot, lambda: view(panel).found and found(panel).reading.name == "large")
        await until(pilot, lambda: "Only the first 25,000 characters are shown" in screen_text(pilot.app))
        await idle(pilot)


async def test_a_copy_of_the_model_adapts_to_the_text_that_is_shown() -> None:
    """In a process of its own; what is read with the copy is the same text, whatever it came from."""
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot)
        await showing(pilot, panel, "the sea owes us a bucket\n" * 20)
        before = found(panel)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, AdaptDialog) and pilot.app.screen.is_done)
        await pilot.press("k")
        await until(pilot, lambda: isinstance(pilot.app.screen, Ask))
        await pilot.press("enter")
        await until(pilot, lambda: panel.model == "tiny-adapted" and view(panel).found not in (None, before))
        await idle(pilot)
        assert found(panel).text == before.text
        assert found(panel).total().mean < before.total().mean - 0.1
        assert panel.source == Source("typed", before.text)


async def test_the_card_is_reached_with_tab_where_it_does_not_fit() -> None:
    keep_model("bard")
    app = make_app()
    async with app.run_test(size=(40, 10)) as pilot:
        await settle(pilot)
        await app.show_tab("inspect")
        card = app.query_one(CharacterCard)
        await until(pilot, lambda: card.max_scroll_y > 0)
        for _ in range(20):
            if app.focused is card:
                break
            await pilot.press("tab")
        await until(pilot, lambda: app.focused is card and card.region.overlaps(card.screen.region))
        await until(pilot, lambda: "At the cursor" in screen_text(app))
        await pilot.press("end")
        await until(pilot, lambda: card.scroll_y == card.max_scroll_y)
