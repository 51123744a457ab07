"""The branches of a draft as an outline: every stretch, and how it came to be."""

from dataclasses import dataclass
from typing import Any

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.drafts.outline import outline
from lstmterm.drafts.tree import Stretch, Tree
from lstmterm.ui.widgets.keys import key
from lstmterm.visible import shorten

_INDENT = 2  # columns
_DEEPEST = 8  # levels that are indented
_BEGINNING = 60  # characters of a stretch
EMPTY = "Nothing has been written yet."
_SIGNS = {"typed": "›", "written": "·", "edited": "±"}


class BranchList(OptionList):
    """The stretches in their order, each before what continues it; those of the text shown are bold."""

    BORDER_TITLE = "Branches"
    BORDER_SUBTITLE = "› typed · written, bits ± edited"

    BINDINGS = [
        key(
            "d,delete",
            "hide",
            "Remove",
            "branches.hide",
            "Remove the stretch and what follows it; undo brings it back",
        ),
        key("escape", "close", "Close", "branches.close", "Hide the branches"),
    ]

    @dataclass
    class Chosen(Message):
        """A stretch was chosen."""

        stretch: int

    @dataclass
    class Removed(Message):
        """A stretch is to be removed from sight."""

        stretch: int

    class Closed(Message):
        """The user closed the outline."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, compact=True, **options)
        self._numbers: list[int] = []

    def show(self, tree: Tree) -> None:
        """Show the branches of a draft; the cursor is on the last stretch of its text."""
        path = [piece.stretch for piece in tree.pieces()]
        rows = list(outline(tree))
        self._numbers = [stretch.number for stretch, _ in rows]
        if rows:
            self.set_options(_shown(stretch, depth, stretch.number in path) for stretch, depth in rows)
            self.highlighted = self._numbers.index(path[-1]) if path and path[-1] in self._numbers else 0
        else:
            self.set_options([Content.styled(EMPTY, "$foreground 60%")])
            self.highlighted = None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._numbers:
            self.post_message(self.Chosen(self._numbers[event.option_index]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._numbers) if action == "hide" else True

    def action_hide(self) -> None:
        if self.highlighted is not None:
            self.post_message(self.Removed(self._numbers[self.highlighted]))

    def action_close(self) -> None:
        self.post_message(self.Closed())


def _shown(stretch: Stretch, depth: int, on_path: bool) -> Content:
    origin = stretch.origin
    indent = " " * (_INDENT * min(depth, _DEEPEST))
    beginning = shorten(" ".join(stretch.text[:_BEGINNING].split()) or "⏎", _BEGINNING)
    bits = f"{origin.nats / NATS_PER_BIT:.2f} " if origin.nats is not None else ""
    return Content.assemble(
        (f"{indent}{_SIGNS[origin.made]} {bits}", "$foreground 60%"),
        (beginning, "bold" if on_path else "$foreground 80%"),
    )
