"""The list of all knobs."""

import pytest
from textual.content import Content

from lstmterm.spec.base import Kind
from lstmterm.ui.train import knobs
from lstmterm.ui.train.form import FormValues
from lstmterm.ui.train.knob_screen import KnobScreen, line
from tests.ui.conftest import make_app, screen_text, until


@pytest.mark.parametrize("kind", ["charlm", "tagger"])
def test_values_and_sentences_stand_below_each_other(kind: Kind) -> None:
    columns = {
        line(knob, "", kind).plain.index(knob.sentence) for _, group in knobs.groups(kind) for knob in group
    }
    assert len(columns) == 1


@pytest.mark.parametrize(("columns", "last"), [(60, "type a value"), (100, "planned or the default")])
async def test_its_border_shows_whole_hints(columns: int, last: str) -> None:
    app = make_app()
    async with app.run_test(size=(columns, 24)) as pilot:
        app.push_screen(KnobScreen(FormValues("charlm", "harbour", "", "3 minutes")))
        await until(pilot, lambda: app.screen.query(".knobs"))
        box = app.screen.query_one(".knobs")
        assert Content.from_markup(box.border_subtitle or "").plain.endswith(last)
        assert "…" not in screen_text(app).splitlines()[box.region.bottom - 1]
