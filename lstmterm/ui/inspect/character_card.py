"""What a model expected at a character, and how surprising it, its word and its line are."""

import math

from rich.cells import cell_len
from textual.content import Content

from lstmterm.ui.generate.next_characters import named
from lstmterm.ui.inspect.cursor_card import CursorCard, Expected
from lstmterm.ui.inspect.stretches import Sum
from lstmterm.ui.widgets.bars import probability_bar
from lstmterm.visible import shorten

_TITLE = 7  # columns
_MOST_BARS = 10  # and the character that came
_FIGURE = 8  # columns that a probability takes after its bar


class CharacterCard(CursorCard):
    """The figures of the character under the cursor, and the likeliest ones as bars."""

    EMPTY = "What the model expected at the cursor is shown here."
    LEAST = 24

    def rows(self, shown: Expected, width: int) -> list[Content]:
        bars = _bars(shown, width)
        between = [Content("")] if len(bars) <= _MOST_BARS else []  # so that all fit into 24 lines
        return [*_figures(shown), *_sums(shown), *between, *bars]


def _figures(shown: Expected) -> list[Content]:
    found, at = shown.found, shown.position
    came = (named(found.text[at]), "bold")
    bits, rank, entropy = float(found.bits[at]), int(found.ranks[at]), float(found.entropy[at])
    if math.isnan(bits):
        unknown = "unknown to the model" if found.finished else "not predicted yet"
        why = "first: not predicted" if at == 0 else unknown
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
    each = "" if math.isnan(total.mean) else f"{total.mean:.2f}/char"
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
