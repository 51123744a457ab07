"""What the tests of the Tagger tab do on the screen, and what they read from it."""

import json

from textual.pilot import Pilot
from textual.widgets import Input

from lstmterm.runs import folder
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.tagger.panel import TaggerPanel
from lstmterm.ui.tagger.tag_page import TagPage
from lstmterm.ui.tagger.token_view import TokenView
from tests.ui.conftest import idle, keep_run, until
from tests.ui.tagger_models import deciphering


def app_of(pilot: Pilot[None]) -> LstmTerm:
    assert isinstance(pilot.app, LstmTerm)
    return pilot.app


async def open_tab(pilot: Pilot[None]) -> TaggerPanel:
    await app_of(pilot).show_tab("tagger")
    await idle(pilot)
    return pilot.app.query_one(TaggerPanel)


async def type_text(pilot: Pilot[None], text: str) -> None:
    box = pilot.app.query_one("#text")
    page = pilot.app.query_one(TagPage)
    before = page._number
    box.text = text  # type: ignore[attr-defined]
    await until(pilot, lambda: page._number > before)
    await until(pilot, lambda: page.tagged is not None and page.tagged.number == page._number)
    await idle(pilot)


def tags_shown(app: LstmTerm) -> list[tuple[str, str, str]]:
    """Word, tag and signs of every token."""
    view = app.query_one(TokenView)
    return [(t.word, t.tag, t.sign) for sentence in view.sentences for t in sentence]


async def choose_tagger(pilot: Pilot[None], reference: str) -> None:
    """Choose a tagger with the keys."""
    await pilot.press("ctrl+o")
    await until(pilot, lambda: pilot.app.screen.query("#filter"))
    pilot.app.screen.query_one("#filter", Input).value = reference
    await pilot.press("enter")
    await idle(pilot)


def toasts(app: LstmTerm) -> str:
    """What the notes in the corner say, without the ends of their lines."""
    return "".join("".join(str(toast.render()).split()) for toast in app.query("Toast"))


def keep_cipher_run(run_id: str, **how: object) -> folder.Run:
    """A recorded run on rot13."""
    run = keep_run(run_id, deciphering(**how), 1)  # type: ignore[arg-type]
    spec = {
        "task": "tagger",
        "name": "rot13",
        "data": {"source": "rot13-dash", "name": "rot13-dash", "level": "char"},
        "training": {"steps": 300},
    }
    (run.folder / "spec.json").write_text(json.dumps(spec))
    return run
