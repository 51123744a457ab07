"""A run's curves as a file: CSV for a spreadsheet; SVG, PDF or PNG, drawn by matplotlib."""

import csv
import io
import math
import warnings
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmterm import atomic
from lstmterm.errors import InputError, no_folder
from lstmterm.runs.axis import Axis
from lstmterm.runs.curves import levels_of, traces_of
from lstmterm.runs.progress import Progress
from lstmterm.visible import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LABEL_HEIGHT = 0.045  # of a level's label, as a share of the chart
IMAGES = (".svg", ".pdf", ".png")
_STYLES: dict[str, dict[str, Any]] = {
    "raw": {"color": "#9db4d8", "linewidth": 0.7, "label": "training"},
    "train": {"color": "#2f6bc2", "linewidth": 1.5, "label": "training, smoothed"},
    "val": {"color": "#c2542f", "marker": "o", "markersize": 4, "label": "validation"},
    "best": {"color": "#c2542f", "marker": "D", "markersize": 7, "linestyle": "none", "label": "best"},
}


def encoded(progress: Progress, suffix: str, *, title: str, bits: bool = False, log: bool = False) -> bytes:
    """The curves as the content of a file with this suffix: .csv, .svg, .pdf or .png.

    Raises `InputError` for another suffix, and for an image where matplotlib is not installed.
    """
    if suffix == ".csv":
        return _csv(progress).encode()
    if suffix not in IMAGES:
        raise InputError(
            f"Curves are written as {', '.join(('.csv', *IMAGES[:-1]))} or {IMAGES[-1]}, "
            f"not as {suffix or 'a file without a suffix'}."
        )
    try:
        from matplotlib import rc_context
    except ImportError:
        raise InputError(
            f"Writing {suffix} needs matplotlib: pip install 'lstmterm[plot]' (CSV works without it)."
        ) from None
    image = io.BytesIO()
    with rc_context({"svg.fonttype": "none"}), warnings.catch_warnings():  # text stays text
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in a script that the font lacks
        metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix)
        _figure(progress, title, bits, log).savefig(image, format=suffix[1:], metadata=metadata)
    return image.getvalue()


def save(path: Path, content: bytes) -> None:
    """Write a file. Raises `InputError` if its folder does not exist."""
    if not path.absolute().parent.is_dir():
        raise no_folder(path.absolute().parent)
    atomic.write_bytes(path, content, shared=True)


def _csv(progress: Progress) -> str:
    """One line a record, training and validation, in the order of their steps.

    Losses are in nats, the speed is in characters (tokens for a tagger) a second. What a tagger measures at its
    evaluations, such as its accuracy, has columns at the end.
    """
    measures = list(dict.fromkeys(name for each in progress.evaluated for name in each.metrics))
    trained = {
        "train_loss": progress.losses,
        "train_loss_smoothed": progress.smooth,
        "learning_rate": progress.rates,
        "gradient_norm": progress.norms,
        "speed": progress.speeds,
    }
    rows: list[dict[str, str | int]] = [
        {"step": step} | {name: _number(values[i]) for name, values in trained.items()}
        for i, step in enumerate(progress.steps)
    ]
    for each in progress.evaluated:
        figures = {**each.metrics, "val_loss": each.val_loss}
        rows.append(
            {"step": each.step} | {name: "" if v is None else _number(v) for name, v in figures.items()}
        )
    columns = [
        "step",
        "train_loss",
        "train_loss_smoothed",
        "val_loss",
        "learning_rate",
        "gradient_norm",
        "speed",
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns + measures, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=itemgetter("step")))
    return text.getvalue()


def _number(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def _figure(progress: Progress, title: str, bits: bool, log: bool) -> "Figure":
    """The curves of a run, with the most important baselines that lie in their range and apart from each other."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), dpi=150, layout="constrained")
    axes = figure.subplots()
    for trace in traces_of(progress, bits=bits):
        axes.plot(trace.xs, trace.ys, **_STYLES[trace.shows])
    axes.set_yscale("log" if log else "linear")
    low, high = axes.get_ylim()
    drawn: list[float] = []  # heights, as shares
    for level in levels_of(progress, bits=bits):
        height = Axis(low, high, log).share(level.value)
        if 0 <= height <= 1 and all(abs(height - other) > _LABEL_HEIGHT for other in drawn):
            drawn.append(height)
            axes.axhline(level.value, color="#8a93a6", linewidth=0.8, linestyle=":")
            axes.text(
                1, level.value, level.name, transform=axes.get_yaxis_transform(),
                ha="right", va="bottom", fontsize="small", color="#6b7385", parse_math=False,
            )  # fmt: skip
    axes.set_xlabel("step")
    axes.set_ylabel(f"loss, {'bits' if bits else 'nats'} per {progress.unit}")
    axes.set_title(visible(title), parse_math=False)
    axes.legend()
    return figure
