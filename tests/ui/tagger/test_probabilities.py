"""The bars of the probabilities, and choosing another tag by them."""

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widgets import OptionList, Static

from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.gloss import TaggedToken
from lstmterm.ui.tagger.probabilities import Probabilities, TagPicker, bar_line
from lstmterm.ui.themes import DARK

RANKED = [("NOUN", 0.75), ("VERB", 0.2499), ("[x]\x1b", 0.0001)]


class Bars(App[None]):
    def compose(self) -> ComposeResult:
        yield Probabilities()


def test_a_bar_is_as_long_as_its_probability() -> None:
    colours = TagColours((), DARK)
    full, half, none = (bar_line("X", p, colours, 4, 8).plain for p in (1, 0.5, 0))
    assert (full.count("█"), half.count("█"), none.count("█")) == (8, 4, 0)
    assert len({cell_len(line) for line in (full, half, none)}) == 1
    assert half.endswith(" 50.0%")


async def test_the_tags_of_a_token() -> None:
    app = Bars()
    async with app.run_test() as pilot:
        bars = app.query_one(Probabilities)
        shown = app.query_one("#tag-bars", Static)
        bars.show(TaggedToken("tide", "NOUN", known=False, unsure=True), RANKED, ("NOUN", "VERB"))
        await pilot.pause()
        lines = str(shown.content).splitlines()
        assert lines[:3] == ["tide", "° not in its training data", "? unsure"]
        assert [line.split()[0] for line in lines[3:]] == ["NOUN", "VERB"]
        bars.show(TaggedToken("tide", "VERB", corrected=True), RANKED, ("NOUN", "VERB"))
        assert "* corrected to VERB" in str(shown.content)
        bars.show(None)
        assert "tide" not in str(shown.content)


async def test_a_tag_is_chosen_from_the_list_or_typed() -> None:
    app = App[None]()
    async with app.run_test() as pilot:
        chosen: list[str | None] = []
        for keys in (["enter"], [*"ver", "enter"], [*"NEW", "enter"], ["escape"]):
            app.push_screen(TagPicker("tide", "NOUN", RANKED), chosen.append)
            await pilot.pause()
            await pilot.press(*keys)
            await pilot.pause()
        assert chosen == ["NOUN", "VERB", "NEW", None]
        app.push_screen(TagPicker("tide", "NOUN", RANKED))
        await pilot.pause()
        assert "[x]␛" in str(app.screen.query_one("#choices", OptionList).get_option_at_index(2).prompt)
