"""Several texts at once: what is written, how the cards are gone through, and what is kept."""

import math
from collections.abc import Sequence
from typing import cast

import pytest
from textual.events import Key
from textual.pilot import Pilot

from lstmterm.corpora.copied import CopyIndex
from lstmterm.drafts.tree import Origin, Place
from lstmterm.errors import InputError
from lstmterm.infer import draft_writing
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.text_stream import TextStream, write_text
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.generate.several import Several, SeveralDialog
from lstmterm.ui.generate.several_writer import (
    SeveralCompared,
    SeveralEnded,
    SeveralFailed,
    SeveralGrew,
    SeveralWriter,
)
from tests.character_models import LETTERS, TorchModel
from tests.ui.conftest import keep_model, make_app, screen_text, until
from tests.ui.generate.tab import opened, text
from tests.ui.textual_private import notices

LENGTH = 300


def _model() -> CharLSTM:
    return CharLSTM.from_tensors(TorchModel(1, 24).tensors())


def _start(seeds: Sequence[int], length: int | None = LENGTH) -> tuple[TextStream, list[Origin]]:
    stream = TextStream(_model(), LETTERS, length=length, measure=True)
    stream.start("Once", seeds)
    return stream, [draft_writing.origin("tiny", "", stream, Generation(), seed, 4) for seed in seeds]


class Copies:
    """What finds half of every text in the training text."""

    def share(self, text: str, n: int) -> float:
        return 0.5 if len(text) >= n else math.nan


def _copies() -> CopyIndex:
    return cast(CopyIndex, Copies())


def _writer(length: int | None = LENGTH) -> SeveralWriter:
    return SeveralWriter(lambda seeds: _start(seeds, length), _copies)


def test_each_text_is_that_of_its_seed_and_knows_how_it_came_to_be() -> None:
    posted: list[object] = []
    _writer().write([7, 8, 9], 4, posted.append)
    *grew, ended, compared = posted
    assert isinstance(ended, SeveralEnded)
    assert ended.first == 4
    for k, (seed, written) in enumerate(zip((7, 8, 9), ended.written, strict=True)):
        assert written.text == write_text(_model(), LETTERS, "Once", LENGTH, Sampling(), seed)
        assert "".join(m.pieces[k] for m in grew if isinstance(m, SeveralGrew)) == written.text
        assert written.origin.length == LENGTH
        assert written.origin.nats is not None
        assert ("--seed", str(seed)) == written.origin.arguments[-2:]
    assert compared == SeveralCompared(4, [0.5] * 3)


def test_a_model_that_cannot_be_read_is_one_sentence() -> None:
    def start(seeds: Sequence[int]) -> tuple[TextStream, list[Origin]]:
        raise InputError("There is no such model.")

    posted: list[object] = []
    SeveralWriter(start, lambda: None).write([1], 0, posted.append)
    assert posted == [SeveralFailed("There is no such model.")]


async def _opened(
    app: LstmTerm, pilot: Pilot[None], writer: SeveralWriter
) -> tuple[SeveralDialog, list[Several]]:
    await pilot.press("f3")
    await until(pilot, lambda: app.query("#generate"))
    results: list[Several] = []
    dialog = SeveralDialog(writer, "It was so.\nOnce", seed=7)
    app.push_screen(dialog, lambda result: results.append(result) if result is not None else None)
    await until(pilot, lambda: app.screen is dialog and dialog.current is not None)
    return dialog, results


async def _whole(pilot: Pilot[None], dialog: SeveralDialog, cards: int = 4) -> None:
    await until(
        pilot,
        lambda: len(dialog._cards) == cards and all(not math.isnan(card.copied) for card in dialog._cards),
    )


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 50)])
async def test_cards_show_texts_with_their_figures(size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        dialog, _ = await _opened(app, pilot, _writer())
        await _whole(pilot, dialog)
        shown = screen_text(app)
        assert "It was so.⏎Once" in shown
        for card in dialog._cards:
            assert card.written is not None
            assert card.written.origin.nats is not None
            assert card.written.text.split()[0][:8] in shown
            bits = card.written.origin.nats / math.log(2)
            assert f"{bits:.2f} bits" in str(card.border_subtitle)
            assert "50% copied" in str(card.border_subtitle)
        assert all(card.region.bottom <= size[1] - 1 for card in dialog._cards)  # all are in view


async def test_arrows_go_through_the_cards_and_enter_goes_to_one() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog, results = await _opened(app, pilot, _writer())
        await _whole(pilot, dialog)
        path = []
        for press in ("right", "down", "left", "up", "up", "left"):
            await pilot.press(press)
            await pilot.pause()
            assert dialog.current is not None
            path.append(dialog.current.number)
        assert path == [1, 3, 2, 0, 0, 3]
        await pilot.press("enter")
        await until(pilot, lambda: results)
        assert (results[0].hidden, results[0].chosen) == (frozenset(), 3)
        assert len(results[0].written) == 4


async def test_marked_texts_are_kept_and_the_others_hidden() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog, results = await _opened(app, pilot, _writer())
        await _whole(pilot, dialog)
        await pilot.press("right", "space", "right", "space", "right", "space", "space")
        await until(pilot, lambda: [card.marked for card in dialog._cards] == [False, True, True, False])
        assert "✓ 2 · seed 8" in screen_text(app)
        await pilot.press("k")
        await until(pilot, lambda: results)
        assert (results[0].hidden, results[0].chosen) == ({0, 3}, 1)


async def test_keys_that_come_in_one_go_act_in_their_order() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog, results = await _opened(app, pilot, _writer())
        await _whole(pilot, dialog)
        for name in ("right", "space", "down", "space", "k"):  # as a terminal sends what was typed ahead
            app.post_message(Key(name, " " if name == "space" else None))
        await until(pilot, lambda: results)
        assert (results[0].hidden, results[0].chosen) == ({0, 2}, 3)


async def test_without_marks_the_present_text_is_kept() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog, results = await _opened(app, pilot, _writer())
        await _whole(pilot, dialog)
        await pilot.press("right", "k")
        await until(pilot, lambda: results)
        assert (results[0].hidden, results[0].chosen) == ({0, 2, 3}, 1)


async def test_more_texts_have_seeds_of_their_own() -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        dialog, results = await _opened(app, pilot, _writer())
        await _whole(pilot, dialog)
        await pilot.press("m")
        await _whole(pilot, dialog, 8)
        assert [card.seed for card in dialog._cards] == [*range(7, 15)]
        await until(pilot, lambda: dialog.current is dialog._cards[4])
        await pilot.press("escape")
        await until(pilot, lambda: results)
        assert (len(results[0].written), results[0].hidden, results[0].chosen) == (8, frozenset(), None)


async def test_a_choice_while_they_are_written_ends_them_and_loses_nothing() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog, results = await _opened(app, pilot, _writer(length=None))
        await until(pilot, lambda: all(card._text for card in dialog._cards))
        shown = [card._text for card in dialog._cards]
        await pilot.press("right", "enter")
        await until(pilot, lambda: results)
        assert results[0].chosen == 1
        for beginning, written in zip(shown, results[0].written, strict=True):
            assert written.text.startswith(beginning)


async def test_a_failure_leaves_what_was_written_before() -> None:
    def start(seeds: Sequence[int]) -> tuple[TextStream, list[Origin]]:
        if seeds[0] != 7:
            raise InputError("The model is gone.")
        return _start(seeds)

    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog, results = await _opened(app, pilot, SeveralWriter(start, _copies))
        await _whole(pilot, dialog)
        await pilot.press("m")
        await until(pilot, lambda: notices(app) == ["The model is gone."] and len(dialog._cards) == 4)
        await pilot.press("escape")
        await until(pilot, lambda: results)
        assert len(results[0].written) == 4


async def test_where_nothing_can_be_written_it_closes() -> None:
    def start(seeds: Sequence[int]) -> tuple[TextStream, list[Origin]]:
        raise InputError("The model is gone.")

    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        results: list[Several] = []
        dialog = SeveralDialog(SeveralWriter(start, lambda: None), "Once")
        app.push_screen(dialog, lambda result: results.append(result) if result is not None else None)
        await until(pilot, lambda: results)
        assert not results[0].written
        assert app.screen is not dialog


async def _in_the_tab(app: LstmTerm, pilot: Pilot[None]) -> tuple[GeneratePanel, SeveralDialog]:
    """The tab, with several texts written after a prompt that was typed."""
    keep_model()
    panel = await opened(app, pilot, seed="7", length="80")
    await pilot.press(*"The", "alt+s")
    await until(pilot, lambda: isinstance(app.screen, SeveralDialog))
    dialog = app.screen
    assert isinstance(dialog, SeveralDialog)
    await until(pilot, lambda: dialog._cards and all(card.written for card in dialog._cards))
    return panel, dialog


async def test_several_texts_are_branches_of_the_draft_and_can_be_written_again() -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel, dialog = await _in_the_tab(app, pilot)
        texts = [card.written.text for card in dialog._cards if card.written]
        await pilot.press("right", "right", "enter")
        await until(pilot, lambda: app.screen is not dialog and text(panel) == "The" + texts[2])
        tree = panel.pages[0].draft.tree
        assert [tree.stretches[k].text for k in tree.ways(Place(1))] == texts
        assert tree.stretches[4].origin.arguments == ("--seed", "9")
        assert tree.stretches[4].origin.length == 80
        await pilot.press("alt+left")
        await until(pilot, lambda: text(panel) == "The" + texts[1])


async def test_those_that_are_not_kept_are_hidden_and_undo_brings_them_back() -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel, dialog = await _in_the_tab(app, pilot)
        texts = [card.written.text for card in dialog._cards if card.written]
        await pilot.press("space", "right", "right", "space", "k")
        await until(pilot, lambda: app.screen is not dialog and text(panel) == "The" + texts[2])
        tree = panel.pages[0].draft.tree
        assert [tree.stretches[k].text for k in tree.ways(Place(1))] == [texts[0], texts[2]]
        assert tree.hidden == {3, 5}
        await pilot.press("alt+z")
        await until(pilot, lambda: len(tree.ways(Place(1))) == 4)
        assert text(panel) == "The", "one key, one step"
        await pilot.press("alt+y")
        await until(pilot, lambda: text(panel) == "The" + texts[2])
        assert tree.hidden == {3, 5}


async def test_leaving_them_keeps_the_place_and_the_branches() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel, dialog = await _in_the_tab(app, pilot)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not dialog and text(panel) == "The")
        assert len(panel.pages[0].draft.tree.ways(Place(1))) == 4
        await until(pilot, lambda: "4 branches" in screen_text(app))
        await pilot.press("alt+z")
        await until(pilot, lambda: text(panel) == "")
