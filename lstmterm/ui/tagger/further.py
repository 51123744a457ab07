"""What comes next once corrected sentences are saved: training the tagger further on them, or a new one."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from lstmterm.amounts import plural
from lstmterm.planning.tagger_outlook import alone
from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.plain import plain_lines
from lstmterm.visible import shorten

_NAME = 30  # columns


def about(place: str, sentences: int, words: int, unit: str, tagger: str) -> str:
    """What a file with so many corrected sentences can do, alone and as further training."""
    amount, name = plural(words, unit), shorten(tagger, _NAME)
    return (
        f"Saved to {place}\nIt has {plural(sentences, 'sentence')}, {amount} now.\n\n"
        f"Further training of {name} adds them to what it knows, in about a minute; the form shows its plan. "
        f"A new tagger from {amount} alone would {alone(words)}."
    )


class NextTraining(Dialog[str | None]):
    """Asks what to train on the saved sentences: "further", "new", or None for nothing yet."""

    BINDINGS = [
        Binding("f,y", "leave('further')", "Train further"),
        Binding("n", "leave('new')", "New tagger"),
        Binding("escape", "leave(None)", "Not now"),
    ]

    def __init__(self, sentences: str) -> None:
        super().__init__()
        self._sentences = sentences

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain_lines(self._sentences))
            with Horizontal(classes="dialog-buttons"):
                yield Button(
                    "Train further", "primary", compact=True, action="screen.leave('further')", id="further"
                )
                yield Button("New tagger", compact=True, action="screen.leave('new')", id="new")
                yield Button("Not now", compact=True, action="screen.leave(None)", id="no")

    def on_mount(self) -> None:
        self.query_one("#further").focus()
