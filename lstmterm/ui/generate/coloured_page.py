"""A page whose text is coloured by how surprising its characters are to the page's model."""

from collections.abc import Callable, Iterable
from typing import Any

from textual import on, work
from textual.containers import Vertical
from textual.widget import Widget
from textual.worker import get_current_worker

from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.surprise import Measures
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.generate import page_colours
from lstmterm.ui.generate.page_colours import CharactersMeasured, ExpectedFound, PageColours
from lstmterm.ui.generate.status_line import StatusLine
from lstmterm.ui.widgets.coloured_text import ColouredText
from lstmterm.ui.widgets.colourings import COLOURINGS
from lstmterm.ui.widgets.scale import Scale
from lstmterm.ui.widgets.scale_legend import ScaleLegend


class ColouredPage(Vertical):
    """The base of a page: the colours of its text, their legend, and a line about the character at the cursor."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._colours = PageColours(self.post_message)

    def below(self) -> Iterable[Widget]:
        """The line below the text while it is coloured."""
        yield StatusLine(classes="at-cursor")
        yield ScaleLegend()

    @property
    def lstm(self) -> CharLSTM | None:
        """The model, once it is read."""
        return None

    @property
    def card(self) -> ModelCard | None:
        """What is known of the model, once it is read."""
        return None

    @property
    def text(self) -> ColouredText:
        """The text that leads to the user's place."""
        return self.query_one(ColouredText)

    def colour_by(self, by: str) -> None:
        """Colour the text by one of `COLOURINGS`, or not, without a name."""
        self._colours.by = by
        self.set_class(bool(by), "-coloured")
        if not by and self.text.has_signs:
            self.text.action_signs()
        self._colour()
        self.follow_colours()

    def follow_colours(self) -> None:
        """The text or the model may be another one: measure what is not measured yet."""
        if self._colours.use(self.lstm, self.card):
            self._colour()
        self._measure()

    def replace_text(self, position: int, text: str, **options: Any) -> None:
        """Put `text` in the place of everything from a character on, see `ColouredText.replace_from`."""
        self._colours.cut(position)
        self.text.replace_from(position, text, **options)

    def append_written(self, text: str, measures: Measures | None) -> None:
        """Show more of what the model writes, and what is known about it."""
        start = len(self.text.text)
        if measures is not None:
            self._colours.known.put(start, measures)
        levels = self._colours.known.levels(self._colours.by, start, start + len(text))
        self.text.append(text, levels, part="written")

    def _colour(self) -> None:
        by, text = self._colours.by, self.text
        levels = self._colours.known.levels(by, 0, len(text.text))
        if by:
            scale = COLOURINGS[by]
            text.colour(levels, len(scale.labels), (), signs=scale.signs)
        else:
            text.colour(levels, 1, ())
        self._show_legend()
        self._look()

    @on(ColouredText.SignsChanged)
    def _show_legend(self) -> None:
        if scale := COLOURINGS.get(self._colours.by):
            signs = scale.signs if self.text.has_signs else ""
            copied = "copied in italics" if Scale.of(self.app, len(scale.labels)).signs else ""
            self.query_one(ScaleLegend).show(scale.title, scale.labels, copied, signs=signs)

    def _measure(self) -> None:
        self._in_thread(self._colours.measure(self.text.text), "colours")

    def on_characters_measured(self, message: CharactersMeasured) -> None:
        if self._colours.take(message):
            start, by = message.start, self._colours.by
            end = start + len(message.measures.ranks)
            if by:
                self.text.recolour(start, self._colours.known.levels(by, start, end))
            if message.finished:
                self._look()
                if self._colours.has_more:
                    self._measure()

    def _in_thread(self, step: Callable[[], None] | None, group: str) -> None:
        if step is not None:
            self.run_worker(step, thread=True, group=group)

    # --- the cursor -------------------------------------------------------------------------------

    @on(ColouredText.Moved)
    def _moved(self) -> None:
        self._look()

    def _look(self) -> None:
        """Say what is known of the character at the cursor, and find out what else was expected there."""
        if self._colours.by:
            self._tell([])
            text, position = self.text.text, self.text.cursor
            step = self._colours.look(text, position) if position < len(text) else None
            if step is not None:
                self._find_expected(step)

    @work(thread=True, exclusive=True, group="expected")
    def _find_expected(self, step: Callable[[], None]) -> None:
        if not get_current_worker().is_cancelled:
            step()

    def on_expected_found(self, message: ExpectedFound) -> None:
        if self._colours.is_present(message) and message.position == self.text.cursor:
            self._tell(message.likeliest)

    def _tell(self, likeliest: list[tuple[str, float]]) -> None:
        text, position = self.text.text, self.text.cursor
        lines = [""]
        if position < len(text):
            lines = page_colours.summaries(text[position], *self._colours.known.at(position), likeliest)
        self.query_one(".at-cursor", StatusLine).show(*lines)
