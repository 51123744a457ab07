"""A colour for every tag, readable in dark, light and the terminal's own themes.

A tag is always written as well; its colour only helps to find it. Universal Dependencies' tags have fixed
colours, so that nouns look the same with every tagger. Other tags take colours in their sorted order; the
tags of one type of span (B-PER, I-PER) share a colour.
"""

from collections.abc import Iterable

from textual.color import Color
from textual.theme import Theme

_ON_DARK = (
    "#7aa2d6", "#e0a458", "#8fbf7f", "#dd8fc2", "#5fc3c0", "#b9a1f0",
    "#e88d7a", "#c3c96a", "#6fb6ea", "#d7a98c", "#9fd0a8", "#cf9be0",
)  # fmt: skip
_ON_LIGHT = (
    "#2b5f9e", "#964d0a", "#2f6f28", "#9c2b78", "#0d6a68", "#6440ad",
    "#ad3427", "#5c6100", "#1d5fae", "#7a4a2b", "#2a6a4a", "#83349c",
)  # fmt: skip
_ANSI = (
    "ansi_blue", "ansi_yellow", "ansi_green", "ansi_magenta", "ansi_cyan", "ansi_red",
    "ansi_bright_red", "ansi_bright_yellow", "ansi_bright_blue", "ansi_bright_green",
    "ansi_bright_cyan", "ansi_bright_magenta",
)  # fmt: skip
_UNIVERSAL = {
    "NOUN": 0, "VERB": 1, "ADJ": 2, "PRON": 3, "DET": 4, "PROPN": 5, "ADP": 6, "ADV": 7, "NUM": 8,
    "AUX": 9, "PART": 10, "CCONJ": 11, "SCONJ": 11, "INTJ": 6,
}  # fmt: skip
_QUIET = frozenset(("PUNCT", "SYM", "X", "_", "O"))  # in the colour of the text around them


class TagColours:
    """The colours of a tagger's tags in a theme."""

    def __init__(self, tags: Iterable[str], theme: Theme) -> None:
        self._palette = _ANSI if theme.ansi else _ON_DARK if theme.dark else _ON_LIGHT
        kinds = sorted({_kind(tag) for tag in tags} - _QUIET)
        self._places = {kind: _UNIVERSAL.get(kind, i) for i, kind in enumerate(kinds)}

    def of(self, tag: str) -> str | None:
        """The colour of a tag in Textual's notation; None for the text's own."""
        if tag in _QUIET:
            return None
        place = self._places.get(_kind(tag), sum(map(ord, tag)))
        return self._palette[place % len(self._palette)]

    def style(self, tag: str, more: str = "") -> str:
        """A style for `Content` in the tag's colour, with `more` styles."""
        return f"{more} {self.of(tag) or '$foreground'}".strip()

    def color(self, tag: str) -> Color | None:
        """The colour of a tag; None for the text's own."""
        name = self.of(tag)
        return Color.parse(name) if name is not None else None


def _kind(tag: str) -> str:
    """The tags of one kind share a colour: a span's type (PER of B-PER), or the tag itself."""
    return tag[2:] if tag[:2] in ("B-", "I-", "E-", "S-") and len(tag) > 2 else tag
