"""Tagged data, read in a thread for the form and its check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lstmterm.models import library, model_file
from lstmterm.models.starting import reading_of_tagger
from lstmterm.planning.char_plan import TextFacts
from lstmterm.planning.tagger_plan import Cipher
from lstmterm.spec.tagger import DataPart
from lstmterm.tagging import ciphers, treebank
from lstmterm.ui.messages import on_screen
from lstmterm.ui.train.form import FormValues
from lstmterm.ui.train.planning import Cancelled, SourceFacts
from lstmterm.visible import short_name

if TYPE_CHECKING:
    from lstmterm.tagging.tagged_data import TaggerData
    from lstmterm.tagging.treebank import Level

_TAGS_CHECKED = 200  # shown in the check


@dataclass(frozen=True)
class TaggedFacts(SourceFacts):
    """What was read of tagged data."""

    level: "Level"
    words: int  # of the training sentences
    tags: int  # distinct ones
    column: str
    cipher: Cipher
    doubt: str  # why the columns may be the wrong ones, without a full stop
    part: DataPart  # how it was read
    further: Mapping[str, Any] | None  # the knobs of the tagger that is trained further


def read_data(values: FormValues, cancelled: Callable[[], bool]) -> TaggedFacts:
    """Read the form's data. Raises `ValueError` if it cannot be read, `Cancelled` on request."""
    from lstmterm.tagging import tagged_data

    given, further = values.given(), None
    if values.start_from:
        card = model_file.describe(library.find(values.start_from).path)
        given, further = reading_of_tagger(card, values.start_from, values.source, given), card.spec["model"]
    cipher = ciphers.kind_of(values.source)
    part = tagged_data.part_of(values.source, given)
    data = tagged_data.read(part)
    if cancelled():
        raise Cancelled
    words = sum(len(sentence.words) for sentence in data.train)
    tags = len(treebank.tag_counts(data.train))
    doubt = tagged_data.doubt(data, part.level)
    unit = {"word": "sentences", "char": "lines", "sequence": "lines"}[part.level]
    if cipher:
        summary = f"{tags} letters, {len(data.train):,} random strings for training"
    else:
        summary = f"column {short_name(data.column)}: {tags:,} distinct tags\n{len(data.train):,} {unit}, {words:,} "
        summary += "letters" if part.level == "char" else "words"
        if doubt:
            summary += f"\n{doubt}."
    return TaggedFacts(
        source=values.source,
        name=values.source.replace(":", "-") if cipher else data.name,
        summary=summary,
        text=TextFacts(words, tags),
        check=_check(data),
        level=part.level,
        words=words,
        tags=tags,
        column=data.column,
        cipher=cipher,
        doubt=doubt,
        part=replace(part, sha256=data.sha256),
        further=further,
    )


def _check(data: "TaggerData") -> tuple[tuple[str, str], ...]:
    """Titles and values: what was read, its parts, and its tags with their counts."""
    counts = treebank.tag_counts(data.train)
    total = sum(counts.values())
    listed = "\n".join(f"  {tag}  {n:,}  {n / total:.1%}" for tag, n in counts.most_common(_TAGS_CHECKED))
    more = f"\n  and {len(counts) - _TAGS_CHECKED:,} more" if len(counts) > _TAGS_CHECKED else ""
    parts = (("train", data.train), ("validation", data.dev), ("test", data.test))
    return (
        ("source", data.source),
        ("column", f"{short_name(data.column)} ({data.layout})"),
        *(
            (title, f"{len(s):,} sentences, {sum(len(t.words) for t in s):,} words")
            for title, s in parts
            if s
        ),
        *(("note", on_screen(note)) for note in data.notes),
        ("tags", f"{len(counts):,}\n{listed}{more}"),
    )
