"""A trained tagger evaluated on gold data: a tagged file, a built-in name, or fresh strings of a cipher."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lstmterm.infer.tag import GATHERED, Tagger
from lstmterm.models.model_file import ModelCard
from lstmterm.tagging import ciphers, metrics, treebank
from lstmterm.tagging.metrics import Report
from lstmterm.tagging.treebank import Tagged
from lstmterm.visible import short_name

_SEED = 2  # of the random strings; training and its test draw from other seeds
_STRINGS = 1_000


@dataclass(frozen=True)
class GoldData:
    """Sentences with their right tags."""

    sentences: Sequence[Tagged]
    source: str  # the file, or the cipher
    about: str  # what was read from it, such as the column and its tags
    notes: tuple[str, ...] = ()  # on what was read, for the user


def gold_data(
    source: str,
    column: str | None,
    tagger: Tagger,
    card: ModelCard,
    *,
    text_column: str | None = None,
    encoding: str | None = None,
) -> GoldData:
    """The data to evaluate a tagger on. Columns that are not given are those of the model's training data.

    Raises `InputError` for data that cannot be read.
    """
    if ciphers.is_cipher(source):
        source = ciphers.known_to(tagger.vocabulary.forms, source)
        pairs = ciphers.parse(source).pairs(_STRINGS, [_SEED])
        return GoldData(
            [Tagged(tuple(text), tuple(plain)) for text, plain in pairs],
            source,
            f"{_STRINGS:,} fresh strings.",
        )
    own = treebank.parts(source)
    source = str(own.get("test") or own.get("dev") or source)
    bank = treebank.read(
        source,
        level=tagger.level,
        column=column,
        text_column=text_column,
        encoding=encoding,
        learned=treebank.Learned.of(card.metadata),
    )
    tags = treebank.tag_summary(treebank.tag_counts(bank.sentences))
    return GoldData(
        bank.sentences, bank.source, f"tags from the column {short_name(bank.column)}, {tags}.", bank.notes
    )


def evaluate(
    tagger: Tagger,
    gold: GoldData,
    *,
    workers: int = 1,
    hold: int = GATHERED,
    on_tagged: Callable[[int], None] = lambda done: None,
) -> Report:
    """Tag the data's words and compare the tags with its own.

    `workers` and `hold` are those of `Tagger.tag_all`; `on_tagged` is called with the number of
    sentences tagged so far, and may raise to stop.
    """
    words = [sentence.words for sentence in gold.sentences]
    predicted = []
    for tagging in tagger.tag_all(words, workers=workers, hold=hold):
        predicted.append(tagging.tags)
        on_tagged(len(predicted))
    return metrics.report(words, [s.tags for s in gold.sentences], predicted, tagger.vocabulary.knows)
