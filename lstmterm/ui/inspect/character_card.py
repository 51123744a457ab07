"""What a model expected at a character, and how surprising it, its word and its line are."""

import math
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from lstmterm.ui.generate.next_characters import named
from lstmterm.ui.inspect.stretches import Sum
from lstmterm.ui.inspect.surprised_text import SurprisedText
from lstmterm.ui.widgets.bars import probability_bar
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import shorten

_TITLE = 7  # columns
_MOST_BARS = 10  # and the character that came
_FIGURE = 8  # columns that a probability takes after its bar
EMPTY = "What the model expected at the cursor is shown here."


@dataclass(frozen=True)
class Expected:
    """What is shown of one position."""

    found: SurprisedText
    position: int
    likeliest: list[tuple[str, float, bool]]


class CharacterCard(VerticalScroll, can_focus=False):
    """The figures of the character under the cursor, and the likeliest ones as bars."""

    BORDER_TITLE = "At the cursor"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shown: Expected | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="character", grows=True)

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def show(self, expected: Expected | None) -> None:
        """Show what was expected at a position; None if nothing is known."""
        self._shown = expected
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        line = self.query_one("#character", Line)
        if self._shown is None:
            line.set_text(Content.styled(EMPTY, "$foreground 60%"))
            return
        width = max(self.scrollable_content_region.width, 24)
        bars = _bars(self._shown, width)
        between = [Content("")] if len(bars) <= _MOST_BARS else []  # so that all fit into 24 lines
        rows = [*_figures(self._shown), *_sums(self._shown), *between, *bars]
        line.set_text(Content("\n").join(rows))


def _figures(shown: Expected) -> list[Content]:
    found, at = shown.found, shown.position
    came = (named(found.text[at]), "bold")
    bits, rank, entropy = float(found.bits[at]), int(found.ranks[at]), float(found.entropy[at])
    if math.isnan(bits):
        unknown = "unknown to the model" if found.finished else "not predicted yet"
        why = "the first one is only read" if at == 0 else unknown
        return [Content.assemble(came, (f"  {why}", "$foreground 70%")), Content("")]
    mark = found.mark_at(at)
    place = f" · mark {mark} of {len(found.marks)}" if mark else ""
    return [
        Content.assemble(came, (f"  {bits:.2f} bits", "bold $accent"), f" · rank {rank:,}"),
        Content.styled(f"{entropy:.2f} expected{place}", "$foreground 70%"),
    ]


def _sums(shown: Expected) -> list[Content]:
    found, at = shown.found, shown.position
    word = found.word_at(at)
    rows = [
        Content("") if word is None else _sum(shorten(found.text[slice(*word)], _TITLE), found.total(*word))
    ]
    return [*rows, _sum("line", found.total(*found.line_at(at))), _sum("text", found.total())]


def _sum(title: str, total: Sum) -> Content:
    bits = f"{total.bits:,.1f}" if total.bits < 1000 else f"{total.bits:,.0f}"
    each = "" if math.isnan(total.mean) else f"{total.mean:.2f} each"
    padded = title + " " * (_TITLE - cell_len(title))
    return Content.assemble(padded, (f"{bits:>7} bits {each:>9}", "$foreground 75%"))


def _bars(shown: Expected, width: int) -> list[Content]:
    names = [symbol if len(symbol) > 1 else named(symbol) for symbol, _, _ in shown.likeliest]
    highest = max((p for _, p, _ in shown.likeliest), default=1.0)
    widest = max(map(cell_len, names), default=1)
    room = max(width - widest - 3 - _FIGURE, 3)
    return [
        Content.assemble(
            ("▸ " if came else "  ", "bold $accent"),
            " " * (widest - cell_len(name)),
            (f"{name} ", "bold"),
            probability_bar(probability, probability / highest, room, "$accent" if came else "$primary"),
        )
        for name, (_, probability, came) in zip(names, shown.likeliest, strict=True)
    ]
