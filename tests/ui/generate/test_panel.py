"""The Generate tab: prompts, the text, and what is kept of it, with a small model of random weights."""

from pathlib import Path

from textual import events
from textual.widgets import Input

from lstmterm.drafts.tree import Place
from lstmterm.ui.generate.next_characters import NextCharacters
from lstmterm.ui.generate.prompt_area import PLACEHOLDER, PromptArea
from lstmterm.ui.inspect.panel import InspectPanel
from tests.ui.conftest import idle, keep_model, screen_text, until
from tests.ui.generate.tab import generating, streaming, text, wrote
from tests.ui.textual_private import notices


async def test_a_prompt_is_continued_remembered_copied_and_saved(tmp_path: Path) -> None:
    async with generating() as (app, pilot, panel):
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
        await until(pilot, lambda: "The model continues it." in screen_text(app))
        await pilot.press("backspace", *"Q9", "enter")
        await wrote(app, pilot, panel)
        shown = screen_text(app)
        assert "does not know Q 9" in shown
        assert "bits/char" in shown, "a notice leaves the figures where they are"


async def test_the_same_text_and_seed_write_the_same() -> None:
    async with generating() as (app, pilot, panel):
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


async def test_comparing_two_pages_and_choosing_the_next_character() -> None:
    async with generating((120, 36)) as (app, pilot, panel):
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
    async with generating((120, 36)) as (app, pilot, panel):
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
        after = text(panel)
        await pilot.press("alt+z")
        assert text(panel) == before, "the choice and what follows it are one step"
        await pilot.press("alt+y")
        assert text(panel) == after
        await pilot.press("alt+left")
        assert text(panel) == before


async def test_sending_a_prompt_scrolls_to_it() -> None:
    async with generating(length="3000") as (app, pilot, panel):
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
    async with generating(length="3000") as (app, pilot, panel):
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


async def test_the_frame_shows_the_seed_of_the_current_text() -> None:
    async with generating(seed="41") as (app, pilot, panel):
        await pilot.press(*"The", "enter")
        await wrote(app, pilot, panel)
        panel.form.field("seed").value = "4711"
        await streaming(pilot, panel, "two")
        assert "temperature 0.8 · seed 4711" in screen_text(app)
        await pilot.press("escape")
        await wrote(app, pilot, panel)


async def test_comparing_on_a_narrow_screen_shows_seeds_and_losses() -> None:
    async with generating(length="1500", seed="394546", temperature="0.85") as (app, pilot, panel):
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


async def test_the_text_is_inspected_with_its_model() -> None:
    keep_model("bard")
    async with generating(model=None, length="30") as (app, pilot, panel):
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


async def test_a_long_paste_becomes_text_which_the_model_continues() -> None:
    async with generating() as (app, pilot, panel):
        pasted = "the sea " * 20_000
        app.query_one(PromptArea).post_message(events.Paste(pasted))
        await until(
            pilot, lambda: "Added 160,000 characters to the text; Enter continues it." in notices(app)
        )
        assert text(panel) == pasted
        await pilot.press("enter")
        await wrote(app, pilot, panel)
        assert len(text(panel)) == len(pasted) + 60
        await pilot.press("alt+z", "alt+z")
        assert text(panel) == ""


async def test_the_prompt_says_that_it_continues_a_word() -> None:
    async with generating(model=None) as (app, pilot, panel):
        area = app.query_one(PromptArea)
        panel.pages[0].add("We sail")
        await until(pilot, lambda: 'Type what follows "We sail"' in screen_text(app))
        panel.pages[0].add(" ")
        await until(pilot, lambda: str(area.placeholder) == PLACEHOLDER)
        await pilot.press("alt+z")
        await until(pilot, lambda: "We sail" in str(area.placeholder))
        await pilot.press("ctrl+n")
        await until(pilot, lambda: str(area.placeholder) == PLACEHOLDER)
