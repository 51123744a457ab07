"""A page of the Generate tab: a frame, and in it what a model wrote, or a hint while that is nothing."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from lstmterm.ui.generate.conversation import Conversation
from lstmterm.visible import shorten

_AROUND_A_TITLE = 6  # columns of the frame that its title leaves free


class WritingPage(Vertical):
    """The frame says which model writes, how boldly, and from which seed."""

    def __init__(self, number: int, **options: Any) -> None:
        super().__init__(id=f"page{number}", classes="page panel", **options)
        self._number = number
        self._manners = [""]  # the same, ever shorter

    def compose(self) -> ComposeResult:
        yield Static(classes="hint")
        yield Conversation(id=f"text{self._number}")

    def hint(self, told: str) -> None:
        """What to do, shown while nothing is written."""
        self.query_one(".hint", Static).update(Content(told))

    def begin(self) -> None:
        """Show the text."""
        self.add_class("-begun")

    def clear(self) -> None:
        """Empty; the hint is back."""
        self.query_one(Conversation).clear()
        self.remove_class("-begun")

    def title(self, model: str, temperature: float, seed: int | None) -> None:
        """Who writes, and how."""
        self.border_title = Content(shorten(model, 40) or "No model")
        seeded = "" if seed is None else f"seed {seed}"
        long, short = (
            " · ".join(filter(None, (t, seeded)))
            for t in (f"temperature {temperature:g}", f"T {temperature:g}")
        )
        self._manners = [long, short, seeded] if seeded else [long, short]
        self._fit_title()

    def on_resize(self, event: Resize) -> None:
        self._fit_title()

    def _fit_title(self) -> None:
        self.border_subtitle = Content(first_fitting(self.outer_size.width - _AROUND_A_TITLE, self._manners))


def first_fitting(columns: int, told: list[str]) -> str:
    """The first of several ways to say a thing that has the room; the last if none has."""
    return next((way for way in told if len(way) <= columns), told[-1])
