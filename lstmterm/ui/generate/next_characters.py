"""What comes next: the likeliest characters and words with their probabilities; one can be chosen by hand."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstmterm.infer.next_words import Ahead, Next, begun_word
from lstmterm.ui.widgets.bars import probability_bar
from lstmterm.ui.widgets.keys import key
from lstmterm.visible import shorten, visible

_NAME_WIDTH = 12
_BAR_WIDTH = 14
_NARROW_BAR = 8  # beside two probabilities
_DIFFERENCE = 0.0005  # of probabilities, from which on it shows
_MOST_CHARACTERS, _MOST_WORDS = 8, 10
NAMES = {" ": "space", "\n": "new line", "\t": "tab"}


class NextCharacters(OptionList):
    """Characters and words by their probability; Enter chooses the one under the cursor.

    Where the sampling settings change what is likely, the probability of the model as it is stands beside the
    one with which it is drawn.
    """

    BORDER_TITLE = "What comes next"
    BORDER_SUBTITLE = "enter: choose · w: words"

    BINDINGS = [
        key("w", "words", "Words", "next.words", "Switch between characters and words"),
        key("escape", "close", "Close", "next.close", "Hide what comes next"),
    ]

    @dataclass
    class Chosen(Message):
        """A character or a word was chosen."""

        text: str

    class Closed(Message):
        """The user closed the list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, compact=True, **options)
        self._texts: list[str | None] = []  # of each row; None for a heading
        self._words_from = 0  # the row of the first word

    def show(self, characters: Ahead, words: Ahead, there: str = "") -> None:
        """Show what may come next, the likeliest first; `there` is what follows now, which is marked."""
        on_words = self.highlighted is not None and self.highlighted >= self._words_from > 0
        next_characters, next_words = _likely(characters, _MOST_CHARACTERS), _likely(words, _MOST_WORDS)
        both = any(abs(t.probability - t.plain) > _DIFFERENCE for t in (*next_characters, *next_words))
        rows: list[tuple[str | None, Content]] = [(None, _heading("Characters", both))]
        rows += _rows(next_characters, [_named(t.text) for t in next_characters], both, there)
        rows.append((None, _heading("Words", both)))
        self._words_from = len(rows)
        rows += _rows(next_words, [_word(t.text, words.begun) for t in next_words], both, there)
        if not words.exact:
            rows.append((None, Content.styled("others may be likelier", "$foreground 60% italic")))
        self._texts = [text for text, _ in rows]
        self.set_options(Option(shown, disabled=text is None) for text, shown in rows)
        first = self._words_from if on_words else 1
        self.highlighted = first if first < len(rows) else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        text = self._texts[event.option_index]
        if text is not None:
            self.post_message(self.Chosen(text))

    def action_words(self) -> None:
        if self._words_from and self.highlighted is not None:
            self.highlighted = 1 if self.highlighted >= self._words_from else self._words_from

    def action_close(self) -> None:
        self.post_message(self.Closed())


def _heading(title: str, both: bool) -> Content:
    columns = (" " * (_NARROW_BAR + 2), ("drawn", "$foreground 60%"), "  ", ("model", "$foreground 60%"))
    name = (f"{title:>{_NAME_WIDTH}}", "bold $foreground 70%")
    return Content.assemble(name, " ", *(columns if both else ()))


def _likely(ahead: Ahead, most: int) -> list[Next]:
    """The first ones, without those that are as good as impossible."""
    return [t for t in ahead.texts[:most] if max(t.probability, t.plain) >= _DIFFERENCE]


def _rows(
    texts: Sequence[Next], names: Sequence[Content], both: bool, there: str
) -> Iterator[tuple[str, Content]]:
    highest = max((t.probability for t in texts), default=1.0)
    for text, name in zip(texts, names, strict=True):
        yield text.text, _row(text, name, highest, both, bool(there) and there.startswith(text.text))


def _row(text: Next, name: Content, highest: float, both: bool, is_there: bool) -> Content:
    bar = _NARROW_BAR if both else _BAR_WIDTH
    drawn = probability_bar(text.probability, text.probability / highest, bar, "$primary")
    plain = Content.styled(f" {text.plain:6.1%}", "$foreground 60%") if both else Content("")
    space = " " * (_NAME_WIDTH - name.cell_length)
    mark = Content.styled("▸" if is_there else " ", "$accent")
    return Content.assemble(space, name, mark, drawn, plain)


def _named(character: str) -> Content:
    return Content.styled(shorten(named(character), _NAME_WIDTH), "bold")


def _word(text: str, begun: str) -> Content:
    """A word as the list shows it: without the space before it, and after the part of it already written."""
    if begun and begun_word(begun + text[0]):
        ending = shorten(text, _NAME_WIDTH)
        beginning = visible(begun)[-max(_NAME_WIDTH - len(ending), 0) :] if len(ending) < _NAME_WIDTH else ""
        return Content.assemble((beginning, "$foreground 60%"), (ending, "bold"))
    return Content.styled(shorten(text.removeprefix(" "), _NAME_WIDTH), "bold")


def named(character: str) -> str:
    """A character as a list shows it: itself, or a name if it is invisible."""
    category = unicodedata.category(character[0])
    if character in NAMES:
        return NAMES[character]
    if category in ("Mn", "Me", "Mc"):
        return f"◌{character}"
    return f"U+{ord(character[0]):04X}" if category in ("Cf", "Zs", "Zl", "Zp") else visible(character)
