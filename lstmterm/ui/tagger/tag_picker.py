"""Choosing another tag for a word."""

from collections.abc import Iterator

from textual.content import Content

from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.gloss import drawn
from lstmterm.ui.tagger.probabilities import Ranked, bar_line
from lstmterm.ui.widgets.picker import Picker, Row
from lstmterm.visible import shorten, visible


class TagPicker(Picker):
    """All tags, the most probable first. Typing filters them; a new tag can be typed too."""

    PLACEHOLDER = "A tag"
    HINT = "enter chooses · esc cancels"
    CLASS = "tag-picker"

    def __init__(self, word: str, present: str, ranked: Ranked) -> None:
        super().__init__(Content(f"The tag of {shorten(drawn(word), 30)}"))
        self._present, self._ranked = present, ranked

    def rows(self, typed: str) -> Iterator[Row]:
        typed = typed.strip()
        colours = TagColours((tag for tag, _ in self._ranked), self.app.current_theme)
        for tag, probability in self._ranked:
            if typed.lower() in tag.lower():
                mark = ("▸ " if tag == self._present else "  ", "bold $accent")
                yield Row(tag, Content.assemble(mark, bar_line(tag, probability, colours, 14, 20)))
        if typed and typed not in (tag for tag, _ in self._ranked):
            yield Row(typed, Content.assemble("  another tag: ", (visible(typed), "bold")))
