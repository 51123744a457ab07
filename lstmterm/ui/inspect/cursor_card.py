"""A card that shows what was predicted at the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from textual.app import ComposeResult
from textual.content import Content

from lstmterm.ui.widgets.fitted_scroll import FittedScroll
from lstmterm.ui.widgets.plain import Line


class Predictions(Protocol):
    """A text of which each character was predicted."""

    def likeliest(self, position: int) -> Sequence[Any]:
        """The likeliest characters at a position. Raises `InputError` or `MemoryError` as reading states does."""
        ...


@dataclass(frozen=True)
class Expected:
    """What is shown of one position."""

    found: Any  # the `Predictions`; each card knows of which kind
    position: int
    likeliest: Sequence[Any]


class CursorCard(FittedScroll, can_focus=False):
    """The figures of the character under the cursor, and the likeliest ones as bars."""

    BORDER_TITLE = "At the cursor"
    EMPTY: ClassVar[str]  # what is shown here, while nothing is
    LEAST: ClassVar[int]  # columns for which the rows are made

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shown: Expected | None = None
        self._sentence = self.EMPTY

    def compose(self) -> ComposeResult:
        yield Line(grows=True)

    def allow_focus(self) -> bool:
        """Only to scroll: in a low terminal, where not all of it is in view."""
        return self.max_scroll_y > 0

    def on_mount(self) -> None:
        self.draw()

    def show(self, expected: Expected | None, sentence: str = "") -> None:
        """Show what was expected at a position; without it a sentence."""
        self._shown, self._sentence = expected, sentence or self.EMPTY
        self.draw()

    def draw(self) -> None:
        if not self.is_mounted:
            return
        line = self.query_one(Line)
        line.set_class(self._shown is not None, "-table")
        if self._shown is None:
            line.set_text(Content.styled(self._sentence, "$foreground 70%"))
        else:
            width = max(self.scrollable_content_region.width, self.LEAST)
            line.set_text(Content("\n").join(self.rows(self._shown, width)))

    def rows(self, shown: Expected, width: int) -> list[Content]:
        """What is told of a position, in lines of this width."""
        raise NotImplementedError
