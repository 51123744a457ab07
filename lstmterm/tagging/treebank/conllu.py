"""CoNLL-U (universaldependencies.org/format.html), read and written line by line.

Words are the rows whose ID is a whole number. Multiword ranges (`1-2`), empty nodes (`8.1`), comments
and all columns but that of the tags are kept byte for byte.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lstmterm.amounts import plural
from lstmterm.errors import InputError
from lstmterm.plain_data import shown
from lstmterm.tagging.treebank.block import NOT_ANNOTATED, Learned, LinesBlock, Source, place, tag_in

COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
UNIVERSAL_TAGS = frozenset((  # of the column UPOS
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM",
    "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
))  # fmt: skip
_FORM = 1
_NONE = frozenset(
    ("FEATS", "DEPS", "MISC")
)  # columns in which `_` says that there is none, which is a tag too


class Column(NamedTuple):
    """Where the tags are: one of the ten columns, or one attribute in it."""

    cell: int  # the index of the column
    attribute: str | None  # the key in FEATS or MISC

    def read(self, cell: str) -> str:
        """The tag in a cell: the cell itself, or the attribute's value, `_` if it has none.

        A word that is not annotated has the tag "".
        """
        if self.attribute is None:
            return cell.strip() if COLUMNS[self.cell] in _NONE else tag_in(cell)
        for pair in cell.split("|"):
            key, equals, value = pair.partition("=")
            if key == self.attribute and equals:
                return value
        return "_"

    def written(self, cell: str, tag: str) -> str:
        """The cell with this tag. Attributes stay sorted; the tag `_` removes the attribute."""
        if self.read(cell) == tag:
            return cell
        if self.attribute is None:
            return tag or NOT_ANNOTATED
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
    """The column of a name: UPOS, a number from 3 to 10, feats.Number, misc.Key.

    Raises `InputError` for any other name.
    """
    head, dot, attribute = name.partition(".")
    upper = head.upper()
    if dot and attribute and upper in ("FEATS", "MISC"):
        return Column(COLUMNS.index(upper), attribute)
    at = place(name, COLUMNS)
    if at is not None and at > _FORM:
        return Column(at, None)
    raise InputError(
        f"CoNLL-U has no column {name!r} for tags; use {', '.join(COLUMNS[2:])}, feats.NAME or misc.NAME."
    )


def column_of_model(metadata: Mapping[str, Any], tags: Iterable[str]) -> str:
    """Where CoNLL-U gets a model's tags: the column it was trained on, else UPOS or XPOS by their look."""
    if metadata.get("layout") == "conllu":
        return metadata["column"]
    return "UPOS" if set(tags) <= UNIVERSAL_TAGS else "XPOS"


def looks_like(head: Sequence[str]) -> bool:
    """Whether the first line that is not a comment has ten columns and begins with an ID."""
    rows = (line for line in (raw.lstrip("\ufeff") for raw in head) if line.strip() and line[0] != "#")
    cells = next(rows, "").rstrip("\r\n").split("\t")
    return len(cells) == len(COLUMNS) and cells[0][:1].isdecimal()


@dataclass(kw_only=True)
class ConlluBlock(LinesBlock):
    """A sentence in CoNLL-U."""

    place: Column
    form: int = _FORM  # the column of the words

    def with_tags(self, tags: Sequence[str]) -> str:
        lines = self.lines.copy()
        for row, tag in zip(self.rows, tags, strict=True):
            cells = lines[row].split("\t")
            cells[self.place.cell] = self.place.written(cells[self.place.cell].rstrip("\r\n"), tag)
            if self.place.cell == len(COLUMNS) - 1:
                cells[-1] += lines[row][len(lines[row].rstrip("\r\n")) :]
            lines[row] = "\t".join(cells)
        return "".join(lines)


def blocks(lines: Iterable[str], where: Source) -> Iterator[ConlluBlock]:
    """The sentences of CoNLL-U lines; together they hold all lines."""
    if where.level != "word":
        raise InputError(
            f"{where.name} is CoNLL-U, which has one tag for each word; the level {where.level!r} "
            "needs a CSV or TSV file with one example in each row."
        )
    learned = where.learned if where.learned.layout == "conllu" else Learned()
    name = where.column or learned.column or "UPOS"
    text = where.text_column or learned.text_column
    of_tags, form = column(name), _FORM
    if text is not None:
        form = place(text, COLUMNS)
        if form is None:
            raise InputError(f"CoNLL-U has no column {text!r}; use {', '.join(COLUMNS[1:])}.")
    block = ConlluBlock(line=1, column=name, place=of_tags, form=form)
    for number, line in enumerate(lines, 1):
        if not line.lstrip("\ufeff").strip():
            block.lines.append(line)
            if block.words:
                yield block
                block = ConlluBlock(line=number + 1, column=name, place=of_tags, form=form)
            continue
        _add(block, line, number, where)
    if block.lines:
        yield block


def _add(block: ConlluBlock, line: str, number: int, where: Source) -> None:
    if not line.lstrip("\ufeff").startswith("#"):
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) != len(COLUMNS):
            raise where.error(number, f"{plural(len(cells), 'column')}; CoNLL-U has 10, divided by tabs.")
        if cells[0].lstrip("\ufeff").isdecimal():
            if not block.words:
                block.line = number
            block.rows.append(len(block.lines))
            block.words.append(cells[block.form])
            block.tags.append(block.place.read(cells[block.place.cell]))
        elif not cells[0].replace("-", "", 1).replace(".", "", 1).isdecimal():
            raise where.error(
                number, f"{shown(cells[0])} is not a CoNLL-U ID, which is a number, a range or a decimal."
            )
    block.lines.append(line)


def written(words: Sequence[str], tags: Sequence[str], name: str, spaces: Sequence[bool] = ()) -> str:
    """A new sentence in CoNLL-U, with its tags in the column `name`.

    `spaces` says for each word whether a space follows. With it, the sentence's text is written too.
    """
    of_tags = column(name)
    out = []
    if spaces:
        text = "".join(w + " " * s for w, s in zip(words, spaces, strict=True)).strip()
        out.append(f"# text = {text}\n")
    for i, (word, tag) in enumerate(zip(words, tags, strict=True)):
        cells = [str(i + 1), word, *["_"] * 8]
        if spaces and not spaces[i] and i + 1 < len(words):
            cells[9] = "SpaceAfter=No"
        cells[of_tags.cell] = of_tags.written(cells[of_tags.cell], tag)
        out.append("\t".join(cells) + "\n")
    return "".join(out) + "\n"
