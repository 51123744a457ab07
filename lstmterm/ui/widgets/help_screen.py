"""Help: what the open tab does, and all of its keys."""

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

from lstmterm.ui.widgets.textual_private import all_bindings
from lstmterm.visible import visible

ABOUT = {
    "train": (
        "Train a character model on your own text",
        "Choose a text and a time, then press Start. The plan below the time shows what will be trained, and "
        "why. 'More' lists all hyperparameters. A run continues when you close this screen. You find it again "
        "under Runs, like runs that were started elsewhere.\n\n"
        "The curve is the training loss (━, with the unsmoothed loss behind it). The circles are the "
        "validation loss, on text that the model is not trained on (○, the best ◆). The dashed lines are "
        "n-gram baselines. Lower is better. When the circles rise while the curve falls, the model overfits.",
    ),
    "generate": (
        "Generate text with a model",
        "Type a prompt and press Enter. The model continues it, and remembers the text until 'New'. An empty "
        "prompt continues the text. The sampling settings on the right apply at once, even while the model "
        "writes: a low temperature gives safe text, a high one surprising text. The same seed and settings "
        "give the same text again.\n\n"
        "Type \\n for a line break. 'Next' shows the most probable next characters; choose one and the model "
        "continues from it.",
    ),
    "tagger": (
        "Tag a text, train a tagger, evaluate it",
        "Tag (F7): type a text and see the tag of each word. Tab moves to the words, the arrow keys from word "
        "to word; the bars show the probabilities of the tags. ° marks a word that is not in the training "
        "data, ? a tag with a probability below 60 %. Enter changes a tag (*), 'a' accepts a sentence as it "
        "is, and ^s saves these sentences (✓) as training data.\n\n"
        "Train (F8): choose a tagged file (CoNLL-U, CSV, TSV) or a cipher such as rot13, and a time. The same "
        "sentence is tagged at each evaluation, so you can watch a cipher being solved (✓ is correct).\n\n"
        "Report (F9): evaluate the tagger on tagged data. See the precision and recall of each tag, and which "
        "tags are confused.",
    ),
    "library": (
        "Models, runs and texts on this machine",
        "Everything that you trained or added, with its figures. What comes with lstmterm cannot be changed, "
        "but you can copy it.",
    ),
}  # by the id of a tab: a title and a text


class HelpScreen(ModalScreen[None]):
    """Opens over any screen; escape or F1 closes it."""

    BINDINGS = [Binding("escape,q", "dismiss(None)", "Close", key_display="esc")]

    def __init__(self, about: Screen) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="reading") as scroll:
            scroll.border_title = "Help"
            scroll.border_subtitle = "esc close"
            yield Static(self._text())
            yield Static(self._table())
            yield Static(
                Content("You can change the keys in the settings file, by the names in the last column.")
            )

    def _text(self) -> Content:
        """A title and a text about the open tab."""
        switchers = self._about.query(ContentSwitcher)
        title, text = ABOUT.get(switchers.first().current or "", ("", "")) if switchers else ("", "")
        return Content.assemble((title, "bold $accent"), "\n\n" if title else "", text)

    def _table(self) -> Table:
        """All keys: what each does, and its name in the settings."""
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="bold", min_width=8)
        table.add_column(ratio=1)
        table.add_column(no_wrap=True, style="dim")
        for heading, rows in self._keys().items():
            table.add_row(Text(""))
            table.add_row(Text(heading, style="underline"))
            for key, label, identity in rows:
                table.add_row(Text(key), Text(label), Text(identity))
        table.add_row(Text(""))
        return table

    def _named(self) -> Iterator[tuple[DOMNode, Binding]]:
        """The binding of every key, the focused widget's first, also where its action is not possible now."""
        active = self._about.active_bindings
        named: set[str] = set()
        for node, key, binding in all_bindings(self._about):
            if key in active and active[key][:2] != (node, binding):
                continue
            if key not in named:
                named.add(key)
                yield node, binding

    def _keys(self) -> dict[str, list[tuple[str, str, str]]]:
        """By heading, the focused panel's first: the keys, what they do, the binding's id."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        rows: dict[tuple[str, str], list[str]] = {}
        for node, binding in self._named():
            if not binding.description or (not binding.show and not binding.id):
                continue
            heading = _heading(node)
            label = binding.tooltip or binding.description
            keys = rows.setdefault((heading, f"{label}\0{binding.id or ''}"), [])
            keys.append(self.app.get_key_display(binding))
        for (heading, label), keys in rows.items():
            sentence, identity = label.split("\0")
            found.setdefault(heading, []).append((" ".join(dict.fromkeys(keys)), visible(sentence), identity))
        return found


def _heading(node: object) -> str:
    if isinstance(node, Screen):
        return "This screen"
    if isinstance(node, Widget):
        title = str(node.border_title or "").split(" · ")[0]
        return title or {
            "TrainPanel": "Training",
            "GeneratePanel": "Generating",
            "LibraryPanel": "Library",
            "TaggerPanel": "Tagger",
            "TagPage": "Tagging",
            "TokenView": "Words",
            "ReportPage": "Report",
            "TaggerTraining": "Training",
        }.get(type(node).__name__, type(node).__name__)
    return "Everywhere"
