"""The Report page: a tagger evaluated on gold data. A thread evaluates, and can be stopped."""

import asyncio
import threading
from dataclasses import dataclass
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Label

from lstmterm.errors import InputError
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.kinds import knobs_of
from lstmterm.tagging.metrics import Report
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.tagger.data_picker import DataPicker, name_of
from lstmterm.ui.tagger.figures import card_figures, report_figures
from lstmterm.ui.tagger.report_tables import ConfusionTable, PairTable, ScoreTable
from lstmterm.ui.train.planning import Cancelled
from lstmterm.ui.widgets.explained import Explained, explained
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.pick import Pick
from lstmterm.ui.widgets.plain import Line, PlainInput, plain_lines
from lstmterm.ui.widgets.save_file import save_file

_PROGRESS_EVERY = 200  # sentences
_HOLD = 2_048  # words that are tagged at a time
_BAR = 24  # columns
_INTRODUCTION = (
    "Choose gold data to evaluate on ({report.data:ctrl+g}): a tagged file, a built-in name, or a cipher, which gives fresh "
    "strings. Each tag's precision and recall and the confusion matrix are shown here."
)


@dataclass
class EvaluationProgress(Message):
    """How many sentences are tagged."""

    ended: threading.Event  # set once nobody waits for this evaluation any more
    done: int
    total: int


class ReportPage(Panel):
    """A line with the data to evaluate on, the figures, and three tables."""

    ROOMY_FROM = 120

    BINDINGS = [
        key("ctrl+s", "evaluate", "Evaluate", "report.evaluate", "Evaluate the tagger on the data"),
        key("ctrl+t", "stop", "Stop", "report.stop", "Stop the evaluation"),
        key("ctrl+g", "data", "Data", "report.data", "Choose the gold data"),
        key(
            "ctrl+e",
            "export",
            "Export",
            "report.export",
            "Write the confusion matrix to a file",
            priority=True,
        ),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.reference = ""  # of the tagger
        self.card: ModelCard | None = None
        self.source = ""  # of the gold data
        self.report: Report | None = None
        self.working = False
        self._reported = ""  # the tagger that `report` is about

    def compose(self) -> ComposeResult:
        with Horizontal(id="report-form"):
            yield Label("Evaluate on", id="report-caption")
            data = Pick(prompt="choose data…", id="report-data")
            yield explained(data, "Tagged data that the tagger has not learned from.")
            yield Label("column")
            column = PlainInput(placeholder="default", id="report-column", select_on_focus=False)
            yield explained(column, knobs_of("tagger")["column"].sentence)
            evaluate = Button("Evaluate", id="evaluate", compact=True, variant="primary")
            yield explained(evaluate, "Tag the data and compare with its own tags.")
            yield Button("Stop", id="stop", compact=True)
        yield Line(id="report-status", grows=True)
        yield Line(id="report-figures", grows=True)
        with Vertical(id="report-tables"):
            with Horizontal(id="report-lists"):
                yield ScoreTable(id="scores", classes="panel", cursor_type="row")
                yield PairTable(id="pairs", classes="panel", cursor_type="row")
            yield ConfusionTable(id="confusion", classes="panel")
        yield Explained()

    def on_mount(self) -> None:
        self.query_one("#stop").display = False
        self._draw()

    def focus_first(self) -> None:
        self.query_one("#report-data" if self.report is None else "#scores").focus()

    def take_tagger(self, reference: str, card: ModelCard | None) -> None:
        """Set the tagger to report on."""
        if (reference, card) == (self.reference, self.card):
            return
        if self.working and reference != self.reference:
            self.action_stop()  # its report would be about the wrong tagger
        self.reference, self.card = reference, card
        if reference != self._reported:
            self.report = None
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
        self.action_evaluate()

    @work
    async def action_data(self) -> None:
        chosen = await self.app.push_screen_wait(
            DataPicker(self.source, self.services.settings.folder, "Choose gold data")
        )
        if chosen:
            self.source = chosen
            self.query_one(Pick).chosen = name_of(chosen)
            self.action_evaluate()

    def action_evaluate(self) -> None:
        if not self.reference:
            self.services.notify("Choose a tagger first.", "warning")
        elif not self.source:
            self.action_data()
        else:
            self._set_working(True, "Reading…")
            column = self.query_one("#report-column", PlainInput).value.strip()
            self._evaluate(self.reference, self.source, column or None)

    def action_stop(self) -> None:
        self.workers.cancel_group(self, "evaluation")
        self._set_working(False, "Stopped.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "stop":
            return self.working
        return action != "export" or self.report is not None

    @work(exclusive=True, group="evaluation")
    async def _evaluate(self, reference: str, source: str, column: str | None) -> None:
        ended = threading.Event()
        try:
            report, about = await asyncio.to_thread(self._evaluated, reference, source, column, ended)
        except (InputError, OSError, ValueError) as error:
            self._set_working(False, on_screen(error), wrong=True)
        else:
            self.report, self._reported = report, reference
            self._set_working(False, about)
            self._draw()
            self.query_one("#scores").focus()
        finally:
            ended.set()

    def _evaluated(
        self, reference: str, source: str, column: str | None, ended: threading.Event
    ) -> tuple[Report, str]:
        """The report, and what the data is. Runs in a thread; raises `Cancelled` once it has `ended`."""
        from lstmterm.infer.evaluate import evaluate, gold_data
        from lstmterm.infer.tag import Tagger
        from lstmterm.models import library, model_file

        model = model_file.load(library.find(reference).path)
        tagger = Tagger.from_model(model)
        gold = gold_data(source, column, tagger, model.card)

        def on_tagged(done: int) -> None:
            if ended.is_set():
                raise Cancelled
            if done % _PROGRESS_EVERY == 0:
                self.post_message(EvaluationProgress(ended, done, len(gold.sentences)))

        report = evaluate(tagger, gold, hold=_HOLD, on_tagged=on_tagged)
        return report, on_screen(" ".join((f"{name_of(gold.source)}: {gold.about}", *gold.notes)))

    def on_evaluation_progress(self, message: EvaluationProgress) -> None:
        if not message.ended.is_set():
            done = round(_BAR * message.done / message.total)
            bar = ("━" * done, "$primary"), ("┈" * (_BAR - done), "$foreground 30%")
            count = f" {message.done:,} of {message.total:,} sentences"
            self._show_status(Content.assemble(*bar, count))

    # --- drawing ------------------------------------------------------------------------------------

    def _show_status(self, status: str | Content, wrong: bool = False) -> None:
        line = self.query_one("#report-status", Line)
        line.set_text(status if isinstance(status, Content) else plain_lines(status))
        line.set_class(wrong, "-wrong")

    def _set_working(self, working: bool, status: str, wrong: bool = False) -> None:
        self.working = working
        self._show_status(status, wrong)
        self.query_one("#stop").display = working
        self.refresh_bindings()

    def _draw(self) -> None:
        report = self.report
        self.set_class(report is None, "-empty")
        self.set_class(report is not None, "-evaluated")
        figures = self.query_one("#report-figures", Line)
        if report is not None:
            figures.set_text(report_figures(report))
            self.query_one(ScoreTable).show(report)
            self.query_one(PairTable).show(report)
            self.query_one(ConfusionTable).show(report)
        else:
            figures.set_text(Content("") if self.card is None else card_figures(self.card))
            if not self.working:
                self._show_status(self.services.with_keys(_INTRODUCTION))
        self.refresh_bindings()

    # --- exporting ----------------------------------------------------------------------------------

    @work
    async def action_export(self) -> None:
        if self.report is None:
            return
        name = f"{Path(self._reported).stem}-confusion.csv"
        question, text = "Save the confusion matrix to which CSV file?", self.report.confusion_csv()
        await save_file(self, question, name, text)
