"""Free editing of a page's text: the whole text, or the part around the cursor where lines are very long."""

import re

from textual import on
from textual.content import Content
from textual.widgets import Static, TextArea

from lstmterm.ui.services import with_keys
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import plain_lines
from lstmterm.ui.widgets.text_entry import TextEntry

LONGEST = 6_000  # characters of a line; for each of its rows Textual divides the whole line at every key
_TOO_LONG = re.compile(rf"[^\n]{{{LONGEST + 1},}}")
_QUESTION = "Edit the text; {editor.keep:ctrl+s} keeps your changes, {editor.cancel:escape} discards them."


class Editor(TextEntry):
    """The result is the text, as it was given if nothing was changed; None after escape.

    Every character survives: tabs, carriage returns and other control characters, which are shown as symbols.
    """

    CLASSES = "dialog text-entry editor"
    BINDINGS = [
        key("escape", "cancel", "Cancel", "editor.cancel", "Discard your changes"),
        key("ctrl+s", "done", "Keep", "editor.keep", "Keep your changes"),
        key("tab", "tab", "Tab", "editor.tab", "Type a tab", show=False),
    ]

    def __init__(self, text: str, position: int | None = None) -> None:
        """`position` is the number of characters before the cursor; at the end of the text without it."""
        super().__init__(_QUESTION, "Keep", text)
        position = len(text) if position is None else min(max(position, 0), len(text))
        self._before, part, self._after = _parts(text, position)
        self._cursor = position - len(self._before)
        self.box.text = part

    @property
    def text(self) -> str:
        return self._before + self.box.text + self._after

    def place_cursor(self) -> None:
        self.query(Static).first().update(
            plain_lines(f"{with_keys(self.app, _QUESTION)}{self._about_part()}")
        )
        before = self.box.text[: self._cursor]
        self.box.move_cursor((before.count("\n"), len(before) - (before.rfind("\n") + 1)))
        self._tell_place()
        self.call_after_refresh(self.box.scroll_cursor_visible, center=True)

    def _about_part(self) -> str:
        if not self._before and not self._after:
            return ""
        return "\nA line is very long: only the text around the cursor is shown."

    def action_done(self) -> None:
        self.leave(self.text)

    def action_tab(self) -> None:
        self.box.type_in("\t")

    @on(TextArea.Changed)
    def _changed(self) -> None:
        row, _ = self.box.cursor_location
        if len(self.box.document.get_line(row)) > 2 * LONGEST:  # pasted
            position = len(self._before + self.box.text_around()[0])
            self._before, part, self._after = _parts(self.text, position)
            self._cursor = position - len(self._before)
            self.box.text = part
            self.place_cursor()
        self._tell_place()

    @on(TextArea.SelectionChanged)
    def _tell_place(self) -> None:
        row, column = self.box.cursor_location
        if not row:
            column += len(self._before) - (self._before.rfind("\n") + 1)
        above = self._before.count("\n")
        lines = above + self.box.document.line_count + self._after.count("\n")
        characters = len(self._before) + len(self.box.text) + len(self._after)
        place = f"line {above + row + 1:,} of {lines:,}, column {column + 1:,}"
        self.query_one(".editor").border_subtitle = Content(f"{place} · {characters:,} characters")


def _parts(text: str, position: int) -> tuple[str, str, str]:
    """The text before the part that is edited around a position, the part, and the text after it."""
    start, end, half = 0, len(text), LONGEST // 2
    for line in _TOO_LONG.finditer(text):
        cut = min(line.end(), position) - half
        if cut > line.start():
            start = cut
        cut = max(line.start(), position) + half
        if cut < line.end():
            end = cut
            break
    return text[:start], text[start:end], text[end:]
