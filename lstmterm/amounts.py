"""Formatting durations, counts and sizes in few characters."""

import math

NATS_PER_BIT = math.log(2)


def perplexity(nats: float) -> float:
    """exp of a mean loss: the number of equally likely characters with the same loss; inf where it is too large."""
    try:
        return math.exp(nats)
    except OverflowError:
        return math.inf


def figure(value: float, decimals: int = 3) -> str:
    """A loss or another figure of its size: 1.466, 405.183, 2.68e+24, –."""
    if not math.isfinite(value):
        return "–"
    return f"{value:.{decimals}f}" if abs(value) < 1000 else f"{value:.3g}"


def duration(seconds: float) -> str:
    """A duration: 0:42, 12:05, 3 h 20 min, 4 days 15 h."""
    if not math.isfinite(seconds):
        return "–"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} days {hours % 24} h"


def ago(seconds: float) -> str:
    """A time in the past: 5 min ago, 2 d ago."""
    for length, letters in ((86400 * 365, "y"), (86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{int(seconds // length)} {letters} ago"
    return "just now"


def count(number: float) -> str:
    """A count: 940, 72.4k, 1.12M."""
    if not math.isfinite(number):
        return "–"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size * 0.9995:
            return f"{number / size:.3g}{letter}"
    return f"{number:.0f}"


def size(number: float | None) -> str:
    """A number of bytes: 460 kB, 11.2 MB; empty if it is not known."""
    if number is None:
        return ""
    for unit_size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= unit_size * 0.9995:
            return f"{number / unit_size:.3g} {unit}"
    return f"{number:.0f} B"


def plural(number: int, noun: str) -> str:
    """A count with its noun: 1 tag, 2 tags, 1,200 tags."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def progress(doing: str, done: int, total: int | None) -> str:
    """The progress of reading or fetching bytes: reading 42%, reading 11.2 MB, reading."""
    if total:
        return f"{doing} {done / total:.0%}"
    return f"{doing} {size(done)}" if done else doing
