"""A page of the Generate tab: a model, the text that it writes, and a frame that names both."""

from typing import Any

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from lstmterm.ui.generate.conversation import Conversation
from lstmterm.ui.generate.status_line import first_fitting
from lstmterm.ui.generate.writer import (
    ModelLoaded,
    Notice,
    PageSettings,
    TextWritten,
    Writer,
    WriterIdle,
    WritingFailed,
    WritingStarted,
)
from lstmterm.visible import shorten

_AROUND_TITLE = 6  # columns of the frame that its title leaves free


class WritingPage(Vertical):
    """Its writer works in threads and posts here; the messages then bubble to the panel."""

    def __init__(self, number: int, **options: Any) -> None:
        super().__init__(id=f"page{number + 1}", classes="page panel", **options)
        self.number = number
        self.writer = Writer(number, self.post_message, PageSettings())
        self.busy = False  # whether more may be written
        self.last_text = ""  # written since the last prompt
        self._subtitles = [""]  # the same, each shorter than the one before
        self._last_failure = ""

    def compose(self) -> ComposeResult:
        yield Static(classes="hint")
        yield Conversation(id=f"text{self.number + 1}")

    def on_mount(self) -> None:
        self._update_title()

    def on_unmount(self) -> None:
        self.writer.stop()  # no thread writes on when the screen closes

    def on_resize(self, event: Resize) -> None:
        self._fit_title()

    @property
    def conversation(self) -> Conversation:
        """The prompts and the texts."""
        return self.query_one(Conversation)

    # --- the model -------------------------------------------------------------------------------

    def open_model(self, name: str) -> None:
        """Write with this model from now on."""
        self.writer.stop()
        self.writer.reference = name
        self.writer.forget()
        self._update_title()
        self.read_model()

    @work(thread=True, group="reading")
    def read_model(self) -> None:
        """Read the model's file if it is a new one."""
        self.writer.read_model()

    def set_settings(self, settings: PageSettings) -> None:
        """Write with these settings from the next character on."""
        self.writer.settings = settings
        self._update_title()

    # --- the text --------------------------------------------------------------------------------

    def start(self, prompt: str, seed: int | None) -> None:
        """Continue `prompt`, or the last text if it is empty."""
        self._last_failure = ""
        self._begin()
        if prompt:
            self.last_text = ""
            self.conversation.start_block()
            self.conversation.add(prompt, "prompt")
        self.conversation.follow()
        self.run_worker(lambda: self.writer.write(prompt, seed), thread=True, group="writing")

    def take(self, text: str) -> None:
        """Continue the text with `text`."""
        self._begin()
        self.run_worker(lambda: self.writer.take(text), thread=True, group="writing")

    @work(thread=True, group="next")
    def look_ahead(self) -> None:
        """Ask for the probabilities of the next character."""
        if self.writer.reference:
            self.writer.look_ahead()

    def forget(self) -> None:
        """Forget the text so far; the next prompt starts afresh."""
        self.writer.forget()
        if not self.conversation.is_empty:
            self.conversation.start_block()
            self.conversation.add("– new –\n", "note")

    def clear(self) -> None:
        """Remove the text; the hint is shown again."""
        self.conversation.clear()
        self.remove_class("-begun")

    def set_hint(self, text: str) -> None:
        """What to do, shown while nothing is written."""
        self.query_one(".hint", Static).update(Content(text))

    def _begin(self) -> None:
        self.add_class("-begun")
        self.busy = True
        self.writer.allow()

    # --- what the writer posts -------------------------------------------------------------------

    def on_model_loaded(self, message: ModelLoaded) -> None:
        self._last_failure = ""
        self._update_title()

    def on_writing_started(self, message: WritingStarted) -> None:
        self._update_title()

    def on_text_written(self, message: TextWritten) -> None:
        self.last_text += message.text
        self.conversation.add(message.text)

    def on_notice(self, message: Notice) -> None:
        if not self.conversation.is_empty:
            self.conversation.add(f" ⟨{message.text}⟩ ", "note")

    def on_writing_failed(self, message: WritingFailed) -> None:
        """A failure is reported once, however often the file is read, and again by the next `start`."""
        if message.reason == self._last_failure:
            message.stop()
        self._last_failure = message.reason

    def on_writer_idle(self, message: WriterIdle) -> None:
        self.busy = False

    # --- the frame -------------------------------------------------------------------------------

    def _update_title(self) -> None:
        self.border_title = Content(shorten(self.writer.reference, 40) or "No model")
        temperature, seed = self.writer.settings.sampling.temperature, self.writer.seed
        seeded = [] if seed is None else [f"seed {seed}"]
        named = (f"temperature {temperature:g}", f"T {temperature:g}")
        self._subtitles = [" · ".join([name, *seeded]) for name in named] + seeded
        self._fit_title()

    def _fit_title(self) -> None:
        self.border_subtitle = Content(first_fitting(self.outer_size.width - _AROUND_TITLE, self._subtitles))
