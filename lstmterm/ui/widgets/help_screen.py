"""Help: what the open tab does, and all of its keys."""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from lstmterm.ui.services import Panel, with_keys
from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.hints import hints
from lstmterm.ui.widgets.pages import Pages
from lstmterm.ui.widgets.textual_private import all_bindings, shown_bindings
from lstmterm.visible import visible

_SIDEWAYS = ("page_left", "page_right")  # a widget that cannot scroll sideways leaves these keys to others
_BESIDE = 100  # columns of a screen on which a key's name has room beside what the key does


class HelpScreen(Dialog[None]):
    """Opens over any screen; escape or F1 closes it."""

    BINDINGS = [Binding("escape,q", "leave(None)", "Close")]

    def __init__(self, about: Screen) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="reading") as scroll:
            scroll.border_title = "Help"
            scroll.border_subtitle = hints("pgdn keys · esc close")
            yield Static(self._text())
            yield Static(self._table())
            yield Static(
                Content(
                    "Where a terminal or a browser keeps an F key for itself, Alt and the digit do the same: Alt+1 is "
                    "F1, Alt+0 is F10. You can change keys in the settings file, using the dimmed names."
                )
            )

    def _text(self) -> Content:
        """A title and a text about the open tab."""
        pages = self._about.query(Pages)
        title, text = pages.first().panel.ABOUT if pages else ("", "")
        return Content.assemble((title, "bold $accent"), "\n\n" if title else "", with_keys(self.app, text))

    def _table(self) -> Group:
        """All keys under their headings: what each does, and its name in the settings."""
        found = self._keys()
        rows = [row for under in found.values() for row in under]
        widths = [max((cell_len(row[column]) for row in rows), default=0) for column in (0, 2)]
        below = self.app.size.width < _BESIDE  # the names below all keys
        parts: list[Text | Table] = []
        for heading, under in found.items():
            table = Table.grid(
                padding=(0, 2), expand=True
            )  # of its own: a long heading would widen its column
            table.add_column(no_wrap=True, style="bold", width=widths[0])
            table.add_column(ratio=1)
            if not below:
                table.add_column(no_wrap=True, style="dim", width=widths[1])
            for key, label, identity in under:
                if below:
                    table.add_row(Text(key), Text(label))
                else:
                    table.add_row(Text(key), Text(label), Text(identity))
            parts += [Text(""), Text(heading, style="underline"), table]
        if below:
            names = Table.grid(padding=(0, 2))
            names.add_column(no_wrap=True, style="bold", width=widths[0])
            names.add_column(style="dim", overflow="fold")
            for identity, key in {identity: key for key, _, identity in rows if identity}.items():
                names.add_row(Text(key), Text(identity))
            parts += [Text(""), Text("Names in the settings file", style="underline"), names]
        return Group(*parts, Text(""))

    def _named(self) -> Iterator[tuple[DOMNode, Binding]]:
        """The binding of every key, the focused widget's first, also where its action is not possible now."""
        active = {k: a for k, a in self._about.active_bindings.items() if a.binding.action not in _SIDEWAYS}
        named: set[str] = set()
        for node, key, binding in all_bindings(self._about):
            if binding.action in _SIDEWAYS:
                continue
            if key in active and active[key][:2] != (node, binding):
                continue
            if key not in named:
                named.add(key)
                yield node, binding
        for node, binding in shown_bindings(self._about):
            if binding.id and binding.action not in _SIDEWAYS:
                yield node, binding

    def _keys(self) -> dict[str, list[tuple[str, str, str]]]:
        """By heading, the focused panel's first: the keys, what they do, the binding's id."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        rows: dict[tuple[str, str, str], list[str]] = {}
        for node, binding in self._named():
            if not binding.description or (not binding.show and not binding.id):
                continue
            row = _heading(node), binding.tooltip or binding.description, binding.id or ""
            rows.setdefault(row, []).append(self.app.get_key_display(binding))
        for (heading, sentence, identity), keys in rows.items():
            found.setdefault(heading, []).append((" ".join(dict.fromkeys(keys)), visible(sentence), identity))
        return found


def _heading(node: object) -> str:
    """What the keys of a node are listed under: the title of the box or the panel that it is in."""
    if not isinstance(node, Widget):
        return "Everywhere"
    title = str(node.border_title or "").split(" · ")[0]
    if isinstance(node, Panel):
        title = title or node.ABOUT[0]
    if title or isinstance(node, Screen) or node.parent is None:
        return title or "This screen"
    return _heading(node.parent)
