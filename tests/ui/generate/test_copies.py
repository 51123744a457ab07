"""What the Generate tab shows of what a text copies from the training text."""

import threading
import time
from pathlib import Path

import pytest
from textual.message import Message

from lstmterm.corpora.copied import CopyIndex
from lstmterm.corpora.growing import GrowingText, Stretch
from lstmterm.drafts import file, store
from lstmterm.drafts.tree import Origin
from lstmterm.infer.model_text import training_corpus
from lstmterm.models import library, model_file
from lstmterm.ui import session
from lstmterm.ui.generate import copies
from lstmterm.ui.generate.copies import CopiesFound, CopiesRemark, CopyFinder
from lstmterm.ui.session import Session
from tests.ui.conftest import idle, make_app, screen_text, until
from tests.ui.generate.models import PROMPT, SEED, keep_copying_model
from tests.ui.generate.tab import generating, text, wrote
from tests.ui.widgets.test_coloured_text import underlined

COPIED = slice(10, 45)


async def test_copied_stretches_are_underlined_and_counted(tmp_path: Path) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    async with generating((120, 36), model=None, seed=str(SEED)) as (app, pilot, panel):
        await pilot.press(*PROMPT, "enter")
        await wrote(app, pilot, panel)
        assert text(panel) == PROMPT + written
        copied = written[COPIED].replace("\n", "")
        await until(pilot, lambda: underlined(app, 1).replace("\n", "") == copied)
        index = CopyIndex.of(*training(library.find("copier").path))
        share = index.share(PROMPT + written, 16)
        longest = index.copying(written).longest.length  # type: ignore[union-attr]
        assert longest == 35
        assert f"longest copy 35 · {share:.0%}" in screen_text(app)
        await pilot.resize_terminal(160, 50)
        await until(pilot, lambda: f" 35 characters · {share:.0%} of windows of 16" in screen_text(app))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: f"copy 35 · {share:.0%}" in screen_text(app))


def training(path: Path):
    found = training_corpus(model_file.load(path).card)
    assert found is not None
    return found


async def test_a_chosen_stretch_says_where_it_stands_and_shows_it(tmp_path: Path) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    async with generating((120, 36), model=None, seed=str(SEED)) as (app, pilot, panel):
        await pilot.press(*PROMPT, "enter")
        await wrote(app, pilot, panel)
        await until(pilot, lambda: "longest copy" in screen_text(app))
        panel.pages[0].text.focus()
        await pilot.press("n")
        await until(pilot, lambda: "35 characters from line 21 of copied" in screen_text(app))
        await pilot.press("o")
        await until(pilot, lambda: "esc close" in screen_text(app))
        assert written[COPIED].split("\n")[0].strip() in screen_text(app)
        assert "abcdefghijklmnopqrstuvwxyzT" in screen_text(app).replace("\n", "")
        await pilot.press("escape")
        panel.focus_first()
        await pilot.press("enter")
        await wrote(app, pilot, panel)
        await until(pilot, lambda: "longest copy" in screen_text(app))
        await pilot.press("ctrl+n")
        await idle(pilot)
        assert "longest copy" not in screen_text(app)


async def test_another_branch_is_followed_from_its_beginning(tmp_path: Path) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    copied = written[COPIED].replace("\n", "")
    async with generating((120, 36), model=None, seed=str(SEED)) as (app, pilot, panel):
        await pilot.press(*PROMPT, "enter")
        await wrote(app, pilot, panel)
        await until(pilot, lambda: underlined(app, 1).replace("\n", "") == copied)
        panel.form.field("seed").value = str(SEED + 1)
        await pilot.press("ctrl+r")
        await wrote(app, pilot, panel)
        await until(pilot, lambda: not underlined(app, 1))
        await pilot.press("alt+left")
        await until(pilot, lambda: underlined(app, 1).replace("\n", "") == copied)


async def test_a_model_that_is_chosen_again_is_followed_as_before(tmp_path: Path) -> None:
    keep_copying_model(tmp_path, COPIED)
    async with generating((120, 36), model=None, seed=str(SEED)) as (app, pilot, panel):
        panel.open_model("copier")
        await idle(pilot)
        assert panel.pages[0].unit_finder() is not None
        await pilot.press(*PROMPT, "enter")
        await wrote(app, pilot, panel)
        await until(pilot, lambda: "longest copy" in screen_text(app))


async def test_a_draft_that_is_opened_before_its_model_is_read_is_followed(tmp_path: Path) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    copied = written[COPIED].replace("\n", "")
    with file.writing(store.path_of("night")) as draft:
        draft.add(PROMPT + written, Origin("written", "copier"))
    session.save(Session("generate", models=("copier",), drafts=("night",)))
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.query("#generate"))
        await until(pilot, lambda: underlined(app, 1).replace("\n", "") == copied)


async def test_another_model_has_copied_other_stretches(tmp_path: Path) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    async with generating((120, 36), seed=str(SEED)) as (app, pilot, panel):
        panel.open_model("copier")
        await pilot.press(*PROMPT, "enter")
        await wrote(app, pilot, panel)
        await until(pilot, lambda: underlined(app, 1).replace("\n", "") == written[COPIED].replace("\n", ""))
        panel.open_model("tiny")
        await until(pilot, lambda: not underlined(app, 1))


async def test_without_the_training_text_it_says_so_once() -> None:
    async with generating((120, 36)) as (app, pilot, panel):
        said = "Its training text was not found, so copies are not shown."
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        await until(pilot, lambda: said in screen_text(app))
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        assert said not in screen_text(app)


async def test_only_the_part_that_was_trained_on_counts(tmp_path: Path) -> None:
    written = keep_copying_model(tmp_path, slice(10, 45), train=False)
    posted: list[Message] = []
    finder = CopyFinder(posted.append)
    finder.begin()
    assert finder.add(written, model_file.load(library.find("copier").path).card)
    finder.find()
    (found,) = (message for message in posted if isinstance(message, CopiesFound))
    assert found.stretches == []
    assert found.longest < copies.LEAST


def finder_with(posted: list[Message], pieces: list[str]) -> CopyFinder:
    """A finder that has followed these pieces, looked at one by one."""
    card = model_file.load(library.find("copier").path).card
    finder = CopyFinder(posted.append)
    finder.begin()
    for piece in pieces:
        assert finder.add(piece, card)
        finder._rest = 0.0
        finder.find()
    return finder


def test_pieces_add_up_to_the_text(tmp_path: Path) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    posted: list[Message] = []
    finder_with(posted, [written[at : at + 7] for at in range(0, len(written), 7)])
    stretches: list[Stretch] = []
    for message in posted:
        if isinstance(message, CopiesFound):
            stretches[message.kept :] = message.stretches
    assert [(s.start, s.end) for s in stretches] == [(COPIED.start, COPIED.stop)]


def test_the_index_is_opened_once_and_a_second_text_starts_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    opened: list[object] = []
    of = CopyIndex.of
    monkeypatch.setattr(CopyIndex, "of", lambda *args: opened.append(args) or of(*args))
    posted: list[Message] = []
    finder = finder_with(posted, [written])
    assert any("indexing the training text" in m.sentence for m in posted if isinstance(m, CopiesRemark))
    number = finder.begin()
    assert finder.add("abc", model_file.load(library.find("copier").path).card)
    finder._rest = 0.0
    finder.find()
    last = posted[-1]
    assert isinstance(last, CopiesFound)
    assert (last.text, last.longest) == (number, 3)
    assert len(opened) == 1


def test_a_long_training_text_is_not_sorted_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    monkeypatch.setattr("lstmterm.corpora.copied.MOST_UNASKED", 100)
    posted: list[Message] = []
    finder_with(posted, [written])
    said = [message.sentence for message in posted if isinstance(message, CopiesRemark)]
    assert said[-1] == "Its training text is long; `lstmterm copied copier` indexes it once."
    CopyIndex.of(*training(library.find("copier").path))
    finder_with(posted, [written])
    assert isinstance(posted[-1], CopiesFound)


def test_a_disk_that_is_full_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = keep_copying_model(tmp_path, COPIED)

    def full(*_: object) -> object:
        raise OSError("The disk is full.")

    monkeypatch.setattr(CopyIndex, "of", full)
    posted: list[Message] = []
    finder_with(posted, [written, written])
    assert [m.sentence for m in posted if isinstance(m, CopiesRemark)][-1] == "The disk is full."


def test_the_thread_ends_when_nothing_is_left_and_when_it_is_stopped(tmp_path: Path) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    card = model_file.load(library.find("copier").path).card
    finder = finder_with([], [written])
    finder._rest = 1000.0
    assert finder.add("x", card)
    assert not finder.add("y", card), "one thread is enough"
    thread = threading.Thread(target=finder.find)
    thread.start()
    finder.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_a_long_text_is_looked_at_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    monkeypatch.setattr(copies, "_AT_ONCE", 7)
    monkeypatch.setattr(copies, "_INTERVAL", 0.001)
    sizes: list[int] = []
    append = GrowingText.append
    monkeypatch.setattr(
        GrowingText, "append", lambda self, text: sizes.append(len(text)) or append(self, text)
    )
    posted: list[Message] = []
    finder_with(posted, [written])
    assert (sum(sizes), max(sizes)) == (len(written), 7)
    (stretch,) = [s for m in posted if isinstance(m, CopiesFound) for s in m.stretches][-1:]
    assert (stretch.start, stretch.end) == (COPIED.start, COPIED.stop)


def test_it_catches_up_when_the_text_pauses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = keep_copying_model(tmp_path, COPIED)
    monkeypatch.setattr(copies, "_PAUSE", 0.05)
    posted: list[Message] = []
    finder = finder_with(posted, [written])
    posted.clear()
    finder._rest = 1000.0
    assert finder.add("abc", model_file.load(library.find("copier").path).card)
    began = time.monotonic()
    thread = threading.Thread(target=finder.find, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it rested on"
    assert time.monotonic() - began >= 0.05
    assert len(posted) == 1
