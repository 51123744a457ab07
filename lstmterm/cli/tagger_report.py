"""What `evaluate` prints: a tagger's report."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import click

from lstmterm import atomic
from lstmterm.cli.reporting import as_json as line
from lstmterm.infer.tag import Tagger
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.planning import processors
from lstmterm.tagging import ciphers, treebank
from lstmterm.tagging.metrics import Report, Score, report
from lstmterm.tagging.treebank import Tagged
from lstmterm.visible import shorten, visible

_FRESH = 2  # the stream of random strings that no training draws from
_STRINGS = 1_000
_WIDEST_TAG = 24


def report_on(model: str, file: str, column: str | None, confusion: str | None, as_json: bool) -> None:
    """Evaluate a model on a file and print the report."""
    loaded = model_file.load(library.find(model).path)
    tagger = Tagger.from_model(loaded)
    sentences, where = judged_by(file, column, tagger, loaded.card)
    click.echo(where, err=True)
    tagged = tagger.tag_all((s.words for s in sentences), workers=processors.usable())
    predicted = [tagging.tags for tagging in tagged]
    found = report(
        [s.words for s in sentences], [s.tags for s in sentences], predicted, tagger.vocabulary.knows
    )
    if confusion:
        atomic.write_text(Path(confusion).expanduser(), confusion_csv(found))
    if as_json:
        click.echo(line(found.to_dict()))
    else:
        click.echo("\n".join(lines(found)))


def judged_by(file: str, column: str | None, tagger: Tagger, card: ModelCard) -> tuple[Sequence[Tagged], str]:
    """The sentences to be judged by, and in words where they are from."""
    if ciphers.is_cipher(file):
        pairs = ciphers.parse(file).pairs(_STRINGS, [_FRESH])
        return [
            Tagged(tuple(text), tuple(plain)) for text, plain in pairs
        ], f"{visible(file)}: {_STRINGS:,} fresh strings."
    if column is None and card.metadata.get("layout") == "conllu":
        path = treebank.find(file) if file != "-" else Path(file)
        column = card.metadata.get("column") if path.suffix.lower() == ".conllu" else None
    bank = treebank.read(file, level=tagger.level, column=column)
    kinds = visible(treebank.tag_summary(bank.tag_counts()))
    return bank.sentences, f"{visible(bank.source)}: tags from the column {visible(bank.column)}, {kinds}."


def lines(found: Report) -> list[str]:
    """The report for a person."""
    rows = [
        ("accuracy", found.accuracy, found.tokens),
        ("  known words", found.accuracy_known, found.known[1]),
        ("  unknown words", found.accuracy_unknown, found.unknown[1]),
    ]
    out = [
        f"{name:17} {100 * value:6.2f} %  of {count:,}" for name, value, count in rows if value is not None
    ]
    out += [f"{'macro F1':17} {100 * found.macro_f1:6.2f} %", "", *_score_lines("tag", found.scores)]
    if found.spans is not None:
        out += ["", *_score_lines("span", found.spans)]
    if mistakes := found.most_confused():
        out += ["", "most confused"]
        width = max(len(_name(a)) for a, _, _ in mistakes)
        out += [f"{_name(a):{width}}  taken for {_name(b)}, {n:,} times" for a, b, n in mistakes]
    return out


def _score_lines(title: str, scores: Sequence[Score]) -> list[str]:
    width = max(len(title), *(len(_name(s.name)) for s in scores))
    head = f"{title:{width}}  precision  recall      F1  support"
    return [head] + [
        f"{_name(s.name):{width}}  {100 * s.precision:9.2f}  {100 * s.recall:6.2f}  {100 * s.f1:6.2f}  {s.support:7,}"
        for s in scores
    ]


def _name(tag: str) -> str:
    return shorten(tag, _WIDEST_TAG)


def confusion_csv(found: Report) -> str:
    """The full table: the data's tag down, the predicted one across."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["gold \\ predicted", *found.tags])
    writer.writerows([tag, *map(int, row)] for tag, row in zip(found.tags, found.confusion, strict=True))
    return buffer.getvalue()
