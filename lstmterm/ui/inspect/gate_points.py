"""How often the gates of a layer's units are saturated, as plots of points."""

from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from lstmterm.infer.activity import Saturation
from lstmterm.infer.gate_plot import gate_plot
from lstmterm.infer.trace import GATES
from lstmterm.spec.units import TITLES, Quantity

_LEAST = 8  # lines of a plot


class GatePoints(Widget):
    """A plot for each gate if there is room for all, else for one of them; the chosen unit is marked."""

    COMPONENT_CLASSES = {f"gates--{part}" for part in ("points", "chosen", "axis", "label", "title")}
    BORDER_TITLE = "Gates"
    BORDER_SUBTITLE = "→ below 0.1   ↑ above 0.9"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._saturation: Saturation | None = None
        self._place = 0, 0
        self._gate: Quantity = "forget"

    def show(self, saturation: Saturation | None, layer: int, unit: int, quantity: Quantity) -> None:
        """Show a layer's gates; None: they are not known yet. A gate that is the `quantity` goes first."""
        self._saturation, self._place = saturation, (layer, unit)
        self._gate = quantity if quantity in GATES else "forget"
        self.refresh()

    def plots(self) -> list[tuple[Quantity, int]]:
        """The gates that are plotted, and how many lines each plot has with its title."""
        if self.size.height >= len(GATES) * (_LEAST + 1):
            return [(gate, self.size.height // len(GATES)) for gate in GATES]
        return [(self._gate, self.size.height)]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._saturation is None or width < 16 or self.size.height < 5:
            return Strip.blank(width, self.rich_style)
        for gate, height in self.plots():
            if y < height:
                return self._line(y, gate, height).adjust_cell_length(width, self.rich_style)
            y -= height
        return Strip.blank(width, self.rich_style)

    def _line(self, y: int, gate: Quantity, height: int) -> Strip:
        assert self._saturation is not None
        layer, unit = self._place
        if y == 0:
            return Strip([Segment(f"{TITLES[gate]}s, layer {layer}", self._style("title"))])
        row = gate_plot(self._saturation, layer, gate, self.size.width, height - 1, unit)[y - 1]
        return Strip([Segment(text, self._style(shows)) for text, shows in row])

    def _style(self, shows: str) -> Style:
        return self.get_component_rich_style(f"gates--{shows}") if shows else self.rich_style
