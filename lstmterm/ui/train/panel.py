"""The Train tab: the form and the runs on the left, the loss and the samples on the right."""

from dataclasses import replace

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical

from lstmterm.planning.request import TrainRequest
from lstmterm.ui.train.form import TrainForm
from lstmterm.ui.train.loss_panel import LossPanel
from lstmterm.ui.train.plan_panel import LATER, PlanPanel
from lstmterm.ui.train.planning import Planned
from lstmterm.ui.train.questions import STARTING, agreed, minutes_longer
from lstmterm.ui.train.runs_list import NO_MODEL, RunsList
from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.keys import key

NICE = 10  # of a run started here, so that keys stay quick


class TrainPanel(PlanPanel):
    """The form, and the runs that it starts. The tagger's panel overrides the hooks."""

    ABOUT = (
        "Train a character model on your own text",
        "Choose a text and a time, then press Start. The plan below says about how long it takes, how large and how good "
        "the model becomes; {train.check:ctrl+b} says why, and checks the text. 'From' starts from the weights of another model. "
        "'More' lists all hyperparameters. A run continues when you close this screen. You find it again "
        "under Runs, like runs that were started elsewhere.\n\n"
        "The curve is the training loss (━, with the unsmoothed loss behind it). The circles are the "
        "validation loss, on text that the model is not trained on (○, the best ◆). The dashed lines are "
        "n-gram baselines. Lower is better. When the circles rise while the curve falls, the model overfits.\n\n"
        "{train.inspect:f10} shows what the chosen run's model knows so far, also while it learns: where a text surprises it. "
        "On a sample, 'i' does so with the sample's text.\n\n"
        "A narrow terminal shows one panel at a time: {train.run:alt+v} shows the run, {train.form:escape} the form again.",
    )

    BINDINGS = [
        key("ctrl+s", "start", "Start", "train.start", "Start training"),
        key("ctrl+t", "stop", "Stop", "train.stop", "Stop the chosen run; it can be resumed"),
        key("ctrl+r", "resume", "Resume", "train.resume", "Resume a run, or train a finished one longer"),
        key(
            "alt+v", "show_run", "Run", "train.run", "Show the chosen run, where one panel is shown at a time"
        ),
        key("escape", "show_form", "Form", "train.form", "Show the form, where one panel is shown at a time"),
        key("ctrl+o", "corpus", "Text", "train.text", "Choose the text to train on"),
        key(
            "ctrl+b",
            "check",
            "Check",
            "train.check",
            "The plan and its reasons; statistics and warnings about the text",
            show=False,
        ),
        key("f10", "inspect", "Inspect", "train.inspect", "Look inside the chosen run's model", show=False),
        key(
            "ctrl+g", "more", "More", "train.more", "All hyperparameters, and the command that does the same"
        ),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(id="train-left"):
            yield self.make_form()
            yield RunsList(id="runs")
        with Vertical(id="train-right"):
            yield from self.make_views()

    def make_form(self) -> TrainForm:
        """The form with its first values."""
        return TrainForm(self.first_values("harbour"), id="form", classes="panel")

    def focus_first(self) -> None:
        self.query_one("#corpus").focus()

    # --- the chosen run -----------------------------------------------------------------------------

    def run_drawn(self, can_stop: bool, can_resume: bool) -> None:
        again = "Longer" if self._is_finished else "Resume"
        self.form.set_buttons("Stop" if can_stop else again if can_resume else None)
        self.compare_plan()

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
        if action == "show_run":
            return self._one_panel and self.chosen is not None and not self._shows_run
        if action == "show_form":
            return self._one_panel and not self.form.has_focus_within
        return (action == "resume" and self._is_finished) or super().check_action(action, parameters)

    def launched(self, run: str) -> None:
        if self._one_panel and self.is_shown and not self._shows_run:
            self.action_show_run()
        self.form.set_values(replace(self.form.values, name=""))
        self._suggest_name()

    # --- one panel at a time ------------------------------------------------------------------------

    @property
    def _one_panel(self) -> bool:
        return self.screen.has_class("-one-panel")

    @property
    def _shows_run(self) -> bool:
        """Whether the focus is on the right: on the curve or on the samples."""
        return self.query_one("#train-right").has_focus_within

    def action_show_run(self) -> None:
        self.query_one(LossPanel).focus_run()

    def action_show_form(self) -> None:
        self.focus_first()

    # --- the form ---------------------------------------------------------------------------------

    @on(TrainForm.Pressed)
    async def _form_pressed(self, event: TrainForm.Pressed) -> None:
        event.stop()
        if event.what == "stop":
            running = self.row is not None and self.row.status == "running"
            await self.run_action("stop" if running else "resume")
        else:
            await self.run_action(event.what)

    @work
    async def action_from(self) -> None:
        """Choose the model whose weights the new one starts from."""
        from lstmterm.ui.train.start_picker import StartPicker

        running = frozenset(row.name for row in self.services.runs.running)
        chosen = await self.app.push_screen_wait(StartPicker(self.form.values.start_from, running, self.KIND))
        if chosen is not None:
            self.start_from(chosen)

    def train_from(self, run: str) -> None:
        from lstmterm.models import library

        row = self.services.runs.summary(run)
        if row is None or not library.is_taken(row.name):
            self.services.notify(NO_MODEL, "warning")
        else:
            self.start_from(row.name)
            self.services.notify(f"From is {row.name} now; choose the data and press Start.")

    def start_from(self, model: str) -> None:
        """Train from the weights of a model; from new ones if its name is empty."""
        self.form.set_values(replace(self.form.values, start_from=model))
        self._keep()
        self._plan()

    @work
    async def action_more(self) -> None:
        from lstmterm.ui.train.knob_screen import KnobScreen

        values = replace(self.form.values, name=self.form.name_or_hint)
        kept = await self.app.push_screen_wait(KnobScreen(values))
        if kept is not None:
            self.form.set_values(replace(self.form.values, knobs=kept.knobs))
            self.read_again()

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
        if self._planned.waits:
            self.workers.cancel_group(self, "plan")
            self.on_planned(Planned(LATER, waits="run"))
        self.launch([*request.to_arguments(), "--nice", str(NICE)], request.name)

    async def _agreed(self) -> TrainRequest | None:
        """The request of the form's values, with the user's answers; None if it cannot or is not to be trained."""
        values, wrong = self.form.values, self.form.wrong() or self.unreadable
        name = self.form.name_or_hint
        if wrong or not name:
            self.services.notify(wrong or "The text is still being read.", "warning")
            if self.unreadable:
                self.read_again()  # it may have been corrected
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
