"""The probability of each tag of a token as a bar: beside the words, and to choose another tag by."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content

from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.gloss import CORRECTED, UNKNOWN, UNSURE, TaggedToken, drawn
from lstmterm.ui.widgets.bars import probability_bar
from lstmterm.ui.widgets.fitted_scroll import FittedScroll
from lstmterm.ui.widgets.picker import Picker, Row
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import shorten, visible

_LEAST = 5e-4  # less probable tags are not drawn
_MOST = 40  # tags
EMPTY = "The probability of each tag of the word under the cursor."

Ranked = Sequence[tuple[str, float]]  # tags and their probabilities, the most probable first


def bar_line(tag: str, probability: float, colours: TagColours, name_width: int, bar_width: int) -> Content:
    """A tag, its bar, its probability in percent."""
    name = shorten(tag, name_width)
    return Content.assemble(
        (name, colours.style(tag, "bold")),
        " " * (name_width - cell_len(name) + 1),
        probability_bar(probability, probability, bar_width, colours.style(tag)),
    )


class Probabilities(FittedScroll, can_focus=False):
    """The tags of one token, the most probable first."""

    BORDER_TITLE = "Probabilities"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shown: tuple[TaggedToken, Ranked, tuple[str, ...]] | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="tag-bars", grows=True)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self.draw())
        self.draw()

    def show(self, token: TaggedToken | None, ranked: Ranked = (), names: tuple[str, ...] = ()) -> None:
        """Show a token's; `names` are all of the tagger's tags."""
        self._shown = (token, ranked, names) if token is not None else None
        self.draw()

    def draw(self) -> None:
        if not self.is_mounted:
            return
        line = self.query_one("#tag-bars", Line)
        if self._shown is None:
            line.set_text(Content.styled(EMPTY, "$foreground 60%"))
            return
        token, ranked, names = self._shown
        colours = TagColours(names, self.app.current_theme)
        width = max((self.scrollable_content_region.width or self.size.width) - 1, 14)
        name_width = min(max((cell_len(visible(tag)) for tag, _ in ranked[:12]), default=4), width // 3)
        bar_width = max(width - name_width - 9, 3)
        rows = [Content.assemble((shorten(drawn(token.word), width), "bold"), "\n")]
        if not token.known:
            rows.append(Content.styled(f"{UNKNOWN} not in its training data\n", "$foreground 70%"))
        if token.corrected:
            rows.append(
                Content.assemble(
                    (f"{CORRECTED} corrected to ", "$foreground 70%"),
                    (shorten(token.tag, width - 15), colours.style(token.tag, "bold")),
                    "\n",
                )
            )
        elif token.unsure:
            rows.append(Content.styled(f"{UNSURE} unsure\n", "$foreground 70%"))
        for tag, probability in ranked[:_MOST]:
            if probability < _LEAST and len(rows) > 3:
                break
            rows += [bar_line(tag, probability, colours, name_width, bar_width), Content("\n")]
        line.set_text(Content.assemble(*rows))


class TagPicker(Picker):
    """All tags, the most probable first. Typing filters them; a new tag can be typed too."""

    PLACEHOLDER = "A tag"
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
