"""A page of the Generate tab: a model, the text that it writes, what it copies, and a frame that names them."""

import shlex
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from lstmterm.corpora.copied import CopyIndex
from lstmterm.corpora.growing import Stretch
from lstmterm.spec.knobs import chosen, number_text
from lstmterm.spec.units import held_arguments
from lstmterm.ui.generate.conversation import Conversation
from lstmterm.ui.generate.copies import CopiesFound, CopiesRemark, CopyFinder, PassageFound, passage
from lstmterm.ui.generate.held_unit import HeldUnit, held, summaries
from lstmterm.ui.generate.status_line import StatusLine, first_fitting
from lstmterm.ui.generate.unit_finder import UnitFinder
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
from lstmterm.ui.widgets.dialogs import TextDialog
from lstmterm.visible import shorten, visible_lines

_AROUND_TITLE = 6  # columns of the frame that its title leaves free
_AROUND = 300  # characters of the training text that are shown before and after a stretch


class WritingPage(Vertical):
    """Its writer works in threads and posts here; the messages then bubble to the panel."""

    def __init__(self, number: int, **options: Any) -> None:
        super().__init__(id=f"page{number + 1}", classes="page panel", **options)
        self.number = number
        self.writer = Writer(number, self.post_message, PageSettings())
        self.busy = False  # whether more may be written
        self.last_text = ""  # written since the last prompt
        self._last_prompt = ""
        self._titles = [""]  # the same, each shorter than the one before
        self._subtitles = [""]  # the same
        self._held: Sequence[HeldUnit] = ()
        self._finder: UnitFinder | None = None  # of the present model
        self._last_failure = ""
        self._copies = CopyFinder(self.post_message)
        self._copying = 0  # the number of the text that is followed
        self._read = 0  # characters of it
        self._places: list[tuple[int, int]] = []  # where its parts begin, in it and on the page
        self._stretches: list[tuple[Stretch, CopyIndex]] = []  # of the whole page, one for each mark
        self._before = 0  # how many of them are of earlier texts
        self._figures: list[str] = []  # what the last text copied, as texts of several lengths

    def compose(self) -> ComposeResult:
        yield Static(classes="hint")
        yield Conversation(id=f"text{self.number + 1}")
        yield StatusLine(classes="copies")

    def on_mount(self) -> None:
        self._update_title()

    def on_unmount(self) -> None:
        self.writer.stop()  # no thread writes on when the screen closes
        self._copies.stop()
        if self._finder is not None:
            self._finder.stop()

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
        self._follow_copies()
        self._update_title()
        self.read_model(chosen=True)

    @work(thread=True, group="reading")
    def read_model(self, *, chosen: bool = False) -> None:
        """Read the model's file if it is a new one; report one that was `chosen` in any case."""
        self.writer.read_model(chosen=chosen)

    def set_settings(self, settings: PageSettings) -> None:
        """Write with these settings from the next character on."""
        self.writer.settings = settings
        self._update_title()

    # --- hidden units ----------------------------------------------------------------------------

    def hold(self, units: Sequence[HeldUnit]) -> None:
        """Hold these units from the next character on, those of them that are on, and no others."""
        self._held = units
        self.writer.held = held(units)
        self._update_title()

    def unit_finder(self) -> UnitFinder | None:
        """What is known of the model's units, which are looked at from now on; None without a model."""
        model, card = self.writer.model, self.writer.card
        if model is None or card is None:
            return None
        if self._finder is None or self._finder.model is not model:
            if self._finder is not None:
                self._finder.stop()
            self._finder = UnitFinder(model, card)
        if self._finder.start():
            self.run_worker(self._finder.find, thread=True, group="units")
        return self._finder

    @property
    def command(self) -> str:
        """The command that writes the last text; empty if nothing was written."""
        if not self._last_prompt or self.writer.seed is None:
            return ""
        settings = self.writer.settings
        length = settings.generation.length
        generation = replace(settings.generation, seed=self.writer.seed)
        words = ["lstmterm", "generate", self.writer.reference, "--prompt", self._last_prompt]
        words += ["--infinite"] if length is None else ["--length", number_text(length)]
        words += chosen(generation, "length") + chosen(settings.sampling) + held_arguments(self.writer.held)
        return shlex.join(words)

    # --- the text --------------------------------------------------------------------------------

    def start(self, prompt: str, seed: int | None) -> None:
        """Continue `prompt`, or the last text if it is empty."""
        self._last_failure = ""
        self._begin()
        self.conversation.choose(None)
        self._tell(self._figures)
        if prompt:
            self.last_text, self._last_prompt = "", prompt
            self._follow_copies()
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
        self._stretches.clear()
        self._follow_copies()
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
        place = self.conversation.length
        if not self._places or place - self._places[-1][1] != self._read - self._places[-1][0]:
            self._places.append((self._read, place))
        self._read += len(message.text)
        self.conversation.add(message.text)
        card = self.writer.card
        if card is not None and self._copies.add(message.text, card):
            self.run_worker(self._copies.find, thread=True, group="copies")

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

    # --- what the text copies --------------------------------------------------------------------

    def _follow_copies(self) -> None:
        """Follow another text from now on."""
        self._copying = self._copies.begin()
        self._read, self._before = 0, len(self._stretches)
        self._places.clear()
        self._figures = [""] if self._figures else []  # the line stays if it will be needed
        self._tell(self._figures)

    def _tell(self, texts: list[str]) -> None:
        """Show a line below the text, the first of these that fits; none for no text."""
        line = self.query_one(".copies", StatusLine)
        line.display = bool(texts)
        line.show(*(texts or [""]))

    def on_copies_found(self, message: CopiesFound) -> None:
        if message.text == self._copying:
            kept = self._before + message.kept
            self._stretches[kept:] = [(stretch, message.index) for stretch in message.stretches]
            self.conversation.mark(kept, [self._on_page(stretch) for stretch in message.stretches])
            self._figures = message.summaries()
            if self.conversation.chosen is None:
                self._tell(self._figures)

    def on_copies_remark(self, message: CopiesRemark) -> None:
        if message.text == self._copying:
            self._tell([message.sentence])

    def _on_page(self, stretch: Stretch) -> tuple[int, int]:
        """Where a stretch begins and ends on the page."""

        def place(offset: int) -> int:
            start, place = self._places[bisect_right(self._places, offset, key=lambda part: part[0]) - 1]
            return place + offset - start

        return place(stretch.start), place(max(stretch.end - 1, stretch.start)) + (
            stretch.end > stretch.start
        )

    @on(Conversation.MarkChosen)
    def _mark_chosen(self, event: Conversation.MarkChosen) -> None:
        event.stop()
        stretch, index = self._stretches[event.number]
        self._find_passage(stretch, index, event.opened)

    @work(thread=True, exclusive=True, group="passage")
    def _find_passage(self, stretch: Stretch, index: CopyIndex, opened: bool) -> None:
        self.post_message(PassageFound(passage(index, stretch, _AROUND), opened))

    def on_passage_found(self, message: PassageFound) -> None:
        found = message.passage
        self._tell(found.summaries())
        if message.opened:
            around = (
                (visible_lines(found.before), "$foreground 70%"),
                (visible_lines(found.copied), "bold underline"),
                (visible_lines(found.after), "$foreground 70%"),
            )
            self.app.push_screen(TextDialog(found.summaries()[0], Content.assemble(*around)))

    # --- the frame -------------------------------------------------------------------------------

    def _update_title(self) -> None:
        name = shorten(self.writer.reference, 40) or "No model"
        self._titles = [f"{name} · {units}" for units in summaries(self._held)] + [name]
        temperature, seed = self.writer.settings.sampling.temperature, self.writer.seed
        seeded = [] if seed is None else [f"seed {seed}"]
        named = (f"temperature {temperature:g}", f"T {temperature:g}")
        self._subtitles = [" · ".join([name, *seeded]) for name in named] + seeded
        self._fit_title()

    def _fit_title(self) -> None:
        columns = self.outer_size.width - _AROUND_TITLE
        self.border_title = Content(first_fitting(columns, self._titles))
        self.border_subtitle = Content(first_fitting(columns, self._subtitles))
