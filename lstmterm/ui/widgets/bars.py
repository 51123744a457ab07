"""Probabilities as bars."""

from textual.content import Content

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def probability_bar(probability: float, share: float, columns: int, style: str) -> Content:
    """A bar over this share of the columns, and the probability in percent."""
    eighths = round(8 * columns * share)
    bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
    return Content.assemble((f"{bar:<{columns}}", style), (f" {probability:6.1%}", "$foreground 75%"))
