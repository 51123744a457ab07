"""Taggers side by side: how right their tags of the same data are, their sizes and their speed."""

from dataclasses import dataclass
from typing import Any

from lstmterm.amounts import count
from lstmterm.errors import InputError
from lstmterm.infer.evaluate import evaluate, gold_data
from lstmterm.infer.side_by_side import Doing, Models, size_cells, size_facts
from lstmterm.infer.tag import Tagger
from lstmterm.models import model_file
from lstmterm.models.library import ModelEntry
from lstmterm.models.model_file import ModelCard
from lstmterm.planning import processors
from lstmterm.stopwatch import Stopwatch
from lstmterm.tagging import ciphers, treebank
from lstmterm.tagging.metrics import Report

_HOLD = 2_048  # words that are tagged at a time, between signs of life


@dataclass(frozen=True)
class TaggerFigures:
    """What was measured of a tagger."""

    entry: ModelEntry
    card: ModelCard
    source: str  # of the data
    about: str  # what was read of it, such as the column and its tags
    report: Report
    words_per_second: float

    @property
    def name(self) -> str:
        """Of the model."""
        return self.entry.name

    def cells(self) -> dict[str, str]:
        """The figures in a few characters each, by their headings; the F1 is that of all spans or the mean of all tags."""
        report = self.report
        unknown = report.accuracy_unknown
        f1 = {"macro F1": report.macro_f1} if report.spans is None else {"span F1": report.spans[0].f1}
        return {
            **size_cells(self.card),
            "accuracy": f"{report.accuracy:.2%}" if report.tokens else "–",
            "unknown": "–" if unknown is None else f"{unknown:.2%}",
            **{name: f"{value:.2%}" for name, value in f1.items()},
            "words/s": count(self.words_per_second),
        }

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        report = self.report
        return {
            **size_facts(self.entry, self.card),
            "data": self.source,
            "tokens": report.tokens,
            "accuracy": report.accuracy if report.tokens else None,
            "accuracy_known": report.accuracy_known,
            "accuracy_unknown": report.accuracy_unknown,
            "macro_f1": report.macro_f1 if report.tokens else None,
            "span_f1": None if report.spans is None else report.spans[0].f1,
            "words_per_second": round(self.words_per_second, 1),
        }


def data_of(models: Models, place: str | None) -> str:
    """What to evaluate on: `place`, or else the cipher or the fetched treebank of the first tagger.

    Raises `InputError` if there is neither.
    """
    if place is not None:
        return place
    card = models[0][1]
    source = card.corpus.get("source")
    if isinstance(source, str) and (ciphers.is_cipher(source) or {"test", "dev"} & {*treebank.parts(source)}):
        return source
    raise InputError(
        f"There is no tagged data here that {card.name!r} was not trained on; give some, such as a file."
    )


def measured_tagger(
    entry: ModelEntry,
    data: str,
    encoding: str | None = None,
    doing: Doing = lambda what, done, whole: None,
) -> tuple[TaggerFigures, tuple[str, ...]]:
    """Everything about a tagger, and notes on the data for the user. Raises `InputError` for data that cannot be read."""
    doing("reading", 0, None)
    loaded = model_file.load(entry.path)
    tagger = Tagger.from_model(loaded)
    gold = gold_data(data, None, tagger, loaded.card, encoding=encoding)
    sentences = len(gold.sentences)

    watch = Stopwatch()

    def tagged(done: int) -> None:
        watch.read()
        doing("tagging", done, sentences)

    report = evaluate(
        tagger,
        gold,
        workers=processors.usable(),
        hold=_HOLD,
        on_tagged=tagged,
    )
    seconds = watch.read()
    words = sum(len(sentence.words) for sentence in gold.sentences)
    return TaggerFigures(entry, loaded.card, gold.source, gold.about, report, words / seconds), gold.notes
