"""What is shown beside a text with surprise: the character at the cursor, a histogram, or the places to go to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click, Resize
from textual.message import Message
from textual.style import Style
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstmterm.ui.inspect.character_card import CharacterCard
from lstmterm.ui.inspect.surprised_text import SurprisedText
from lstmterm.ui.inspect.surprising_places import HIGHEST, Place, histogram, lines, sums, words
from lstmterm.ui.services import with_keys
from lstmterm.ui.widgets.bars import probability_bar
from lstmterm.ui.widgets.fitted_scroll import FittedScroll
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import visible

_FIGURE = 8  # columns that a share takes after its bar
_KINDS = ("character", "histogram", "words", "lines")
_TALL_FROM = 40  # rows from which the card of the character stays above the others
_TURNS = "turns"  # in the style of what turns to the next of them when it is clicked
_COLUMNS = {"words": "bits · line · ", "lines": "bits/char · line · "}


class Histogram(FittedScroll, can_focus=False):
    """How many characters have how many bits, and the means of characters, words and lines."""

    BORDER_TITLE = "Histogram of bits"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._found: SurprisedText | None = None

    def compose(self) -> ComposeResult:
        yield Line(grows=True)

    def show(self, found: SurprisedText) -> None:
        """Show another text's."""
        self._found = found
        self.draw()

    def draw(self) -> None:
        if self._found is not None:
            width = max(self.scrollable_content_region.width, 24)
            rows = [*_means(self._found), Content(""), *_bars(self._found, width)]
            self.query_one(Line).set_text(Content("\n").join(rows))


def _means(found: SurprisedText) -> list[Content]:
    rows = [Content.styled(f"{'number':>20} {'bits each':>9}", "$foreground 70%")]
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
    """One of these at a time, which `turn` changes; where there is room, the character's card and one of the others."""

    @dataclass
    class PlaceChosen(Message):
        """The user wants to go to the character at this position."""

        position: int

    class Turned(Message):
        """The user clicked on the key that shows the next of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._found: SurprisedText | None = None
        self._current = 0
        self._drawn: set[int] = set()
        self._tall = False

    def compose(self) -> ComposeResult:
        yield CharacterCard(classes="panel")
        yield Histogram(classes="panel")
        yield PlaceList("Most surprising words", classes="panel", id="surprising-words")
        yield PlaceList("Most surprising lines", classes="panel", id="surprising-lines")

    def on_mount(self) -> None:
        self._arrange()

    def on_click(self, event: Click) -> None:
        """On the key that stands on the border of what is shown."""
        if _TURNS in event.style.meta:
            event.stop()
            self.post_message(self.Turned())

    def on_resize(self, event: Resize) -> None:
        if (tall := event.size.height >= _TALL_FROM) != self._tall:
            self._tall = tall
            self._arrange()
            self._draw()

    @property
    def _turning(self) -> range:
        """Those that `turn` shows one after the other."""
        return range(int(self._tall), len(_KINDS))

    @property
    def _shown(self) -> int:
        """The one of them that is shown."""
        return max(self._current, self._turning.start)

    def _arrange(self) -> None:
        key = with_keys(self.app, "{inspect.view:v}")
        for number, child in enumerate(self.children):
            child.display = number == self._shown or number not in self._turning
            turn = f"{key} {number + 1 - self._turning.start}/{len(self._turning)}"
            columns = _COLUMNS.get(_KINDS[number], "")
            said = Content.assemble(columns, Content.styled(turn, Style.from_meta({_TURNS: True})))
            child.border_subtitle = said if number in self._turning else ""

    def show(self, found: SurprisedText | None) -> None:
        """Show another text's figures; None: of none yet."""
        self._found = found
        self._drawn.clear()
        self._draw()

    def turn(self, by: int) -> Widget | None:
        """Show the next of them, or the one before; returns what wants the focus."""
        turning = self._turning
        self._current = turning[(self._shown - turning.start + by) % len(turning)]
        self._arrange()
        self._draw()
        shown = self.children[self._shown]
        return shown if shown.can_focus else None

    def _draw(self) -> None:
        """Fill what is shown, once for each text: the others only when they are shown."""
        found, kind = self._found, _KINDS[self._shown]
        if found is None or self._shown in self._drawn:
            return
        self._drawn.add(self._shown)
        if kind == "histogram":
            self.query_one(Histogram).show(found)
        elif kind == "words":
            self.query_one("#surprising-words", PlaceList).show(found, words(found), by_character=False)
        elif kind == "lines":
            self.query_one("#surprising-lines", PlaceList).show(found, lines(found), by_character=True)
