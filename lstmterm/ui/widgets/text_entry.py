"""A dialog to type or paste a text of several lines."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import plain, plain_lines
from lstmterm.ui.widgets.text_box import TextBox


class TextEntry(Dialog[str | None]):
    """The result is the text; None after escape or without a text."""

    BINDINGS = [
        key("escape", "leave(None)", "Cancel", "entry.cancel", "Leave everything as it is"),
        key("ctrl+s", "done", "Done", "entry.done", "Take this text"),
    ]

    def __init__(self, question: str, done: str, text: str = "") -> None:
        """`done` is the label of the button; what is typed or pasted replaces `text`."""
        super().__init__()
        self._question, self._done, self._text = question, done, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog text-entry"):
            yield Static(plain_lines(self._question))
            box = TextBox(id="entry")
            box.text = self._text
            yield box
            with Horizontal(classes="dialog-buttons"):
                yield Button(plain(self._done), compact=True, variant="primary", action="screen.done")
                yield Button("Cancel", compact=True, action="screen.leave(None)")

    def on_mount(self) -> None:
        box = self.query_one(TextBox)
        box.select_all()
        box.focus()

    def action_done(self) -> None:
        self.leave(self.query_one(TextBox).text or None)
