"""The units that follow features of the text that is shown, as a list to choose from."""

from dataclasses import dataclass
from typing import Any

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstmterm.infer.units import Finding, Ranking
from lstmterm.ui.widgets.keys import key

_MORE = 3  # units for each feature after its best one
# In lines that fit into the narrowest list, which does not wrap its rows.
_NONE = "No unit follows a feature\nof this text beyond chance.\nA longer text tells more."
_WAIT = "The units that follow\nfeatures of this text\nare listed here."
_STOPPED = "The units are not compared\nwith this text yet.\nPress f to compare them."
_FEATURE = 14  # columns


class _Found(Option):
    """A line with a finding."""

    def __init__(self, finding: Finding, *, first: bool) -> None:
        row = Content.assemble(
            (f"{finding.feature:<{_FEATURE}}", "" if first else "$foreground 60%"),
            (f"{finding.layer}:{finding.unit:<4}", "bold"),
            f"{figure(finding.correlation):>5}",
            (f" {figure(finding.chance_correlation)[1:]}", "$foreground 60%"),
        )
        super().__init__(row)
        self.finding = finding


class FoundUnits(OptionList):
    """The best unit for each feature, then further ones; only those beyond chance."""

    BORDER_TITLE = "Found in this text"
    BORDER_SUBTITLE = "correlation, best by chance"

    @dataclass
    class Chosen(Message):
        """A unit was chosen."""

        layer: int
        unit: int

    BINDINGS = [key("enter", "select", "Show", "units.show", "Colour the text by this unit")]

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, compact=True, **options)
        self._shown: Ranking | None = None

    def on_mount(self) -> None:
        self.show(None)

    def show(self, ranking: Ranking | None, *, stopped: bool = False) -> None:
        """List what was found; None: nothing is known yet, or never will if that was `stopped`."""
        if ranking is self._shown and ranking is not None:
            return
        self._shown = ranking
        if ranking is None:
            self.set_options([_sentence(_STOPPED if stopped else _WAIT)])
            return
        best = [finding for finding in ranking.best_pairs() if finding.beyond_chance]
        if not best:
            self.set_options([_sentence(_NONE)])
            return
        lines: list[Option] = [_Found(finding, first=True) for finding in best]
        more = [
            finding
            for first in best
            for finding in ranking.best_units(first.feature, _MORE + 1)[1:]
            if finding.beyond_chance
        ]
        if more:
            lines.append(Option(Content.styled("more", "bold $accent"), disabled=True))
            lines += [_Found(finding, first=False) for finding in more]
        self.set_options(lines)
        self.highlighted = 0

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if isinstance(event.option, _Found):
            self.post_message(self.Chosen(event.option.finding.layer, event.option.finding.unit))


def _sentence(text: str) -> Option:
    return Option(Content.styled(text, "$foreground 70%"), disabled=True)


def figure(value: float) -> str:
    """A correlation with its sign, in as few columns as can be."""
    text = f"{value:+.2f}"
    return text if abs(value) >= 0.995 else text.replace("0.", ".", 1)
