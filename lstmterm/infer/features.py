"""What can be said of each position of a text, as numbers: to find hidden units that follow it.

The value at a position is what is so after its character was read, when the model has just seen it: an
opening quote is inside the quotes, the closing one is outside. Only a few features look ahead, and say so.

Brackets and quotes end with their paragraph (at an empty line), so that a forgotten one is forgotten. A
single quote opens after something that is not a letter, closes before something that is not one, and
counts only if both are found within a paragraph; all others are apostrophes. Comments and strings are those
of Python (`#`) or of C and its kin (`//`, `/* */`); a text that does not look like code has none.
"""

import re
from collections.abc import Iterable

import numpy as np

from lstmterm.corpora.vocabulary import codes_of

NAMES: dict[str, str] = {
    "quotes": "inside double quotes",
    "single-quotes": "inside single quotes",
    "parentheses": "inside parentheses",
    "brackets": "inside square or curly brackets",
    "depth": "how many brackets of all kinds are open",
    "indentation": "columns of indentation so far",
    "line-position": "characters of the line so far",
    "newline-ahead": "the line ends within the next five characters",
    "word-start": "first character of a word",
    "word-end": "last character of a word",
    "word-length": "characters of the word so far",
    "capitals": "in a word of at least two letters, all capitals",
    "heading": "in a speaker's name (a short line, or the start of one, with a colon) or a line in capitals",
    "sentence-end": "after a sentence's end, before the next sentence",
    "vowel": "a vowel",
    "digit": "a digit",
    "comment": "in a comment of a program",
    "string": "in a string of a program",
}  # name -> what it is

BINARY = frozenset(NAMES) - {"depth", "indentation", "line-position", "word-length"}

_TAB = 4  # columns of a tab
_AHEAD = 5  # characters within which the line ends
_HEADING = re.compile(r"^(?:[^\W\d_][\w .'’-]{0,38}:(?=[ \t]*$)|[A-Z][A-Z0-9 .'’-]{1,30}[:.](?=[ \t\n])|[^\na-z]*[A-Z]{3}[^\na-z]*$)", re.M)  # fmt: skip
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|\Z)\s*")
_SINGLE = re.compile(r"(?<![\w'’])['‘](?=\S)([^\n]|\n(?!\n)){1,400}?(?<=\S)['’](?![\w'’])")
WORD = re.compile(r"\w+(?:['’]\w+)*")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_VOWELS = "aeiouyAEIOUYäöüÄÖÜàâáãåéèêëíìîïóòôõúùûýæøœÀÂÁÃÅÉÈÊËÍÌÎÏÓÒÔÕÚÙÛÝÆØŒ"
_TRIPLE = r'[rRbBuUfF]{0,2}"""(?:\\.|[^\\])*?(?:"""|\Z)|[rRbBuUfF]{0,2}\'\'\'(?:\\.|[^\\])*?(?:\'\'\'|\Z)'
_QUOTED = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
_PYTHON = re.compile(rf"(?P<comment>#[^\n]*)|(?P<string>{_TRIPLE}|[rRbBuUfF]{{0,2}}(?:{_QUOTED}))", re.S)
_C = re.compile(rf"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<string>{_QUOTED})", re.S)
_PYTHON_LINE = re.compile(r"^\s*(?:def \w+\(|class \w+|import \w+|from \S+ import |elif .*:$|return\b|self\.|@\w+)", re.M)  # fmt: skip
_C_LINE = re.compile(r"(?:[;{}]|^\s*//.*|^\s*#include.*)[ \t]*$", re.M)
_MUCH = 0.05  # of the lines look like code where a text is code

Span = tuple[int, int]  # start and end of a part of a text


def features(text: str) -> dict[str, np.ndarray]:
    """Every feature of `text` that is not the same everywhere, by name: arrays (T,), float32.

    Those in `BINARY` are 0 or 1, the others are counts.
    """
    codes = codes_of(text)
    if not len(codes):
        return {}
    newline = codes == ord("\n")
    paragraph = np.cumsum(newline & np.append([False], newline[:-1]))
    values: dict[str, np.ndarray] = {
        "quotes": _double_quotes(codes, paragraph),
        "single-quotes": _inside(len(text), (m.span() for m in _SINGLE.finditer(text))),
        "parentheses": _depth(codes, "(", ")", paragraph) > 0,
        "brackets": _depth(codes, "[{", "]}", paragraph) > 0,
        "depth": _depth(codes, "([{", ")]}", paragraph),
        "newline-ahead": _ahead(newline),
        "heading": _within(len(text), (m.span() for m in _HEADING.finditer(text))),
        "sentence-end": _within(len(text), (m.span() for m in _SENTENCE_END.finditer(text))),
        "vowel": np.isin(codes, [*map(ord, _VOWELS)]),
        "digit": (codes >= ord("0")) & (codes <= ord("9")),
        **_lines(codes, newline),
        **_words(text, codes),
        **_code(text),
    }
    floats = {name: values[name].astype(np.float32) for name in NAMES if name in values}
    return {name: array for name, array in floats.items() if (array != array[0]).any()}


def _is_one(codes: np.ndarray, characters: str) -> np.ndarray:
    """Whether each code is one of these characters, (T,)."""
    return np.isin(codes, [*map(ord, characters)])


def _last(marks: np.ndarray) -> np.ndarray:
    """Where the last mark at or before each position is, (T,); -1 before the first."""
    return np.maximum.accumulate(np.where(marks, np.arange(len(marks)), -1))


def _depth(codes: np.ndarray, opening: str, closing: str, paragraph: np.ndarray) -> np.ndarray:
    """How many are open at each position, (T,); one that closes nothing counts for nothing."""
    steps = _is_one(codes, opening).astype(np.int64) - _is_one(codes, closing)
    total = np.cumsum(steps)
    first = np.searchsorted(paragraph, paragraph)  # where each position's paragraph begins
    within = total - (total - steps)[first]
    lowest = _running_minimum(within, paragraph)
    return within - np.minimum(lowest, 0)


def _running_minimum(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The lowest of `values` so far in its group, both (T,), groups in ascending order."""
    apart = (2 * np.abs(values).max() + 1) * group
    return np.minimum.accumulate(values - apart) + apart


def _double_quotes(codes: np.ndarray, paragraph: np.ndarray) -> np.ndarray:
    """Whether each position is inside double quotes: straight ones in turn open and close."""
    straight = np.cumsum(codes == ord('"'))
    first = np.searchsorted(paragraph, paragraph)
    before = (straight - (codes == ord('"')))[first]
    return ((straight - before) % 2 == 1) | (_depth(codes, "“„«", "”»", paragraph) > 0)


def _ahead(marks: np.ndarray) -> np.ndarray:
    """Whether one of the next few characters is marked."""
    total = np.append(np.cumsum(marks), np.full(_AHEAD, marks.sum()))
    return total[_AHEAD:] > total[:-_AHEAD]


def _lines(codes: np.ndarray, newline: np.ndarray) -> dict[str, np.ndarray]:
    """Features of the place in the line."""
    tab = codes == ord("\t")
    blank = tab | (codes == ord(" "))
    start = _last(newline)
    leading = blank & (_last(~blank) <= start)
    width = np.append(0, np.cumsum(np.where(leading, np.where(tab, _TAB, 1), 0)))
    return {
        "line-position": np.arange(len(codes)) - start,
        "indentation": width[1:] - width[start + 1],
    }


def _words(text: str, codes: np.ndarray) -> dict[str, np.ndarray]:
    """Features of words: letters and digits, with single apostrophes and underscores among them."""
    start, length, end = (np.zeros(len(codes), np.int64) for _ in range(3))
    spans = np.array([m.span() for m in WORD.finditer(text)], np.int64).reshape(-1, 2)
    start[spans[:, 0]] = 1
    end[spans[:, 1] - 1] = 1
    inside = _within(len(codes), spans)
    length = np.where(inside, np.arange(len(codes)) - _last(start > 0) + 1, 0)
    capitals = _within(len(codes), (m.span() for m in _LETTERS.finditer(text) if m[0].isupper()))
    return {"word-start": start, "word-end": end, "word-length": length, "capitals": capitals}


def _code(text: str) -> dict[str, np.ndarray]:
    """Comments and strings, if the text looks like code."""
    lines = text.count("\n") + 1
    python, c = (len(pattern.findall(text)) / lines for pattern in (_PYTHON_LINE, _C_LINE))
    if max(python, c) < _MUCH:
        return {}
    pattern = _PYTHON if python >= c else _C
    # A part of a program may begin within a long string: then quotes are the wrong way round until its end.
    readings = [_comments_and_strings(text, pattern)]
    if pattern is _PYTHON:
        readings += [_comments_and_strings(text, pattern, quotes) for quotes in ('"""', "'''")]
    return min(readings, key=lambda reading: _code_in_strings(text, reading["string"]))


def _comments_and_strings(text: str, pattern: re.Pattern[str], before: str = "") -> dict[str, np.ndarray]:
    """Where comments and strings are if `before` precedes the text; quotes and marks belong to them."""
    spans: dict[str, list[Span]] = {"comment": [], "string": []}
    shift = len(before)
    for found in pattern.finditer(before + text):
        start, end = found.span()
        if end > shift:
            spans[str(found.lastgroup)].append((max(start - shift, 0), end - shift))
    return {
        "comment": _within(len(text), spans["comment"]),
        "string": _inside(len(text), spans["string"]),
    }


def _code_in_strings(text: str, string: np.ndarray) -> int:
    """How many lines of code seem to be in strings."""
    return sum(bool(string[m.end() - 1]) for m in _PYTHON_LINE.finditer(text))


def _within(length: int, spans: Iterable[Span] | np.ndarray) -> np.ndarray:
    """Whether each position is in one of the spans, (length,)."""
    ends = np.array([*spans], np.int64).reshape(-1, 2)
    change = np.zeros(length + 1, np.int64)
    np.add.at(change, ends[:, 0], 1)
    np.add.at(change, ends[:, 1], -1)
    return np.cumsum(change[:-1]) > 0


def _inside(length: int, spans: Iterable[Span]) -> np.ndarray:
    """As `_within`, without the last character of each span, its closing quote."""
    return _within(length, [(start, end - 1) for start, end in spans])
