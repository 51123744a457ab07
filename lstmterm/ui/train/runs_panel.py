"""The runs of one kind of model: which of them is shown, compared, stopped, resumed, removed.

Base of the panels that train; what is drawn comes from the store of runs, once a second and when
the follower reports something new.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.events import Resize
from textual.message import Message

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.spec.base import Kind
from lstmterm.ui.following import JournalRead, RunsListed
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.train.differing import show_differences
from lstmterm.ui.train.loss_chart import Curve, LossChart
from lstmterm.ui.train.loss_panel import LossPanel
from lstmterm.ui.train.runs_list import NO_MODEL, RunsList
from lstmterm.ui.train.timeline import Timeline
from lstmterm.ui.widgets.dialogs import TextDialog, delete_question
from lstmterm.ui.widgets.plain import plain_lines

if TYPE_CHECKING:
    from lstmterm.runs.summary import Summary

_ROOMY = (110, 30)  # columns and lines from which there is more space between things
_LOG_END = 100_000  # characters of a log that are shown
_MOST_COMPARED = 5  # by the key that adds the next run; Space in the list adds any number
_NOT_BEGUN = "It ends before it trains, so nothing of it is kept."


@dataclass
class Launched(Message):
    """A child process was started for this run, or could not be (`wrong` says why)."""

    run: str
    wrong: str = ""


class RunsPanel(Panel):
    """Shows the runs of its kind. A subclass composes a RunsList, a LossPanel and a Timeline."""

    KIND: Kind = "charlm"

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.chosen: str | None = None
        self.compared: frozenset[str] = frozenset()
        self.is_launching = False  # from the key that starts a run until its process is there
        self._pending_start: str | None = None  # launched, but not listed yet
        self._drawn_possible: list[bool] = []  # whether the chosen run can be stopped, and resumed

    def make_views(self) -> ComposeResult:
        """The views of a run: its loss and its samples."""
        yield LossPanel(id="loss", classes="panel")
        yield Timeline(id="timeline", classes="panel")

    def on_mount(self) -> None:
        self.services.runs_listed.subscribe(self, self._runs_listed)
        self.services.journal_read.subscribe(self, self._journal_read)
        self.query_one(LossChart).set_reactive(LossChart.bits, self.services.settings.bits)
        self.set_interval(1.0, self._draw)
        self._runs_listed(RunsListed(self.services.runs.summaries))
        if self.is_shown:
            self.focus_first()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= _ROOMY[0] and event.size.height >= _ROOMY[1], "-roomy")
        self.call_after_refresh(self._draw)
        self.call_after_refresh(self.refresh_bindings)

    # --- hooks ------------------------------------------------------------------------------------

    def runs_changed(self) -> None:
        """Called when runs were listed or have new events."""

    def run_drawn(self, can_stop: bool, can_resume: bool) -> None:
        """Called whenever the chosen run, or that there is none, is drawn."""

    def launched(self, run: str) -> None:
        """Called when a child process was started for a run."""

    def train_from(self, run: str) -> None:
        """Called to choose the weights of a run's model for a new one to start from."""

    # --- showing ------------------------------------------------------------------------------------

    @property
    def rows(self) -> list[Summary]:
        """The runs of this kind, newest first."""
        runs = self.services.runs
        return [row for row in runs.summaries if runs.kind(row) == self.KIND]

    @property
    def row(self) -> Summary | None:
        """The chosen run."""
        return self.services.runs.summary(self.chosen)

    @property
    def is_shown(self) -> bool:
        """Whether the panel is on the screen, not on a hidden tab."""
        return all(node.display for node in self.ancestors_with_self)

    def choose(self, run: str | None) -> None:
        """Show this run."""
        self.chosen = run
        self._set_compared(self.compared - {run or ""})

    def _runs_listed(self, message: RunsListed) -> None:
        rows = self.rows
        listed = [row.id for row in rows]
        self.compared = self.compared & frozenset(listed)
        if self._pending_start is not None and not (paths.runs() / self._pending_start).exists():
            self._pending_start = None  # it was stopped before it was listed
        if self.chosen not in listed and self._pending_start not in (self.chosen, *listed):
            self.chosen = None
        if self._pending_start in listed:
            self._pending_start = None
        if self.chosen is None and listed:
            running = [row.id for row in rows if row.status == "running"]
            self.choose((running or listed)[0])
        self._draw()
        self.runs_changed()

    def _journal_read(self, message: JournalRead) -> None:
        self.runs_changed()
        if message.run == self.chosen or message.run in self.compared:
            self._draw()

    def _draw(self) -> None:
        """Draw everything that shows runs."""
        if not self.is_mounted or not self.is_shown:
            return
        now, progress = self.services.clock(), self.services.runs.progress
        chart = self.query_one(LossChart)
        if chart.bits != self.services.settings.bits:
            self.services.change_settings(replace(self.services.settings, bits=chart.bits))
        rows, row = self.rows, self.row
        self.query_one(RunsList).show(rows, now, self.chosen, self.compared, chart.bits)
        chosen = progress.get(self.chosen or "")
        others = [
            Curve(other.id, progress[other.id], other.name)
            for other in rows
            if other.id in self.compared and other.id in progress
        ]
        starting = self.chosen is not None and row is None
        self.query_one(LossPanel).show(row, chosen, others, now, starting)
        self.query_one(Timeline).show(self.chosen or "", chosen.samples if chosen else [])
        possible = [bool(self.check_action(action, ())) for action in ("stop", "resume")]
        self.run_drawn(*possible)
        if self._drawn_possible != possible:
            self._drawn_possible = possible
            self.refresh_bindings()

    # --- the list and the loss panel ----------------------------------------------------------------

    @on(RunsList.Chosen)
    def _run_chosen(self, event: RunsList.Chosen) -> None:
        event.stop()
        self.choose(event.run)

    @on(RunsList.Wanted)
    def _run_wanted(self, event: RunsList.Wanted) -> None:
        event.stop()
        if event.what == "table":
            from lstmterm.ui.train.runs_table import show_table

            return show_table(self.app, self.services)
        does = {"remove": self._ask_remove, "compare": self.compare, "inspect": self.inspect}
        does |= {"from": self.train_from, "log": self.show_log}
        does[event.what](event.run)

    @on(Timeline.Inspected)
    def _sample_inspected(self, event: Timeline.Inspected) -> None:
        event.stop()
        self.inspect(event.run, event.text)

    @work
    async def inspect(self, run: str, text: str = "") -> None:
        """Look inside the last saved model of a run, with this text or with the model's own."""
        from lstmterm.models import library

        row = self.services.runs.summary(run)
        if row is None:
            return
        if self.KIND != "charlm":
            self.services.notify("Only character models can be inspected.", "warning")
        elif not library.is_taken(row.name):
            self.services.notify(NO_MODEL, "warning")
        else:
            await self.services.opener.inspect_model(row.name, text)

    @on(LossPanel.Wanted)
    def _loss_wanted(self, event: LossPanel.Wanted) -> None:
        event.stop()
        if self.chosen is None:
            self.services.notify("There is no run yet.")
        elif event.what == "log":
            self.show_log(self.chosen)
        elif event.what == "export":
            self._export()
        elif event.what == "differences":
            runs = {self.chosen, *self.compared}
            show_differences(self.app, self.services, [row for row in self.rows if row.id in runs])
        else:
            self._compare_next()

    def compare(self, run: str) -> None:
        """Add a run's curve to the chosen one's, or take it away again."""
        if run == self.chosen:
            self.services.notify("This run is shown already; choose another one to compare it with.")
            return
        self._set_compared(self.compared ^ {run})

    def _set_compared(self, runs: frozenset[str]) -> None:
        self.compared = runs
        shown = frozenset(run for run in (self.chosen, *runs) if run is not None)
        self.services.follower.watch(shown, self.KIND)
        self._draw()

    def _compare_next(self) -> None:
        """Compare with the newest run that is not compared yet; with no run once all are."""
        others = [row.id for row in self.rows if row.id != self.chosen and row.val_loss is not None]
        fresh = [run for run in others if run not in self.compared]
        if not others:
            self.services.notify("There is no other run to compare with.")
        elif fresh and len(self.compared) < _MOST_COMPARED:
            self.compare(fresh[0])
        else:
            self._set_compared(frozenset())

    @work
    async def _ask_remove(self, run_id: str) -> None:
        from lstmterm.runs import storage, sweeps

        row = self.services.runs.summary(run_id)
        if row is None:
            return
        if row.status == "running":
            self.services.notify("It is running; stop it first.", "warning")
        elif await self.app.push_screen_wait(delete_question("run", run_id)):
            with self.services.reporting():
                sweeps.remove(storage.find(run_id))
            self.services.follower.look()

    def show_log(self, run_id: str) -> None:
        """Show what a run printed."""
        from lstmterm.runs import storage

        try:
            text = storage.find(run_id).log.read_text("utf-8", "replace")[-_LOG_END:]
        except (InputError, OSError):
            text = ""
        self.app.push_screen(
            TextDialog(f"Log of {run_id}", plain_lines(text.strip() or "It printed nothing."))
        )

    @work
    async def _export(self) -> None:
        from lstmterm.ui.train.curve_export import export_curve

        if (row := self.row) is not None:
            await export_curve(self.app, self.services, row, self.query_one(LossChart))

    # --- launching and stopping -----------------------------------------------------------------------

    @work(thread=True, group="launch")
    def launch(self, arguments: list[str], name: str, run_id: str | None = None) -> None:
        """Start a child process for a new run, or for one that is resumed."""
        from lstmterm.runs import launching

        try:
            if run_id is None:
                run_id, child = launching.launch_new(arguments, name)
            else:
                child = launching.launch(arguments, run_id)
        except (ValueError, OSError, RuntimeError) as error:
            self.post_message(Launched(run_id or "", on_screen(error)))
        else:
            self.services.follower.adopt(run_id, child)
            self.post_message(Launched(run_id))

    @property
    def is_starting(self) -> bool:
        """Whether a run that was started from this screen does not train yet."""
        here = self.services.runs.started
        waiting = any(
            r.id in here and r.status == "running" and not r.steps for r in self.services.runs.summaries
        )
        return self.is_launching or self._pending_start is not None or waiting

    def on_launched(self, message: Launched) -> None:
        self.is_launching = False
        if message.wrong:
            self.services.notify(message.wrong, "error")
            return
        self._pending_start = message.run
        self.services.runs.started[message.run] = self.KIND
        self.choose(message.run)
        self.launched(message.run)
        self.services.follower.look()

    def action_stop(self) -> None:
        from lstmterm.runs import storage

        row = self.row
        assert row is not None  # see `check_action`
        with self.services.reporting():
            run = storage.find(row.id)
            run.request_stop()
            how = "It finishes its step, saves, and stops." if run.has_spec() else _NOT_BEGUN
            self.services.notify(how, title=f"Stopping {row.name}")

    def action_resume(self) -> None:
        row = self.row
        assert row is not None  # see `check_action`
        self.launch(["resume", row.id], row.name, row.id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        row = self.row
        if action == "stop":
            return row is not None and row.status == "running"
        if action == "resume":
            return row is not None and row.resumable
        return True
