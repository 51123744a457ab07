"""The Train tab: the form and the runs on the left, the loss and the samples on the right.

The panel knows which run is shown. Reading a text, planning, measuring
and starting a child happen in threads that post messages; only the handlers here touch widgets.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.screen import ModalScreen
from textual.worker import get_current_worker

from lstmterm.errors import InputError, RunError
from lstmterm.planning import machine as machines
from lstmterm.planning.machine import Machine
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import ids, launching, storage
from lstmterm.runs.summary import Summary
from lstmterm.spec.base import Kind
from lstmterm.ui.following import JournalRead, RunsListed
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.train.form import FormValues, TrainForm
from lstmterm.ui.train.loss_chart import Curve, LossChart
from lstmterm.ui.train.loss_panel import LossPanel
from lstmterm.ui.train.planning import Cancelled, measure, plan_text, read_text
from lstmterm.ui.train.planning import Reading as TextReading
from lstmterm.ui.train.runs_list import RunsList
from lstmterm.ui.train.timeline import Timeline
from lstmterm.ui.widgets.dialogs import Ask, Question, Reading
from lstmterm.ui.widgets.plain import plain_lines
from lstmterm.visible import visible

NICE = 10  # a run started from here gives way to the keys
_PAUSE = 0.25  # seconds without typing before a text is read or a plan is made
_ROOMY = (110, 30)  # from so many columns and lines on, there is more air
_LATER = "The run that goes on measures this machine; the plan for the next one follows."
_LOG_END = 100_000  # characters of a log that are shown


@dataclass
class TextRead(Message):
    """A text was read, or cannot be (`wrong` says why)."""

    corpus: str
    reading: TextReading | None
    wrong: str = ""


@dataclass
class TextProgress(Message):
    """How far a text is read."""

    told: str


@dataclass
class Planned(Message):
    """The plan for the form's values, or why there is none; one that `waits` is made when this machine is measured."""

    told: str
    why: str = ""
    wrong: bool = False
    waits: str = ""


@dataclass
class Launched(Message):
    """A child was started for this run, or could not be (`wrong` says why)."""

    run: str
    wrong: str = ""


class TrainPanel(Panel):
    """Training: the form, the runs, and how they go. Another kind's panel differs in its hooks."""

    KIND: Kind = "charlm"

    BINDINGS = [
        Binding("ctrl+s", "start", "Start", id="train.start", tooltip="Train what the form says"),
        Binding("ctrl+t", "stop", "Stop", id="train.stop", tooltip="Stop the chosen run; it can be resumed"),
        Binding(
            "ctrl+r",
            "resume",
            "Resume",
            id="train.resume",
            tooltip="Go on with the chosen run where it stopped",
        ),
        Binding("ctrl+o", "corpus", "Text", id="train.text", tooltip="Choose the text to learn from"),
        Binding(
            "ctrl+b", "check", "Check", show=False, id="train.check", tooltip="All that is known of the text"
        ),
        Binding(
            "ctrl+g",
            "more",
            "More",
            id="train.more",
            tooltip="Everything that can be set, and the command that does the same",
        ),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.chosen: str | None = None
        self.compared: frozenset[str] = frozenset()
        self.reading: TextReading | None = None
        self._pending_start: str | None = None
        self._plan_waits = ""  # for this machine to be "measured" here, or by a "run"
        self._measured: Machine | None = None  # when it was too busy for that to be remembered

    def compose(self) -> ComposeResult:
        with Vertical(id="train-left"):
            yield self.make_form()
            yield RunsList(id="runs")
        with Vertical(id="train-right"):
            yield from self.make_views()

    def make_form(self) -> TrainForm:
        """The form with its first values."""
        values = FormValues(self.KIND, "harbour", "", self.services.settings.time)
        return TrainForm(values, id="form", classes="panel")

    def make_views(self) -> ComposeResult:
        """What shows a run: its loss and its samples."""
        yield LossPanel(id="loss", classes="panel")
        yield Timeline(id="timeline", classes="panel")

    def on_mount(self) -> None:
        self.services.runs_listed.subscribe(self, self._runs_listed)
        self.services.journal_read.subscribe(self, self._journal_read)
        self.query_one(LossChart).set_reactive(LossChart.bits, self.services.settings.bits)
        self.set_interval(1.0, self._draw)
        self.call_after_refresh(self.read_again)
        self._runs_listed(RunsListed(self.services.runs.rows))
        if self.is_shown:
            self.focus_first()

    def focus_first(self) -> None:
        """Where the keys go when the tab is shown."""
        self.query_one("#corpus").focus()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= _ROOMY[0] and event.size.height >= _ROOMY[1], "-roomy")
        self.call_after_refresh(self._draw)

    @property
    def form(self) -> TrainForm:
        return self.query_one(TrainForm)

    # --- the runs -------------------------------------------------------------------------------

    def choose(self, run: str | None) -> None:
        """Show this run."""
        self.chosen = run
        self.compared = self.compared - {run or ""}
        self._watch()
        self._draw()

    def _watch(self) -> None:
        runs_here = frozenset(r for r in (self.chosen, *self.compared) if r is not None)
        self.services.follower.watch(runs_here, self.KIND)

    @property
    def rows(self) -> list[Summary]:
        """The runs of this task."""
        return [row for row in self.services.runs.rows if self.services.runs.task(row) == self.KIND]

    @property
    def is_shown(self) -> bool:
        """Whether the panel is on the screen, and not behind another tab."""
        return all(node.display for node in self.ancestors_with_self)

    def _runs_listed(self, message: RunsListed) -> None:
        rows = self.rows
        ids = [row.id for row in rows]
        self.compared = self.compared & frozenset(ids)
        if self.chosen not in ids and self._pending_start not in (self.chosen, *ids):
            self.chosen = None
        if self._pending_start in ids:
            self._pending_start = None
        if self.chosen is None and ids:
            running = [row.id for row in rows if row.status == "running"]
            self.choose((running or ids)[0])
        self._draw()
        self._plan_if_measured()

    def _journal_read(self, message: JournalRead) -> None:
        self._plan_if_measured()
        if message.run == self.chosen or message.run in self.compared:
            self._draw()

    def _draw(self) -> None:
        """Everything that shows runs, from the store."""
        if not self.is_mounted or not self.is_shown:
            return
        store, now = self.services.runs, self.services.clock()
        chart = self.query_one(LossChart)
        if chart.bits != self.services.settings.bits:
            self.services.change_settings(replace(self.services.settings, bits=chart.bits))
        self.query_one(RunsList).show(self.rows, now, self.chosen, self.compared, chart.bits)
        row = store.row(self.chosen)
        progress = store.progress.get(self.chosen or "")
        others = [
            Curve(other.name, store.progress[other.id])
            for other in self.rows
            if other.id in self.compared and other.id in store.progress
        ]
        self.query_one(LossPanel).show(row, progress, others, now)
        self.query_one(Timeline).show(self.chosen or "", progress.samples if progress else [])
        status = row.status if row else ""
        self.form.set_buttons({"running": "Stop", "stopped": "Resume", "interrupted": "Resume"}.get(status))
        if getattr(self, "_drawn_status", None) != status:
            self._drawn_status = status
            self.refresh_bindings()

    @on(RunsList.Chosen)
    def _run_chosen(self, event: RunsList.Chosen) -> None:
        event.stop()
        self.choose(event.run)

    @on(RunsList.Wanted)
    def _run_wanted(self, event: RunsList.Wanted) -> None:
        event.stop()
        if event.what == "remove":
            self._ask_remove(event.run)
        elif event.what == "compare":
            self.compare(event.run)
        else:
            self.show_log(event.run)

    def compare(self, run: str) -> None:
        """Lay a run's curve over the chosen one's, or take it away again."""
        if run == self.chosen:
            self.services.notify("That is the run that is shown; compare it with another one.")
            return
        self.compared = self.compared ^ {run}
        self._watch()
        self._draw()

    @work
    async def _ask_remove(self, run_id: str) -> None:
        row = self.services.runs.row(run_id)
        if row is None:
            return
        if row.status == "running":
            self.services.notify("It is running; stop it first.", "warning")
            return
        question = f"Delete the run {run_id}?\n\nIts curve and its samples go, and it can't be resumed. Its model stays."
        if await self.app.push_screen_wait(Question(question, "Delete")):
            try:
                storage.remove(storage.find(run_id))
            except (InputError, RunError, OSError) as error:
                self.services.notify(str(error), "error")
            self.services.follower.look()

    def show_log(self, run_id: str) -> None:
        """What a run printed."""
        try:
            text = storage.find(run_id).log.read_text("utf-8", "replace")[-_LOG_END:]
        except (InputError, OSError):
            text = ""
        self.app.push_screen(Reading(f"Log of {run_id}", plain_lines(text.strip() or "It printed nothing.")))

    # --- the loss panel ---------------------------------------------------------------------------

    @on(LossPanel.Wanted)
    def _loss_wanted(self, event: LossPanel.Wanted) -> None:
        event.stop()
        if self.chosen is None:
            self.services.notify("There is no run yet.")
        elif event.what == "log":
            self.show_log(self.chosen)
        elif event.what == "export":
            self._export()
        else:
            self._compare_next()

    def _compare_next(self) -> None:
        """Compare with the newest run that is not compared yet; with all compared, with none."""
        others = [row.id for row in self.rows if row.id != self.chosen and row.val_loss is not None]
        fresh = [run for run in others if run not in self.compared]
        if not others:
            self.services.notify("There is no other run to compare with.")
        elif fresh and len(self.compared) < 3:
            self.compare(fresh[0])
        else:
            self.compared = frozenset()
            self._watch()
            self._draw()

    @work
    async def _export(self) -> None:
        """Write the curve to a file that the person names."""
        from lstmterm.runs import curve_files

        row, progress = (
            self.services.runs.row(self.chosen),
            self.services.runs.progress.get(self.chosen or ""),
        )
        if row is None or progress is None:
            return
        answer = await self.app.push_screen_wait(
            Ask(
                "Write the curve to which file? Its suffix chooses the format: .csv, .svg, .pdf or .png.",
                f"{row.name}.csv",
            )
        )
        if not answer:
            return
        chart = self.query_one(LossChart)
        path = Path(answer).expanduser()
        try:
            curve_files.write(progress, path, title=row.name, bits=chart.bits, log=chart.log_loss)
        except (InputError, OSError) as error:
            self.services.notify(str(error), "error")
        else:
            self.services.notify(f"Written to {path.absolute()}.")

    # --- the form ---------------------------------------------------------------------------------

    @on(TrainForm.Changed)
    def _form_changed(self, event: TrainForm.Changed) -> None:
        event.stop()
        self._plan()

    @on(TrainForm.Pressed)
    async def _form_pressed(self, event: TrainForm.Pressed) -> None:
        event.stop()
        if event.what == "stop":
            row = self.services.runs.row(self.chosen)
            await self.run_action("stop" if row is not None and row.status == "running" else "resume")
        else:
            await self.run_action(event.what)

    def choose_source(self, source: str) -> None:
        """Train on another text."""
        self.form.set_values(replace(self.form.values, source=source))
        self.read_again()

    def read_again(self) -> None:
        """Read the form's data, and plan again."""
        self.reading = None
        self.form.set_facts("Reading…")
        self.form.set_plan("")
        self._read_text_beside(self.form.values)

    @work(thread=True, exclusive=True, group="text")
    def _read_text_beside(self, values: FormValues) -> None:
        worker = get_current_worker()
        try:
            reading = self.read(values, lambda: worker.is_cancelled)
        except Cancelled:
            return
        except (ValueError, OSError, RuntimeError) as error:
            if not worker.is_cancelled:
                self.post_message(TextRead(values.source, None, str(error)))
        else:
            self.post_message(TextRead(values.source, reading))

    def read(self, values: FormValues, cancelled: Callable[[], bool]) -> TextReading:
        """Read the data that the form names; in a thread."""
        return read_text(values, self.tell_progress, cancelled)

    def tell_progress(self, told: str) -> None:
        """Say how far the reading is; from a thread."""
        self.post_message(TextProgress(told))

    def on_text_progress(self, message: TextProgress) -> None:
        self.form.set_facts(message.told)

    def on_text_read(self, message: TextRead) -> None:
        if message.corpus != self.form.values.source:
            return
        self.reading = message.reading
        if message.reading is None:
            self.form.set_facts(message.wrong, wrong=True)
            return
        self.form.set_facts(message.reading.told)
        self.form.set_name_hint(free_name(message.reading.name))
        self._plan()

    def _plan(self) -> None:
        wrong = self.form.wrong()
        if wrong:
            self.form.set_plan(wrong, wrong=True)
        elif self.reading is not None:
            self._plan_beside(self.form.values.request(), self.reading)

    @work(thread=True, exclusive=True, group="plan")
    def _plan_beside(self, request: TrainRequest, reading: TextReading) -> None:
        worker = get_current_worker()
        try:
            plan = self.plan(request, reading, lambda: worker.is_cancelled)
            if plan is not None and not worker.is_cancelled:
                self.post_message(plan)
        except Cancelled:
            return
        except (ValueError, OSError, RuntimeError) as error:
            self.post_message(Planned(str(error), wrong=True))

    def plan(
        self, request: TrainRequest, reading: TextReading, cancelled: Callable[[], bool]
    ) -> Planned | None:
        """What would be trained, and why; in a thread."""
        machine = machines.newest() or self._measured
        if (
            machine is None and self.services.runs.running
        ):  # two that measure at once would both measure wrong
            return Planned(_LATER, waits="run")
        if machine is None:
            self.post_message(Planned("Measuring this machine…", waits="measured"))
            machine = self._measured = measure(cancelled)
        return Planned(*plan_text(request, reading, machine))

    def _plan_if_measured(self) -> None:
        """Make the plan that waited for a run to measure this machine, or to leave it free."""
        free = self._pending_start is None and not self.services.runs.running
        if self._plan_waits == "run" and (free or machines.newest() is not None):
            self._plan_waits = ""
            self._plan()

    def on_planned(self, message: Planned) -> None:
        self._plan_waits = message.waits
        self.form.set_plan(message.told, message.why, message.wrong)

    @work
    async def action_more(self) -> None:
        from lstmterm.ui.train.knob_screen import KnobScreen

        values = replace(self.form.values, name=self.form.name_or_hint)
        kept = await self.app.push_screen_wait(KnobScreen(values))
        if kept is not None:
            self.form.set_values(replace(self.form.values, knobs=kept.knobs))
            self.read_again()

    def action_check(self) -> None:
        """All that is known of the text."""
        if self.reading is None:
            self.services.notify("The text is still being read, or cannot be.")
            return
        parts: list[tuple[str, str] | str] = []
        for title, value in self.reading.check:
            if value:
                parts += [(f"{title}  ", "bold $accent"), visible(value), "\n"]
        self.app.push_screen(Reading(f"Check of {self.reading.corpus}", Content.assemble(*parts)))

    def picker(self) -> ModalScreen[str | None]:
        """The dialog that chooses what to learn from."""
        from lstmterm.ui.train.corpus_picker import CorpusPicker

        return CorpusPicker(self.form.values.source, self.services.settings.folder)

    @work
    async def action_corpus(self) -> None:
        chosen = await self.app.push_screen_wait(self.picker())
        if chosen:
            self.choose_source(chosen)

    # --- starting and stopping --------------------------------------------------------------------

    @work
    async def action_start(self) -> None:
        values, wrong = self.form.values, self.form.wrong()
        name = self.form.name_or_hint
        if wrong or not name:
            self.services.notify(wrong or "The text is still being read; a moment.", "warning")
            return
        request: TrainRequest | None = replace(values, name=name).request()
        if name_is_taken(name):
            question = (
                f"There is a model named {name} already. Replace it when the new one is better trained?"
            )
            if not await self.app.push_screen_wait(Question(question, "Replace", "Cancel")):
                return
            request = replace(request, overwrite=True)
        request = await self.agrees(request)
        if request is None:
            return
        self.keep_time(values.time)
        if self._plan_waits:
            self.workers.cancel_group(self, "plan")
            self.on_planned(Planned(_LATER, waits="run"))
        self.launch([*request.to_arguments(), "--nice", str(NICE)], name)

    async def agrees(self, request: TrainRequest) -> TrainRequest | None:
        """Ask what has to be asked before a start; the request as the user agreed to it, or None."""
        return request

    def keep_time(self, time: str) -> None:
        """The time that was started with is the next one's default."""
        self.services.change_settings(replace(self.services.settings, time=time))

    @work(thread=True, group="launch")
    def launch(self, arguments: list[str], name: str, run_id: str | None = None) -> None:
        """Start a child for a new run, or for one that goes on."""
        try:
            if run_id is None:
                run_id = ids.new_id(name)
                arguments = [*arguments, "--run-id", run_id]
            child = launching.launch(arguments, run_id)
        except (ValueError, OSError, RuntimeError) as error:
            self.post_message(Launched(run_id or "", str(error)))
        else:
            self.services.follower.adopt(run_id, child)
            self.post_message(Launched(run_id))

    def on_launched(self, message: Launched) -> None:
        if message.wrong:
            self.services.notify(message.wrong, "error")
            return
        self._pending_start = message.run
        self.services.runs.started[message.run] = self.KIND
        self.form.set_values(replace(self.form.values, name=""))
        if self.reading is not None:
            self.form.set_name_hint(free_name(self.reading.name, also=ids.name_in(message.run)))
        self.choose(message.run)
        self.services.follower.look()

    def action_stop(self) -> None:
        row = self.services.runs.row(self.chosen)
        if row is None or row.status != "running":
            self.services.notify("The chosen run is not running.")
            return
        storage.find(row.id).request_stop()
        self.services.notify("It finishes its step, saves, and stops.", title=f"Stopping {row.name}")

    def action_resume(self) -> None:
        row = self.services.runs.row(self.chosen)
        if row is None or row.status not in ("stopped", "interrupted"):
            self.services.notify("The chosen run has nothing to go on with.")
            return
        self.launch(["resume", row.id], row.name, row.id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        row = self.services.runs.row(self.chosen)
        status = row.status if row else ""
        if action == "stop":
            return status == "running"
        if action == "resume":
            return status in ("stopped", "interrupted")
        return True


def free_name(base: str, also: str = "") -> str:
    """`base`, or with a number behind it the first name that no model and no run has."""
    taken = {run.name for run in storage.all_runs() if run.is_held()} | {also}
    name, number = base, 1
    while name in taken or name_is_taken(name):
        number += 1
        name = f"{base}-{number}"
    return name


def name_is_taken(name: str) -> bool:
    """Whether a model of the person's has this name."""
    from lstmterm import paths

    return os.path.lexists(paths.models() / f"{name}.safetensors")
