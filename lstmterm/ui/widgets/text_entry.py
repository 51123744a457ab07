"""A dialog to type or paste a text of several lines."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from lstmterm.ui.widgets.dialogs import Dialog, Question
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import plain, plain_lines
from lstmterm.ui.widgets.text_box import TextBox


class TextEntry(Dialog[str | None]):
    """The result is the text; None after escape, which asks if something was typed, or without a text."""

    BINDINGS = [
        key("escape", "cancel", "Cancel", "entry.cancel", "Discard your changes"),
        key("ctrl+s", "done", "Done", "entry.done", "Use this text"),
    ]
    CLASSES = "dialog text-entry"

    def __init__(self, question: str, done: str, text: str = "") -> None:
        """`done` is the label of the button; what is typed or pasted replaces `text`."""
        super().__init__()
        self._question, self._done, self._text = question, done, text
        self.box = TextBox(text, id="entry", max_checkpoints=1000)

    def compose(self) -> ComposeResult:
        with Vertical(classes=self.CLASSES):
            yield Static(plain_lines(self._question))
            yield self.box
            with Horizontal(classes="dialog-buttons"):
                yield Button(plain(self._done), compact=True, variant="primary", action="screen.done")
                yield Button("Cancel", compact=True, action="screen.cancel")

    def on_mount(self) -> None:
        self.box.focus()
        self.place_cursor()

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self.box.text

    def place_cursor(self) -> None:
        """Select what is there, so that typing replaces it."""
        self.box.select_all()

    def action_done(self) -> None:
        self.leave(self.text or None)

    def action_cancel(self) -> None:
        if self.text == self._text:
            self.leave(None)
        else:
            question = Question("Discard what you changed?", "Discard", "Keep editing")
            self.app.push_screen(question, self._discard)

    def _discard(self, sure: bool | None) -> None:
        if sure:
            self.leave(None)
