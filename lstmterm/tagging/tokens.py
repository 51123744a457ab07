"""Text split into words and punctuation, by a few rules. At each place the first that fits applies:

1. Web and mail addresses are one word.
2. Digits with marks between them are one word (1,000.50, 3:30, 11/12), and so are digits with
   letters (5th).
3. Letters with full stops between them keep the last one (U.S., e.g.), and so do initials (J.)
   and a few abbreviations (Mr., Dr., etc.).
4. English clitics are words of their own: do n't, it 's, we 'll. Other apostrophes stay inside.
5. A run of letters, marks and digits is a word, in every script.
6. A run of one repeated mark is a word (..., --, !!!), a small smile too, and every other
   character for itself.

A script without spaces between words must be split into words beforehand.
"""

import functools
import re
import unicodedata
from typing import NamedTuple

_ABBREVIATIONS = "Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Lt|Sgt|Capt|Rev|Hon|Gov|Sen|Rep|vs|etc|Inc|Ltd|Corp|Co"


class Token(NamedTuple):
    """A word of a text."""

    word: str
    start: int  # its offset in the text, in characters
    space_after: bool


@functools.cache
def _pattern() -> re.Pattern[str]:
    """The rules as one expression. `\\w` lacks combining marks, so they are listed from Unicode."""
    marks = [c for c in range(0x1F000) if unicodedata.category(chr(c))[0] == "M"]
    ranges: list[list[int]] = []
    for code in [*marks, 0x200C, 0x200D]:  # with the joiners of Indic scripts and Persian
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    letter = "[\\w" + "".join(f"{chr(a)}-{chr(b)}" for a, b in ranges) + "]"
    clitic = "['’](?:s|m|d|re|ve|ll)"
    rules = (
        r"(?:https?://|www\.)\S*[^\s.,;:!?'\"”’)\]>]",
        rf"{letter}[\w.+-]*@\w[\w-]*(?:\.\w[\w-]*)+",
        rf"\d+(?:[.,:/]\d+)+(?!{letter})",
        rf"(?:[^\W\d_]\.){{2,}}|(?:{_ABBREVIATIONS}|[A-HJ-Z])\.(?=\s)",
        rf"(?i:n['’]t(?!{letter})|{letter}+?(?=n['’]t(?!{letter})))",
        rf"(?i:{clitic}(?!{letter}))",
        rf"{letter}+(?:(?!(?i:{clitic})(?!{letter}))['’]{letter}+)*",
        r"[:;=]['-]?[()DP](?!\w)",
        r"([^\w\s])\1*",
        r"\S",
    )
    return re.compile("|".join(rules))


def tokenise(text: str) -> list[Token]:
    """The words of a text, in order; everything but white space is in one of them."""
    return [
        Token(m.group(), m.start(), m.end() == len(text) or text[m.end()].isspace())
        for m in _pattern().finditer(text)
    ]
