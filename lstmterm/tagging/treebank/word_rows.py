"""CSV with a word in each row: the rows of a sentence follow one another.

Sentences are divided by rows without a word, or by a column that numbers them: its cell is another one in
the first row of each sentence, and the same or empty in the others.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from lstmterm.tagging.treebank.block import Block, Source

WORDS = ("word", "token", "form")  # names of the column of words
HOW_TO_DIVIDE = "leave a row empty after each sentence, or number the sentences in a column `sentence`"
_NUMBERS = re.compile(r"sent(ence)?s?[ _.#-]*(id|idx|index|no|nr|num|number)?[ .]*")

Row = TypeVar("Row", bound=Block)


@dataclass(kw_only=True)
class WordsBlock(Block):
    """The rows of a sentence, and those without a word before and among them."""

    rows: Sequence[Block]  # each with one word or none

    def with_tags(self, tags: Sequence[str]) -> str:
        given = iter(tags)
        return "".join(row.with_tags([next(given)] if row.words else []) for row in self.rows)

    @property
    def word_lines(self) -> tuple[int, ...]:
        return tuple(row.line for row in self.rows if row.words)

    def check_tagged(self, where: Source) -> None:
        for row in self.rows:
            if row.words:
                row.check_tagged(where)


def number_column(names: Sequence[str], besides: Sequence[int]) -> int | None:
    """The index of the column that numbers the sentences; `names` are in small letters."""
    return next((i for i, name in enumerate(names) if i not in besides and _NUMBERS.fullmatch(name)), None)


def has_breaks(words: Sequence[str], numbers: Sequence[str] | None) -> bool:
    """Whether the rows of a table are divided into sentences of several words.

    `words` are the cells of its words, `numbers` those of the column that numbers the sentences.
    """
    full = [i for i, word in enumerate(words) if word.strip()]
    if full and full[-1] - full[0] >= len(full):
        return True
    return numbers is not None and any(
        numbers[b].strip() in ("", numbers[a].strip()) for a, b in pairwise(full)
    )


def sentences(rows: Iterable[Row], number: Callable[[Row], str]) -> Iterator[WordsBlock]:
    """The rows in sentences; together they hold all rows. `number` gives the sentence's number in a row."""
    gathered: list[Row] = []
    present = ""
    for row in rows:
        here = number(row).strip()
        is_other = bool(here) and here != present
        if any(before.words for before in gathered) and (is_other or not row.words):
            yield _block(gathered)
            gathered = []
        present = here or present
        gathered.append(row)
    if gathered:
        yield _block(gathered)


def _block(rows: Sequence[Block]) -> WordsBlock:
    full = [row for row in rows if row.words] or rows
    return WordsBlock(
        line=full[0].line,
        column=full[0].column,
        words=[word for row in rows for word in row.words],
        tags=[tag for row in rows for tag in row.tags],
        rows=rows,
    )
