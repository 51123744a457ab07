"""A button for each page of a tab, with its key."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Button

from lstmterm.ui.services import Services
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.pages import Page

_AROUND = 4  # columns beside the label of a button
_BESIDE = 16  # columns beside all buttons, for the name of a model


def page_action(tab: str, page: Page) -> str:
    """The name of the action that shows a page of a tab, such as `tagger.report`."""
    return f"{tab}.{page.title.lower()}"


class PageButton(Button):
    """Shows a page."""

    BINDINGS = [key("enter", "press", "Show", "page.show", "Show this page")]


class PageButtons(Horizontal):
    """Asks for a page when its button is pressed; `mark` marks the page that is shown."""

    @dataclass
    class Chosen(Message):
        """A page's id."""

        page: str

    def __init__(self, pages: Sequence[Page], tab: str, services: Services) -> None:
        super().__init__()
        self._pages, self._tab, self._services = pages, tab, services

    def compose(self) -> ComposeResult:
        for page, label in zip(self._pages, self._labels(), strict=True):
            yield PageButton(label, id=f"page-{page.id}", compact=True, tooltip=Content(page.sentence))

    def _labels(self) -> list[Content]:
        """The titles of the pages with their keys."""
        return [
            Content.assemble(
                page.title,
                " ",
                (self._services.shown_key(page_action(self._tab, page), page.key), "$accent"),
            )
            for page in self._pages
        ]

    def on_mount(self) -> None:
        self.mark(self._pages[0].id)

    def fit(self, columns: int) -> None:
        """Show the keys beside the titles if `columns` have room for them and for what stands beside the buttons."""
        labels = self._labels()
        fits = sum(label.cell_length + _AROUND for label in labels) + _BESIDE <= columns
        self.set_class(not fits, "-tight")
        for page, label in zip(self._pages, labels, strict=True):
            shown = label if fits else Content(page.title)
            self.query_one(f"#page-{page.id}", PageButton).label = shown

    def mark(self, page: str) -> None:
        """Mark the button of a page, by its id, and no other."""
        for other in self._pages:
            self.query_one(f"#page-{other.id}").set_class(other.id == page, "-current")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Chosen((event.button.id or "").removeprefix("page-")))
