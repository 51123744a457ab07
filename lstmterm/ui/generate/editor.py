"""Editing the text of a page freely: all of it, at once."""

from textual import on
from textual.content import Content
from textual.widgets import TextArea

from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.text_entry import TextEntry


class Editor(TextEntry):
    """The result is the text, as it was given if nothing was changed; None after escape.

    Every character survives: tabs, carriage returns and other control characters, which are shown as symbols.
    """

    CLASSES = "dialog text-entry editor"
    BINDINGS = [
        key("escape", "cancel", "Cancel", "editor.cancel", "Leave the text as it was"),
        key("ctrl+s", "done", "Keep", "editor.keep", "Keep the text as it is now"),
        key("tab", "tab", "Tab", "editor.tab", "Type a tab", show=False),
    ]

    def __init__(self, text: str, position: int | None = None) -> None:
        """`position` is the number of characters before the cursor; at the end of the text without it."""
        super().__init__("Edit the text; ^s keeps it, esc leaves it as it was.", "Keep", text)
        before = text if position is None else text[: max(position, 0)]
        self._cursor = before.count("\n"), len(before) - (before.rfind("\n") + 1)

    def place_cursor(self) -> None:
        self._tell_place()
        self.box.move_cursor(self._cursor)
        self.call_after_refresh(self.box.scroll_cursor_visible, center=True)

    def action_done(self) -> None:
        self.leave(self.box.text)

    def action_tab(self) -> None:
        self.box.type_in("\t")

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def _tell_place(self) -> None:
        row, column = self.box.cursor_location
        place = f"line {row + 1:,} of {self.box.document.line_count:,}, column {column + 1:,}"
        self.query_one(".editor").border_subtitle = Content(f"{place} · {len(self.box.text):,} characters")
