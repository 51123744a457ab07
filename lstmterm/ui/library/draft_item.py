"""A draft in the Library. It is read in a thread, and again when its file has changed."""

import functools
from pathlib import Path
from typing import ClassVar

from rich.text import Text

from lstmterm import paths
from lstmterm.amounts import ago
from lstmterm.drafts import export, file, store
from lstmterm.drafts.outline import described, outline
from lstmterm.drafts.tree import Tree
from lstmterm.errors import RunError
from lstmterm.ui.library.items import Item, Rows, Section
from lstmterm.ui.messages import on_screen
from lstmterm.visible import shorten, visible, visible_lines

_KEPT = 500  # drafts that are not read again while they stay the same
_END = 600  # characters of the text on the card
_MOST_STRETCHES = 200  # on the card
_BEGINNING = 60  # characters of a stretch
_DEEPEST = 8  # levels that are indented


class DraftItem(Item):
    """A draft, or why it cannot be read."""

    kind: ClassVar = "draft"

    def __init__(self, draft: store.Summary, rows: Rows, sections: list[Section]) -> None:
        sign = ("✗", "$error") if draft.damaged else ("¶", "$primary")
        super().__init__(draft.name, sign, store.path_of(draft.name))
        self.draft = draft
        self._rows, self._sections = rows, sections

    @property
    def second_line(self) -> str:
        draft = self.draft
        branches = f", {draft.branches:,} branches" if draft.branches > 1 else ""
        return draft.beginning and f"{draft.characters:,} chars{branches}  {draft.beginning}"

    def figures(self, now: float) -> str:
        return "damaged" if self.draft.damaged else ago(now - self.draft.changed)

    def card(self, now: float) -> Rows:
        if self.draft.damaged:
            return [("problem", on_screen(self.draft.damaged)), ("file", str(self.place))]
        return [*self._rows, ("changed", ago(now - self.draft.changed)), ("file", str(self.place))]

    def sections(self) -> list[Section]:
        return self._sections

    def exported(self, path: Path) -> str:
        """The draft in the form that a file's suffix asks for. Raises `RunError` if it cannot be read."""
        return export.exported(self.name, file.read(self.place), export.form_of(path))


def draft_items() -> list[DraftItem]:
    """All drafts, the one that was changed last first."""
    return [_read(path, paths.changed(path), paths.size(path)) for path in map(store.path_of, store.names())]


@functools.lru_cache(_KEPT)
def _read(path: Path, changed: float, size: int) -> DraftItem:
    name = path.stem
    try:
        tree = file.read(path)
    except (RunError, OSError) as error:
        return DraftItem(store.Summary(name, changed, damaged=str(error)), [], [])
    draft = store.summarized(name, changed, tree)
    models = {s.origin.model for s in tree.stretches if s.origin.made == "written"}
    rows = [
        ("characters", f"{draft.characters:,}"),
        ("branches", f"{draft.branches:,}"),
        ("stretches", f"{draft.stretches:,}"),
        ("models", ", ".join(sorted(models))),
    ]
    return DraftItem(draft, rows, _sections(name, tree))


def _sections(name: str, tree: Tree) -> list[Section]:
    if not len(tree):
        return []
    text = tree.text()
    end = f"…{text[-_END:]}" if len(text) > _END else text
    found: list[Section] = [("How the text ends", [Text(visible_lines(end))])] if text else []
    found.append(("Branches", _branches(tree)))
    written = [p.stretch for p in tree.pieces() if tree.stretches[p.stretch].origin.made == "written"]
    if written and (command := export.command(name, tree, written[-1])) is not None:
        found.append(("To write its last stretch again", [Text(visible(command))]))
    return found


def _branches(tree: Tree) -> list[Text]:
    """Two lines for each stretch: its beginning, bold where it is part of the text, and how it came to be."""
    on_path = {piece.stretch for piece in tree.pieces()}
    rows, found = outline(tree), list[Text]()
    for stretch, depth in rows[:_MOST_STRETCHES]:
        indent = "  " * min(depth, _DEEPEST)
        beginning = shorten(" ".join(stretch.text[: 4 * _BEGINNING].split()) or "⏎", _BEGINNING)
        style = "bold" if stretch.number in on_path else ""
        found.append(Text(f"{indent}{beginning}", style, no_wrap=True, overflow="ellipsis"))
        found.append(Text(f"{indent}{visible(described(stretch.origin))}", "dim"))
    if len(rows) > _MOST_STRETCHES:
        found.append(Text(f"and {len(rows) - _MOST_STRETCHES:,} more stretches", "dim"))
    return found
