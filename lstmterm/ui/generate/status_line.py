"""Texts that are given in several lengths, of which the longest that fits is shown."""

from collections.abc import Sequence
from typing import Any

from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from lstmterm.visible import shorten


def first_fitting(columns: int, texts: list[str]) -> str:
    """The first of several texts that fits; the last if none does."""
    return next((text for text in texts if len(text) <= columns), texts[-1])


class StatusLine(Static):
    """A line that is fitted again whenever its width changes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._texts: Sequence[str] = ("",)
        self._ended: dict[int, Sequence[str]] = {}  # by the page

    def begin(self, text: str) -> None:
        """Show that pages begin to write."""
        self._ended.clear()
        self.show(text)

    def end(self, page: int, texts: Sequence[str], pages: int) -> None:
        """Show what a page wrote, beside what the others of so many `pages` in use wrote."""
        self._ended[page] = texts
        ended = [each for each in sorted(self._ended.items()) if each[0] < pages]
        if pages == 1:
            self.show(*texts)
        else:
            rows = zip(*(texts for _, texts in ended), strict=True)
            numbers = [number + 1 for number, _ in ended]
            self.show(*(" │ ".join(f"{n}: {t}" for n, t in zip(numbers, row, strict=True)) for row in rows))

    def show(self, *texts: str) -> None:
        """Show the first of these that fits."""
        self._texts = texts
        self._fit()

    def on_resize(self, event: Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        texts = [shorten(text, 200) for text in self._texts]
        self.update(Content(first_fitting(self.content_size.width, texts)))
