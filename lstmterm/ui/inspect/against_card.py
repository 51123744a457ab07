"""What a model and another predictor expected at a character, and on which types of characters either is better."""

import math
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content

from lstmterm.infer.error_types import Row, shares_tell
from lstmterm.ui.generate.next_characters import named
from lstmterm.ui.inspect.compared_text import Both, ComparedText
from lstmterm.ui.inspect.cursor_card import CursorCard, Expected
from lstmterm.ui.widgets.bars import probability_bar
from lstmterm.ui.widgets.fitted_scroll import FittedScroll
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import shorten, visible

_FIGURES = 3  # columns: of the model, of the other, and the gain
_FIGURE, _WIDE_FIGURE = 7, 9  # columns that each takes, and where there is room
_ROOMY = 35  # columns
_PERCENT = 7  # columns that a probability takes after its bar
_SHORT = {
    "the other predicts it": "other predicts it",
    "after a space or newline": "after white space",
}
_FAINT = "$foreground 70%"
_MODEL, _OTHER = "$accent", "$primary"  # who expected it, or is better: as on the diverging scale


class AgainstCard(CursorCard):
    """The bits of both at the cursor, and the probabilities that both gave to the same characters."""

    EMPTY = "What both expected at the cursor is shown here."
    LEAST = 28

    def rows(self, shown: Expected, width: int) -> list[Content]:
        return [*_figures(shown, width), *_bars(shown, width)]


class TypesTable(FittedScroll, can_focus=False):
    """By how many bits per character the model is better, and which share each type has of the whole gain."""

    BORDER_TITLE = "By type of character"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._rows: list[Row] = []
        self._sentence = ""

    def compose(self) -> ComposeResult:
        yield Line(grows=True)

    def show(self, found: ComparedText | None, sentence: str = "") -> None:
        """Show the rows of a comparison; without one, a sentence."""
        self._rows = [] if found is None else found.comparison.rows
        self._sentence = sentence or "The gain by types of characters is shown here."
        known = found is None or found.comparison.rare_known
        self.border_subtitle = "gain in bits, share of all" if known else "no word counts as rare"
        self.draw()

    def draw(self) -> None:
        line = self.query_one(Line) if self.is_mounted else None
        if line is not None and not self._rows:
            line.remove_class("-table")
            line.set_text(Content.styled(self._sentence, _FAINT))
        elif line is not None:
            line.add_class("-table")
            wide = self.scrollable_content_region.width >= _ROOMY
            whole, tell = self._rows[-1].count if wide else 0, shares_tell(self._rows)
            rows = [_type_row(row, whole, tell) for row in self._rows]
            head = f"{'':17}{' chars' if wide else ''}{'gain':>7}{'share':>6}"
            line.set_text(Content("\n").join([Content.styled(head, _FAINT), *rows]))


def _figures(shown: Expected, width: int) -> list[Content]:
    found, at = shown.found, shown.position
    each = _WIDE_FIGURE if width >= _ROOMY else _FIGURE
    one, other = visible(found.comparison.one.name), visible(found.comparison.other.name)
    names = one if cell_len(one) < each else "model", other if cell_len(other) < each else "other", "gain"
    columns = zip(names, (_MODEL, _OTHER, _FAINT), strict=True)
    header = ((_right(name, each), style) for name, style in columns)
    rows = [Content.assemble(" " * (width - _FIGURES * each), *header)]
    here = found.total(at, at + 1)
    if here.one.chars:
        rows.append(_row(named(found.text[at]), here, width, "bold"))
    else:
        why = "first: not predicted" if at == 0 else "unknown to one"
        rows.append(Content.assemble((named(found.text[at]), "bold"), (f"  {why}", _FAINT)))
    rows += [_row(name, both, width, "$foreground 75%") for name, both in found.stretches(at)]
    return [*rows, Content("")]


def _row(name: str, both: Both, width: int, style: str) -> Content:
    """Bits of a stretch; of the whole text each character's mean."""
    each = _WIDE_FIGURE if width >= _ROOMY else _FIGURE
    title = width - _FIGURES * each
    shortened = shorten(name, title - 1)
    one, other = (both.one.mean, both.other.mean) if name == "text" else (both.one.bits, both.other.bits)
    if not both.one.chars:
        return Content.styled(shortened, style)
    padded = shortened + " " * (title - cell_len(shortened))
    bits = "".join(f"{value:{each}.2f}" if value < 1000 else f"{value:{each},.0f}" for value in (one, other))
    return Content.assemble((f"{padded}{bits}", style), gained(other - one, each))


def gained(gain: float, columns: int) -> tuple[str, str]:
    """A gain and its colour, that of its side of the scale."""
    exact = f"{gain:+.2f}"
    shown = exact if len(exact) < columns else f"{gain:+.0f}"  # with a space before it
    return f"{shown:>{columns}}", f"bold {_MODEL if gain >= 0 else _OTHER}"


def _right(text: str, columns: int) -> str:
    return " " * (columns - cell_len(text)) + text


def _type_row(row: Row, whole: int, tell: bool) -> Content:
    name = _SHORT.get(row.name, row.name)
    chars = f"{row.count / whole:6.0%}" if whole else ""
    share = f"{row.share:6.0%}" if tell else f"{'–':>6}"
    return Content.assemble(f"{name:17}", (chars, _FAINT), gained(row.gain, 7), (share, "$foreground 75%"))


def _bars(shown: Expected, width: int) -> list[Content]:
    names = [a.symbol if len(a.symbol) > 1 else named(a.symbol) for a in shown.likeliest]
    highest = max((p for a in shown.likeliest for p in (a.one, a.other) if p is not None), default=1.0)
    widest = max(map(cell_len, names), default=1)
    room = max((width - widest - 4) // 2 - _PERCENT, 0)
    return [
        Content.assemble(
            ("▸ " if a.came else "  ", "bold $accent"),
            " " * (widest - cell_len(name)),
            (f"{name} ", "bold"),
            _probability(a.one, highest, room, _MODEL),
            " ",
            _probability(a.other, highest, room, _OTHER),
        )
        for name, a in zip(names, shown.likeliest, strict=True)
    ]


def _probability(probability: float | None, highest: float, room: int, style: str) -> Content:
    if probability is None or math.isnan(probability):
        return Content.styled(f"{'–':>{room + _PERCENT}}", _FAINT)
    return probability_bar(probability, probability / highest, room, style)
