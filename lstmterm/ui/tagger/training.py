"""Training a tagger: the Train tab's panel for tagged data.

What differs is here: how data is read and planned, the form, and how samples are drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from lstmterm.planning import tagger_plan
from lstmterm.planning.length import DEFAULT_LENGTH
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.tagger_outlook import outlook
from lstmterm.tagging import ciphers
from lstmterm.ui.tagger.data_picker import DataPicker
from lstmterm.ui.tagger.form import TaggerForm
from lstmterm.ui.tagger.reading import TaggedFacts, read_data
from lstmterm.ui.tagger.timeline import TaggedTimeline
from lstmterm.ui.train.form import FormValues, TrainForm
from lstmterm.ui.train.loss_panel import LossPanel
from lstmterm.ui.train.panel import TrainPanel
from lstmterm.ui.train.planning import Planned, SourceFacts, TextRead
from lstmterm.ui.widgets.dialogs import Dialog, Question
from lstmterm.ui.widgets.keys import key

FIRST_DATA = "harbour-tags"
_OF_ONE_FILE = (*TaggerForm.OWN_KNOBS, "text_column", "encoding")
FURTHER = "-further"  # the end of the name of a tagger that is trained further
FURTHER_TIME = "1 minute"
_EPOCHS_SLACK = 0.2  # of the steps in an epoch, which depend on how sentences fill batches
_PAUSE = 0.3  # seconds without typing before the data is read again
EMPTY = (
    "No tagger is being trained.\n\n"
    "Choose tagged data and a time on the left, then press Start.\n"
    "Try a cipher such as rot13 to see its letters fall into place."
)


class TaggerTraining(TrainPanel):
    """The form of a tagger, its runs, and how they go."""

    KIND = "tagger"
    KEPT = "train_tagger"

    _corrections = ""  # the file that was saved here: how it is read is in no doubt

    BINDINGS = [
        key("ctrl+o", "corpus", "Data", "train.text", "Choose the tagged data for training"),
        key("ctrl+n", "use", "Tag with it", "train.use", "Tag a text with the chosen run's model"),
        key("ctrl+b", "check", "Check", "train.check", "What is known about the data", show=False),
    ]

    @dataclass
    class Use(Message):
        """Open this model to tag a text."""

        name: str

    def make_form(self) -> TrainForm:
        return TaggerForm(self.first_values(FIRST_DATA), id="form", classes="panel")

    def make_views(self) -> ComposeResult:
        yield LossPanel(EMPTY, id="loss", classes="panel")
        yield TaggedTimeline(id="timeline", classes="panel")

    def focus_first(self) -> None:
        super().focus_first()
        self._draw()  # it may have been hidden

    # --- the data -----------------------------------------------------------------------------------

    def picker(self) -> Dialog[str | None]:
        return DataPicker(self.form.values.source, self.services.settings.folder)

    def choose_source(self, source: str) -> None:
        """Train on other data; a column belongs to one file, and a cipher takes seconds."""
        values = self.form.values
        kept = {name: text for name, text in values.knobs.items() if name not in _OF_ONE_FILE}
        was, is_now = ciphers.kind_of(values.source), ciphers.kind_of(source)
        if was != is_now:
            time = str(tagger_plan.CIPHER_LENGTHS[is_now]) if is_now else self.services.settings.time
            values = replace(values, time=time)
        self.form.set_values(replace(values, source=source, knobs=kept))
        self.read_again()

    def read(self, values: FormValues, cancelled: Callable[[], bool]) -> SourceFacts:
        return read_data(values, cancelled)

    def plan(
        self, request: TrainRequest, reading: SourceFacts, cancelled: Callable[[], bool]
    ) -> Planned | None:
        from lstmterm.planning.beside_run import DataAsRead, Plan
        from lstmterm.runs.earlier import nearest_tagger
        from lstmterm.runs.summary import summaries

        if not isinstance(reading, TaggedFacts):
            return None
        length = request.length or DEFAULT_LENGTH
        found = outlook(length, reading.tagged, request.given)
        earlier = nearest_tagger(summaries(), reading.part, request.start_from, length.seconds)
        found = replace(found, earlier=earlier)
        read = DataAsRead(reading.part)
        beside = Plan(request, length, read, found.shape, found.steps, slack=_EPOCHS_SLACK)
        return Planned("\n".join(found.card), found.why, rows=found.rows, beside=beside)

    @on(TaggerForm.Unread)
    def _unread(self, event: TaggerForm.Unread) -> None:
        event.stop()
        if hasattr(self, "_reading_timer"):
            self._reading_timer.stop()
        self._reading_timer = self.set_timer(_PAUSE, self.read_again)

    def on_text_read(self, message: TextRead) -> None:  # in addition to the panel's own
        if isinstance(message.reading, TaggedFacts) and isinstance(self.form, TaggerForm):
            self.form.show_choices(message.reading.column, message.reading.tagged.level)

    # --- starting -----------------------------------------------------------------------------------

    async def agrees(self, request: TrainRequest) -> TrainRequest | None:
        reading = self.reading
        doubt = reading.doubt if isinstance(reading, TaggedFacts) else ""
        if not doubt:
            return request
        if request.source != self._corrections:
            question = Question(f"{doubt}. Train on it?", "Train", "Cancel")
            if not await self.app.push_screen_wait(question):
                return None
        return replace(request, yes=True)

    def train_further(self, tagger: str, source: str, column: str | None) -> None:
        """Fill in the form to train this tagger further on a file of corrections."""
        from lstmterm.models.library import free_name

        self._corrections = source
        name = free_name(f"{Path(tagger).stem.removesuffix(FURTHER)}{FURTHER}")
        knobs = {} if column is None else {"column": column}
        self.form.set_values(FormValues("tagger", source, name, FURTHER_TIME, knobs, tagger))
        self.read_again()
        self.call_after_refresh(self.form.query_one("#start").focus)

    def start_from(self, model: str) -> None:  # it determines how the data is read, too
        self.form.set_values(replace(self.form.values, start_from=model))
        self.read_again()

    def keep_time(self, time: str) -> None:
        values = self.form.values
        if not ciphers.is_cipher(values.source) and not values.start_from:
            super().keep_time(time)

    def action_use(self) -> None:
        row = self.services.runs.summary(self.chosen)
        if row is not None:
            self.post_message(self.Use(row.name))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "use":
            progress = self.services.runs.progress.get(self.chosen or "")
            return progress is not None and progress.saved_model
        return super().check_action(action, parameters)
