"""Training a tagger: the Train tab's panel over tagged data.

What differs is here: how data is read and planned, the form, and how samples are drawn.
"""

from collections.abc import Callable
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import ModalScreen

from lstmterm.tagging import ciphers
from lstmterm.ui.tagger.data_picker import DataPicker
from lstmterm.ui.tagger.form import TaggerForm
from lstmterm.ui.tagger.reading import CIPHER_TIME, MANY_TAGS, DataReading, plan_tagger, read_data
from lstmterm.ui.tagger.timeline import TaggedTimeline
from lstmterm.ui.train.form import TrainForm, Wish
from lstmterm.ui.train.loss_panel import LossPanel
from lstmterm.ui.train.panel import Planned, TextRead, TrainPanel
from lstmterm.ui.train.planning import Reading
from lstmterm.ui.widgets.dialogs import Question

FIRST_DATA = "harbour-tags"
_PAUSE = 0.3  # seconds without typing before the data is read in another way
EMPTY = (
    "No tagger is being trained.\n\n"
    "Choose tagged data and a time on the left, then press Start.\n"
    "With a cipher such as rot13 you see its letters fall into place."
)


class TaggerTraining(TrainPanel):
    """What is wished of a tagger, what runs, how it goes."""

    TASK = "tagger"

    BINDINGS = [
        Binding("ctrl+o", "corpus", "Data", id="train.text", tooltip="Choose the tagged data to learn from"),
        Binding(
            "ctrl+n", "use", "Tag with it", id="train.use", tooltip="Tag a text with the chosen run's model"
        ),
        Binding(
            "ctrl+b", "check", "Check", show=False, id="train.check", tooltip="All that is known of the data"
        ),
    ]

    class Use(Message):
        """A text is to be tagged with this model."""

        def __init__(self, name: str) -> None:
            self.name = name
            super().__init__()

    def make_form(self) -> TrainForm:
        wish = Wish(FIRST_DATA, "", self.app.settings.time, task=self.TASK)
        return TaggerForm(wish, id="form", classes="panel")

    def make_views(self) -> ComposeResult:
        yield LossPanel(EMPTY, id="loss", classes="panel")
        yield TaggedTimeline(id="timeline", classes="panel")

    def redraw(self) -> None:
        """The panel is shown again."""
        self._draw()

    # --- the data -----------------------------------------------------------------------------------

    def picker(self) -> ModalScreen[str | None]:
        return DataPicker(self.form.wish.corpus, self.app.settings.folder)

    def wish_for(self, corpus: str) -> None:
        """Wish for other data; a column is another file's, and a cipher takes seconds."""
        wish = self.form.wish
        chosen = {name: text for name, text in wish.chosen.items() if name not in TaggerForm.OWN_KNOBS}
        was, is_now = ciphers.is_cipher(wish.corpus), ciphers.is_cipher(corpus)
        if was != is_now:
            wish = replace(wish, time=CIPHER_TIME if is_now else self.app.settings.time)
        self.form.set_wish(replace(wish, corpus=corpus, chosen=chosen))
        self.read_again()

    def read(self, wish: Wish, cancelled: Callable[[], bool]) -> Reading:
        return read_data(wish, cancelled)

    def plan(self, wish: Wish, reading: Reading, cancelled: Callable[[], bool]) -> Planned | None:
        return Planned(*plan_tagger(wish, reading)) if isinstance(reading, DataReading) else None

    @on(TaggerForm.Unread)
    def _unread(self, event: TaggerForm.Unread) -> None:
        event.stop()
        if hasattr(self, "_reading_timer"):
            self._reading_timer.stop()
        self._reading_timer = self.set_timer(_PAUSE, self.read_again)

    def on_text_read(self, message: TextRead) -> None:  # beside the panel's own
        if isinstance(message.reading, DataReading) and isinstance(self.form, TaggerForm):
            self.form.show_choices(message.reading.column, message.reading.level)

    # --- starting -----------------------------------------------------------------------------------

    async def agrees(self, wish: Wish, arguments: list[str]) -> bool:
        reading = self.reading
        if not isinstance(reading, DataReading) or reading.tags <= MANY_TAGS:
            return True
        question = (
            f"The column {reading.column} has {reading.tags:,} distinct tags, so it may be the wrong one. "
            "Train on it?"
        )
        if not await self.app.push_screen_wait(Question(question, "Train", "Cancel")):
            return False
        arguments.append("--yes")
        return True

    def keep_time(self, time: str) -> None:
        if not ciphers.is_cipher(self.form.wish.corpus):
            super().keep_time(time)

    def action_use(self) -> None:
        row = self.app.store.row(self.chosen)
        if row is not None:
            self.post_message(self.Use(row.name))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "use":
            progress = self.app.store.progress.get(self.chosen or "")
            return progress is not None and progress.saved_model
        return super().check_action(action, parameters)
