"""A page of the Generate tab: a draft, the model that continues it, and a frame that names both.

What the model writes comes from a thread as messages. Each text that it writes is a stretch of the draft; where
settings change meanwhile the stretch ends, and another one begins after it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from textual import work
from textual.content import Content
from textual.events import Resize

from lstmterm.drafts.tree import Place
from lstmterm.infer.draft_writing import Growth
from lstmterm.infer.lstm import CharLSTM
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.generate.draft_page import DraftPage
from lstmterm.ui.generate.held_unit import HeldUnit, held, summaries
from lstmterm.ui.generate.several import Several, SeveralDialog
from lstmterm.ui.generate.unit_finder import UnitFinder
from lstmterm.ui.generate.writer import (
    ModelLoaded,
    Notice,
    PageSettings,
    TextWritten,
    Writer,
    WriterIdle,
    WritingEnded,
    WritingFailed,
    WritingStarted,
)
from lstmterm.ui.widgets.fitting import border_columns, first_fitting
from lstmterm.visible import shorten

_THERE = 200  # characters that are shown or compared of what stands around a place
_SEVERAL = 500  # characters of each of several texts, where a text has no end


class WritingPage(DraftPage):
    """Its writer works in threads and posts here; the messages then bubble to the panel."""

    def __init__(self, number: int, clock: Callable[[], float], **options: Any) -> None:
        super().__init__(number, clock, **options)
        self.writer = Writer(number, self.post_message, PageSettings())
        self.busy = False  # whether more may be written
        self._seed = 0  # of what is being written
        self._place = Place()  # where what is being written begins
        self._growth: Growth | None = None  # its stretch, once there is one
        self._asked: Place | None = None  # where the last text that the user asked for begins
        self._left: int | None = None  # what of its length is still to be written; None: no end
        self._resuming = False  # whether to write on with other settings
        self._joined = False  # whether undo takes what is being written with the change before it
        self._done = [""]  # what was written last, in texts each shorter than the one before
        self._notice = ""
        self._titles = [""]  # the same
        self._subtitles = [""]  # the same
        self._held: Sequence[HeldUnit] = ()
        self._finder: UnitFinder | None = None  # of the present model
        self._last_failure = ""
        self._trained_on: Mapping[str, Any] = {}  # the model's training text, whose copies are looked for

    def on_mount(self) -> None:
        self.describe()

    def on_unmount(self) -> None:
        self.writer.stop()  # no thread writes on when the screen closes
        if self._growth is not None:
            self._growth.write()
        if self._finder is not None:
            self._finder.stop()

    def on_resize(self, event: Resize) -> None:
        self._fit_title()

    # --- the model and its settings ----------------------------------------------------------------

    @property
    def model(self) -> str:
        return self.writer.reference

    @property
    def card(self) -> ModelCard | None:
        return self.writer.card

    @property
    def lstm(self) -> CharLSTM | None:
        return self.writer.model

    def open_model(self, name: str) -> None:
        """Write with this model from now on."""
        self.writer.stop()
        self.writer.reference = name
        self.describe()
        self.read_model(chosen=True)

    @work(thread=True, group="reading")
    def read_model(self, *, chosen: bool = False) -> None:
        """Read the model's file if it is a new one; report one that was `chosen` in any case."""
        self.writer.read_model(chosen=chosen)

    def set_settings(self, settings: PageSettings) -> None:
        """Write with these settings from now on."""
        before, self.writer.settings = self.writer.settings, settings
        self._left = _changed_length(self._left, before.generation.length, settings.generation.length)
        self.describe()
        if replace(before, speed=settings.speed) != settings:
            self._write_anew()

    def hold(self, units: Sequence[HeldUnit]) -> None:
        """Hold these units from now on, those of them that are on, and no others."""
        before, self._held, self.writer.held = self.writer.held, units, held(units)
        self.describe()
        if self.writer.held != before:
            self._write_anew()

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

    # --- writing ------------------------------------------------------------------------------------

    @property
    def retried(self) -> Place | None:
        """Where the last text that the model wrote begins, for another attempt; None if there is none."""
        tree, written, asked = self.draft.tree, self.written, self._asked
        if written is None:
            return None
        on_path = asked is not None and any(asked.stretch == stretch for stretch, _ in tree.path(tree.place))
        return asked if on_path else written.parent

    @property
    def seed(self) -> int | None:
        """The seed of what is being written, else of the last stretch that was; None if there is none."""
        return self._seed if self.busy else self.written and self.written.origin.seed

    def write(self, seed: int, place: Place | None = None, *, joined: bool = False) -> None:
        """Have the model continue a place, the user's if none is given; `joined` as in `Tree.add`."""
        tree = self.draft.tree
        place = place or tree.place
        if place.offset is None:  # the end of a stretch, which may grow
            place = Place(place.stretch, len(tree.stretches[place.stretch].text))
        self._asked, self._left = place, self.writer.settings.generation.length
        self._last_failure, self._notice, self._copies.remark, self._done = "", "", "", [""]
        self._write(seed, place, joined)
        self.text.follow()

    def _write(self, seed: int, place: Place, joined: bool) -> None:
        self._seed, self._place, self._resuming, self.busy = seed, place, False, True
        self._joined = joined
        self.add_class("-begun")
        self.show_place(place)
        self.writer.allow()
        text, length = self.draft.tree.text(place), self._left
        self.run_worker(lambda: self.writer.write(text, seed, length), thread=True, group="writing")

    def _write_anew(self) -> None:
        """If the model writes, end the stretch, and write on in another one with the present settings."""
        if self._growth is not None and not self._resuming:
            self._resuming = True
            self.writer.stop()

    def stop(self) -> None:
        """End the text after the current character."""
        self._resuming = False
        self.writer.stop()

    def on_writing_started(self, message: WritingStarted) -> None:
        self._growth = Growth(self.changing(), message.origin, self._place, joined=self._joined)

    def on_text_written(self, message: TextWritten) -> None:
        if self._growth is not None:
            self._growth.add(message.text)
            self.append(message.text, message.measures)
            self._done = message.summaries()
            super().describe()  # the frame stays as it is

    def on_writing_ended(self, message: WritingEnded) -> None:
        self.on_text_written(message)
        if self._growth is not None:
            self._growth.finish(message.chars, message.nats, stopped=message.stopped)
            self.keep()
        if self._left is not None:
            self._left = max(self._left - message.units, 0)
        self._resuming = self._resuming and message.stopped

    def on_writer_idle(self, message: WriterIdle) -> None:
        if self._growth is not None:
            self._growth.write()
            self._joined = self._joined or self._growth.stretch is not None
            self._growth = None
        self.busy = False
        if self._resuming and self._left != 0:
            self._write(self.writer.settings.new_seed(), self.draft.tree.place, self._joined)
        else:
            self.show_place()

    def on_model_loaded(self, message: ModelLoaded) -> None:
        self._last_failure = ""
        self.follow_colours()
        if message.card.corpus != self._trained_on:
            self._trained_on = message.card.corpus
            self.follow_copies()
        self.describe()

    def on_notice(self, message: Notice) -> None:
        self._notice = message.text
        self.describe()

    def on_writing_failed(self, message: WritingFailed) -> None:
        """A failure is reported once, however often the file is read, and again by the next text."""
        if message.reason == self._last_failure:
            message.stop()
        self._last_failure = message.reason

    @work(thread=True, exclusive=True, group="next")
    def look_ahead(self, position: int | None = None) -> None:
        """Ask what may come after the first `position` characters, or after all."""
        if self.writer.reference:
            text = self.draft.tree.text()
            there = "" if position is None else text[position : position + _THERE]
            self.writer.look_ahead(text[:position], there)

    def several(self, seed: int | None) -> SeveralDialog:
        """A dialog that has several texts written after this one; `seed` is that of the first, if it is pinned."""
        length = self.writer.settings.generation.length
        text = self.draft.tree.text()
        writer = self.writer.several(text, _SEVERAL if length is None else length)
        return SeveralDialog(writer, text[-_THERE:], seed)

    def take_several(self, several: Several, place: Place) -> None:
        """Add what was written after a place as branches; hide those that are not kept, and go to the chosen one."""
        written = [(k, each) for k, each in enumerate(several.written) if each.text]
        if not written:
            return
        draft, numbers = self.changing(), dict[int, int]()
        for k, each in written:
            numbers[k] = draft.add(each.text, each.origin, place, joined=bool(numbers))
        for k in several.hidden & numbers.keys():
            draft.hide(numbers[k], joined=True)
        chosen = Place(numbers[several.chosen]) if several.chosen in numbers else place
        draft.go(chosen, joined=True)
        self._changed()

    def _changed(self) -> None:
        self._done, self._notice = [""], ""
        super()._changed()

    def _show_draft(self) -> None:
        self._asked, self._done, self._notice = None, [""], ""
        super()._show_draft()

    # --- what is shown ------------------------------------------------------------------------------

    def figures(self) -> list[str]:
        """What the model does, how fast, how surprised, and how much it copies."""
        doing, about = "writing" if self.busy else "", super().figures()
        lines = [(doing, self._done[0], each) for each in about[:-1]]
        lines += [(doing, done, each) for each in about[-2:] for done in self._done]
        lines += [(self._done[-1],)]
        return [" · ".join(filter(None, line)) for line in lines]

    def remark(self) -> str:
        return self._notice

    def describe(self) -> None:
        super().describe()
        name = shorten(self.writer.reference, 40) or "No model"
        self._titles = [f"{name} · {units}" for units in summaries(self._held)] + [name]
        temperature = self.writer.settings.sampling.temperature
        draft = [shorten(self.draft.name, 40)] if self.draft.name else []
        seeded = [] if self.seed is None else [f"seed {self.seed}"]
        named = (f"temperature {temperature:g}", f"T {temperature:g}")
        self._subtitles = [
            " · ".join([*name, each, *seeded]) for name in (draft, []) for each in named
        ] + seeded
        self._fit_title()

    def _fit_title(self) -> None:
        columns = border_columns(self)
        self.border_title = Content(first_fitting(columns, self._titles))
        self.border_subtitle = Content(first_fitting(columns, self._subtitles))


def _changed_length(left: int | None, before: int | None, after: int | None) -> int | None:
    """What of a length is still to be written, when the length that was asked for changes."""
    if before == after:
        return left
    written = before - left if before is not None and left is not None else 0
    return None if after is None else max(after - written, 0)
