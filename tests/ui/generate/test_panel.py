"""The Generate tab: every action, with a small model of random weights."""

import os
import shlex
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from textual.message import Message
from textual.widgets import Input

from lstmterm.cli import lstmterm
from lstmterm.drafts import export, file, store
from lstmterm.drafts.tree import Place
from lstmterm.errors import RunError
from lstmterm.models import library
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.following import RunsListed
from lstmterm.ui.generate.branch_list import BranchList
from lstmterm.ui.generate.editor import Editor
from lstmterm.ui.generate.next_characters import NextCharacters
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.sampling_form import SettingInput
from lstmterm.ui.generate.writer import TextWritten, WritingEnded
from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.widgets.adapt_dialog import AdaptDialog
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.text_box import TextBox
from tests.ui.conftest import idle, keep_model, make_app, screen_text, until
from tests.ui.textual_private import notices


async def opened(app: LstmTerm, pilot, **fields: str) -> GeneratePanel:
    """The tab with its model read and its fields set."""
    await pilot.press("f3")
    await until(pilot, lambda: app.query("#generate #prompt") and app.query("#generate #seed"))
    panel = app.query_one(GeneratePanel)
    for name, value in ({"speed": "full", "length": "60"} | fields).items():
        panel.form.field(name).value = value
    await idle(pilot)
    return panel


async def wrote(app: LstmTerm, pilot, panel: GeneratePanel) -> None:
    """Wait until nothing is being written."""
    await pilot.pause(0.05)
    await until(pilot, lambda: not panel.busy)
    await idle(pilot)


def text(panel: GeneratePanel, page: int = 0) -> str:
    return panel.pages[page].text.text


async def test_without_a_model_it_says_what_to_do() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert "There is no model yet" in screen_text(app)
        await pilot.press("a", "enter")
        await pilot.pause()


async def test_a_model_that_is_chosen_again_is_described() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot)
        before = screen_text(app)
        panel.open_model("tiny")
        await idle(pilot)
        await until(pilot, lambda: screen_text(app) == before)
        assert "reading…" not in before


async def test_a_prompt_is_continued_remembered_copied_and_saved(tmp_path: Path) -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        first = text(panel)
        assert first.startswith("The")
        assert len(first) == 3 + 60
        assert "60 characters" in screen_text(app)
        await pilot.press("enter")
        await wrote(app, pilot, panel)
        assert text(panel).startswith(first)
        assert len(text(panel)) == 3 + 120, "an empty line continues the text"

        await pilot.press(*"two", "enter")
        await wrote(app, pilot, panel)
        assert text(panel)[3 + 120 :].startswith("two"), "a prompt stands where the text ended"
        prompt = app.query_one(PromptArea)
        await pilot.press("x", "up", "up")
        assert prompt.text == "The"
        await pilot.press("down", "down")
        assert prompt.text == "x"
        await pilot.press("ctrl+y")
        assert app.clipboard == text(panel)
        target = tmp_path / "kept.txt"
        await pilot.press("ctrl+s")
        await pilot.pause()
        app.screen.query_one("#answer", Input).value = str(target)
        await pilot.press("enter")
        await until(pilot, target.exists)
        assert target.read_text() == text(panel)
        await pilot.press("ctrl+n")
        assert text(panel) == ""
        assert "The model continues it." in screen_text(app)
        await pilot.press("backspace", *"Q9", "enter")
        await wrote(app, pilot, panel)
        assert "does not know Q 9" in screen_text(app)


async def test_the_same_text_and_seed_write_the_same() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        first, seed = text(panel), panel.pages[0].seed
        await pilot.press("f8")
        await wrote(app, pilot, panel)
        assert text(panel) == first
        assert panel.pages[0].seed == seed
        await pilot.press("ctrl+r")
        await wrote(app, pilot, panel)
        assert text(panel) != first
        await pilot.press("f7")
        assert panel.form.field("seed").value == str(panel.pages[0].seed)
        await pilot.press("f7")
        assert panel.form.field("seed").value == ""

        panel.form.field("seed").value = "7"
        await pilot.press("ctrl+n", *"abc", "enter")
        await wrote(app, pilot, panel)
        fresh = text(panel)
        await pilot.press(*"abc", "enter")
        await wrote(app, pilot, panel)
        assert text(panel)[len(fresh) :] != fresh, "the same prompt and seed, after another text"
        await pilot.press("ctrl+n", *"abc", "enter")
        await wrote(app, pilot, panel)
        assert text(panel) == fresh


async def test_a_retry_is_another_branch_and_nothing_is_lost() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot)
        await pilot.press("alt+left")
        assert "The text has one branch only; ^r writes another." in notices(app)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        written = [text(panel)]
        for _ in range(2):
            await pilot.press("ctrl+r")
            await wrote(app, pilot, panel)
            written.append(text(panel))
        assert len(set(written)) == 3
        assert "branch 3 of 3" in screen_text(app)
        await pilot.press("alt+left")
        assert text(panel) == written[1]
        await pilot.press("alt+right", "alt+right")
        assert text(panel) == written[0], "the first one follows the last one"
        assert "branch 1 of 3" in screen_text(app)
        for expected in (written[2], written[1], written[2], written[1], written[0], "The", ""):
            await pilot.press("alt+z")
            assert text(panel) == expected
        await pilot.press("alt+z")
        assert "There is nothing to undo." in notices(app)
        for _ in range(7):
            await pilot.press("alt+y")
        assert text(panel) == written[0]
        await pilot.press("alt+y")
        assert "There is nothing to redo." in notices(app)


async def test_every_stretch_can_be_written_again_by_its_command() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot, length="", speed="200")
        await pilot.press(*"The", "enter")
        await until(pilot, lambda: len(text(panel)) > 10)
        for value in ("0.5", "1.5"):
            length = len(text(panel))
            panel.form.field("temperature").value = value
            await until(pilot, lambda length=length: len(text(panel)) > length + 10)
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        page = panel.pages[0]
        tree, name = page.draft.tree, page.draft.name
        assert tree.text() == text(panel)
        temperatures = [
            dict(zip(s.origin.arguments[::2], s.origin.arguments[1::2], strict=True)) for s in tree.stretches
        ]
        assert [t.get("--temperature") for t in temperatures[2:]] == [None, "0.5", "1.5"]
        written = {s.number: s.text for s in tree.stretches if s.origin.made == "written"}
        assert shlex.split(page.command)[-2:] == ["--temperature", "1.5"]
        await pilot.press("alt+c")
        await until(pilot, lambda: "writes the last stretch again" in screen_text(app))
    kept = file.read(store.path_of(name))
    for number, expected in written.items():
        printed = ""
        for command in str(export.command(name, kept, number)).split(" | "):
            printed = CliRunner().invoke(lstmterm, shlex.split(command)[1:], input=printed).stdout
        assert printed.removesuffix("\n") == expected.removesuffix("\n")


async def test_the_branches_are_listed_gone_to_and_removed() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot)
        await pilot.press("alt+t")
        assert "Nothing is written yet." in screen_text(app)
        await pilot.press("escape", *"The", "enter")
        await wrote(app, pilot, panel)
        first = text(panel)
        await pilot.press("ctrl+r")
        await wrote(app, pilot, panel)
        second = text(panel)
        await pilot.press("alt+t")
        outline = app.query_one(BranchList)
        assert outline.option_count == 3
        assert outline.highlighted == 2
        await pilot.press("up", "enter")
        await until(pilot, lambda: text(panel) == first)
        await pilot.press("d")
        assert text(panel) == "The"
        assert outline.option_count == 2
        await pilot.press("alt+z")
        assert text(panel) == first
        assert outline.option_count == 3
        await pilot.press("escape")
        assert not outline.display
        assert second != first


async def test_an_edited_text_is_another_branch_which_the_model_continues() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        before, page = text(panel), panel.pages[0]
        page.text.focus()
        page.text.go_to(10)
        await pilot.press("ctrl+e")
        await until(pilot, lambda: isinstance(app.screen, Editor))
        await pilot.press(*"sea")
        await pilot.press("ctrl+s")
        edited = before[:10] + "sea" + before[10:]
        await until(pilot, lambda: not app.screen.is_modal and text(panel) == edited)
        assert page.draft.tree.stretches[-1].origin.made == "edited"
        panel.focus_first()
        await pilot.press("enter")
        await wrote(app, pilot, panel)
        assert text(panel).startswith(edited)
        assert len(text(panel)) == len(edited) + 60
        await pilot.press("alt+z", "alt+z")
        assert text(panel) == before


async def test_a_draft_is_on_disk_as_it_grows_and_opens_again() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot)
        assert store.names() == [], "nothing is written before there is a text"
        await streaming(pilot, panel)
        await until(
            pilot, lambda: store.names() and len(file.read(store.path_of(store.names()[0])).text()) > 200
        )
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        first, (name,) = text(panel), store.names()
        assert file.read(store.path_of(name)).text() == first
        panel.form.field("length").value = "60"
        await pilot.press("ctrl+n", *"two", "enter")
        await wrote(app, pilot, panel)
        assert len(store.names()) == 2
        panel.open_draft(name)
        await until(pilot, lambda: text(panel) == first)
        with file.writing(store.path_of(store.names()[0])), pytest.raises(RunError):
            panel.pages[0].open_draft(store.names()[0])
        assert text(panel) == first
        await pilot.press("enter")
        await wrote(app, pilot, panel)
        assert file.read(store.path_of(name)).text() == text(panel) != first


async def test_settings_take_effect_at_once_also_during_writing() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot, length="", speed="200")
        await pilot.press(*"The", "enter")
        await until(pilot, lambda: len(text(panel)) > 20)
        panel.form.field("temperature").value = "0"
        await pilot.pause()
        assert panel.pages[0].writer.settings.sampling.temperature == 0
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        length = len(text(panel))
        await pilot.pause(0.1)
        assert len(text(panel)) == length, "it stops at once"

        for name, value in {"speed": "full", "length": "5000", "stop": "\\n", "temperature": "0.8"}.items():
            panel.form.field(name).value = value
        await pilot.press("ctrl+n", *"The", "enter")
        await wrote(app, pilot, panel)
        assert "\n" not in text(panel), "a stop text ends it and is left out"
        assert len(text(panel)) < 5000

        panel.form.field("top_p").value = "3"
        await pilot.pause()
        assert panel.form.error == "Top-p must be at most 1 (got 3)."
        assert "Top-p must be at most 1" in screen_text(app)
        assert panel.pages[0].writer.settings.sampling.top_p == 1, "the last valid value holds"
        panel.form.field("top_p").value = "0.5"
        await pilot.pause()
        assert panel.pages[0].writer.settings.sampling.top_p == 0.5
        panel.form.query_one("#temperature").focus()
        await pilot.press("up", "up", "down")
        assert panel.pages[0].writer.settings.sampling.temperature == pytest.approx(0.85)


async def test_comparing_two_pages_and_choosing_the_next_character() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot)
        await pilot.press("ctrl+g")
        await idle(pilot)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        assert panel.pages[0].seed == panel.pages[1].seed
        assert text(panel, 0).startswith("The")
        assert text(panel, 1).startswith("The")
        assert text(panel, 0) != text(panel, 1)
        assert screen_text(app).count(" bits") == 2, "both pages' figures"
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert not app.query_one("#page2").display

        before = text(panel)
        await pilot.press("ctrl+b")
        bars = app.query_one(NextCharacters)
        await until(pilot, lambda: bars.option_count)
        assert "%" in screen_text(app)
        chosen = bars._texts[2] or ""
        await pilot.press("down", "enter")
        await until(pilot, lambda: text(panel) != before)
        assert text(panel) == before + chosen
        await pilot.press("escape")
        await pilot.pause()
        assert not bars.display


async def test_what_else_could_stand_in_the_text_is_another_branch() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        before, page = text(panel), panel.pages[0]
        page.text.focus()
        page.text.go_to(10)
        await pilot.press("enter")
        bars = app.query_one(NextCharacters)
        await until(pilot, lambda: bars.has_focus and bars.option_count)
        chosen = bars._texts[2] or ""
        await pilot.press("down", "enter")
        await wrote(app, pilot, panel)
        await until(pilot, lambda: len(text(panel)) == 10 + 1 + 60)
        assert text(panel)[:11] == before[:10] + chosen
        assert page.draft.tree.stretches[3].parent == Place(2, 7)
        await pilot.press("alt+left")
        assert text(panel) == before


async def test_models_are_chosen_reloaded_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep_model("first", loss=2.0, complete=False)
    keep_model("second", seed=2)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot)
        await pilot.press("ctrl+o")
        await pilot.pause()
        await pilot.press(*"fir", "enter")
        await idle(pilot)
        assert panel.pages[0].writer.reference == "first"
        assert "val 2.000 · in training" in screen_text(app)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        keep_model("first", loss=1.25, seed=2, complete=False)
        os.utime(path, (1, 1))
        await pilot.press("enter")
        await wrote(app, pilot, panel)
        assert "val 1.250 · in training" in screen_text(app)
        assert "newer weights" in screen_text(app)
        said: list[str] = []
        monkeypatch.setattr(app.services, "notify", lambda message, *_: said.append(message))
        path.write_bytes(b"nonsense, long enough to be looked at")
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        assert len(set(said)) == 1  # by the look under way, and by the prompt
        assert "is not a model" in said[0]
        said.clear()
        path.unlink()
        for _ in range(3):
            panel._look_for_newer()
            await idle(pilot)
        assert len(said) == 1, "a failure is reported once, not at every look"


async def test_the_newest_model_is_open_until_one_is_chosen_or_used() -> None:
    keep_model("first")
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot)

        async def another(name: str, age: float) -> str:
            """The open model after this one was saved and the runs were listed."""
            at = time.time() - age
            os.utime(keep_model(name), (at, at))
            app.services.runs_listed.publish(RunsListed([]))
            await idle(pilot)
            return panel.pages[0].writer.reference

        assert panel.pages[0].writer.reference == "first"
        assert await another("older", 1_000) == "first"
        assert await another("trained", -10) == "trained"
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        assert await another("later", -20) == "trained"


async def streaming(pilot, panel: GeneratePanel, prompt: str = "The") -> list[Message]:
    """Start a text without an end; returns the list of what its writer posts from now on."""
    posted: list[Message] = []
    writer, post = panel.pages[0].writer, panel.pages[0].writer._post

    def record(message: Message) -> object:
        posted.append(message)
        return post(message)

    writer._post = record
    panel.form.field("length").value = ""
    await pilot.press(*prompt, "enter")
    await until(pilot, lambda: len(text(panel)) > 200)
    return posted


def texts(posted: list[Message]) -> list[str]:
    """The texts that were written, in order."""
    pieces = [""]
    for message in posted:
        if isinstance(message, TextWritten):
            pieces[-1] += message.text
        if isinstance(message, WritingEnded):
            pieces.append("")
    return pieces[:-1]


async def test_a_prompt_during_a_text_starts_after_its_last_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot)
        posted = await streaming(pilot, panel)
        await pilot.press(*"two")
        panel.form.field("length").value = "60"
        app.query_one("#prompt").focus()
        await pilot.press("enter")
        await until(pilot, lambda: len(texts(posted)) > 1 and not panel.busy)
        *old, new = texts(posted)
        assert text(panel) == "The" + "".join(old) + "two" + new
        assert len(new) == 60

        await streaming(pilot, panel, "six")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not text(panel))
        await wrote(app, pilot, panel)
        assert text(panel) == ""
        assert "Type a beginning and press" in screen_text(app)


async def test_sending_a_prompt_scrolls_to_it() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot, length="3000")
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        panel.pages[0].text.scroll_to(y=3, animate=False, immediate=True)
        await pilot.pause()
        assert not panel.pages[0].text.following
        panel.form.field("length").value = "1"
        await pilot.press(*"Tabc", "enter")
        await wrote(app, pilot, panel)
        assert text(panel)[-5:-1] == "Tabc"
        assert panel.pages[0].text.in_view[1] == len(text(panel))
        assert panel.pages[0].text.following


async def test_the_page_keys_scroll_the_text_from_the_prompt() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot, length="3000")
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        conversation = panel.pages[0].text
        end = conversation.scroll_y
        await pilot.press("pageup")
        await until(pilot, lambda: conversation.scroll_y == end - conversation.size.height)
        assert not conversation.following
        await pilot.press("pagedown")
        await until(pilot, lambda: conversation.scroll_y == end)
        assert app.query_one(PromptArea).has_focus


async def test_an_invalid_field_is_named_and_marked_and_keeps_the_prompt() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot)
        for field, value, said in (
            ("seed", "abc", "Seed must be a whole number (got 'abc')."),
            ("seed", "-1", "Seed must be at least 0 (got -1)."),
            ("min_p", "5000", "Min-p must be at most 1 (got 5000)."),
            ("temperature", "nan", "Temp. must be a finite number (got nan)."),
            ("speed", "1e-300", "Speed must be at least 0.01 (got 1e-300)."),
            (
                "speed",
                "slowly",
                "Speed must be a number, or a word such as quick.",
            ),
        ):
            entry = panel.form.query_one(f"#{field}", SettingInput)
            right, entry.value = entry.value, value
            await pilot.press(*"The", "enter")
            assert app.query_one(PromptArea).text == "The", "it can be sent once the field is right"
            assert panel.form.error == said
            assert said in notices(app)
            await pilot.press("ctrl+r", "f8")
            panel.form.field("stop").value = "a"
            await pilot.pause()
            assert [one.id for one in panel.form.query("SettingInput.-wrong")] == [field]
            panel.form.field("stop").value = ""
            entry.value = right
            await pilot.press(*["backspace"] * 3)
            assert not panel.form.query("SettingInput.-wrong")
        assert text(panel) == ""
        panel.form.field("seed").value = "12345678901"
        panel.form.query_one("#seed").focus()
        await pilot.press("up")
        assert panel.form.field("seed").value == "12345678902"

        await pilot.press("ctrl+g")
        panel.form.field("temperature2").value = "hot"
        await pilot.pause()
        assert panel.form.error == "Temp. 2 must be a finite number (got 'hot')."
        await pilot.press("ctrl+g")
        assert not panel.form.error, "a hidden field does not prevent writing"


async def test_the_frame_shows_the_seed_of_the_current_text() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot, seed="41")
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        panel.form.field("seed").value = "4711"
        await streaming(pilot, panel, "two")
        assert "temperature 0.8 · seed 4711" in screen_text(app)
        await pilot.press("escape")
        await wrote(app, pilot, panel)


async def test_comparing_on_a_narrow_screen_shows_seeds_and_losses() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot, length="1500", seed="394546", temperature="0.85")
        await pilot.press("ctrl+g")
        await idle(pilot)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        shown = screen_text(app)
        assert "T 0.85 · seed 394546" in shown
        assert "T 1.2 · seed 394546" in shown
        assert "bits" in shown
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: "temperature 0.85 · seed 394546" in screen_text(app))


async def test_a_copy_of_the_model_adapts_to_a_text_and_writes() -> None:
    """All of it, in a process of its own."""
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot)
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        written = text(panel)
        await pilot.press("f9")
        await until(pilot, lambda: app.screen.query(TextBox))
        box = app.screen.query_one(TextBox)
        assert box.text == written
        box.insert("the sea owes us a bucket\n" * 40)  # what was there is selected
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, AdaptDialog) and app.screen.is_done)
        assert "Adapting with sgd" in screen_text(app)
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press(*"-sea", "enter")
        await until(pilot, lambda: panel.pages[0].writer.reference == "tiny-adapted-sea")
        await idle(pilot)
        assert library.find("tiny-adapted-sea").place == "own"
        assert "Saved the adapted model as tiny-adapted-sea." in notices(app)
        await pilot.press("x", "enter")
        await wrote(app, pilot, panel)
        assert text(panel).startswith(written)


async def test_without_a_model_or_a_text_nothing_adapts() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("f9")
        await until(pilot, lambda: "There is no model to adapt yet." in notices(app))
        keep_model()
        app.query_one(GeneratePanel).open_model("tiny")
        await pilot.press("f9")
        await until(pilot, lambda: app.screen.query(TextBox))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not app.screen.is_modal)


async def test_the_text_is_inspected_with_its_model() -> None:
    keep_model("bard")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await opened(app, pilot, length="30")
        await pilot.press("f10")
        assert not app.query(InspectPanel), "nothing was written yet"
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        await pilot.press("f10")
        await until(pilot, lambda: app.query(InspectPanel) and app.query_one(InspectPanel).reading)
        reading = app.query_one(InspectPanel).reading
        assert reading is not None
        assert reading.text == text(panel)
        assert len(reading.text) == 33
        assert reading.reference == "bard"
        await idle(pilot)
