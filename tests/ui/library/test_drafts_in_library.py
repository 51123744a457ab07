"""Drafts in the Library tab: found, opened, renamed, exported and deleted."""

from pathlib import Path

import pytest

from lstmterm.drafts import file, store
from lstmterm.drafts.tree import Origin
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.library.draft_search import DraftSearch
from tests.ui.conftest import idle, keep_model, make_app, screen_text, until
from tests.ui.library.test_draft_item import keep_draft
from tests.ui.library.test_panel import answer, opened, under
from tests.ui.textual_private import notices


async def shown_in_generate(app: LstmTerm, pilot, name: str) -> GeneratePanel:
    """The Generate tab once it shows a draft."""
    await until(pilot, lambda: app.query("#generate"))
    generate = app.query_one(GeneratePanel)
    await until(pilot, lambda: generate.pages[0].draft.name == name)
    return generate


async def test_drafts_are_listed_and_opened() -> None:
    keep_model("bard")
    keep_draft("night[b]")
    store.path_of("bad").write_text("[]\n")
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await opened(app, pilot, "draft:night[b]")
        shown = screen_text(app)
        for text in ("Drafts  2", "¶ night[b]", "32 chars, 2 branches", "is␛ calm", "✗ bad", "damaged"):
            assert text in shown, text
        await pilot.press("y")
        assert "Branches:\nThe [red]sea[/]\ntyped" in app.clipboard
        await under(pilot, panel, "draft:bad")
        assert "problem" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: notices(app))
        assert "not a JSON object" in notices(app)[-1]
        await pilot.press("f6")
        await pilot.pause()
        await under(pilot, panel, "draft:night[b]")
        await pilot.press("enter")
        generate = await shown_in_generate(app, pilot, "night[b]")
        assert generate.pages[0].text.text == "The [red]sea[/]\nis wild and wide"


async def test_a_text_is_found_in_all_drafts_as_one_types_it() -> None:
    keep_model("bard")
    keep_draft("night")
    keep_draft("day")
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot)
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.screen, DraftSearch))
        await pilot.press(*"[/] IS")
        await until(pilot, lambda: "4 stretches in 2 drafts" in screen_text(app))
        await pilot.press(*"x")
        await until(pilot, lambda: "Nothing matches." in screen_text(app))
        await pilot.press(*["backspace"] * 7, *"calm", "enter")  # before it was searched for
        generate = await shown_in_generate(app, pilot, store.names()[0])
        await until(pilot, lambda: generate.pages[0].text.text == "The [red]sea[/]\nis\x1b calm")


async def test_a_draft_is_renamed_and_exported_also_while_it_is_open(tmp_path: Path) -> None:
    keep_model("bard")
    keep_draft("night")
    keep_draft("day")
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        panel = await opened(app, pilot, "draft:night")
        await pilot.press("enter")
        generate = await shown_in_generate(app, pilot, "night")
        await pilot.press("f6")
        await pilot.pause()
        await pilot.press("r")
        await answer(app, pilot, "day")
        assert "There is a draft 'day' already" in " ".join(screen_text(app).split())
        await answer(app, pilot, "dusk")
        await until(pilot, lambda: panel.item_list.under == ("draft", "dusk"))
        assert generate.pages[0].draft.name == "dusk"
        assert sorted(store.names()) == ["day", "dusk"]
        await until(pilot, lambda: panel.item_list.item and panel.item_list.item.name == "dusk")
        await pilot.press("x")
        await answer(app, pilot, str(tmp_path / "dusk.md"))
        await until(pilot, (tmp_path / "dusk.md").exists)
        assert "lstmterm generate bard" in (tmp_path / "dusk.md").read_text()
        generate.pages[0].add("!")
        assert file.read(store.path_of("dusk")).text().endswith("!"), "it is written under its new name"


@pytest.mark.parametrize("marked", [False, True])
async def test_drafts_are_deleted_all_marked_ones_at_once(marked: bool) -> None:
    keep_model("bard")
    for name in ("one", "two", "three"):
        keep_draft(name)
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        panel = await opened(app, pilot, "draft:one")
        await pilot.press("enter")
        generate = await shown_in_generate(app, pilot, "one")
        await pilot.press("f6")
        await pilot.pause()
        if marked:
            for name in ("two", "one"):
                await under(pilot, panel, f"draft:{name}")
                await pilot.press("space")
            await under(pilot, panel, "draft:three")
            assert "2 marked" in screen_text(app)
        await pilot.press("delete")
        await until(pilot, lambda: app.screen.query("#yes"))
        asked = " ".join(screen_text(app).split())
        assert ("Delete these 2 drafts: " if marked else "Delete the draft one?") in asked
        await pilot.press("y")
        left = ["three"] if marked else ["three", "two"]
        await until(pilot, lambda: sorted(store.names()) == left)
        assert generate.pages[0].draft.name == ""
        await until(pilot, lambda: {i.name for i in panel.item_list.items if i.kind == "draft"} == set(left))


async def test_a_draft_that_another_process_has_open_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_model("bard")
    keep_draft("night")
    monkeypatch.setattr(file, "PATIENCE", 0.01)
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        with file.writing(store.path_of("night")) as draft:
            draft.add("!", Origin())
            await opened(app, pilot, "draft:night")
            await pilot.press("delete")
            await until(pilot, lambda: app.screen.query("#yes"))
            await pilot.press("y")
            await until(pilot, lambda: notices(app))
            assert "'night' is open" in notices(app)[-1]
            await idle(pilot)
            await pilot.press("enter")
            await until(pilot, lambda: len(notices(app)) == 2)
            assert "'night' is open elsewhere" in notices(app)[-1]
        assert store.names() == ["night"]
