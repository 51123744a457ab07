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

A character is what a reader takes for one: a grapheme cluster (Unicode Standard Annex #29), such as a
letter with its accents, a flag, or a family of emoji. No word begins or ends inside one. A script without
spaces between words must be split into words beforehand.
"""

import functools
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import regex

_ABBREVIATIONS = "Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Lt|Sgt|Capt|Rev|Hon|Gov|Sen|Rep|vs|etc|Inc|Ltd|Corp|Co"
_SPACES = {c: "\n" for c in range(0x3001) if chr(c).isspace()}  # a line feed is in no cluster with others


class Token(NamedTuple):
    """A word of a text."""

    word: str
    start: int  # its offset in the text, in characters
    space_after: bool


@functools.cache
def _pattern() -> "regex.Pattern[str]":
    """The rules as one expression."""
    import regex

    alone = r"\p{L}\p{N}_"  # letters and digits, without marks
    letter = rf"[{alone}\p{{M}}\u200c\u200d]"  # with the joiners of Indic scripts and Persian
    clitic = "['’](?:s|m|d|re|ve|ll)"
    rules = (
        r"(?:https?://|www\.)\S*[^\s.,;:!?'\"”’)\]>]",
        rf"{letter}[{alone}.+-]*@[{alone}][{alone}-]*(?:\.[{alone}][{alone}-]*)+",
        rf"\p{{Nd}}+(?:[.,:/]\p{{Nd}}+)+(?!{letter})",
        rf"(?:[\p{{L}}\p{{Nl}}\p{{No}}]\.){{2,}}|(?:{_ABBREVIATIONS}|[A-HJ-Z])\.(?=\s)",
        rf"(?i:n['’]t(?!{letter})|{letter}+?(?=n['’]t(?!{letter})))",
        rf"(?i:{clitic}(?!{letter}))",
        rf"{letter}+(?:(?!(?i:{clitic})(?!{letter}))['’]{letter}+)*",
        rf"[:;=]['-]?[()DP](?![{alone}])",
        r"(?!\s)(\X)\1*+",
    )
    return regex.compile("|".join(rules))


@functools.cache
def _cluster() -> "regex.Pattern[str]":
    import regex

    return regex.compile(r"\X")


def tokenise(text: str) -> list[Token]:
    """The words of a text, in order; everything but white space is in one of them."""
    read = text.translate(_SPACES)
    ends = [] if read.isascii() else [m.end() for m in _cluster().finditer(read)]
    found, end = [], 0
    while m := _pattern().search(read, end):
        start, end = m.span()
        end = ends[bisect_left(ends, end)] if ends else end
        found.append(Token(text[start:end], start, end == len(text) or text[end].isspace()))
    return found
