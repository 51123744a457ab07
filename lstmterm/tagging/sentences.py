"""Text split into sentences, each with its words and their offsets.

For a tagger of words, a sentence ends at a blank line, or after . ! ? and the like with their closing
quotes and brackets, unless the next word begins with a small letter. For a tagger of characters or of
whole sequences, each line is one sentence.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lstmterm.corpora.normalising import lines
from lstmterm.spec.tagger import Level
from lstmterm.tagging.tokens import Token, tokenise

PlainLayout = Literal["text", "lines", "words"]  # prose, a sentence a line, the same with words split

_LONGEST_PARAGRAPH = 100_000  # characters; a longer one is cut after a sentence, or at a space
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_WORD = re.compile(r"[^ \t\r\n]+")  # any other white space, such as a no-break space, is part of a word
ENDS = frozenset(".!?…。！？।؟")
WIDE_ENDS = frozenset("。！？")  # no space follows these
CLOSERS = frozenset("\"'”’»)]}）」』")


@dataclass(frozen=True)
class Sentence:
    """A sentence's words. For characters or lines, `spaces` is empty."""

    words: tuple[str, ...]
    starts: tuple[int, ...] = ()  # each word's offset in the text, with `\n` for every line end
    spaces: tuple[bool, ...] = ()  # whether a space follows each word


def split_text(
    pieces: Iterable[str], level: Level, layout: PlainLayout = "text", name: str = "the text"
) -> Iterator[Sentence]:
    """The sentences of a text that comes in pieces, in order. `name` is the text's, for the user.

    Blank lines are skipped, except by taggers of characters and sequences: for these they are empty sentences.
    """
    if level != "word" or layout == "words":
        yield from split_lines(lines(pieces, name), level)
    elif layout == "lines":
        start = 0
        for line in lines(pieces, name):
            if line.strip():
                yield _sentence(tokenise(line), start)
            start += len(line)
    else:
        for start, paragraph in paragraphs(pieces):
            yield from (_sentence(tokens, start) for tokens in split_paragraph(paragraph))


def split_lines(lines: Iterable[str], level: Level) -> Iterator[Sentence]:
    """Each line as a sentence: its characters, or its words divided by spaces."""
    start = 0
    for line in lines:
        if level == "char":
            words = tuple(line.removesuffix("\n"))
            yield Sentence(words, tuple(range(start, start + len(words))))
        elif level == "sequence" or line.strip():
            found = list(_WORD.finditer(line))
            yield Sentence(tuple(m.group() for m in found), tuple(start + m.start() for m in found))
        start += len(line)


def units_of(line: str, level: Level) -> list[str]:
    """The words of a line, divided by spaces, or its characters."""
    return list(line) if level == "char" else _WORD.findall(line)


def _sentence(tokens: Sequence[Token], start: int = 0) -> Sentence:
    return Sentence(
        tuple(t.word for t in tokens),
        tuple(start + t.start for t in tokens),
        tuple(t.space_after for t in tokens),
    )


def split_paragraph(text: str) -> Iterator[list[Token]]:
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
    """Whether a sentence may end here: after an end mark and the closers that touch it."""
    last = len(sentence) - 1
    while last and sentence[last].word in CLOSERS and not sentence[last - 1].space_after:
        last -= 1
    end = sentence[last].word
    return set(end) <= ENDS and (sentence[-1].space_after or end[0] in WIDE_ENDS)


def paragraphs(chunks: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The paragraphs of a text that comes in chunks, divided by blank lines, and their offsets.

    A paragraph's lines are joined by spaces. Holds at most one chunk and one paragraph: what is longer
    than any paragraph is cut after the end of a sentence, or at a space.
    """
    rest, start = "", 0
    for chunk in chunks:
        rest = (rest + chunk).replace("\r\n", "\n")
        begin = 0
        for blank in _BLANK_LINES.finditer(rest):
            yield from _joined(rest[begin : blank.start()], start + begin)
            begin = blank.end()
        rest, start = rest[begin:], start + begin
        while len(rest) > 2 * _LONGEST_PARAGRAPH:
            cut = _cut(rest)
            yield from _joined(rest[:cut], start)
            rest, start = rest[cut:], start + cut
    yield from _joined(rest, start)


def _joined(paragraph: str, start: int) -> Iterator[tuple[int, str]]:
    """A paragraph on one line without the white space around it, and its offset, in parts if it is long."""
    while len(paragraph) > _LONGEST_PARAGRAPH:
        cut = _cut(paragraph)
        yield from _joined(paragraph[:cut], start)
        paragraph, start = paragraph[cut:], start + cut
    if text := paragraph.lstrip():
        yield start + len(paragraph) - len(text), text.rstrip().replace("\n", " ")


def _cut(text: str) -> int:
    head = text[:_LONGEST_PARAGRAPH]
    end = max((m.end() for m in re.finditer(r"[.!?]\s", head)), default=0)
    return end or head.rfind(" ") + 1 or len(head)
