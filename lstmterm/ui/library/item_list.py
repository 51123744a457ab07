"""The Library's list. Its cursor stays on its item while others come and go, and so do the marks."""

from collections.abc import Iterator
from typing import Any, cast

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstmterm.ui.library.draft_item import DraftItem
from lstmterm.ui.library.items import Item, ModelItem, RunItem, TextItem
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.textual_private import clicked_option
from lstmterm.visible import shorten, shorten_middle

_MARK = "▣"  # in place of its sign
_KINDS = (ModelItem, DraftItem, RunItem, TextItem)  # in their order

Key = tuple[str, str]  # kind and name of an item


class ItemList(OptionList):
    """Items below the headings of their kinds."""

    BORDER_TITLE = "Library"

    BINDINGS = [key("enter", "select", "Open", "library.open", "Open it in the tab where it is used")]

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, compact=True, **options)
        self.items: list[Item] = []
        self.under: Key | None = None  # the cursor
        self._marks: list[Key] = []  # in the order in which they were made
        self._now = 0.0
        self._listed: list[Key] = []

    def on_resize(self) -> None:
        self.show(self.items, self._now)

    @property
    def item(self) -> Item | None:
        """The item under the cursor."""
        option = self.highlighted_option
        if option is None or option.id is None or int(option.id) >= len(self.items):
            return None
        return self.items[int(option.id)]

    @property
    def marked(self) -> list[str]:
        """The marked models, in the order in which they were marked."""
        return [name for kind, name in self._marks if kind == ModelItem.kind]

    @property
    def chosen(self) -> list[Item]:
        """The marked items of the kind that was marked last; without a mark the item under the cursor."""
        if not self._marks:
            return [] if self.item is None else [self.item]
        kind, _ = self._marks[-1]
        return [item for item in self.items if item.kind == kind and self._is_marked(item)]

    def mark(self) -> None:
        """Mark the item under the cursor, or remove its mark."""
        if self.item is None:
            return
        key = self.item.kind, self.item.name
        if key in self._marks:
            self._marks.remove(key)
        else:
            self._marks.append(key)
        self.show(self.items, self._now)

    def _is_marked(self, item: Item) -> bool:
        return (item.kind, item.name) in self._marks

    def on_option_list_option_highlighted(self) -> None:
        if self.item is not None:
            self.under = self.item.kind, self.item.name

    def on_click(self, event: Click) -> None:
        """Show the card of the item that is clicked; open it only if the cursor was on it before."""
        at = clicked_option(event)
        if at is not None and at != self.highlighted and not self.get_option_at_index(at).disabled:
            self.highlighted = at
            event.prevent_default()

    def show(self, items: list[Item], now: float) -> None:
        """List the items; redraw only the changed lines where the items are the same."""
        self.items, self._now = items, now
        keys = [(item.kind, item.name) for item in items]
        self._marks = [key for key in self._marks if key in keys]
        self.border_subtitle = f"{len(self._marks)} marked" if self._marks else ""
        width = max((self.scrollable_content_region.width or 38) - 1, 20)
        if keys == self._listed and self.option_count:
            for index, item in enumerate(items):
                line = self._line(item, width)
                if not line.is_same(cast(Content, self.get_option(str(index)).prompt)):
                    self.replace_option_prompt(str(index), line)
            return
        target = self._target(keys)
        self._listed = keys
        self.set_options(self._grouped(width))
        self.highlighted = None if target is None else self.get_option_index(str(target))

    def _target(self, keys: list[Key]) -> int | None:
        """The index for the cursor: its item's, or that of the nearest item that is still there.

        Items after a deleted one come before those above it, items of its kind before others.
        """
        under, before = self.under, self._listed
        if under in keys:
            return keys.index(under)
        if under is None or under not in before:
            return 0 if keys else None
        at = before.index(under)
        neighbours = [*before[at + 1 :], *reversed(before[:at])]
        left = sorted((key for key in neighbours if key in keys), key=lambda key: key[0] != under[0])
        return keys.index(left[0]) if left else 0 if keys else None

    def _grouped(self, width: int) -> Iterator[Option]:
        for cls in _KINDS:
            found = [index for index, item in enumerate(self.items) if isinstance(item, cls)]
            if cls is not ModelItem:
                yield Option(Content(""), disabled=True)
            count = (f"  {len(found)}", "$foreground 60%")
            yield Option(
                Content.assemble((f"{cls.kind}s".capitalize(), "bold $accent"), count), disabled=True
            )
            if not found and cls is not TextItem:
                yield Option(Content.assemble(("  none yet", "$foreground 60%")), disabled=True)
            for index in found:
                yield Option(self._line(self.items[index], width), id=str(index))

    def _line(self, item: Item, width: int) -> Content:
        """A line of `width` columns: sign and name, and the figures on the right; perhaps a second one below."""
        figures = shorten(item.figures(self._now), max(width - 12, 8))
        name = shorten_middle(item.title, max(width - 3 - cell_len(figures), 8))
        gap = " " * max(width - 2 - cell_len(name) - cell_len(figures), 1)
        sign, style = (_MARK, "bold $accent") if self._is_marked(item) else item.sign
        below = f"\n  {shorten(item.second_line, width - 2)}" if item.second_line else ""
        return Content.assemble(
            (f"{sign} ", style),
            (name, "bold"),
            gap,
            (figures, "$foreground 70%"),
            (below, "$foreground 70%"),
        )
