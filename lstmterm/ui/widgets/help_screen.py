"""Help: what the screen that is open does, and every key that works there."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from lstmterm.visible import visible

ABOUT = {
    "train": (
        "Train a character model on a text of yours",
        "Choose a text and a time and press Start. What would be done, and why, stands below the time; "
        "'More' lists everything that can be set. A run goes on when this screen is closed, and is found "
        "again under Runs, also when it was started elsewhere.\n\n"
        "The curve is the training loss (━, lighter where it wavers), the circles are the loss on text that "
        "the model does not learn from (○, the best ◆). Dashed lines are what simple counting reaches. "
        "The lower, the better; when circles rise while the curve falls, the model learns the text by heart.",
    ),
    "generate": (
        "Write with a model",
        "Type a prompt and press Enter: the model continues it, and carries its state from prompt to prompt until "
        "'New'. An empty line continues the text. The settings on the right take effect at once, also while it "
        "writes: a low temperature gives safe text, a high one surprising text. The same seed and settings give the "
        "same text again.\n\n"
        "\\n in the prompt is a new line. 'Next' shows the probabilities of the next character; choose one and "
        "the model continues from there. 'Compare' shows a second model or temperature side by side.",
    ),
    "tagger": (
        "Tag a text, train a tagger, see how good it is",
        "Tag (F7): type a text; each word gets its tag as you type. Tab goes to the words: the arrow keys move "
        "from one to the next, the bars beside them are the probabilities of its tags. ° is a word that the training "
        "data did not have, ? a tag below 60 %. Enter gives a word another tag (*), a accepts a sentence as it "
        "stands; ^s saves these sentences (✓) as training data.\n\n"
        "Train (F8): a file with tags (CoNLL-U, CSV, TSV), or a cipher such as rot13, and a time. The same "
        "sentence is tagged at each evaluation; of a cipher you see the letters fall into place (✓ is right). "
        "Report (F9): the tagger held against tagged data: each tag's precision and recall, and what is taken "
        "for what.",
    ),
    "library": (
        "Models, runs and texts on this machine",
        "Everything that was trained or added, with its figures. What comes with lstmterm is marked and cannot "
        "be changed; a copy of it can.",
    ),
}


class HelpScreen(ModalScreen[None]):
    """Over any screen; escape or F1 closes it."""

    BINDINGS = [Binding("escape,q", "dismiss(None)", "Close", key_display="esc")]

    def __init__(self, about: Screen) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="reading") as scroll:
            scroll.border_title = "Help"
            scroll.border_subtitle = "esc closes"
            yield Static(self._text())
            yield Static(self._table())
            yield Static(
                Content("Other keys can be given in the settings file, by the names in the last column.")
            )

    def _text(self) -> Content:
        """What the tab is for."""
        switchers = self._about.query(ContentSwitcher)
        title, text = ABOUT.get(switchers.first().current or "", ("", "")) if switchers else ("", "")
        return Content.assemble((title, "bold $accent"), "\n\n" if title else "", text)

    def _table(self) -> Table:
        """Every key: what it does, and the name by which the settings can change it."""
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="bold", min_width=8)
        table.add_column(ratio=1)
        table.add_column(no_wrap=True, style="dim")
        for heading, rows in self._keys().items():
            table.add_row(Text(""))
            table.add_row(Text(heading, style="underline"))
            for key, told, identity in rows:
                table.add_row(Text(key), Text(told), Text(identity))
        table.add_row(Text(""))
        return table

    def _named(self) -> Iterator[tuple[DOMNode, Binding]]:
        """Every key's binding, the focused widget's first; also of what cannot be done just now.

        A key that is free just now is named with what it does otherwise.
        """
        active = self._about.active_bindings
        named: set[str] = set()
        for node, bindings in self._about._modal_binding_chain:
            for key, binding in bindings:
                if key in active and active[key][:2] != (node, binding):
                    continue
                if key not in named:
                    named.add(key)
                    yield node, binding

    def _keys(self) -> dict[str, list[tuple[str, str, str]]]:
        """Heading -> (keys, what they do, the binding's id), the focused panel's first."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        rows: dict[tuple[str, str], list[str]] = {}
        for node, binding in self._named():
            if not binding.description or (not binding.show and not binding.id):
                continue
            heading = _heading(node)
            told = binding.tooltip or binding.description
            keys = rows.setdefault((heading, f"{told}\0{binding.id or ''}"), [])
            keys.append(self.app.get_key_display(binding))
        for (heading, told), keys in rows.items():
            sentence, identity = told.split("\0")
            found.setdefault(heading, []).append((" ".join(dict.fromkeys(keys)), visible(sentence), identity))
        return found


def _heading(node: object) -> str:
    if isinstance(node, Screen):
        return "This screen"
    if isinstance(node, Widget):
        title = str(node.border_title or "").split(" · ")[0]
        return title or {
            "TrainPanel": "Training",
            "GeneratePanel": "Writing",
            "LibraryPanel": "Library",
            "TaggerPanel": "Tagger",
            "TagPage": "Tagging",
            "TokenView": "Words",
            "ReportPage": "Report",
            "TaggerTraining": "Training",
        }.get(type(node).__name__, type(node).__name__)
    return "Everywhere"
