"""What `cells --gates` prints: how often the gates of all units are saturated."""

import shutil
from collections.abc import Iterator

import numpy as np

from lstmterm.cli.cell_tables import Looked
from lstmterm.cli.output import console
from lstmterm.cli.progress import progress_bar
from lstmterm.infer.activity import Saturation, saturation
from lstmterm.infer.gate_plot import POINTS, gate_plot
from lstmterm.infer.trace import GATES
from lstmterm.infer.units import SAMPLE

_WIDTH, _HEIGHT = 60, 18  # of a plot
_STYLES = {POINTS: "bold blue", "axis": "dim", "label": "dim"}


def print_gates(looked: Looked) -> None:
    """Print a plot for each gate of each layer; as JSON, the fractions of each unit."""
    ids = np.asarray(looked.ids[:SAMPLE])
    with progress_bar("reading", looked.quiet) as progress:
        found = saturation(looked.model, ids, progress)
    if looked.as_json:
        looked.rows({}, _rows(found))
    else:
        _plot(found, looked.model.layers)


def _rows(found: Saturation) -> Iterator[dict[str, object]]:
    for layer, unit in np.ndindex(found.left["input"].shape):
        row: dict[str, object] = {"unit": f"{layer}:{unit}"}
        for gate in GATES:
            row[gate] = {
                "left": round(float(found.left[gate][layer, unit]), 6),
                "right": round(float(found.right[gate][layer, unit]), 6),
            }
        yield row


def _plot(found: Saturation, layers: int) -> None:
    from rich.text import Text

    size = shutil.get_terminal_size((100, 24))
    terminal = console(width=max(size.columns, 20), soft_wrap=True)
    for layer in range(layers):
        for gate in GATES:
            title = f"{gate} gates of layer {layer}: share of characters above 0.9, by that below 0.1"
            terminal.print(Text(title, style="bold"))
            for row in gate_plot(found, layer, gate, min(_WIDTH, size.columns), _HEIGHT):
                terminal.print(Text.assemble(*((text, _STYLES.get(shows, "")) for text, shows in row)))
