"""The tables of a tagger's report: each tag's scores, the commonest confusions, the confusion matrix."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.content import Content
from textual.widgets import DataTable

from lstmterm.amounts import plural
from lstmterm.tagging.metrics import Report, Score
from lstmterm.visible import shorten

_MOST_TAGS = 60  # in the confusion matrix: those with the most words
_MOST_PAIRS = 100
_MANY = 0.05  # of a tag's words: such a mistake is marked
_WIDEST_TAG = 14


class ScoreTable(DataTable):
    """Precision, recall and F1 of each tag, then of each type of span."""

    BORDER_TITLE = "Tags"

    def show(self, report: Report) -> None:
        """Fill the table."""
        named = [(s.name, s) for s in report.scores] + [(f"span {s.name}", s) for s in report.spans or ()]
        rows = [_score_row(name, score) for name, score in named]
        _write(self, ("tag", "prec.", "recall", "F1", "words"), rows)


class PairTable(DataTable):
    """The tags that are confused most often."""

    BORDER_TITLE = "Most confused"

    def show(self, report: Report) -> None:
        """Fill the table."""
        pairs = report.most_confused(_MOST_PAIRS)
        rows = [(_name(gold), _name(predicted), Text(f"{n:,}")) for gold, predicted, n in pairs]
        _write(self, ("gold", "predicted", "times"), rows, names=2)


class ConfusionTable(DataTable):
    """The confusion matrix: gold tags down, predicted ones across."""

    BORDER_TITLE = "Confusion"
    BORDER_SUBTITLE = "gold tags down, predicted tags across"

    def __init__(self, **options: Any) -> None:
        super().__init__(fixed_columns=1, **options)
        self._report: Report | None = None
        self._shown: list[int] = []  # numbers of the tags in the table

    def show(self, report: Report) -> None:
        """Fill the table."""
        tags, confusion = report.tags, report.confusion
        support = confusion.sum(axis=1)
        by_support = sorted(range(len(tags)), key=lambda i: (-int(support[i]), tags[i]))
        self._report, self._shown = report, sorted(by_support[:_MOST_TAGS], key=lambda i: tags[i])
        hidden = len(tags) - len(self._shown)
        most = f" · the {len(self._shown)} most frequent of {len(tags)} tags" if hidden else ""
        self.border_title = f"Confusion{most}"
        rows = [
            (
                _name(tags[i], "bold"),
                *(_count(int(confusion[i, j]), int(support[i]), i == j) for j in self._shown),
            )
            for i in self._shown
        ]
        _write(self, ("gold", *(shorten(tags[i], _WIDEST_TAG) for i in self._shown)), rows)

    @on(DataTable.CellHighlighted)
    def _describe_cell(self, event: DataTable.CellHighlighted) -> None:
        event.stop()
        row, column = event.coordinate
        if self._report is None or not self.has_focus or not self._shown:
            return
        tags, gold = self._report.tags, self._shown[row]
        if column == 0:
            self.border_subtitle = Content(shorten(tags[gold], 30))
            return
        predicted = self._shown[column - 1]
        verdict = "right" if gold == predicted else f"tagged {shorten(tags[predicted], 20)}"
        times = plural(int(self._report.confusion[gold, predicted]), "time")
        self.border_subtitle = Content(f"{shorten(tags[gold], 20)} {verdict}: {times}")


def _write(table: DataTable, titles: Sequence[str], rows: Sequence[Sequence[Text]], names: int = 1) -> None:
    """Fill a table: the first `names` columns are names, the others numbers, aligned to the right."""
    table.clear(columns=True)
    for at, title in enumerate(titles):
        width = max([cell_len(title), *(row[at].cell_len for row in rows)])
        indent = "" if at < names else " " * (width - cell_len(title))
        table.add_column(Text(indent + title), width=width)
        if at >= names:
            for row in rows:
                row[at].pad_left(width - row[at].cell_len)
    for row in rows:
        table.add_row(*row)


def _score_row(name: str, score: Score) -> tuple[Text, ...]:
    shares = (Text(f"{100 * value:.1f}") for value in (score.precision, score.recall, score.f1))
    return (_name(name), *shares, Text(f"{score.support:,}"))


def _name(tag: str, style: str = "") -> Text:
    return Text(shorten(tag, _WIDEST_TAG), style=style)


def _count(count: int, support: int, right: bool) -> Text:
    """A count: right ones bold, mistakes plain, those that concern many of a tag's words marked."""
    if not count:
        return Text("· ", style="dim")
    if right:
        return Text(f"{count:,} ", style="bold")
    many = support > 0 and count / support >= _MANY
    return Text(f"{count:,}!", style="underline") if many else Text(f"{count:,} ")
