"""What is shown beside a text with surprise: the character at the cursor, a histogram, or the places to go to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstmterm.ui.inspect.character_card import CharacterCard
from lstmterm.ui.inspect.surprised_text import SurprisedText
from lstmterm.ui.inspect.surprising_places import HIGHEST, Place, histogram, lines, sums, words
from lstmterm.ui.widgets.bars import probability_bar
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import visible

_FIGURE = 8  # columns that a share takes after its bar
_KINDS = ("character", "histogram", "words", "lines")
_COLUMNS = {"words": "bits · line · ", "lines": "bits/char · line · "}


class Histogram(VerticalScroll, can_focus=False):
    """How many characters have how many bits, and the means of characters, words and lines."""

    BORDER_TITLE = "Histogram of bits"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._found: SurprisedText | None = None

    def compose(self) -> ComposeResult:
        yield Line(grows=True)

    def on_resize(self) -> None:
        self._draw()

    def show(self, found: SurprisedText) -> None:
        """Show another text's."""
        self._found = found
        self._draw()

    def _draw(self) -> None:
        if self._found is not None:
            width = max(self.scrollable_content_region.width, 24)
            rows = [*_means(self._found), Content(""), *_bars(self._found, width)]
            self.query_one(Line).set_text(Content("\n").join(rows))


def _means(found: SurprisedText) -> list[Content]:
    rows = [Content.styled(f"{'number':>20} {'bits/char':>9}", "$foreground 70%")]
    for kind, (number, mean) in sums(found).items():
        shown = "–" if math.isnan(mean) else f"{mean:,.2f}"
        rows.append(Content.assemble(f"{kind:<10}", (f"{number:>10,} {shown:>9}", "$foreground 75%")))
    return rows


def _bars(found: SurprisedText, width: int) -> list[Content]:
    counts = histogram(found)
    whole, highest = max(int(counts.sum()), 1), max(int(counts.max()), 1)
    labels = ["<1", *(str(bits) for bits in range(1, HIGHEST)), f"{HIGHEST}+"]
    room = max(width - 4 - _FIGURE, 3)
    return [
        Content.assemble(
            (f"{label:>3} ", "bold"), probability_bar(count / whole, count / highest, room, "$primary")
        )
        for label, count in zip(labels, counts.tolist(), strict=True)
    ]


class PlaceList(OptionList):
    """Places in the text, the most surprising first."""

    def __init__(self, title: str, **options: Any) -> None:
        super().__init__(markup=False, compact=True, **options)
        self.border_title = title
        self._places: Sequence[Place] = ()

    def show(self, found: SurprisedText, places: Sequence[Place], *, by_character: bool) -> None:
        """List the places; `by_character`: with their bits per character, instead of their sum."""
        self._places = places
        self.clear_options()
        self.add_options(
            Option(_row(found, place, place.total.mean if by_character else place.total.bits))
            for place in places
        )
        if places:
            self.highlighted = 0

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(SurpriseSide.PlaceChosen(self._places[event.option_index].start))


def _row(found: SurprisedText, place: Place, bits: float) -> Content:
    stretch = found.text[place.start : place.end].strip() or "(blank)"
    return Content.assemble(
        (f"{bits:5.1f} ", "bold $accent"),
        (f"{place.line:>5,}  ", "$foreground 60%"),
        visible(stretch[:60]),
    )


class SurpriseSide(Vertical):
    """One of these at a time, which `turn` changes."""

    @dataclass
    class PlaceChosen(Message):
        """The user wants to go to the character at this position."""

        position: int

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._found: SurprisedText | None = None
        self._current = 0
        self._drawn: set[int] = set()

    def compose(self) -> ComposeResult:
        yield CharacterCard(classes="panel")
        yield Histogram(classes="panel")
        yield PlaceList("Most surprising words", classes="panel", id="surprising-words")
        yield PlaceList("Most surprising lines", classes="panel", id="surprising-lines")

    def on_mount(self) -> None:
        for number, child in enumerate(self.children):
            child.display = number == self._current
            child.border_subtitle = f"{_COLUMNS.get(_KINDS[number], '')}v {number + 1}/{len(_KINDS)}"

    def show(self, found: SurprisedText | None) -> None:
        """Show another text's figures; None: of none yet."""
        self._found = found
        self._drawn.clear()
        self._draw()

    def turn(self, by: int) -> Widget | None:
        """Show the next of them, or the one before; returns what wants the focus."""
        self._current = (self._current + by) % len(_KINDS)
        for number, child in enumerate(self.children):
            child.display = number == self._current
        self._draw()
        shown = self.children[self._current]
        return shown if shown.can_focus else None

    def _draw(self) -> None:
        """Fill what is shown, once for each text: the others only when they are shown."""
        found, kind = self._found, _KINDS[self._current]
        if found is None or self._current in self._drawn:
            return
        self._drawn.add(self._current)
        if kind == "histogram":
            self.query_one(Histogram).show(found)
        elif kind == "words":
            self.query_one("#surprising-words", PlaceList).show(found, words(found), by_character=False)
        elif kind == "lines":
            self.query_one("#surprising-lines", PlaceList).show(found, lines(found), by_character=True)
