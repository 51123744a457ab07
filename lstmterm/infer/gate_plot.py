"""The gates of all units of a layer as points: how often each is left-saturated, and how often right-saturated.

This is figure 2 of Karpathy, Johnson & Fei-Fei (Visualizing and Understanding Recurrent Networks, 2015), in
characters. Units of which a gate is often right-saturated are high in the plot of that gate, and those of which
it is often left-saturated are on the right; few are both, so most points are below the diagonal.
"""

from lstmterm.infer.activity import Saturation
from lstmterm.runs.axis import Axis
from lstmterm.runs.chart import Piece, Trace, Window, draw
from lstmterm.spec.units import Quantity

POINTS, CHOSEN = "points", "chosen"  # what pieces of the plot show, beside "axis" and "label"


def gate_plot(
    saturation: Saturation, layer: int, gate: Quantity, width: int, height: int, unit: int | None = None
) -> list[list[Piece]]:
    """The plot in `height` lines of `width` characters; a chosen unit is marked.

    The horizontal axis is the fraction of characters at which the gate is below 0.1, the vertical one that at
    which it is above 0.9.
    """
    left, right = saturation.left[gate][layer].tolist(), saturation.right[gate][layer].tolist()
    traces = [Trace(POINTS, left, right, "points")]
    if unit is not None:
        traces.append(Trace(CHOSEN, left[unit : unit + 1], right[unit : unit + 1], "marks", "◆"))
    return draw(Window(Axis(0, 1), Axis(0, 1), width, height), traces)
