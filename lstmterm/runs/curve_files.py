"""A run's curve as a file: CSV for a spreadsheet, SVG for a page, PNG through matplotlib.

The SVG is written here: two axes with ticks, the training loss (raw and smoothed), the validation
losses and the baselines. It scales, prints, and needs nothing to be installed.
"""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from lstmterm import atomic
from lstmterm.errors import InputError
from lstmterm.runs.curves import NATS_PER_BIT, Axis, between, thinned, tick_texts
from lstmterm.runs.progress import Progress
from lstmterm.visible import visible

_WIDTH, _HEIGHT = 800, 450
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 44, 52


def write(progress: Progress, path: Path, *, title: str, bits: bool = False, log: bool = False) -> None:
    """The curve to a file, in the form that its suffix names. Raises `InputError` as `curve` does."""
    keep(path, curve(progress, path.suffix.lower(), title=title, bits=bits, log=log))


def curve(progress: Progress, suffix: str, *, title: str, bits: bool = False, log: bool = False) -> bytes:
    """The curve as a file of this suffix: .csv, .svg or .png.

    Raises `InputError` for another suffix, and for .png where matplotlib is missing.
    """
    if suffix == ".csv":
        return csv_text(progress).encode()
    if suffix == ".svg":
        return svg_text(progress, title=title, bits=bits, log=log).encode()
    if suffix == ".png":
        return _png(progress, title=title, bits=bits, log=log)
    raise InputError(
        f"A curve is written as .csv, .svg or .png, not as {suffix or 'a file without a suffix'}."
    )


def keep(path: Path, written: bytes) -> None:
    """The bytes as a file. Raises `InputError` where its folder is not there."""
    if not path.absolute().parent.is_dir():
        raise InputError(f"There is no folder {path.absolute().parent}.")
    atomic.write_bytes(path, written)


def csv_text(progress: Progress) -> str:
    """One line a record: training records, then validations, in the order of their steps. In nats."""
    rows: list[tuple[int, list[str]]] = []
    series = (progress.steps, progress.losses, progress.smooth, progress.rates, progress.norms)
    for step, loss, smooth, rate, norm in zip(*series, strict=True):
        rows.append((step, [_number(loss), _number(smooth), "", _number(rate), _number(norm)]))
    for step, loss in progress.validations:
        rows.append((step, ["", "", _number(loss), "", ""]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["step", "train_loss", "train_loss_smoothed", "val_loss", "learning_rate", "gradient_norm"]
    )
    writer.writerows([step, *values] for step, values in sorted(rows, key=lambda row: row[0]))
    return text.getvalue()


def _number(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def svg_text(progress: Progress, *, title: str, bits: bool = False, log: bool = False) -> str:
    """The curve as an SVG image of 800 by 450, its colours readable on white and on dark."""
    unit = 1 / NATS_PER_BIT if bits else 1.0
    steps = [float(s) for s in progress.steps]
    losses, smooth = ([v * unit for v in series] for series in (progress.losses, progress.smooth))
    val = [(float(step), loss * unit) for step, loss in progress.validations]
    x = Axis(0, max(progress.step, 1))
    y = _loss_axis([*losses, *(v for _, v in val)], log)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="26" font-size="16" font-weight="600" fill="#1f2430">{escape(visible(title))}</text>',
        *_grid(x, y),
    ]
    for name, value in (progress.started.baselines if progress.started else {}).items():
        if y.low <= value * unit <= y.high:
            height = _y(y, value * unit)
            parts.append(
                f'<path d="M{_LEFT} {height:.1f}H{_WIDTH - _RIGHT}" stroke="#8a93a6" stroke-dasharray="2 4"/>'
                f'<text x="{_WIDTH - _RIGHT}" y="{height - 4:.1f}" text-anchor="end" fill="#6b7385">'
                f"{escape(visible(name))} {value * unit:.2f}</text>"
            )
    parts.append(_path(x, y, thinned(steps, losses, 400), "#9db4d8", 1))
    parts.append(_path(x, y, thinned(steps, smooth, 400), "#2f6bc2", 2))
    parts.append(_path(x, y, val, "#c2542f", 2))
    parts += [f'<circle cx="{_x(x, s):.1f}" cy="{_y(y, v):.1f}" r="3" fill="#c2542f"/>' for s, v in val]
    parts += _legend("bits" if bits else "nats", progress.unit)
    return "\n".join([part for part in parts if part] + ["</svg>", ""])


def _loss_axis(values: Sequence[float], log: bool) -> Axis:
    found = between(range(len(values)), values, 0, len(values))
    low, high = found or (0.0, 1.0)
    room = 0.04 * (high - low) or 0.5
    return Axis(max(low - room, low * 0.9 if log else 0), high + room, log)


def _x(axis: Axis, value: float) -> float:
    return _LEFT + axis.share(value) * (_WIDTH - _LEFT - _RIGHT)


def _y(axis: Axis, value: float) -> float:
    return _TOP + (1 - axis.share(value)) * (_HEIGHT - _TOP - _BOTTOM)


def _grid(x: Axis, y: Axis) -> list[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = [f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="#aab2c2"/>']
    for axis, horizontal, count in ((x, True, 8), (y, False, 6)):
        ticks = axis.ticks(count)
        for tick, text in zip(ticks, tick_texts(ticks), strict=True):
            if horizontal:
                at = _x(axis, tick)
                parts.append(f'<path d="M{at:.1f} {bottom}v5" stroke="#aab2c2"/>')
                parts.append(
                    f'<text x="{at:.1f}" y="{bottom + 20}" text-anchor="middle" fill="#4a5164">{text}</text>'
                )
            else:
                at = _y(axis, tick)
                parts.append(f'<path d="M{_LEFT} {at:.1f}H{right}" stroke="#e6e9f0"/>')
                parts.append(
                    f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#4a5164">{text}</text>'
                )
    parts.append(f'<text x="{right}" y="{bottom + 38}" text-anchor="end" fill="#4a5164">step</text>')
    return parts


def _path(x: Axis, y: Axis, points: Sequence[tuple[float, float]], colour: str, width: int) -> str:
    if not points:
        return ""
    line = "L".join(f"{_x(x, a):.1f} {_y(y, b):.1f}" for a, b in points)
    return f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'


def _legend(unit: str, per: str) -> list[str]:
    parts, at = [], _LEFT
    for name, colour in (("training", "#9db4d8"), ("smoothed", "#2f6bc2"), ("validation", "#c2542f")):
        parts.append(
            f'<path d="M{at} {_HEIGHT - 14}h20" stroke="{colour}" stroke-width="3"/>'
            f'<text x="{at + 26}" y="{_HEIGHT - 10}" fill="#4a5164">{name}</text>'
        )
        at += 110
    parts.append(f'<text x="{at}" y="{_HEIGHT - 10}" fill="#4a5164">loss in {unit} per {per}</text>')
    return parts


def _png(progress: Progress, *, title: str, bits: bool, log: bool) -> bytes:
    try:
        import matplotlib  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise InputError(
            "A PNG needs matplotlib: install lstmterm with its 'plot' extra, or write an .svg."
        ) from None
    matplotlib.use("Agg")
    from matplotlib import pyplot  # pyright: ignore[reportMissingImports]

    unit = 1 / NATS_PER_BIT if bits else 1.0
    figure, axes = pyplot.subplots(figsize=(8, 4.5), dpi=150)
    axes.plot(
        progress.steps, [v * unit for v in progress.losses], color="#9db4d8", linewidth=0.7, label="training"
    )
    axes.plot(progress.steps, [v * unit for v in progress.smooth], color="#2f6bc2", label="smoothed")
    steps, losses = ([p[0] for p in progress.validations], [p[1] * unit for p in progress.validations])
    axes.plot(steps, losses, "o-", color="#c2542f", label="validation")
    axes.set_yscale("log" if log else "linear")
    axes.set_xlabel("step")
    axes.set_ylabel(f"{'bits' if bits else 'nats'} per {progress.unit}")
    axes.set_title(visible(title), parse_math=False)
    axes.legend()
    image = io.BytesIO()
    figure.savefig(image, format="png", bbox_inches="tight")
    pyplot.close(figure)
    return image.getvalue()
