"""The probability of each tag as a bar, for the token under the cursor."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.gloss import CORRECTED, UNKNOWN, UNSURE, TaggedToken, drawn
from lstmterm.ui.widgets.bars import probability_bar
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


class Probabilities(VerticalScroll, can_focus=False):
    """The tags of one token, the most probable first."""

    BORDER_TITLE = "Probabilities"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shown: tuple[TaggedToken, Ranked, tuple[str, ...]] | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="tag-bars", grows=True)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())
        self._draw()

    def show(self, token: TaggedToken | None, ranked: Ranked = (), names: tuple[str, ...] = ()) -> None:
        """Show a token's; `names` are all of the tagger's tags."""
        self._shown = (token, ranked, names) if token is not None else None
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
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
