"""The words of a text with their tags below them, one under the cursor.

Words are laid side by side as in an interlinear gloss, each above its tag, so that a line of text
and a line of tags read together. Letters that are tagged letter by letter stand without gaps, as a
cipher text above its plain text. A whole sequence stands above its one label.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events, getters
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lstmterm.tagging.treebank import Level
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.themes import DARK
from lstmterm.visible import visible

UNKNOWN, UNSURE, CORRECTED, WANTED = "°", "?", "*", "✓"
LEGEND = (
    (UNKNOWN, "unknown"),
    (UNSURE, "unsure"),
    (CORRECTED, "corrected"),
)
_GUTTER = 2


@dataclass(frozen=True)
class Token:
    """A word (or a letter, or a whole line) with its tag, as it is drawn."""

    word: str
    tag: str
    known: bool = True
    unsure: bool = False
    corrected: bool = False

    @property
    def signs(self) -> str:
        """What is to be said of the tag, in signs."""
        return CORRECTED if self.corrected else UNSURE if self.unsure else ""


@dataclass(frozen=True)
class Place:
    """Where a token is drawn."""

    sentence: int
    index: int
    x: int
    y: int  # of its word; the tag is below
    width: int


Piece = tuple[int, str, str, int]  # x, text, what it is (word, tag, tag sign, …), which place it belongs to


class TokenView(ScrollView, can_focus=True):
    """Tagged sentences; the arrow keys and the mouse move the cursor from word to word."""

    app = getters.app(LstmTerm)

    DEFAULT_CSS = (
        "TokenView { overflow-x: hidden; scrollbar-gutter: stable; }"  # laid out beside the scrollbar
    )
    BINDINGS = [
        Binding("left", "move(-1)", "Before", show=False, id="tokens.before", tooltip="The word before"),
        Binding("right", "move(1)", "Behind", show=False, id="tokens.behind", tooltip="The word behind"),
        Binding("up", "line(-1)", "Above", show=False, id="tokens.above", tooltip="The line above"),
        Binding("down", "line(1)", "Below", show=False, id="tokens.below", tooltip="The line below"),
        Binding("home", "jump(0)", "First", show=False, id="tokens.first", tooltip="The first word"),
        Binding("end", "jump(-1)", "Last", show=False, id="tokens.last", tooltip="The last word"),
        Binding("enter", "want('correct')", "Correct", id="tokens.correct", tooltip="Choose another tag"),
        Binding(
            "delete,backspace",
            "want('undo')",
            "Undo",
            key_display="del",
            id="tokens.undo",
            tooltip="Give the word the tagger's own tag again",
        ),
        Binding(
            "a", "want('accept')", "Accept", id="tokens.accept", tooltip="The sentence is right as it stands: save it too"
        ),
        Binding("n", "unsure", "Next ?", id="tokens.unsure", tooltip="The next tag that is unsure"),
        Binding("y", "want('copy')", "Copy", id="tokens.copy", tooltip="Copy the words with their tags"),
    ]  # fmt: skip

    class Moved(Message):
        """The cursor is at another token."""

        def __init__(self, sentence: int, index: int) -> None:
            self.sentence, self.index = sentence, index
            super().__init__()

    class Wanted(Message):
        """Something is to be done with the token under the cursor: correct, undo, accept, copy."""

        def __init__(self, what: str) -> None:
            self.what = what
            super().__init__()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._sentences: list[list[Token]] = []
        self._wanted: frozenset[int] = frozenset()
        self._level: Level = "word"
        self._places: list[Place] = []
        self._lines: list[list[Piece]] = []
        self._cursor = 0  # which place
        self._width = 0
        self._colours = TagColours((), DARK)
        self._names: tuple[str, ...] = ()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._take_colours())
        self._take_colours()

    def _take_colours(self) -> None:
        self._colours = TagColours(self._names, self.app.current_theme)
        self.refresh()

    # --- what is shown ----------------------------------------------------------------------------

    def show(
        self,
        sentences: Sequence[Sequence[Token]],
        level: Level,
        names: tuple[str, ...],
        wanted: frozenset[int] = frozenset(),
    ) -> None:
        """Show these sentences; `names` are all tags that there are, `wanted` the sentences to save."""
        if names != self._names:
            self._names = names
            self._take_colours()
        self._sentences = [list(sentence) for sentence in sentences]
        self._level, self._wanted = level, wanted
        self._lay_out()

    def _lay_out(self) -> None:
        self._width = self.scrollable_content_region.width or self.size.width
        self._places, self._lines = [], []
        for number, sentence in enumerate(self._sentences):
            if self._level == "sequence":
                self._lay_sequence(number, sentence)
            else:
                self._lay_sentence(number, sentence)
        if self._lines and not self._lines[-1]:
            self._lines.pop()
        self._cursor = min(self._cursor, max(len(self._places) - 1, 0))
        self.virtual_size = Size(self._width, len(self._lines))
        self.refresh()

    @property
    def _tight(self) -> bool:
        """Whether letters stand without gaps: each has a tag that is a letter too."""
        return self._level == "char" and all(len(t.tag) <= 1 for s in self._sentences for t in s)

    def _lay_sentence(self, number: int, sentence: Sequence[Token]) -> None:
        tight, room = self._tight, max(self._width - _GUTTER - 1, 4)
        gap = 0 if tight else 2
        x = 0
        row: list[Place] = []
        first = True
        for index, token in enumerate(sentence):
            word, tag = drawn(token.word), visible(token.tag)
            width = max(
                cell_len(word) + (0 if tight else not token.known),
                cell_len(tag) + len(token.signs) * (not tight),
                1,
            )
            width = min(width, room)
            if row and x + width > room:
                self._end_row(row, number, first)
                row, x, first = [], 0, False
            row.append(Place(number, index, _GUTTER + x, 0, width))
            x += width + gap
        if row:
            self._end_row(row, number, first)

    def _end_row(self, row: list[Place], number: int, first: bool) -> None:
        """Draw a row of tokens: words, tags, and for letters a line of signs."""
        y, tight = len(self._lines), self._tight
        words: list[Piece] = []
        tags: list[Piece] = []
        signs: list[Piece] = []
        if first and number in self._wanted:
            words.append((0, WANTED, "wanted", -1))
        for place in row:
            at = len(self._places)
            self._places.append(Place(number, place.index, place.x, y, place.width))
            token = self._sentences[number][place.index]
            word, tag = drawn(token.word), visible(token.tag) or " "
            mark = "" if tight or token.known else UNKNOWN
            own = cut(word, place.width - len(mark))
            words.append((place.x, own, "word", at))
            if mark:
                words.append((place.x + cell_len(own), mark, "unknown", at))
            shown = cut(tag, place.width - (0 if tight else len(token.signs)))
            tags.append((place.x, shown, "tag", at))
            sign = token.signs
            if tight:
                sign = sign if token.corrected or token.known else UNKNOWN
                signs.append((place.x, sign or " ", "sign", at))
            elif sign:
                tags.append((place.x + cell_len(shown), sign, "tag sign", at))
        self._lines += [words, tags]
        if any(text.strip() for _, text, _, _ in signs):
            self._lines.append(signs)
        self._lines.append([])

    def _lay_sequence(self, number: int, sentence: Sequence[Token]) -> None:
        """A whole line of text, wrapped, and its label below."""
        token = sentence[0]
        room = max(self._width - _GUTTER - 1, 4)
        y, at = len(self._lines), len(self._places)
        pieces = folded(visible(token.word), room)
        for n, part in enumerate(pieces):
            line: list[Piece] = [(0, WANTED, "wanted", -1)] if not n and number in self._wanted else []
            line.append((_GUTTER, part, "word", at))
            if n == len(pieces) - 1 and not token.known and cell_len(part) < room:
                line.append((_GUTTER + cell_len(part), UNKNOWN, "unknown", at))
            self._lines.append(line)
        tag = cut(visible(token.tag), room - 4)
        row: list[Piece] = [(_GUTTER, "→ ", "sign", -1), (_GUTTER + 2, tag, "tag", at)]
        if token.signs:
            row.append((_GUTTER + 2 + cell_len(tag), token.signs, "tag sign", at))
        self._lines += [row, []]
        self._places.append(Place(number, 0, _GUTTER, y, room))

    # --- drawing ------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        row = y + self.scroll_offset.y
        if row >= len(self._lines):
            return Strip.blank(width, base)
        segments: list[Segment] = []
        x = 0
        for start, text, what, at in self._lines[row]:
            if start > x:
                segments.append(Segment(" " * (start - x), base))
            segments.append(Segment(text, self._style(what, at, base)))
            x = start + cell_len(text)
        return Strip(segments).adjust_cell_length(width, base)

    def _style(self, what: str, at: int, base: Style) -> Style:
        style = base
        is_here = at >= 0 and at == self._cursor and what != "sign"
        is_block = is_here and self.has_focus  # in a block each line has one colour
        if what == "tag" or (what == "tag sign" and is_block):
            place = self._places[at]
            tag = self._sentences[place.sentence][place.index].tag
            color = self._colours.color(tag)
            style = base + Style(color=color.rich_color if color else None, bold=True)
        elif what != "word" and not is_block:
            style = base + self.get_component_rich_style("tokens--sign", partial=True)
        if is_here:
            style += Style(reverse=True) if is_block else Style(underline=True)
        return style

    COMPONENT_CLASSES = {"tokens--sign"}

    def on_resize(self) -> None:
        if (self.scrollable_content_region.width or self.size.width) != self._width:
            self._lay_out()
            self._see()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # --- the cursor ---------------------------------------------------------------------------------

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The sentence and the place in it of the token under the cursor."""
        if not self._places:
            return None
        place = self._places[self._cursor]
        return place.sentence, place.index

    def go_to(self, sentence: int, index: int) -> None:
        """Put the cursor on a token."""
        for number, place in enumerate(self._places):
            if (place.sentence, place.index) == (sentence, index):
                self._go(number)
                return

    def _go(self, number: int) -> None:
        if not self._places:
            return
        self._cursor = min(max(number, 0), len(self._places) - 1)
        self._see()
        self.refresh()
        place = self._places[self._cursor]
        self.post_message(self.Moved(place.sentence, place.index))

    def _see(self) -> None:
        if self._places:
            place = self._places[self._cursor]
            self.scroll_to_region(Region(0, place.y, 1, 3), animate=False, force=True)

    def action_move(self, by: int) -> None:
        self._go(self._cursor + by)

    def action_line(self, by: int) -> None:
        """The token above or below that is nearest."""
        if not self._places:
            return
        here = self._places[self._cursor]
        rows = sorted({place.y for place in self._places})
        row = rows.index(here.y) + by
        if not 0 <= row < len(rows):
            return
        middle = here.x + here.width // 2
        there = [
            (abs(p.x + p.width // 2 - middle), n) for n, p in enumerate(self._places) if p.y == rows[row]
        ]
        self._go(min(there)[1])

    def action_jump(self, target: int) -> None:
        self._go(0 if target == 0 else len(self._places) - 1)

    def action_unsure(self) -> None:
        """The next token whose tag is unsure, around the end."""
        count = len(self._places)
        for step in range(1, count + 1):
            place = self._places[(self._cursor + step) % count]
            token = self._sentences[place.sentence][place.index]
            if token.unsure and not token.corrected:
                self._go((self._cursor + step) % count)
                return
        self.app.tell("No tag is unsure.")

    def action_want(self, what: str) -> None:
        if self._places:
            self.post_message(self.Wanted(what))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        x, y = offset.x, offset.y + self.scroll_offset.y
        heights = 3 if self._tight else 2
        for number, place in enumerate(self._places):
            until = next((p.y for p in self._places[number + 1 :] if p.y > place.y), len(self._lines) + 1) - 1
            high = until - place.y if self._level == "sequence" else heights
            if place.x <= x < place.x + place.width and place.y <= y < place.y + max(high, 2):
                self._go(number)
                if event.chain == 2:
                    self.action_want("correct")
                return


def drawn(word: str) -> str:
    """A word as it is drawn: something can be seen of each."""
    if word.isspace():
        return "␣"
    shown = visible(word)
    return f"◌{shown}" if unicodedata.category(shown[0])[0] == "M" else shown


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where it is cut."""
    return text if cell_len(text) <= width else set_cell_size(text, max(width - 1, 0)).rstrip() + "…"


def folded(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at spaces where there are any."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        while cell_len(word) > width:
            head = word[:width]
            while cell_len(head) > width:
                head = head[:-1]
            lines += [line] if line else []
            lines.append(head)
            line, word = "", word[len(head) :]
        longer = f"{line} {word}" if line else word
        if cell_len(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]
