"""The Generate tab: a conversation with a model, or with two models side by side.

The pages write in threads. Whatever ends a text (another prompt, a fresh start, an empty page)
first waits until its last characters are shown.
"""

import secrets
from collections import deque
from collections.abc import Callable

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from lstmterm.ui.generate.beside import Beside
from lstmterm.ui.generate.held_units import HeldUnits
from lstmterm.ui.generate.next_characters import NextCharacters
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.remembered import RememberingPanel
from lstmterm.ui.generate.sampling_form import SamplingForm
from lstmterm.ui.generate.status_line import StatusLine
from lstmterm.ui.generate.writer import (
    ModelLoaded,
    Notice,
    ProbabilitiesReady,
    WriterIdle,
    WritingEnded,
    WritingFailed,
)
from lstmterm.ui.generate.writing_page import WritingPage
from lstmterm.ui.services import Services
from lstmterm.ui.widgets.adapt_dialog import adapted_to_typed
from lstmterm.ui.widgets.clipboard import copy
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.model_picker import ModelPicker, card_line, newest_model
from lstmterm.ui.widgets.save_file import save_file

NO_MODEL = "There is no model yet.\n\nTrain one (F2), or add one in the Library (F6).\nA model can write while it is being trained."
HINT = "Type a prompt and press Enter.\n\nThe model continues it.\nEnter on an empty line continues the text.\n↑ and ↓ recall prompts; ^j begins a new line."


class GeneratePanel(RememberingPanel):
    """Writing with a model."""

    ROOMY_FROM = 110

    ABOUT = (
        "Generate text with a model",
        "Type a prompt and press Enter. The model continues it, and remembers the text until 'New'. An empty "
        "prompt continues the text. The sampling settings on the right apply at once, even while the model "
        "writes: a low temperature gives safe text, a high one surprising text. The same seed and settings "
        "give the same text again.\n\n"
        "^j begins a new line of the prompt, as Shift+Enter does where the terminal can send it; pasted lines are "
        "kept. Page Up and Page Down scroll the text. 'Next' shows the most probable next characters; choose one and the "
        "model continues from it. 'Hold' keeps hidden units at a value while the model writes. Underlined stretches "
        "are copied from the training text; press n in the text to go from one to the next.\n\n"
        "'Adapt' lets a copy of the model learn from a text, and shows how much easier the text became; you can "
        "keep the copy as a new model.",
    )

    BINDINGS = [
        key("escape,ctrl+t", "stop", "Stop", "write.stop", "Stop writing"),
        key("ctrl+r", "retry", "Retry", "write.retry", "Retry with a new seed"),
        key("ctrl+n", "new", "New", "write.new", "Forget the text and start afresh"),
        key("ctrl+b", "next", "Next", "write.next", "Choose the next character by hand"),
        key("ctrl+g", "compare", "Compare", "write.compare", "Show a second page to compare"),
        key("f12", "hold", "Hold", "write.hold", "Hold hidden units at a value while the model writes"),
        key("alt+p", "presets", "Presets", "write.presets", "Choose or save sampling settings", show=False),
        key("ctrl+s", "save", "Save", "write.save", "Save the text to a file"),
        key("ctrl+y", "copy", "Copy", "write.copy", "Copy the last text", show=False),
        key("f7", "pin", "Pin seed", "write.pin", "Pin or unpin the last seed", show=False),
        key("f8", "retry(True)", "Replay", "write.replay", "Retry with the same seed", show=False),
        key("ctrl+l", "clear", "Clear", "write.clear", "Clear the page", show=False),
        key("ctrl+o", "model(0)", "Model", "write.model", "Choose a model", show=False),
        key("f9", "adapt", "Adapt", "write.adapt", "Adapt the model to a text", show=False),
        key("f10", "inspect", "Inspect", "write.inspect", "See what surprises the model", show=False),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.pages = (WritingPage(0), WritingPage(1))
        self.comparing = False
        self._last_prompt = ""
        self._waiting: deque[Callable[[], None]] = deque()  # done in turn while nothing is written

    def compose(self) -> ComposeResult:
        with Vertical(id="writing"):
            yield Horizontal(*self.pages, id="pages")
            yield StatusLine(id="status")
            yield PromptArea(id="prompt")
        yield Beside(self.pages, id="side")

    def on_mount(self) -> None:
        self.services.runs_listed.subscribe(self, lambda _: self._open_newest())
        self.pages[1].display = False
        self.form.keep_presets_in(self.services)
        self._set_hint(HINT)
        self._open_newest()
        self.set_interval(2.0, self._look_for_newer)
        self.focus_first()

    def focus_first(self) -> None:
        self.query_one(PromptArea).focus()

    @property
    def form(self) -> SamplingForm:
        return self.query_one(SamplingForm)

    @property
    def shown(self) -> tuple[WritingPage, ...]:
        """The pages in use."""
        return self.pages if self.comparing else self.pages[:1]

    @property
    def busy(self) -> bool:
        """Whether something is being written, or about to be."""
        return bool(self._waiting) or any(page.busy for page in self.pages)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._last_text()) if action == "inspect" else action != "stop" or self.busy

    def _show_status(self, *texts: str) -> None:
        self.query_one(StatusLine).show(*texts)

    def _set_hint(self, text: str) -> None:
        for page in self.pages:
            page.set_hint(text)

    # --- models -----------------------------------------------------------------------------------

    def _open_newest(self) -> None:
        """Open the user's newest model, else one that ships, until the user chooses one or writes."""
        if self._chosen:
            return
        name = newest_model()
        if name is None:
            self._set_hint(NO_MODEL)
        elif name != self.pages[0].writer.reference:
            self.open_model(name)
            self._chosen = False

    def open_model(self, name: str, number: int = 0) -> None:
        """Write with this model on a page."""
        self._chosen = self._chosen or number == 0
        self._set_hint(HINT)
        self.query_one(HeldUnits).forget(number)
        self.form.set_model(number, name, "reading…")
        self.pages[number].open_model(name)

    def on_model_loaded(self, message: ModelLoaded) -> None:
        self._describe(message.page, card_line(message.card))

    def on_writing_failed(self, message: WritingFailed) -> None:
        self._describe(message.page, message.reason)
        self._show_status(message.reason)
        self.services.notify(message.reason, "error")

    def _describe(self, number: int, description: str) -> None:
        self.form.set_model(number, self.pages[number].writer.reference, description)

    def _look_for_newer(self) -> None:
        """While a model is being trained, read its best weights whenever they are newer."""
        for page in self.shown:
            if page.writer.reference and not page.busy and self.display:
                page.read_model()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id in ("model1", "model2"):
            self.action_model(int(event.button.id == "model2"))

    def action_presets(self) -> None:
        self.form.action_presets()

    @work
    async def action_model(self, number: int) -> None:
        running = frozenset(row.name for row in self.services.runs.running)
        picker = ModelPicker(self.pages[number].writer.reference, running)
        chosen = await self.app.push_screen_wait(picker)
        if chosen is not None:
            self.open_model(chosen, number)

    @work
    async def action_adapt(self) -> None:
        """Write with a copy of the first page's model that learned from a text, if the user keeps it."""
        if kept := await adapted_to_typed(self, self.pages[0].writer.reference, self._last_text()):
            self.open_model(kept)

    # --- writing ----------------------------------------------------------------------------------

    @on(SamplingForm.Changed)
    def _settings_changed(self, event: SamplingForm.Changed) -> None:
        event.stop()
        for page, settings in zip(self.pages, event.settings, strict=False):
            page.set_settings(settings)

    @on(PromptArea.Paged)
    def _paged(self, event: PromptArea.Paged) -> None:
        for page in self.shown:
            page.conversation.scroll_relative(y=event.by * page.conversation.size.height, animate=False)

    @on(PromptArea.Submitted)
    def _submitted(self, event: PromptArea.Submitted) -> None:
        event.stop()
        prompt = event.text
        if self._cannot_write() or (self.busy and not prompt):
            return
        self._chosen = True
        self.query_one(PromptArea).remember(prompt)
        seed = self.form.settings().generation.seed if prompt else None
        self._once_idle(lambda: self._start(prompt, seed))

    def _cannot_write(self) -> bool:
        """Whether a text cannot be started now; says why."""
        known = bool(self.pages[0].writer.reference)
        if why := self.form.error or ("" if known else "There is no model to write with yet."):
            self.services.notify(why, "warning")
        return bool(why)

    def _once_idle(self, step: Callable[[], None]) -> None:
        """Stop writing; do `step` once the last characters are shown."""
        self._waiting.append(step)
        self._take_steps()

    def _take_steps(self) -> None:
        while self._waiting and not any(page.busy for page in self.pages):
            self._waiting.popleft()()
        if self._waiting:
            self._stop_writing()
        self.refresh_bindings()

    def _start(self, prompt: str, seed: int | None, *, again: bool = False) -> None:
        """Continue `prompt` on every page in use, each with the same seed; `again`: as if for the first time."""
        if prompt:
            self._last_prompt = prompt
            seed = secrets.randbelow(1_000_000) if seed is None else seed
        for page in self.shown:
            if again:
                page.writer.rewind()
            page.start(prompt, seed)
        self.query_one(StatusLine).begin("writing…")

    def on_notice(self, message: Notice) -> None:
        self._show_status(message.text)

    def on_writing_ended(self, message: WritingEnded) -> None:
        self.query_one(StatusLine).end(message.page, message.summaries(), len(self.shown))
        if self.query_one(NextCharacters).display:
            self.pages[0].look_ahead()

    def on_writer_idle(self, message: WriterIdle) -> None:
        self._take_steps()

    def action_stop(self) -> None:
        self._waiting.clear()
        self._stop_writing()

    def _stop_writing(self) -> None:
        for page in self.pages:
            page.writer.stop()

    def action_retry(self, same_seed: bool = False) -> None:
        """Continue the last prompt again, from the state before it."""
        seed = self.pages[0].writer.seed if same_seed else None
        if not self._last_prompt:
            self.services.notify("Nothing was written yet.")
        elif not self._cannot_write():
            self._once_idle(lambda: self._start(self._last_prompt, seed, again=True))

    def action_new(self) -> None:
        self._once_idle(self._forget)

    def _forget(self) -> None:
        for page in self.shown:
            page.forget()
        self._last_prompt = ""
        self._show_status("The model has forgotten the text so far.")
        self.focus_first()

    def action_clear(self) -> None:
        self._once_idle(self._clear)

    def _clear(self) -> None:
        for page in self.pages:
            page.clear()
        self._show_status("")

    def action_pin(self) -> None:
        """Pin the seed of the last text; unpin it if one is pinned."""
        field, seed = self.form.field("seed"), self.pages[0].writer.seed
        if field.value:
            field.value = ""
            self._show_status("Each text gets a new seed again.")
        elif seed is not None:
            field.value = str(seed)
            self._show_status(f"Seed {seed} is pinned; F8 replays it.")

    def action_compare(self) -> None:
        first, second = self.pages
        self.comparing = not self.comparing
        second.display = self.comparing
        self.form.show_compare(self.comparing)
        self.query_one(HeldUnits).show_pages(len(self.shown))
        if not self.comparing:
            second.writer.stop()
        elif first.writer.reference and not second.writer.reference:
            self.open_model(first.writer.reference, 1)

    # --- beside the sampling settings: hidden units, or the next character -----------------------------

    def action_hold(self) -> None:
        units = self.query_one(HeldUnits)
        if self.query_one(Beside).toggle(units) and not units.units:
            units.action_add()

    def action_next(self) -> None:
        if self.query_one(Beside).toggle(self.query_one(NextCharacters)):
            self._stop_writing()
            self.pages[0].look_ahead()

    def on_probabilities_ready(self, message: ProbabilitiesReady) -> None:
        self.query_one(NextCharacters).show(message.choices)

    @on(NextCharacters.Chosen)
    def _next_chosen(self, event: NextCharacters.Chosen) -> None:
        event.stop()
        self._once_idle(lambda: self.pages[0].take(event.text))

    # --- keeping a text -----------------------------------------------------------------------------

    def _last_text(self) -> str:
        return self._last_prompt + self.pages[0].last_text

    async def action_inspect(self) -> None:
        await self.services.opener.inspect_model(self.pages[0].writer.reference, self._last_text())

    def action_copy(self) -> None:
        if text := self._last_text():
            copy(self.app, text, "the last prompt and its text", otherwise="save them with ^s")

    @work
    async def action_save(self) -> None:
        page = self.pages[0]
        text = page.conversation.text
        if not text:
            self.services.notify("There is nothing to save yet.")
            return
        await save_file(self, "Save the text to which file?", f"{page.writer.reference or 'text'}.txt", text)
