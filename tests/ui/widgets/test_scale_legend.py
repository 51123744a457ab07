"""The legend of a scale, where there is room and where there is little."""

import pytest
from textual.app import App, ComposeResult

from lstmterm.ui.widgets.scale_legend import ScaleLegend
from tests.ui.conftest import screen_text

LABELS = ("-3", "-1", "-¼", "0", "¼", "1", "3")


class Legend(App[None]):
    """A legend alone."""

    CSS = "ScaleLegend { height: auto; }"

    def compose(self) -> ComposeResult:
        yield ScaleLegend()


@pytest.mark.parametrize("signs", ["", "cba·123"])
@pytest.mark.parametrize(("width", "lines"), [(90, 1), (40, 2)])
async def test_all_of_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, width: int, lines: int, signs: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Legend()
    async with app.run_test(size=(width, 5)) as pilot:
        app.query_one(ScaleLegend).show("worse", LABELS, "better", diverging=True, signs=signs)
        await pilot.pause()
        shown = screen_text(app).split("\n")
        words = " ".join(shown).split()
        for label in LABELS:
            assert label in words
        assert words[0] == "worse"
        assert "better" in words
        assert ("d:" in words) == (not signs)
        assert sum(bool(line.strip()) for line in shown) == lines
