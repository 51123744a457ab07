"""A dialog to type or paste a text of several lines."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.text_box import TextBox


class TextEntry(Dialog[str | None]):
    """The result is the text; None after escape or without a text."""

    BINDINGS = [
        key("escape", "leave(None)", "Cancel", "entry.cancel", "Keep the text that is shown"),
        key("ctrl+s", "done", "Show", "entry.done", "Show the surprise at this text"),
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog text-entry"):
            yield Static("Type or paste a text; ^s shows it.", markup=False)
            box = TextBox(id="entry")
            box.text = self._text
            yield box
            with Horizontal(classes="dialog-buttons"):
                yield Button("Show", compact=True, variant="primary", action="screen.done")
                yield Button("Cancel", compact=True, action="screen.leave(None)")

    def on_mount(self) -> None:
        self.query_one(TextBox).focus()

    def action_done(self) -> None:
        self.leave(self.query_one(TextBox).text or None)
