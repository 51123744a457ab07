"""What the Generate tab does to drafts: branches, undo, edits, and what is on disk."""

import shlex

import pytest
from click.testing import CliRunner

from lstmterm.cli import lstmterm
from lstmterm.drafts import export, file, store
from lstmterm.errors import RunError
from lstmterm.models import library
from lstmterm.ui.generate.branch_list import BranchList
from lstmterm.ui.generate.editor import Editor
from lstmterm.ui.generate.writer import Writer
from tests.ui.conftest import keep_model, screen_text, until
from tests.ui.generate.tab import generating, streaming, text, texts, wrote
from tests.ui.textual_private import notices


async def test_a_retry_is_another_branch_and_nothing_is_lost() -> None:
    async with generating((120, 36)) as (app, pilot, panel):
        await pilot.press("alt+left")
        assert "The text has only one branch; ^r writes another." in notices(app)
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
    async with generating((120, 36), length="", speed="200") as (app, pilot, panel):
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
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.is_modal)
        await pilot.press("alt+z")
        assert text(panel) == "The", "what one key had the model write is one step"
        await pilot.press("alt+y")
    kept = file.read(store.path_of(name))
    for number, expected in written.items():
        printed = ""
        for command in str(export.command(name, kept, number)).split(" | "):
            printed = CliRunner().invoke(lstmterm, shlex.split(command)[1:], input=printed).stdout
        assert printed.removesuffix("\n") == expected.removesuffix("\n")


async def test_the_branches_are_listed_gone_to_and_removed() -> None:
    async with generating((120, 36)) as (app, pilot, panel):
        await pilot.press("alt+t")
        assert "Nothing has been written yet." in screen_text(app)
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
    async with generating((120, 36)) as (app, pilot, panel):
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
    async with generating() as (app, pilot, panel):
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


async def test_a_prompt_during_a_text_starts_after_its_last_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with generating() as (app, pilot, panel):
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
        assert "Type a prompt and press" in screen_text(app)


async def test_the_command_says_whether_its_model_is_still_the_same() -> None:
    async with generating((120, 36)) as (app, pilot, panel):
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)

        async def said() -> str:
            await pilot.press("alt+c")
            await until(pilot, lambda: app.screen.is_modal)
            title = screen_text(app)
            await pilot.press("escape")
            await until(pilot, lambda: not app.screen.is_modal)
            return title

        assert "The command that writes the last stretch again" in await said()
        keep_model(seed=2)
        assert "The command that wrote the last stretch; tiny has changed" in await said()
        library.find("tiny").path.unlink()
        assert "The command that wrote the last stretch; tiny is gone" in await said()


async def test_the_model_gives_way_to_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    monkeypatch.setattr(Writer, "give_way", lambda writer: given.append(writer.page))
    async with generating() as (app, pilot, panel):
        await streaming(pilot, panel)
        given.clear()
        await pilot.pause(0.1)
        assert not given, "text that grows is no key"
        for name in ("x", "left", "pageup", "alt+t"):
            await pilot.press(name)
            await until(pilot, lambda: given)
            given.clear()
        panel.pages[0].text.focus()
        await until(pilot, lambda: panel.pages[0].text.has_focus)
        given.clear()
        await pilot.press("up")
        await until(pilot, lambda: given)
        await pilot.press("escape")
        await wrote(app, pilot, panel)
