"""What is known of one unit: what it follows, its values, its gates, what it is for, and its passages."""

import math
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.infer.activity import Saturation
from lstmterm.infer.silencing import Silenced
from lstmterm.infer.trace import GATES
from lstmterm.infer.units import Ranking
from lstmterm.spec.units import TITLES
from lstmterm.ui.generate.next_characters import named
from lstmterm.ui.inspect.found_units import figure
from lstmterm.ui.inspect.unit_values import UnitValues
from lstmterm.ui.widgets.plain import Line, plain
from lstmterm.ui.widgets.text_rows import NEWLINE

_BARS = " ▁▂▃▄▅▆▇█"
_FOLLOWED = 3  # features that are listed
_LOSING = 3  # characters that lose most
_BEFORE, _AFTER = 14, 24  # characters around a place
_NARROWEST = 30  # columns of the card
_FAINT = "$foreground 65%"


@dataclass(frozen=True)
class UnitFacts:
    """What is known of the chosen unit so far."""

    values: UnitValues
    ranking: Ranking | None = None
    saturation: Saturation | None = None
    silenced: tuple[Silenced, ...] | None = None  # c held at its mean, and at 0


class _Passage(Option):
    def __init__(self, values: UnitValues, position: int) -> None:
        text = values.reading.text
        before, after = (
            text[max(position + 1 - _BEFORE, 0) : position + 1].replace("\n", NEWLINE),
            text[position + 1 : position + 1 + _AFTER].replace("\n", NEWLINE),
        )
        value = f"{values.by_character[position]:+.2f} "
        super().__init__(Content.assemble((value, _FAINT), plain(before), ("│", "$accent"), plain(after)))
        self.position = position


class UnitCard(Vertical):
    """The figures of a unit, and below them the passages in which it is most and least active."""

    @dataclass
    class Passage(Message):
        """A passage was chosen: the character after which the unit is so."""

        position: int

    def compose(self) -> ComposeResult:
        yield Line(grows=True, classes="unit-facts")
        yield OptionList(markup=False, compact=True, classes="unit-passages")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._passages_of: UnitValues | None = None

    def show(self, facts: UnitFacts | None) -> None:
        """Show what is known of a unit; None: nothing."""
        line, passages = self.query_one(Line), self.query_one(OptionList)
        if facts is None:
            self.border_title = "Unit"
            self._passages_of = None
            line.set_text(Content(""))
            passages.clear_options()
            return
        values = facts.values
        self.border_title = f"Unit {values.name} · {TITLES[values.quantity]}"
        line.set_text(
            Content("\n").join([_histogram(values), *_gates(facts), *_followed(facts), *_silenced(facts)])
        )
        if values is self._passages_of:
            return
        self._passages_of = values
        options: list[Option] = []
        for title, positions in zip(("highest after", "lowest after"), values.passages, strict=True):
            options.append(Option(Content.styled(title, "bold $accent"), disabled=True))
            options += [_Passage(values, position) for position in positions]
        passages.set_options(options)
        passages.highlighted = 1

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if isinstance(event.option, _Passage):
            self.post_message(self.Passage(event.option.position))


def _histogram(values: UnitValues) -> Content:
    counts, edges = values.histogram()
    tallest = max(int(counts.max()), 1)
    bars = "".join(_BARS[-(-int(n) * (len(_BARS) - 1) // tallest)] for n in counts)
    return Content.assemble((f"{edges[0]:+.1f} ", _FAINT), (bars, "$primary"), (f" {edges[-1]:+.1f}", _FAINT))


def _gates(facts: UnitFacts) -> list[Content]:
    if facts.saturation is None:
        return []
    place = facts.values.layer, facts.values.unit
    rows = [
        f"{gate:<8}{facts.saturation.left[gate][place]:>6.1%}   {facts.saturation.right[gate][place]:>6.1%}"
        for gate in GATES
    ]
    return [Content.styled("gate      <0.1     >0.9", _FAINT), *map(Content, rows)]


def _followed(facts: UnitFacts) -> list[Content]:
    if facts.ranking is None:
        return []
    findings = facts.ranking.followed(facts.values.layer, facts.values.unit)[:_FOLLOWED]
    if not findings:
        return [Content.styled("follows no feature beyond chance", _FAINT)]
    return [
        Content.assemble(
            (f"{f.feature:<14}", "bold"),
            f"{figure(f.correlation):>5}",
            (f" chance {figure(f.chance_correlation)[1:]}", _FAINT),
        )
        for f in findings
    ]


def _silenced(facts: UnitFacts) -> list[Content]:
    if facts.silenced is None:
        return [Content.styled("x: what is lost without it", _FAINT)]
    at_mean = facts.silenced[0]
    rows = [
        Content.assemble((f"{title:<7}", _FAINT), *_bits(silenced))
        for title, silenced in zip(("c mean", "c at 0"), facts.silenced, strict=False)
    ]
    symbols = facts.values.reading.card.vocabulary.symbols
    losing = [c for c in at_mean.characters()[:_LOSING] if c.rise > 0]
    rises = [f"{named(symbols[c.symbol])} {c.rise / NATS_PER_BIT:+.2f}" for c in losing]
    while len(rises) > 1 and cell_len("most " + "  ".join(rises)) > _NARROWEST:
        rises.pop()
    return [*rows, Content.assemble(("most ", _FAINT), "  ".join(rises))]


def _bits(silenced: Silenced) -> list[tuple[str, str]]:
    """By how much the loss rises, and its standard error."""
    rise, error = silenced.rise / NATS_PER_BIT, silenced.error / NATS_PER_BIT
    if math.isnan(rise):
        return [("unknown", "")]
    return [(f"{rise:+.4f}", ""), ("" if math.isnan(error) else f" ± {error:.4f}", _FAINT), (" bits", "")]
