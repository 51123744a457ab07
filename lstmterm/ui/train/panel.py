"""The Train tab: the form and the runs on the left, the loss and the samples on the right.

Texts are read and plans are made in threads that post messages; only the handlers here touch widgets.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.worker import get_current_worker

from lstmterm.planning import machine as machines
from lstmterm.planning.machine import Machine
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import ids
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Services
from lstmterm.ui.train.form import FormValues, TrainForm
from lstmterm.ui.train.planning import Cancelled, SourceFacts, measure, plan_text, read_text
from lstmterm.ui.train.questions import STARTING, agreed, minutes_longer
from lstmterm.ui.train.runs_list import RunsList
from lstmterm.ui.train.runs_panel import RunsPanel
from lstmterm.ui.widgets.dialogs import Dialog, TextDialog
from lstmterm.ui.widgets.keys import key
from lstmterm.visible import visible

NICE = 10  # of a run started here, so that keys stay quick
_LATER = "The plan follows when the current run has measured this machine."


@dataclass
class TextRead(Message):
    """A text was read, or cannot be (`wrong` says why)."""

    source: str
    reading: SourceFacts | None
    wrong: str = ""


@dataclass
class TextProgress(Message):
    """How much of a text is read."""

    line: str


@dataclass
class Planned(Message):
    """The plan for the form's values, or why there is none yet."""

    plan: str
    why: str = ""
    wrong: bool = False
    waits: str = ""  # for this machine to be "measured" here, or by a "run"


class TrainPanel(RunsPanel):
    """The form, and the runs that it starts. The tagger's panel overrides the hooks."""

    ABOUT = (
        "Train a character model on your own text",
        "Choose a text and a time, then press Start. The plan below the time shows what will be trained, and "
        "why. 'More' lists all hyperparameters. A run continues when you close this screen. You find it again "
        "under Runs, like runs that were started elsewhere.\n\n"
        "The curve is the training loss (━, with the unsmoothed loss behind it). The circles are the "
        "validation loss, on text that the model is not trained on (○, the best ◆). The dashed lines are "
        "n-gram baselines. Lower is better. When the circles rise while the curve falls, the model overfits.\n\n"
        "F10 shows what the chosen run's model knows so far, also while it learns: where a text surprises it. "
        "On a sample, 'i' does so with the sample's text.",
    )

    KEPT = "train"  # the form's values in the session

    BINDINGS = [
        key("ctrl+s", "start", "Start", "train.start", "Start training"),
        key("ctrl+t", "stop", "Stop", "train.stop", "Stop the chosen run; it can be resumed"),
        key("ctrl+r", "resume", "Resume", "train.resume", "Resume a run, or train a finished one longer"),
        key("ctrl+o", "corpus", "Text", "train.text", "Choose the text to train on"),
        key("ctrl+b", "check", "Check", "train.check", "Statistics and warnings about the text", show=False),
        key("f10", "inspect", "Inspect", "train.inspect", "Look inside the chosen run's model", show=False),
        key(
            "ctrl+g", "more", "More", "train.more", "All hyperparameters, and the command that does the same"
        ),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.reading: SourceFacts | None = None
        self._plan_waits = ""  # as in `Planned`
        self._measured: Machine | None = None  # while busy, so the result was not saved

    def compose(self) -> ComposeResult:
        with Vertical(id="train-left"):
            yield self.make_form()
            yield RunsList(id="runs")
        with Vertical(id="train-right"):
            yield from self.make_views()

    def make_form(self) -> TrainForm:
        """The form with its first values."""
        return TrainForm(self.first_values("harbour"), id="form", classes="panel")

    def first_values(self, source: str) -> FormValues:
        """What was in the form when the screen was last used, or else this data."""
        kept = getattr(self.services.session, self.KEPT)
        return FormValues.restored(self.KIND, kept, source, self.services.settings.time)

    def on_mount(self) -> None:
        self.call_after_refresh(self._read)

    def focus_first(self) -> None:
        self.query_one("#corpus").focus()

    @property
    def form(self) -> TrainForm:
        return self.query_one(TrainForm)

    # --- the chosen run -----------------------------------------------------------------------------

    def runs_changed(self) -> None:
        """Make the plan that waited for a run to measure this machine, or to end."""
        free = self._pending_start is None and not self.services.runs.running
        if self._plan_waits == "run" and (free or machines.newest() is not None):
            self._plan_waits = ""
            self._plan()

    def run_drawn(self, can_stop: bool, can_resume: bool) -> None:
        again = "Longer" if self._is_finished else "Resume"
        self.form.set_buttons("Stop" if can_stop else again if can_resume else None)

    @property
    def _is_finished(self) -> bool:
        return self.row is not None and self.row.status == "finished"

    def action_resume(self) -> None:
        if self._is_finished:
            self._train_longer()
        else:
            super().action_resume()

    @work
    async def _train_longer(self) -> None:
        """Ask for how much longer, and resume the finished run."""
        row = self.row
        assert row is not None  # see `check_action`
        minutes = await minutes_longer(self.app, row.name)
        if minutes is not None:
            self.launch(["resume", row.id, "--minutes", minutes, "--nice", str(NICE)], row.name, row.id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return (action == "resume" and self._is_finished) or super().check_action(action, parameters)

    def launched(self, run: str) -> None:
        self.form.set_values(replace(self.form.values, name=""))
        if self.reading is not None:
            self._suggest_name(self.reading, also=ids.name_in(run))

    def _suggest_name(self, reading: SourceFacts, also: str = "") -> None:
        from lstmterm.models.library import free_name

        self.form.set_name_hint(free_name(reading.name, also))

    # --- the form ---------------------------------------------------------------------------------

    @on(TrainForm.Changed)
    def _form_changed(self, event: TrainForm.Changed) -> None:
        event.stop()
        self._keep()
        self._plan()

    @on(TrainForm.Pressed)
    async def _form_pressed(self, event: TrainForm.Pressed) -> None:
        event.stop()
        if event.what == "stop":
            running = self.row is not None and self.row.status == "running"
            await self.run_action("stop" if running else "resume")
        else:
            await self.run_action(event.what)

    def choose_source(self, source: str) -> None:
        """Train on another text."""
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
            self.form.set_facts(message.wrong, wrong=True)
            return
        self.form.set_facts(message.reading.summary)
        self._suggest_name(message.reading)
        self._plan()

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
            return Planned(_LATER, waits="run")
        if machine is None:
            self.post_message(
                Planned("Measuring this machine, once: some seconds. You can start now.", waits="measured")
            )
            machine = self._measured = measure(cancelled)
        return Planned(*plan_text(request, reading, machine))

    def on_planned(self, message: Planned) -> None:
        self._plan_waits = message.waits
        self.form.set_plan(message.plan, message.why, message.wrong)

    @work
    async def action_more(self) -> None:
        from lstmterm.ui.train.knob_screen import KnobScreen

        values = replace(self.form.values, name=self.form.name_or_hint)
        kept = await self.app.push_screen_wait(KnobScreen(values))
        if kept is not None:
            self.form.set_values(replace(self.form.values, knobs=kept.knobs))
            self.read_again()

    def action_check(self) -> None:
        """Show the statistics of the text, and warnings about it."""
        if self.reading is None:
            self.services.notify("The text is not read yet, or cannot be read.")
            return
        parts: list[tuple[str, str] | str] = []
        for title, value in self.reading.check:
            if value:
                parts += [(f"{title}  ", "bold $accent"), visible(value), "\n"]
        self.app.push_screen(TextDialog(f"Check of {self.reading.source}", Content.assemble(*parts)))

    def action_inspect(self) -> None:
        if self.chosen is None:
            self.services.notify("There is no run yet.")
        else:
            self.inspect(self.chosen)

    def picker(self) -> Dialog[str | None]:
        """The dialog that chooses the data."""
        from lstmterm.ui.train.corpus_picker import CorpusPicker

        return CorpusPicker(self.form.values.source, self.services.settings.folder)

    @work
    async def action_corpus(self) -> None:
        chosen = await self.app.push_screen_wait(self.picker())
        if chosen:
            self.choose_source(chosen)

    # --- starting --------------------------------------------------------------------

    def action_start(self) -> None:
        if self.is_starting:
            self.services.notify(STARTING, "warning")
            return
        self.is_launching = True
        self._start()

    @work
    async def _start(self) -> None:
        time = self.form.values.time
        request = await self._agreed()
        if request is None or request.name is None:
            self.is_launching = False
            return
        self.keep_time(time)
        if self._plan_waits:
            self.workers.cancel_group(self, "plan")
            self.on_planned(Planned(_LATER, waits="run"))
        self.launch([*request.to_arguments(), "--nice", str(NICE)], request.name)

    async def _agreed(self) -> TrainRequest | None:
        """The request of the form's values, with the user's answers; None if it cannot or is not to be trained."""
        values, wrong = self.form.values, self.form.wrong()
        name = self.form.name_or_hint
        if wrong or not name:
            self.services.notify(wrong or "The text is still being read.", "warning")
            return None
        request = replace(values, name=name).request()
        running = next((row.name for row in self.rows if row.status == "running"), None)
        confirmed = await agreed(self.app, request, name, running)
        return None if confirmed is None else await self.agrees(confirmed)

    async def agrees(self, request: TrainRequest) -> TrainRequest | None:
        """Ask for confirmation where it is needed: the request as the user agreed to it, or None."""
        return request

    def keep_time(self, time: str) -> None:
        """Make this time the default of the next run."""
        self.services.change_settings(replace(self.services.settings, time=time))
