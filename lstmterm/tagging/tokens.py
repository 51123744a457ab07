"""Plain text into sentences and words, by a few rules.

Words, the first rule that fits at each place:
1. Web and mail addresses are one word.
2. Digits with marks between them are one word (1,000.50, 3:30, 11/12), and so are digits with
   letters (5th).
3. Letters with full stops between them keep the last one (U.S., e.g.), and so do initials (J.)
   and a few abbreviations (Mr., Dr., etc.).
4. English clitics are words of their own: do n't, it 's, we 'll. Other apostrophes stay inside.
5. A run of letters, marks and digits is a word, in every script.
6. A run of one repeated mark is a word (..., --, !!!), a small smile too, and every other
   character for itself.

Sentences end at a blank line, and behind . ! ? and the like with their closing quotes and
brackets, unless the next word begins with a small letter. A text in a script without spaces needs
its words separated by a person or another program.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_ABBREVIATIONS = [
    "Mr",
    "Mrs",
    "Ms",
    "Dr",
    "Prof",
    "St",
    "Jr",
    "Sr",
    "Gen",
    "Col",
    "Lt",
    "Sgt",
    "Capt",
    "Rev",
    "Hon",
    "Gov",
    "Sen",
    "Rep",
    "vs",
    "etc",
    "Inc",
    "Ltd",
    "Corp",
    "Co",
]
_ENDS = frozenset(".!?…。！？।؟")
_WIDE_ENDS = frozenset("。！？")  # no space follows these
_CLOSERS = frozenset("\"'”’»)]}）」』")
_LONGEST_PARAGRAPH = 100_000  # characters; a longer one is cut behind a sentence or a space


class Token(NamedTuple):
    """A word of a text."""

    word: str
    start: int  # where it begins in the text that was given
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
        rf"(?:[^\W\d_]\.){{2,}}|(?:{'|'.join(_ABBREVIATIONS)}|[A-HJ-Z])\.(?=\s)",
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


def sentences(text: str) -> Iterator[list[Token]]:
    """The sentences of one paragraph, each a list of its words."""
    sentence: list[Token] = []
    for token in tokenise(text):
        if sentence and _is_whole(sentence) and not token.word[0].islower():
            yield sentence
            sentence = []
        sentence.append(token)
    if sentence:
        yield sentence


def _is_whole(sentence: list[Token]) -> bool:
    """Whether a sentence may end here: behind an end mark, with the closers that touch it."""
    last = len(sentence) - 1
    while last and sentence[last].word in _CLOSERS and not sentence[last - 1].space_after:
        last -= 1
    end = sentence[last].word
    return set(end) <= _ENDS and (sentence[-1].space_after or end[0] in _WIDE_ENDS)


def paragraphs(chunks: Iterable[str]) -> Iterator[str]:
    """The paragraphs of a text that comes in pieces, divided by blank lines, their lines joined.

    Holds at most one piece and one paragraph: what is longer than any paragraph is cut behind the
    end of a sentence, or at a space.
    """
    rest = ""
    for chunk in chunks:
        *whole, rest = re.split(r"\n[^\S\n]*\n\s*", (rest + chunk).replace("\r\n", "\n"))
        yield from filter(str.strip, map(_one_line, whole))
        while len(rest) > _LONGEST_PARAGRAPH:
            cut = _cut(rest)
            yield _one_line(rest[:cut])
            rest = rest[cut:]
    if rest.strip():
        yield _one_line(rest)


def _one_line(text: str) -> str:
    return " ".join(text.split("\n")).strip()


def _cut(text: str) -> int:
    head = text[:_LONGEST_PARAGRAPH]
    end = max((m.end() for m in re.finditer(r"[.!?]\s", head)), default=0)
    return end or head.rfind(" ") + 1 or len(head)
