"""CoNLL-U (universaldependencies.org/format.html), read and written line by line.

Words are the rows with a whole number for an id; multiword ranges (`1-2`), empty nodes (`8.1`),
comments and every column but the tags' own are kept byte for byte.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lstmterm.errors import InputError
from lstmterm.tagging.treebank.block import Source, check_numbers

COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
UNIVERSAL_TAGS = frozenset((  # of the column UPOS
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM",
    "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
))  # fmt: skip
_FORM = 1


class Column(NamedTuple):
    """A place for tags: one of the ten columns, or one attribute within it."""

    cell: int  # which of the ten
    attribute: str | None  # the key in FEATS or MISC

    def read(self, cell: str) -> str:
        """The tag in a cell: all of it, or the attribute's value, `_` where it has none."""
        if self.attribute is None:
            return cell
        for pair in cell.split("|"):
            key, equals, value = pair.partition("=")
            if key == self.attribute and equals:
                return value
        return "_"

    def written(self, cell: str, tag: str) -> str:
        """The cell with the tag in it; attributes stay in order, and `_` takes one out."""
        if self.attribute is None:
            return tag
        pairs = [] if cell == "_" else cell.split("|")
        keys = [pair.partition("=")[0] for pair in pairs]
        if self.attribute in keys:
            at = keys.index(self.attribute)
            pairs[at : at + 1] = [] if tag == "_" else [f"{self.attribute}={tag}"]
        elif tag != "_":
            at = next((i for i, key in enumerate(keys) if key.lower() > self.attribute.lower()), len(keys))
            pairs.insert(at, f"{self.attribute}={tag}")
        return "|".join(pairs) or "_"


def column(name: str) -> Column:
    """The column that a name means: UPOS, a number from 1 to 10, feats.Number, misc.Key.

    Raises `InputError` for a name that means none.
    """
    head, dot, attribute = name.partition(".")
    upper = head.upper()
    if dot and attribute and upper in ("FEATS", "MISC"):
        return Column(COLUMNS.index(upper), attribute)
    if not dot and upper in COLUMNS and upper not in ("ID", "FORM"):
        return Column(COLUMNS.index(upper), None)
    if name.isdecimal() and 3 <= int(name) <= len(COLUMNS):
        return Column(int(name) - 1, None)
    raise InputError(
        f"CoNLL-U has no column {name!r} for tags; use one of {', '.join(COLUMNS[2:])}, "
        "feats.NAME or misc.NAME."
    )


def column_of_model(metadata: Mapping[str, Any], tags: Iterable[str]) -> str:
    """Where CoNLL-U gets a model's tags: the column it was trained on, else UPOS or XPOS by their look."""
    if metadata.get("layout") == "conllu":
        return metadata["column"]
    return "UPOS" if set(tags) <= UNIVERSAL_TAGS else "XPOS"


def looks_like(head: Sequence[str]) -> bool:
    """Whether the first row that is no comment has ten columns and begins with an id."""
    rows = (line for line in (raw.lstrip("\ufeff") for raw in head) if line.strip() and line[0] != "#")
    cells = next(rows, "").rstrip("\r\n").split("\t")
    return len(cells) == len(COLUMNS) and cells[0][:1].isdecimal()


@dataclass
class ConlluBlock:
    """A sentence's lines, and which of them are words."""

    line: int
    place: Column
    column: str
    lines: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)  # the lines that are words
    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def with_tags(self, tags: Sequence[str]) -> str:
        """The lines as they were, with these tags in the tags' column."""
        lines = self.lines.copy()
        for row, tag in zip(self.rows, tags, strict=True):
            cells = lines[row].split("\t")
            cells[self.place.cell] = self.place.written(cells[self.place.cell].rstrip("\r\n"), tag)
            if self.place.cell == len(COLUMNS) - 1:
                cells[-1] += lines[row][len(lines[row].rstrip("\r\n")) :]
            lines[row] = "\t".join(cells)
        return "".join(lines)

    def check_tagged(self, where: Source) -> None:
        """Raises `InputError` when the column is empty all through the sentence."""
        check_numbers(self, where)
        if self.place.attribute is None and all(tag == "_" for tag in self.tags):
            raise where.wrong(self.line, f"the column {self.column} is empty (`_`) in this sentence.")


def blocks(lines: Iterable[str], where: Source) -> Iterator[ConlluBlock]:
    """The sentences of CoNLL-U lines; together their lines are exactly those given."""
    if where.level != "word":
        raise InputError(
            f"{where.name} is CoNLL-U, which has a tag for each word; the level {where.level!r} "
            "needs a CSV or TSV file with one example a row."
        )
    name = where.column or "UPOS"
    place = column(name)
    block = ConlluBlock(1, place, name)
    number = 0
    for number, line in enumerate(lines, 1):
        if not line.strip(" \r\n\ufeff"):
            block.lines.append(line)
            if block.words:
                yield block
                block = ConlluBlock(number + 1, place, name)
            continue
        _add(block, line, number, where)
    if block.lines:
        yield block


def _add(block: ConlluBlock, line: str, number: int, where: Source) -> None:
    if not line.lstrip("\ufeff").startswith("#"):
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) != len(COLUMNS):
            raise where.wrong(number, f"{len(cells)} columns, where CoNLL-U has 10 divided by tabs.")
        if cells[0].lstrip("\ufeff").isdecimal():
            block.rows.append(len(block.lines))
            block.words.append(cells[_FORM])
            block.tags.append(block.place.read(cells[block.place.cell]))
        elif not cells[0].replace("-", "", 1).replace(".", "", 1).isdecimal():
            raise where.wrong(number, f"{cells[0]!r} is no CoNLL-U id; it is a number, a range or a decimal.")
    block.lines.append(line)


def written(words: Sequence[str], tags: Sequence[str], name: str, spaces: Sequence[bool] = ()) -> str:
    """A new sentence in CoNLL-U, with its tags in the column `name`.

    `spaces` says of each word whether a space follows; where it is given, the text is written too.
    """
    place = column(name)
    out = []
    if spaces:
        text = "".join(w + " " * s for w, s in zip(words, spaces, strict=True)).strip()
        out.append(f"# text = {text}\n")
    for i, (word, tag) in enumerate(zip(words, tags, strict=True)):
        cells = [str(i + 1), word, *["_"] * 8]
        if spaces and not spaces[i] and i + 1 < len(words):
            cells[9] = "SpaceAfter=No"
        cells[place.cell] = place.written(cells[place.cell], tag)
        out.append("\t".join(cells) + "\n")
    return "".join(out) + "\n"
