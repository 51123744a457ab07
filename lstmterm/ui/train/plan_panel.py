"""A form, its data and its plan: the data is read and the plan is made in threads that post messages.

Only the handlers here touch widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on, work
from textual.worker import get_current_worker

from lstmterm.planning import machine as machines
from lstmterm.planning.machine import Machine
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import ids
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Services
from lstmterm.ui.train.form import FormValues, TrainForm
from lstmterm.ui.train.planning import (
    Cancelled,
    Planned,
    SourceFacts,
    TextProgress,
    TextRead,
    measure,
    measuring,
    plan_text,
    read_text,
)
from lstmterm.ui.train.runs_panel import RunsPanel
from lstmterm.ui.widgets.dialogs import FactsDialog
from lstmterm.ui.widgets.hints import hints
from lstmterm.visible import shorten_middle

if TYPE_CHECKING:
    from lstmterm.runs.differences import Difference

LATER = "The plan follows when the current run has measured this machine."


class PlanPanel(RunsPanel):
    """Reads the form's data and plans; a subclass composes the form, and starts what is planned."""

    KEPT = "train"  # the form's values in the session

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.reading: SourceFacts | None = None
        self.unreadable = ""  # why the form's data cannot be read
        self._planned = Planned("")  # what the form shows
        self._compared: object = None  # the plan and the run that were compared last
        self._named: list[tuple[str, str, bool]] = []  # the runs when a name was proposed last
        self._measured: Machine | None = None  # while busy, so the result was not saved

    def first_values(self, source: str) -> FormValues:
        """What was in the form when the screen was last used, or else this data."""
        kept = getattr(self.services.session, self.KEPT)
        return FormValues.restored(self.KIND, kept, source, self.services.settings.time)

    def on_mount(self) -> None:
        self.call_after_refresh(self._read)

    def on_show(self) -> None:
        self._suggest_name()  # a model may have been deleted or renamed meanwhile

    @property
    def form(self) -> TrainForm:
        return self.query_one(TrainForm)

    def runs_changed(self) -> None:
        """Make the plan that waited for a run to measure this machine, or to end; propose a name that is free now."""
        named = [(row.id, row.status, row.resumable) for row in self.rows]
        if named != self._named:
            self._named = named
            self._suggest_name()
        free = self._pending_start is None and not self.services.runs.running
        if self._planned.waits == "run" and (free or machines.newest() is not None):
            self._planned = Planned("")
            self._plan()

    # --- the data ---------------------------------------------------------------------------------

    @on(TrainForm.Changed)
    def _form_changed(self, event: TrainForm.Changed) -> None:
        event.stop()
        self._keep()
        self._plan()

    def choose_source(self, source: str) -> None:
        """Train on another text."""
        self.form.set_name_hint("")  # it is that of the text before
        self.form.set_values(replace(self.form.values, source=source))
        self.read_again()

    def read_again(self) -> None:
        """Read the form's data, which changed, and plan again."""
        self._keep()
        self._read()

    def _keep(self) -> None:
        self.services.remember(**{self.KEPT: self.form.values.kept()})

    def _read(self) -> None:
        self.reading = None
        self.unreadable = ""
        self.form.set_facts("Reading…")
        self.form.set_plan("")
        self._read_in_thread(self.form.values)

    @work(thread=True, exclusive=True, group="text")
    def _read_in_thread(self, values: FormValues) -> None:
        worker = get_current_worker()
        try:
            reading = self.read(values, lambda: worker.is_cancelled)
        except Cancelled:
            return
        except (ValueError, OSError, RuntimeError) as error:
            if not worker.is_cancelled:
                self.post_message(TextRead(values.source, None, on_screen(error)))
        else:
            self.post_message(TextRead(values.source, reading))

    def read(self, values: FormValues, cancelled: Callable[[], bool]) -> SourceFacts:
        """Read the data that the form names. Runs in a thread."""
        return read_text(values, lambda line: self.post_message(TextProgress(line)), cancelled)

    def on_text_progress(self, message: TextProgress) -> None:
        self.form.set_facts(message.line)

    def on_text_read(self, message: TextRead) -> None:
        if message.source != self.form.values.source:
            return
        self.reading = message.reading
        if message.reading is None:
            self.unreadable = message.wrong
            self.form.set_facts(message.wrong, wrong=True)
            return
        self.form.set_facts(message.reading.summary)
        self._suggest_name()
        self._plan()

    def _suggest_name(self) -> None:
        """Propose a name that no model has, and no run that may still save one."""
        from lstmterm.models.library import free_name

        if self.reading is not None:
            taken = [row.name for row in self.rows if row.status == "running" or row.resumable]
            taken += [ids.name_in(self._pending_start)] if self._pending_start else []
            self.form.set_name_hint(free_name(self.reading.name, *taken))

    # --- the plan ---------------------------------------------------------------------------------

    def _plan(self) -> None:
        wrong = self.form.wrong()
        if wrong:
            self.form.set_plan(wrong, wrong=True)
        elif self.reading is not None:
            self._plan_in_thread(self.form.values.request(), self.reading)

    @work(thread=True, exclusive=True, group="plan")
    def _plan_in_thread(self, request: TrainRequest, reading: SourceFacts) -> None:
        worker = get_current_worker()
        try:
            plan = self.plan(request, reading, lambda: worker.is_cancelled)
            if plan is not None and not worker.is_cancelled:
                self.post_message(plan)
        except Cancelled:
            return
        except (ValueError, OSError, RuntimeError) as error:
            self.post_message(Planned(on_screen(error), wrong=True))

    def plan(
        self, request: TrainRequest, reading: SourceFacts, cancelled: Callable[[], bool]
    ) -> Planned | None:
        """What would be trained, and why. Runs in a thread."""
        machine = machines.newest() or self._measured
        if machine is None and self.services.runs.running:  # both would measure too low a speed
            return Planned(LATER, waits="run")
        if machine is None:
            self._say_measuring(0.0)
            machine = self._measured = measure(cancelled, self._say_measuring)
        return plan_text(request, reading, machine)

    def on_planned(self, message: Planned) -> None:
        if self.form.wrong():
            return  # it is of the values before
        self._planned = message
        self.form.set_plan(message.plan, message.why, message.wrong)
        self.compare_plan()
        why = f"{self.services.shown_key('train.check', 'ctrl+b')} why"
        self.form.border_subtitle = hints(why, "show_check") if message.why else None

    def compare_plan(self) -> None:
        """Say how the plan differs from the chosen run, if one of them is another than before."""
        from lstmterm.planning.beside_run import in_a_sentence

        row, beside = self.row, self._planned.beside
        pair = (beside, row.id, row.steps) if row is not None and beside is not None else None
        if pair != self._compared:
            self._compared = pair
            name = shorten_middle(row.name, 20) if row is not None else ""
            other = beside.read.other if beside is not None else ""
            self.form.set_differs(in_a_sentence(name, self._unlike(), other))

    def _unlike(self) -> list[Difference]:
        from lstmterm.runs.rows import row_of

        row, beside = self.row, self._planned.beside
        return beside.unlike(row_of(row).spec) if row is not None and beside is not None else []

    def _say_measuring(self, seconds: float) -> None:
        """Say, from a thread, what the plan waits for."""
        if not get_current_worker().is_cancelled:
            self.post_message(Planned(measuring(seconds), waits="measured"))

    def action_check(self) -> None:
        """Show the plan and its reasons, the statistics of the text, and warnings about it."""
        if self.reading is None:
            self.services.notify("The text is not read yet, or cannot be read.")
            return
        planned = self._planned
        plan = [*planned.rows.items(), ("why", planned.why)]
        if self.row is not None and (unlike := self._unlike()):
            plan.append(("unlike", "\n".join((f"the run {self.row.name}:", *map(str, unlike)))))
        checked = [
            (title if title.isupper() else title.lower(), value) for title, value in self.reading.check
        ]
        self.app.push_screen(FactsDialog(f"Check of {self.reading.source}", plan, checked))
