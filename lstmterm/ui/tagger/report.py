"""A tagger's report: its tags held against a tagged file's, or the figures that its file holds.

Reading, tagging and counting happen in a thread, which can be stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.text import Text
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import Button, DataTable, Input, Label
from textual.worker import get_current_worker

from lstmterm import atomic
from lstmterm.errors import InputError
from lstmterm.models.model_file import ModelCard
from lstmterm.tagging.metrics import Report, Score
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.tagger.data_picker import DataPicker, name_of
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.pick import Pick
from lstmterm.ui.widgets.plain import Line, PlainInput, plain_lines
from lstmterm.visible import shorten

_MOST_TAGS = 60  # that the confusion table shows, those with the most words
_MOST_PAIRS = 100
_MUCH = 0.05  # of a tag's words: such a mistake is marked
_TOLD_EVERY = 200  # sentences
_HOLD = 2_048  # words that are tagged at a time
_WIDEST_TAG = 14
_ROOMY = 120


@dataclass
class Judging(Message):
    """How far it is."""

    number: int
    told: str
    share: float


@dataclass
class Judged(Message):
    """The report; `where` says what it was held against."""

    number: int
    found: Report
    where: str
    reference: str


@dataclass
class NotJudged(Message):
    """Why there is none."""

    number: int
    wrong: str


class ReportPage(Vertical):
    """A line with what to compare with, the figures, and three tables."""

    app = getters.app(LstmTerm)

    BINDINGS = [
        Binding("ctrl+s", "judge", "Evaluate", id="report.evaluate", tooltip="Hold the tagger against the data"),
        Binding("ctrl+t", "stop", "Stop", id="report.stop", tooltip="Stop the evaluation"),
        Binding("ctrl+g", "data", "Data", id="report.data", tooltip="Choose the tagged data to compare with"),
        Binding("ctrl+e", "export", "Export", id="report.export", tooltip="Write the confusion table to a CSV file", priority=True),
    ]  # fmt: skip

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.reference = ""
        self.card: ModelCard | None = None
        self.source = ""
        self.found: Report | None = None
        self.working = False
        self._judged_reference = ""
        self._number = 0
        self._tags: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        with Horizontal(id="report-form"):
            yield Label("Compare with", id="report-caption")
            yield Pick(prompt="choose data…", id="report-data")
            yield Label("column")
            yield PlainInput(placeholder="its own", id="report-column", select_on_focus=False)
            yield Button("Evaluate", id="judge", compact=True, variant="primary")
            yield Button("Stop", id="stop", compact=True)
        yield Line(id="report-told", grows=True)
        yield Line(id="report-figures", grows=True)
        with Vertical(id="report-tables"):
            with Horizontal(id="report-lists"):
                yield DataTable(id="scores", cursor_type="row", classes="panel")
                yield DataTable(id="pairs", cursor_type="row", classes="panel")
            yield DataTable(id="confusion", cursor_type="cell", fixed_columns=1, classes="panel")

    def on_mount(self) -> None:
        for name, title in (("scores", "Tags"), ("pairs", "Most confused"), ("confusion", "Confusion")):
            self.query_one(f"#{name}", DataTable).border_title = title
        self.query_one("#confusion").border_subtitle = "the data's tag down, the tagger's across"
        self._draw()

    def focus_first(self) -> None:
        """Where the keys go when the page is shown."""
        if self.found is not None:
            self.query_one("#scores").focus()
        else:
            self.query_one("#report-data").focus()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= _ROOMY, "-roomy")

    def take_tagger(self, reference: str, card: ModelCard | None) -> None:
        """The tagger to report on."""
        if (reference, card) == (self.reference, self.card):
            return
        if self.working and reference != self.reference:
            self.action_stop()  # it would be told of the wrong one
        self.reference, self.card = reference, card
        if self.found is not None and reference != self._judged_reference:
            self.found = None
        if self.is_mounted:
            self._draw()

    # --- evaluating ---------------------------------------------------------------------------------

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        await self.run_action({"report-data": "data"}.get(event.button.id or "", event.button.id or ""))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_judge()

    @work
    async def action_data(self) -> None:
        chosen = await self.app.push_screen_wait(
            DataPicker(self.source, self.app.settings.folder, "Compare with which data?")
        )
        if chosen:
            self.source = chosen
            self.query_one(Pick).chosen = name_of(chosen)
            self.action_judge()

    def action_judge(self) -> None:
        if not self.reference:
            self.app.tell("Choose a tagger first.", "warning")
        elif not self.source:
            self.action_data()
        else:
            self._number += 1
            self.working = True
            self._tell("Reading…")
            self._judge_beside(
                self._number,
                self.reference,
                self.source,
                self.query_one("#report-column", PlainInput).value.strip(),
            )
            self._draw_buttons()

    def action_stop(self) -> None:
        self.workers.cancel_group(self, "judging")
        self._number += 1
        self.working = False
        self._tell("Stopped.")
        self._draw_buttons()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "stop":
            return self.working
        return action != "export" or self.found is not None

    @work(thread=True, exclusive=True, group="judging")
    def _judge_beside(self, number: int, reference: str, source: str, column: str) -> None:
        worker = get_current_worker()
        try:
            judged = self._judged(number, reference, source, column, worker)
        except (InputError, OSError, ValueError) as error:
            self.post_message(NotJudged(number, str(error)))
        else:
            if judged is not None:
                self.post_message(judged)

    def _judged(self, number: int, reference: str, source: str, column: str, worker: Any) -> Judged | None:
        """The report, in a thread; None when nobody waits for it any more."""
        from lstmterm.cli.tagger_report import judged_by
        from lstmterm.infer.tag import Tagger
        from lstmterm.models import library
        from lstmterm.tagging import metrics
        from lstmterm.ui.tagger.reader import load_tagger

        loaded = load_tagger(library.find(reference).path)
        tagger = Tagger.from_model(loaded)
        sentences, where = judged_by(source, column or None, tagger, loaded.card)
        predicted: list[list[str]] = []
        for tagging in tagger.tag_all((s.words for s in sentences), hold=_HOLD):
            if worker.is_cancelled:
                return None
            predicted.append(tagging.tags)
            if len(predicted) % _TOLD_EVERY == 0:
                told = f"{len(predicted):,} of {len(sentences):,} sentences"
                self.post_message(Judging(number, told, len(predicted) / len(sentences)))
        words = [s.words for s in sentences]
        found = metrics.report(words, [s.tags for s in sentences], predicted, tagger.vocabulary.knows)
        return None if worker.is_cancelled else Judged(number, found, where, reference)

    def on_judging(self, message: Judging) -> None:
        if message.number == self._number:
            done = round(24 * message.share)
            self._tell(
                Content.assemble(
                    ("━" * done, "$primary"), ("┈" * (24 - done), "$foreground 30%"), f" {message.told}"
                )
            )

    def on_not_judged(self, message: NotJudged) -> None:
        if message.number == self._number:
            self.working = False
            self._tell(message.wrong, wrong=True)
            self._draw_buttons()

    def on_judged(self, message: Judged) -> None:
        if message.number != self._number:
            return
        self.working = False
        self.found, self._judged_reference = message.found, message.reference
        self._draw(message.where)
        self.query_one("#scores").focus()

    def _tell(self, told: str | Content, wrong: bool = False) -> None:
        line = self.query_one("#report-told", Line)
        line.tell(told if isinstance(told, Content) else plain_lines(told))
        line.set_class(wrong, "-wrong")

    def _draw_buttons(self) -> None:
        self.query_one("#stop").display = self.working
        self.refresh_bindings()

    # --- drawing ------------------------------------------------------------------------------------

    def _draw(self, where: str = "") -> None:
        found = self.found
        self.set_class(found is None, "-empty")
        self.set_class(found is not None, "-judged")
        if found is None:
            if not self.working:
                self._tell(
                    "Choose tagged data to compare with (^g): a file, a built-in name, or a cipher, whose strings "
                    "are fresh. Then each tag's precision and recall, and what is taken for what, stand here."
                )
            self.query_one("#report-figures", Line).tell(self._filed())
        else:
            if where:
                self._tell(where)
            self.query_one("#report-figures", Line).tell(figures(found))
            self._fill(found)
        self._draw_buttons()

    def _filed(self) -> Content:
        """The figures that the tagger's file holds."""
        if self.card is None:
            return Content("")
        parts: list[Content | tuple[str, str]] = [("From its own file\n", "bold")]
        for role, title in (("test", "test"), ("dev", "validation")):
            shown = [
                (name, self.card.metrics[f"{role}_{key}"])
                for key, name in (
                    ("accuracy", "right"),
                    ("accuracy_unknown", "unknown words"),
                    ("macro_f1", "macro F1"),
                    ("span_f1", "span F1"),
                )
                if f"{role}_{key}" in self.card.metrics
            ]
            if shown:
                parts.append((f"{title:<11}", "$foreground 70%"))
                for name, value in shown:
                    parts += [(f"{name} ", "$foreground 70%"), (f"{value:.2%}   ", "bold")]
                parts.append(("\n", ""))
        if len(parts) == 1:
            parts.append(("It was not tested in training.", "$foreground 70%"))
        return Content.assemble(*parts)

    def _fill(self, found: Report) -> None:
        """Write the three tables."""
        shown = [("", score) for score in found.scores] + [("span ", span) for span in found.spans or ()]
        _write(
            self.query_one("#scores", DataTable),
            ("tag", "prec.", "recall", "F1", "words"),
            [_score_row(score, prefix) for prefix, score in shown],
        )
        pairs = [(_tag(a), _tag(b), Text(f"{n:,}")) for a, b, n in found.most_confused(_MOST_PAIRS)]
        _write(self.query_one("#pairs", DataTable), ("data", "taken for", "times"), pairs, words=2)
        self._fill_confusion(found)

    def _fill_confusion(self, found: Report) -> None:
        table = self.query_one("#confusion", DataTable)
        support = found.confusion.sum(axis=1)
        order = sorted(range(len(found.tags)), key=lambda i: (-int(support[i]), found.tags[i]))[:_MOST_TAGS]
        chosen = sorted(order, key=lambda i: found.tags[i])
        self._tags = tuple(found.tags[i] for i in chosen)
        some = len(chosen) < len(found.tags)
        told = f" · the {len(chosen)} commonest of {len(found.tags)} tags" if some else ""
        table.border_title = f"Confusion{told}"
        rows = [
            (
                _tag(found.tags[i], "bold"),
                *(_cell(int(found.confusion[i, j]), int(support[i]), i == j) for j in chosen),
            )
            for i in chosen
        ]
        _write(table, ("data ╲ tagger", *(shorten(tag, _WIDEST_TAG) for tag in self._tags)), rows)

    @on(DataTable.CellHighlighted, "#confusion")
    def _cell_highlighted(self, event: DataTable.CellHighlighted) -> None:
        event.stop()
        row, column = event.coordinate
        table = self.query_one("#confusion", DataTable)
        if self.found is None or not table.has_focus or not self._tags:
            return
        tags = self.found.tags
        gold = self._tags[row]
        if column == 0:
            table.border_subtitle = Content(shorten(gold, 30))
            return
        other = self._tags[column - 1]
        times = int(self.found.confusion[tags.index(gold), tags.index(other)])
        told = f"{shorten(gold, 20)} " + ("right" if gold == other else f"taken for {shorten(other, 20)}")
        table.border_subtitle = Content(f"{told}: {times:,} times")

    @work
    async def action_export(self) -> None:
        from lstmterm.cli.tagger_report import confusion_csv
        from lstmterm.ui.generate.panel import refuse_folder

        if self.found is None:
            return
        name = f"{Path(self._judged_reference).stem}-confusion.csv"
        answer = await self.app.push_screen_wait(
            Ask("Write the confusion table to which CSV file?", name, refuse_folder)
        )
        if not answer:
            return
        path = Path(answer).expanduser().absolute()
        try:
            atomic.write_text(path, confusion_csv(self.found))
        except OSError as error:
            self.app.tell(f"{path} cannot be written: {error.strerror}.", "error")
        else:
            self.app.tell(f"Written to {path}.")


def figures(found: Report) -> Content:
    """Accuracy over all, known and unknown words, and the mean F1s, in a line or two."""
    dim = "$foreground 70%"
    parts: list[Content | tuple[str, str]] = [
        (f"{found.accuracy:.2%}", "bold $success"),
        (f" of {found.tokens:,} right  ", dim),
    ]
    for name, value, (_, count) in (
        ("known", found.accuracy_known, found.known),
        ("unknown", found.accuracy_unknown, found.unknown),
    ):
        if value is not None:
            parts += [(f"{name} ", dim), (f"{value:.2%}", "bold"), (f" of {count:,}  ", dim)]
    parts += [("macro F1 ", dim), (f"{found.macro_f1:.2%}  ", "bold")]
    if found.spans:
        parts += [("span F1 ", dim), (f"{found.spans[0].f1:.2%}", "bold")]
    return Content.assemble(*parts)


def _write(table: DataTable, titles: Sequence[str], rows: Sequence[Sequence[Text]], words: int = 1) -> None:
    """Fill a table; all but the first columns (`words` of them) are numbers, which end below each other."""
    table.clear(columns=True)
    for at, title in enumerate(titles):
        width = max([cell_len(title), *(row[at].cell_len for row in rows)])
        lead = "" if at < words else " " * (width - cell_len(title))
        table.add_column(Text(lead + title), width=width)
        for row in rows[: len(rows) if at >= words else 0]:
            row[at].pad_left(width - row[at].cell_len)
    for row in rows:
        table.add_row(*row)


def _score_row(score: Score, prefix: str) -> tuple[Text, ...]:
    values = (score.precision, score.recall, score.f1)
    return (
        _tag(prefix + score.name),
        *(Text(f"{100 * value:.1f}") for value in values),
        Text(f"{score.support:,}"),
    )


def _tag(tag: str, style: str = "") -> Text:
    return Text(shorten(tag, _WIDEST_TAG), style=style)


def _cell(count: int, support: int, right: bool) -> Text:
    """A count: right ones bold, mistakes plain, those that befall many of a tag's words marked."""
    if not count:
        return Text("· ", style="dim")
    if right:
        return Text(f"{count:,} ", style="bold")
    much = support > 0 and count / support >= _MUCH
    return Text(f"{count:,}!", style="underline") if much else Text(f"{count:,} ")
