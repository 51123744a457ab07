"""Colours by how surprising the characters of a text in the Generate tab are."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from textual.pilot import Pilot

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.drafts.tree import Origin
from lstmterm.infer.surprise import Measures, Surprise
from lstmterm.infer.written_measures import NOT_MEASURED
from lstmterm.ui import session
from lstmterm.ui.generate import page_colours
from lstmterm.ui.generate.page_colours import KnownCharacters, PageColours
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.writing_page import WritingPage
from lstmterm.ui.widgets.colourings import COLOURINGS
from lstmterm.ui.widgets.scale_legend import ScaleLegend
from lstmterm.ui.widgets.text_styles import UNKNOWN
from tests.ui.conftest import idle, keep_model, make_app, screen_text, until
from tests.ui.generate.tab import generating, opened, streaming, text, wrote


def read(page: WritingPage) -> tuple[np.ndarray, np.ndarray]:
    """Bits and ranks of the characters of a page's text after the first, by its model."""
    assert page.lstm is not None
    assert page.card is not None
    surprise = Surprise.of(page.lstm, page.card.vocabulary.encode(page.text.text))
    return surprise.nats / NATS_PER_BIT, surprise.ranks


def levels(page: WritingPage) -> list[int]:
    return list(page.text._shown.levels)


def expected_levels(page: WritingPage, by: str) -> list[int]:
    """The levels by reading the whole text: 0 for the first character."""
    bits, ranks = read(page)
    steps = COLOURINGS[by].steps(bits if by == "bits" else ranks)
    return [0, *np.where(ranks > 0, steps, UNKNOWN).tolist()]


async def measured(pilot: Pilot[None], page: WritingPage) -> None:
    """Wait until all characters after the first have a colour."""
    await until(pilot, lambda: not page._colours.known.lacks(1, len(page.text.text)))
    await idle(pilot)


async def test_the_key_goes_from_bits_to_ranks_to_nothing_and_colours_are_remembered() -> None:
    async with generating(size=(120, 36)) as (app, pilot, panel):
        page = panel.pages[0]
        await pilot.press(*"The sea", "enter")
        await wrote(app, pilot, panel)
        assert not any(levels(page))
        assert not page.query_one(ScaleLegend).display
        page.text.focus()
        await pilot.press("c")
        await measured(pilot, page)
        same = np.equal(levels(page), expected_levels(page, "bits"))
        assert same[:8].all(), "what was typed is measured"
        assert same.mean() > 0.8, "what was written was predicted from a line end on"
        assert "bits  <1  1  2" in screen_text(app)
        await pilot.press("d")
        await until(pilot, lambda: "· <1" in screen_text(app))
        await pilot.press("c")
        await until(pilot, lambda: "rank  · 1" in screen_text(app))
        assert np.equal(levels(page), expected_levels(page, "ranks")).mean() > 0.8
        panel.remember()
        assert app.services.session.colours == "ranks"
        await pilot.press("c")
        await until(pilot, lambda: not page.query_one(ScaleLegend).display)
        assert not any(levels(page))
        assert not page.text.has_signs
        assert page.text.check_action("signs", ()) is False
        await pilot.press("c")
        panel.remember()
    assert session.load().colours == "bits"
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot)
        page = panel.pages[0]
        await until(pilot, lambda: page.text.text and page.lstm)
        await measured(pilot, page)
        assert levels(page) == expected_levels(page, "bits"), "after a start all is read"


async def test_the_prompt_has_a_key_for_it_too_and_keeps_its_letters() -> None:
    async with generating() as (app, pilot, panel):
        await pilot.press(*"ab", "c")
        assert app.query_one(PromptArea).text == "abc"
        assert panel.colours == ""
        await pilot.press("alt+o")
        assert panel.colours == "bits"
        assert app.query_one(PromptArea).text == "abc"


async def test_text_has_its_colours_as_it_is_written() -> None:
    async with generating(size=(120, 36)) as (app, pilot, panel):
        page = panel.pages[0]
        panel.colour_by("ranks")
        await streaming(pilot, panel)
        await until(pilot, lambda: len(text(panel)) > 400)
        assert panel.busy
        known = [*levels(page)]
        assert all(known[3:]), "each character comes with its colour"
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        assert all(levels(page)[1:]), "the prompt too, once nothing is written"


async def test_unknown_characters_are_marked_and_said_to_be_unknown() -> None:
    async with generating(size=(120, 36)) as (app, pilot, panel):
        page = panel.pages[0]
        panel.continue_with("aQb\n")
        await wrote(app, pilot, panel)
        panel.colour_by("bits")
        await measured(pilot, page)
        assert levels(page)[:4] == expected_levels(page, "bits")[:4]
        assert levels(page)[1] == UNKNOWN
        page.text.focus()
        page.text.go_to(1)
        await until(pilot, lambda: "Q · unknown to the model · expected" in screen_text(app))


async def test_what_was_expected_is_said_at_the_cursor() -> None:
    async with generating(size=(160, 50)) as (app, pilot, panel):
        page = panel.pages[0]
        panel.continue_with("The sea")
        await wrote(app, pilot, panel)
        panel.colour_by("bits")
        await measured(pilot, page)
        bits, ranks = read(page)
        surprise = Surprise.of(page.lstm, page.card.vocabulary.encode(text(panel)))  # type: ignore[arg-type,union-attr]
        page.text.focus()
        for at in (5, 2):
            page.text.go_to(at)
            highest = surprise.expected(at).max()
            line = f"{text(panel)[at]} · {bits[at - 1]:.2f} bits · rank {ranks[at - 1]} · expected "
            await until(pilot, lambda line=line: line in screen_text(app))
            assert f"{highest:.0%}" in screen_text(app).split(line)[1].splitlines()[0]
        page.text.follow()
        await until(pilot, lambda: "expected" not in screen_text(app))


async def test_another_way_and_another_model_get_colours_of_their_own() -> None:
    keep_model("other", seed=9)
    async with generating(size=(120, 36)) as (app, pilot, panel):
        page = panel.pages[0]
        panel.open_model("tiny")
        panel.continue_with("The sea")
        await wrote(app, pilot, panel)
        panel.colour_by("bits")
        page.edit("The tide rises")
        await measured(pilot, page)
        assert levels(page) == expected_levels(page, "bits")
        before = levels(page)
        panel.open_model("other")
        await until(pilot, lambda: page.model == "other" and levels(page) != before)
        await measured(pilot, page)
        assert levels(page) == expected_levels(page, "bits")
        page.undo()
        await measured(pilot, page)
        assert levels(page) == expected_levels(page, "bits"), "of the other model, which did not write it"


async def test_held_units_leave_the_colours_to_the_model_as_it_is() -> None:
    async with generating(size=(120, 36), length="200") as (app, pilot, panel):
        page = panel.pages[0]
        page.writer.held = {(0, 1): 3.0}
        panel.colour_by("bits")
        panel.continue_with("The sea")
        await wrote(app, pilot, panel)
        await measured(pilot, page)
        assert levels(page) == expected_levels(page, "bits")


async def test_copied_stretches_keep_their_underline() -> None:
    async with generating(size=(120, 36)) as (app, pilot, panel):
        page = panel.pages[0]
        await streaming(pilot, panel)
        page.text.underline(0, [(10, 40), (150, 180)])
        for by in ("bits", "ranks", "", "bits"):
            panel.colour_by(by)
            assert list(page.text._shown.spans) == [(10, 40), (150, 180)]
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        await measured(pilot, page)
        assert list(page.text._shown.spans) == [(10, 40), (150, 180)], "also when the text ends"


async def test_keys_are_quick_while_a_long_draft_grows_in_colours() -> None:
    async with generating(size=(120, 36)) as (app, pilot, panel):
        page = panel.pages[0]
        draft = page.changing()
        for _ in range(300):
            draft.add("typed words ", Origin("typed"))
            draft.add("and written ones ", Origin("written"))
        page.show_place()
        panel.colour_by("bits")
        await streaming(pilot, panel)
        times = []
        for key in ["x", "y", "backspace", "pageup", "pagedown"] * 4:
            began = time.perf_counter()
            await pilot.press(key)
            times.append(time.perf_counter() - began)
        assert sorted(times)[len(times) // 2] < 0.5
        await pilot.press("escape")
        await wrote(app, pilot, panel)


# The parts


def some(ranks: list[int]) -> Measures:
    return Measures(np.array(ranks, np.float32), np.array(ranks, np.int32), np.zeros(len(ranks), np.float32))


def test_what_is_known_stays_until_the_text_is_another() -> None:
    known = KnownCharacters()
    known.put(2, some([1, NOT_MEASURED, 40, 0]))
    assert known.levels("ranks", 0, 8) == bytes([0, 0, 1, 0, 7, UNKNOWN, 0, 0])
    assert known.lacks(2, 6)
    assert not known.lacks(4, 6)
    assert known.lacks(4, 7)
    known.put(1, some([NOT_MEASURED, NOT_MEASURED, 2]))
    assert known.levels("ranks", 0, 6) == bytes([0, 0, 1, 2, 7, UNKNOWN])
    assert known.at(3) == (pytest.approx(2 / NATS_PER_BIT), 2)
    known.cut(3)
    assert known.levels("bits", 0, 4) == bytes([0, 0, 2, 0])
    assert known.at(3)[1] == NOT_MEASURED
    assert known.levels("", 0, 3) == bytes(3)


def test_the_last_characters_are_measured_and_results_for_another_text_are_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lstmterm.corpora.vocabulary import Vocabulary
    from lstmterm.infer.lstm import CharLSTM
    from lstmterm.models import library, model_file
    from tests.ui.conftest import SYMBOLS, random_tensors

    monkeypatch.setattr(page_colours, "MOST", 50)
    keep_model("tiny")
    card = model_file.load(library.find("tiny").path).card
    assert len(card.vocabulary) == len(Vocabulary(SYMBOLS))
    model = CharLSTM.from_tensors(random_tensors(len(SYMBOLS)))
    posted: list[page_colours.CharactersMeasured] = []
    colours = PageColours(posted.append)  # type: ignore[arg-type]
    words = "the sea owes us a bucket " * 8
    assert colours.measure(words) is None, "without colours nothing is read"
    colours.by = "bits"
    assert colours.measure(words) is None, "nor without a model"
    assert colours.use(model, card)
    assert not colours.use(model, card)
    run(colours.measure(words))
    assert [(message.start, message.finished) for message in posted] == [(150, True)]
    assert colours.measure(words) is None, "what is being read is not read twice"
    assert colours.has_more
    assert colours.take(posted[0])
    assert colours.measure(words) is None, "nor what is known"
    assert colours.known.lacks(0, 150)
    colours.cut(190)
    assert not colours.take(posted[0])
    step = colours.measure(words[:190] + "other")
    colours.cut(180)
    run(step)
    assert len(posted) == 1, "it ends when the text changes"


def run(step: Callable[[], None] | None) -> None:
    assert step is not None
    thread = threading.Thread(target=step)
    thread.start()
    thread.join()
