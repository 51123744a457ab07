"""Making text safe to show in a terminal.

Control characters become visible symbols: C0 controls and DEL their control pictures (from U+2400), C1
controls, bidirectional controls, separators and lone surrogates the replacement character or an arrow.
Other characters are unchanged, markup included: always show the result as plain text, not as markup.

A text that is edited keeps its control characters: while a widget holds it, a stand-in, a character for
private use, is in the place of each.
"""

import re

_WIDEST_NAME = 24  # terminal cells

_SYMBOLS: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20)}
_SYMBOLS[0x7F] = "\u2421"
_SYMBOLS |= dict.fromkeys(range(0x80, 0xA0), "\ufffd")  # C1 controls
_SYMBOLS |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")  # lone surrogates
_SYMBOLS |= dict.fromkeys([0x2028, 0x2029], "\u2424")  # line and paragraph separators
_SYMBOLS |= dict.fromkeys([0x200E, 0x202A, 0x202D, 0x2066], "\u21e5")  # marks and overrides, left to right
_SYMBOLS |= dict.fromkeys([0x200F, 0x061C, 0x202B, 0x202E, 0x2067], "\u21e4")  # right to left
_SYMBOLS |= dict.fromkeys([0x202C, 0x2068, 0x2069], "\u21b9")  # their ends, first strong isolate
_SYMBOLS |= dict.fromkeys(range(0xE0000, 0xE0080), "\ufffd")  # invisible tags
_SYMBOLS[0xFEFF] = "\ufffd"  # byte order mark

_KEEP_LINES = {code: symbol for code, symbol in _SYMBOLS.items() if code not in (0x09, 0x0A)}

_ORIGINALS = {chr(0x10F000 + number): chr(code) for number, code in enumerate(_KEEP_LINES)}
_STAND_INS = {ord(stand_in): "\ufffd" for stand_in in _ORIGINALS}
_STAND_INS |= {ord(original): stand_in for stand_in, original in _ORIGINALS.items()}
_IS_STAND_IN = re.compile(f"[{min(_ORIGINALS)}-{max(_ORIGINALS)}]")


def visible(text: str) -> str:
    """`text` on one line, with a symbol for each control character, newlines and tabs included."""
    return text.translate(_SYMBOLS)


def visible_lines(text: str) -> str:
    """`text` with a symbol for each control character except newlines and tabs."""
    return text.translate(_KEEP_LINES)


def stand_ins(text: str) -> str:
    """`text` with a stand-in for each control character except newlines and tabs; `originals` gives it back.

    Characters that `text` has of those that are stand-ins, the last of Unicode's for private use, are lost.
    """
    return text.translate(_STAND_INS)


def originals(text: str) -> str:
    """`text` with the control characters that have stand-ins in it."""
    return _IS_STAND_IN.sub(lambda found: _ORIGINALS[found[0]], text)


def short_name(name: str) -> str:
    """A tag, a word or a column's name in a sentence: `shorten`ed, since a file may have anything in its place."""
    return shorten(name, _WIDEST_NAME)


def shorten(text: str, cells: int) -> str:
    """`visible(text)`, cut to at most `cells` terminal cells with an ellipsis at the cut."""
    shown = visible(text)
    if shown.isascii():
        return shown if len(shown) <= cells else shown[: max(cells - 1, 0)] + "\u2026"
    from rich.cells import cell_len, set_cell_size

    return shown if cell_len(shown) <= cells else set_cell_size(shown, max(cells - 1, 0)) + "\u2026"


def shorten_middle(text: str, cells: int) -> str:
    """As `shorten`, but the cut is before the end, in which names of runs differ: `harbour-h…ropout0_3-s1`."""
    from rich.cells import cell_len

    shown, kept = visible(text), max(2 * (cells - 1) // 3, 0)
    if cell_len(shown) <= cells or not kept:
        return shorten(shown, cells)
    end = shown[-kept:]
    while cell_len(end) > kept:
        end = end[1:]
    return shorten(shown, cells - cell_len(end)) + end
