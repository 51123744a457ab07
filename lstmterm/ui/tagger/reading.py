"""Tagged data, read in a thread for the form and its check."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstmterm.planning.request import TrainRequest
from lstmterm.planning.tagger_outlook import TaggedText
from lstmterm.planning.text_size import TextFacts
from lstmterm.spec.tagger import DataPart
from lstmterm.tagging import treebank
from lstmterm.ui.messages import on_screen
from lstmterm.ui.train.form import FormValues
from lstmterm.ui.train.planning import Cancelled, SourceFacts
from lstmterm.visible import short_name

if TYPE_CHECKING:
    from lstmterm.tagging.tagged_data import TaggerData

_TAGS_CHECKED = 200  # shown in the check


@dataclass(frozen=True)
class TaggedFacts(SourceFacts):
    """What was read of tagged data."""

    tagged: TaggedText
    column: str
    doubt: str  # why the columns may be the wrong ones, without a full stop
    part: DataPart  # how it was read


def read_data(values: FormValues, cancelled: Callable[[], bool]) -> TaggedFacts:
    """Read the form's data. Raises `ValueError` if it cannot be read, `Cancelled` on request."""
    from lstmterm.models import tagger_request
    from lstmterm.tagging import tagged_data

    asked = TrainRequest("tagger", values.source, given=values.given(), start_from=values.start_from or None)
    read = tagger_request.read(asked)
    part, data, text = read.part, read.data, read.text
    if cancelled():
        raise Cancelled
    tags = len(treebank.tag_counts(data.train))
    doubt = tagged_data.doubt(data, part.level)
    unit = {"word": "sentences", "char": "lines", "sequence": "lines"}[part.level]
    if text.cipher:
        summary = f"{tags} letters, {len(data.train):,} random strings for training"
    else:
        summary = f"column {short_name(data.column)}: {tags:,} distinct tags\n{len(data.train):,} {unit}, {text.words:,} "
        summary += "letters" if part.level == "char" else "words"
        if doubt:
            summary += f"\n{doubt}."
    return TaggedFacts(
        source=values.source,
        name=values.source.replace(":", "-") if text.cipher else data.name,
        summary=summary,
        text=TextFacts(text.words, tags),
        check=_check(data),
        tagged=text,
        column=data.column,
        doubt=doubt,
        part=part,
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
