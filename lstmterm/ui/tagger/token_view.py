"""The words of a text above their tags, with a cursor that the arrow keys and the mouse move."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lstmterm.tagging.treebank import Level
from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.gloss import Gloss, TaggedToken
from lstmterm.ui.themes import DARK
from lstmterm.ui.widgets.keys import key


class TokenView(ScrollView, can_focus=True):
    """Tagged sentences, and the token under the cursor."""

    COMPONENT_CLASSES = {"tokens--sign"}
    DEFAULT_CSS = (
        "TokenView { overflow-x: hidden; scrollbar-gutter: stable; }"  # laid out beside the scrollbar
    )
    BINDINGS = [
        key("left", "move(-1)", "Previous", "tokens.before", "The previous word", show=False),
        key("right", "move(1)", "Next", "tokens.behind", "The next word", show=False),
        key("up", "line(-1)", "Above", "tokens.above", "The line above", show=False),
        key("down", "line(1)", "Below", "tokens.below", "The line below", show=False),
        key("home", "jump(0)", "First", "tokens.first", "The first word", show=False),
        key("end", "jump(-1)", "Last", "tokens.last", "The last word", show=False),
        key("enter", "request('correct')", "Correct", "tokens.correct", "Choose another tag"),
        key("delete,backspace", "request('undo')", "Undo", "tokens.undo", "Restore the tagger's own tag"),
        key("a", "request('accept')", "Accept", "tokens.accept", "The sentence is right as it is: save it"),
        key("n", "unsure", "Next ?", "tokens.unsure", "The next unsure tag"),
        key("y", "request('copy')", "Copy", "tokens.copy", "Copy the words with their tags"),
    ]

    class Moved(Message):
        """The cursor is on another token."""

    @dataclass
    class Requested(Message):
        """The user asks to correct, undo, accept or copy at the cursor."""

        what: str

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sentences: list[list[TaggedToken]] = []
        self._to_save: Collection[int] = ()
        self._level: Level = "word"
        self._gloss = Gloss()
        self._cursor = 0  # the number of a place
        self._width = 0
        self._colours = TagColours((), DARK)
        self._names: tuple[str, ...] = ()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._take_colours())
        self._take_colours()

    def _take_colours(self) -> None:
        self._colours = TagColours(self._names, self.app.current_theme)
        self.refresh()

    def show(
        self,
        sentences: Sequence[Sequence[TaggedToken]],
        level: Level,
        names: tuple[str, ...],
        to_save: Collection[int] = (),
    ) -> None:
        """Show these sentences. `names` are all of the tagger's tags, `to_save` the sentences to mark."""
        if names != self._names:
            self._names = names
            self._take_colours()
        self.sentences = [list(sentence) for sentence in sentences]
        self._level, self._to_save = level, to_save
        self._lay_out()

    def _lay_out(self) -> None:
        self._width = self.scrollable_content_region.width or self.size.width
        self._gloss = Gloss(self.sentences, self._level, self._width, self._to_save)
        self._cursor = min(self._cursor, max(len(self._gloss.places) - 1, 0))
        self.virtual_size = Size(self._width, len(self._gloss.lines))
        self.refresh()

    # --- drawing ------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        row = y + self.scroll_offset.y
        if row >= len(self._gloss.lines):
            return Strip.blank(width, base)
        segments: list[Segment] = []
        x = 0
        for piece in self._gloss.lines[row]:
            if piece.x > x:
                segments.append(Segment(" " * (piece.x - x), base))
            segments.append(Segment(piece.text, self._style(piece.role, piece.place, base)))
            x = piece.x + cell_len(piece.text)
        return Strip(segments).adjust_cell_length(width, base)

    def _style(self, role: str, place: int, base: Style) -> Style:
        style = base
        is_here = place >= 0 and place == self._cursor and role != "sign below"
        is_block = is_here and self.has_focus  # within a block, each line has one colour
        if role == "tag" or (role == "tag sign" and is_block):
            color = self._colours.color(self._gloss.token(self._gloss.places[place]).tag)
            style = base + Style(color=color.rich_color if color else None, bold=True)
        elif role != "word" and not is_block:
            style = base + self.get_component_rich_style("tokens--sign", partial=True)
        if is_here:
            style += Style(reverse=True) if is_block else Style(underline=True)
        return style

    def on_resize(self) -> None:
        if (self.scrollable_content_region.width or self.size.width) != self._width:
            self._lay_out()
            self._scroll_to_cursor()

    # --- the cursor ---------------------------------------------------------------------------------

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The sentence and the index in it of the token under the cursor."""
        if not self._gloss.places:
            return None
        place = self._gloss.places[self._cursor]
        return place.sentence, place.index

    def go_to(self, sentence: int, index: int) -> None:
        """Put the cursor on a token."""
        for number, place in enumerate(self._gloss.places):
            if (place.sentence, place.index) == (sentence, index):
                self._go(number)
                return

    def _go(self, number: int) -> None:
        places = self._gloss.places
        if not places:
            return
        self._cursor = min(max(number, 0), len(places) - 1)
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def _scroll_to_cursor(self) -> None:
        if self._gloss.places:
            y = self._gloss.places[self._cursor].y
            self.scroll_to_region(Region(0, y, 1, 3), animate=False, force=True)

    def action_move(self, by: int) -> None:
        self._go(self._cursor + by)

    def action_line(self, by: int) -> None:
        """Go to the nearest token in the line above or below."""
        places = self._gloss.places
        if not places:
            return
        here = places[self._cursor]
        rows = sorted({place.y for place in places})
        row = rows.index(here.y) + by
        if not 0 <= row < len(rows):
            return
        middle = here.x + here.width // 2
        there = [(abs(p.x + p.width // 2 - middle), n) for n, p in enumerate(places) if p.y == rows[row]]
        self._go(min(there)[1])

    def action_jump(self, target: int) -> None:
        self._go(0 if target == 0 else len(self._gloss.places) - 1)

    def action_unsure(self) -> None:
        """Go to the next token whose tag is unsure, cyclically."""
        places = self._gloss.places
        for step in range(1, len(places) + 1):
            number = (self._cursor + step) % len(places)
            token = self._gloss.token(places[number])
            if token.unsure and not token.corrected:
                self._go(number)
                return
        self.notify("No tag is unsure.", markup=False)

    def action_request(self, what: str) -> None:
        if self._gloss.places:
            self.post_message(self.Requested(what))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        x, y = offset.x, offset.y + self.scroll_offset.y
        for number, place in enumerate(self._gloss.places):
            if place.x <= x < place.x + place.width and place.y <= y < place.y + place.height:
                self._go(number)
                if event.chain == 2:
                    self.action_request("correct")
                return
