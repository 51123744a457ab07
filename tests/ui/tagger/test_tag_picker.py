"""Choosing another tag for a word."""

from textual.app import App
from textual.widgets import OptionList

from lstmterm.ui.tagger.tag_picker import TagPicker

RANKED = [("NOUN", 0.75), ("VERB", 0.2499), ("[x]\x1b", 0.0001)]


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
