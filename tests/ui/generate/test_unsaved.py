"""A draft on a full disk: said once, nothing lost while the screen is open, and asked before it is."""

import pytest

from lstmterm import atomic
from lstmterm.drafts import file, store
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.widgets.dialogs import Question
from tests.drafts.test_file import refused
from tests.ui.conftest import idle, keep_model, make_app, until
from tests.ui.library.test_draft_item import keep_draft
from tests.ui.textual_private import notices


async def test_a_full_disk_is_said_once_and_asked_about_before_changes_are_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_model("bard")
    keep_draft("night")
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await app.open_draft("night")
        await idle(pilot)
        panel = app.query_one(GeneratePanel)
        page = panel.pages[0]
        await until(pilot, lambda: page.draft.name == "night")
        with monkeypatch.context() as full:
            full.setattr(atomic._File, "write", refused)
            for text in "abc":
                page.add(text)
                await idle(pilot)
            said = [
                notice for notice in notices(app) if "Until then, what you write is kept in memory" in notice
            ]
            assert len(said) == 1
            await pilot.press("ctrl+n")
            await idle(pilot)
            assert page.draft.name == "night", "it is not closed"
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(app.screen, Question))
            await pilot.press("escape")
            await until(pilot, lambda: not app.screen.is_modal)
        page.add("d")
        await until(pilot, lambda: "The draft is saved again." in notices(app))
        assert file.read(store.path_of("night")).text().endswith("wideabcd")
        assert not panel.unsaved
