"""A text with a cursor, whose characters may carry numbers, shown as colours and signs of a scale. It may grow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.selection import Selection

from lstmterm.ui.widgets.drawn_text import DrawnText
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.scale import signs_of
from lstmterm.ui.widgets.text_cursor import CURSOR_KEYS, word_at
from lstmterm.ui.widgets.text_parts import Part


class ColouredText(DrawnText, can_focus=True):
    """A wrapped text; only the rows on the screen are drawn.

    The level of a character is a byte: 0 if it has no number, `UNKNOWN` of `text_styles` if a model does not know it,
    else a step of the scale from 1. A character that is drawn together with combining ones has the colour of the highest level among them. On a diverging
    scale the middle step is of numbers near zero. On demand a row of signs, one for each step, stands under
    each row of the text. Characters without a number have the style of their part, one of `drawn_text.PARTS`, as far
    as they are in one.

    Stretches of the text can be underlined; the one that the cursor is in is chosen. The end is kept in view
    as the text grows while the user is there.
    """

    BINDINGS = [
        *CURSOR_KEYS,
        key("n", "mark(1)", "Next", "colours.next", "The next marked place"),
        key("N", "mark(-1)", "Back", "colours.back", "The previous marked place", show=False),
        key("d", "signs", "Digits", "colours.signs", "Digits under the text, or none", show=False),
        key("enter", "choose", "Choose", "colours.choose", "Choose the character at the cursor", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another character, or the text is another one.

        A cursor after the last character stays there while the text grows, without a message.
        """

        position: int

    @dataclass
    class Chosen(Message):
        """The character at a position was chosen, by Enter or with two clicks."""

        position: int

    @dataclass
    class SpanChosen(Message):
        """The cursor is in another underlined stretch, given by its number, or in none any longer."""

        number: int | None

    @dataclass
    class SignsChanged(Message):
        """Signs are shown under the text, or no longer."""

        shown: bool

    # --- the text -------------------------------------------------------------------------------------

    def show(
        self, text: str, *, levels: bytes | None = None, parts: Iterable[Part] = (), position: int = 0
    ) -> None:
        """Show another text, nothing of it marked or underlined, its cursor at `position`.

        A cursor that stands after the last character stays there, in view, as the text grows.
        """
        self._shown.replace_from(0, text, levels, parts)
        self._cursor.go(0, 0)
        self._take_height()
        self._redraw()
        self.scroll_to(0, 0, animate=False, force=True)
        self.following = not text
        self._go(position)

    def append(self, text: str, levels: bytes | None = None, part: str = "") -> None:
        """Add text at the end, with a level for each character, on the same scale, as a part of this name.

        The view follows it if the end was in view. The cursor stays where it is, or after the last character.
        """
        length = len(self.text)
        self._replace_from(length, text, levels, [Part(length, length + len(text), part)])
        if text and not length and not self._cursor.past_end:
            self.post_message(self.Moved(self.cursor))

    def replace_from(
        self, position: int, text: str, levels: bytes | None = None, parts: Iterable[Part] = ()
    ) -> None:
        """Put `text` in the place of everything from a character on; the positions of `parts` are absolute.

        The cursor and the view stay where they are as far as the text reaches. Marks and underlined stretches
        that reach beyond the position are gone.
        """
        before = self.cursor
        self._replace_from(position, text, levels, parts)
        if before >= position:
            self.post_message(self.Moved(self.cursor))
            self._tell_chosen()

    def colour(
        self, levels: bytes, steps: int, marks: Sequence[int], *, diverging: bool = False, signs: str = ""
    ) -> None:
        """Colour the text by a level for each character; `marks` are positions in their order to jump to.

        `signs` has a sign for each step, in one column; without, they are digits (see `signs_of`).
        """
        before, scale = self._shown.levels, (steps, diverging, signs or signs_of(steps, diverging))
        self._shown.colour(levels, marks)
        if scale == (self._steps, self._diverging, self._signs):
            self._forget_recoloured(before)
            self.refresh()
        else:
            self._steps, self._diverging, self._signs = scale
            self._restyle()
        self.refresh_bindings()

    def recolour(self, position: int, levels: bytes) -> None:
        """Give the characters from a position on other levels, on the same scale."""
        self._forget_rows(*self._shown.recolour(position, levels))
        self.refresh()

    def underline(self, kept: int, spans: Sequence[tuple[int, int]]) -> None:
        """Keep the first `kept` underlined stretches, and put these (start, end) in the place of the others.

        They are in the order of the text; they may overlap, but neither is within another.
        """
        had = len(self._shown.spans)
        changed = self._shown.spans.replace(kept, spans)
        if changed is None:
            return
        start, end = changed
        self._forget_rows(self._shown.rows.row_of(start), self._shown.rows.row_of(end) + 1)
        self.refresh()
        self._tell_chosen()
        if bool(had) != bool(self._shown.spans):
            self.refresh_bindings()

    def span_at(self, position: int) -> int | None:
        """The number of the underlined stretch that a character is in; None if it is in none."""
        return self._shown.spans.at(position)

    @property
    def chosen(self) -> int | None:
        """The number of the underlined stretch that the cursor is in."""
        return self._chosen

    def _tell_chosen(self) -> None:
        before, self._chosen = self._chosen, self.span_at(self.cursor)
        if before != self._chosen:
            self._redraw()
            self.post_message(self.SpanChosen(self._chosen))

    # --- the cursor -----------------------------------------------------------------------------------

    def go_to(self, position: int) -> None:
        """Put the cursor on the character at `position`, and bring it into view."""
        self._go(position, roomy=True)

    def follow(self) -> None:
        """Go to the end of the text, and keep it in view."""
        self._go(len(self.text))
        self.following = True
        self._scroll_to_end()

    def word_at(self, position: int) -> tuple[int, int]:
        """From which character to which the word at a position goes; that character alone if it is in none."""
        return word_at(self.text, position)

    def _go(self, position: int, *, roomy: bool = False, column: int | None = None) -> None:
        before, was_selected = self.cursor, self._cursor.anchor is not None
        self._cursor.go(position, len(self.text), column=column)
        if was_selected:
            self._redraw()
        for row in {self._shown.rows.row_of(place) for place in (before, self.cursor)}:
            self._forget_rows(row, row + 1)
        self._scroll_to_cursor(roomy=roomy)
        if self._cursor.past_end:
            self.following = self.cursor == len(self.text)
        self.refresh()
        self.post_message(self.Moved(self.cursor))
        self._tell_chosen()

    def action_extend(self, action: str, by: int) -> None:
        """Move the cursor as an action does, and select from where it was."""
        anchor = self.cursor if self._cursor.anchor is None else self._cursor.anchor
        if action == "row":
            self.action_row(by)
        else:
            self.action_move(by)
        self._cursor.anchor = anchor
        self._redraw()

    def action_move(self, by: int) -> None:
        self._go(self.cursor + by)

    def action_word(self, by: int) -> None:
        """Go to the start of the word before or after."""
        self._go(self._cursor.by_word(self.text, by))

    def action_row(self, by: int) -> None:
        """Go to the same column some rows above or below."""
        position, column = self._cursor.by_rows(self._shown.rows, by)
        self._go(position, column=column)

    def action_page(self, by: int) -> None:
        self.action_row(by * max(self.scrollable_content_region.height // self._high - 1, 1))

    def action_row_end(self, which: int) -> None:
        self._go(self._cursor.at_row_end(self._shown.rows, which))

    def action_text_end(self, which: int) -> None:
        self._go(self._cursor.last(len(self.text)) if which else 0)

    def action_mark(self, by: int) -> None:
        """Go to the next marked place or underlined stretch, or the one before, cyclically."""
        place = self._cursor.by_places(self._shown.marks, self._shown.spans.starts, by=by)
        if place is not None:
            self.go_to(place)

    def action_choose(self) -> None:
        self.post_message(self.Chosen(self.cursor))

    def action_signs(self) -> None:
        """Show the signs of the steps under the text, or no longer."""
        self.has_signs = not self.has_signs
        self._take_height()
        self._redraw()
        self._scroll_to_cursor(roomy=True)
        self.post_message(self.SignsChanged(self.has_signs))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "mark":
            return bool(self._shown.marks or self._shown.spans)
        return self._steps > 1 if action == "signs" else True

    # --- the mouse ------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        row = -1 if offset is None else (offset.y + self.scroll_offset.y) // self._high
        if offset is None or not 0 <= row < len(self._shown.rows):
            return
        self._go(self._shown.rows.position_at(row, offset.x - self._margin))
        if event.chain > 1:
            event.prevent_default()  # which selects the whole text
            self.action_choose()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text selected with the mouse, as it is and not as it is drawn."""
        start, end = selection
        first = 0 if start is None else self._position_of(start)
        last = len(self.text) if end is None else self._position_of(end)
        return self.text[first:last], "\n"

    def _position_of(self, offset: Offset) -> int:
        """The character at a place in a row as it is drawn."""
        if offset.y >= len(self._shown.rows):
            return len(self.text)
        return self._shown.position_of(max(offset.y, 0), max(offset.x, 0))
