"""What Start would do with tagged data, worked out beside the screen: it is read, a tagger is planned."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstmterm.planning.plan import TextFacts
from lstmterm.tagging import ciphers
from lstmterm.ui.train.form import Wish
from lstmterm.ui.train.planning import Cancelled, Reading

if TYPE_CHECKING:
    from lstmterm.tagging.tagged_data import TaggerData
    from lstmterm.tagging.treebank import Level

CIPHER_TIME = "300 steps"  # a cipher is solved in seconds
MANY_TAGS = 500  # distinct ones; more of them look like a wrong column
_TAGS_CHECKED = 200  # that the check lists


@dataclass(frozen=True)
class DataReading(Reading):
    """Tagged data, read."""

    level: "Level"
    words: int  # to learn from
    tags: int  # distinct ones
    column: str
    cipher: bool


def read_data(wish: Wish, cancelled: Callable[[], bool]) -> DataReading:
    """Read the wished data. Raises `InputError` for what is none, `Cancelled` when nobody waits."""
    from lstmterm.spec.tagger import DataPart
    from lstmterm.tagging import tagged_data
    from lstmterm.ui.train.knobs import values

    given = values(wish.chosen, "tagger")
    cipher = ciphers.is_cipher(wish.corpus)
    if cipher:
        given.setdefault("level", "char")
    part = DataPart.from_dict({**given, "source": wish.corpus, "name": ""})
    data = tagged_data.read(part)
    if part.folds:
        data = tagged_data.for_fold(data, part, None)
    if cancelled():
        raise Cancelled
    words = sum(len(sentence.words) for sentence in data.train)
    tags = len(data.tag_counts())
    unit = {"word": "sentences", "char": "lines", "sequence": "lines"}[part.level]
    if cipher:
        told = f"{tags} letters, {len(data.train):,} random strings to learn from"
    else:
        told = f"column {data.column}: {tags:,} distinct tags\n{len(data.train):,} {unit}, {words:,} "
        told += "letters" if part.level == "char" else "words"
        if tags > MANY_TAGS:
            told += "\nSo many tags: is it the right column?"
    return DataReading(
        corpus=wish.corpus,
        name=wish.corpus.replace(":", "-") if cipher else data.name,
        told=told,
        facts=TextFacts(words, tags),
        check=_check(data),
        level=part.level,
        words=words,
        tags=tags,
        column=data.column,
        cipher=cipher,
    )


def _check(data: "TaggerData") -> tuple[tuple[str, str], ...]:
    """Titles and values: what was read, its parts, its tags with how often each occurs."""
    counts = data.tag_counts()
    total = sum(counts.values())
    listed = "\n".join(f"  {tag}  {n:,}  {n / total:.1%}" for tag, n in counts.most_common(_TAGS_CHECKED))
    more = f"\n  and {len(counts) - _TAGS_CHECKED:,} more" if len(counts) > _TAGS_CHECKED else ""
    parts = (("train", data.train), ("validation", data.dev), ("test", data.test))
    return (
        ("source", data.source),
        ("column", f"{data.column} ({data.layout})"),
        *(
            (title, f"{len(s):,} sentences, {sum(len(t.words) for t in s):,} words")
            for title, s in parts
            if s
        ),
        *(("note", note) for note in data.notes),
        ("tags", f"{len(counts):,}\n{listed}{more}"),
    )


def plan_tagger(wish: Wish, reading: DataReading) -> tuple[str, str]:
    """The plan of the wish: which tagger and how long, and why."""
    from lstmterm.planning import tagger_plan
    from lstmterm.planning.budget import budget
    from lstmterm.ui.train.knobs import values

    given = values(wish.chosen, "tagger")
    shape = tagger_plan.shape_for(reading.level, reading.cipher, reading.words, given)
    model, tokens = shape.model, shape.batches.tokens
    ways = "both ways" if model.directions == 2 else "forwards"
    unit = "letters" if reading.level == "char" else "words"
    length = budget(wish.time)
    if length.unit == "minutes":
        most = max(tagger_plan.MOST_EPOCHS, -(-tagger_plan.SMALL_STEPS * tokens // max(reading.words, 1)))
        how_long = f"{wish.time.strip()}, at most {most:,} passes"
    else:
        how_long = f"{length.amount:g} {'passes' if length.unit == 'epochs' else 'steps'}"
    told = f"{model.layers}x{model.hidden} {ways}, {tokens:,} {unit} a step: {how_long}."
    return told, _why(reading, dataclasses.asdict(model))


def _why(reading: DataReading, model: dict) -> str:
    if reading.cipher:
        return "A small tagger of letters, from left to right: a cipher needs no more."
    letters = {"none": "It does not look into words.", "cnn": "A convolution reads each word's letters,"}
    said = [f"Its size is for {reading.words:,} words: a larger one would learn them by heart."]
    if reading.level != "char":
        reader = letters.get(model["characters"], "An LSTM reads each word's letters,")
        said.append(
            reader if model["characters"] == "none" else f"{reader} so that unknown words are tagged too."
        )
    return " ".join(said)
