"""The Generate tab: a conversation with a model, or with two side by side.

The authors write in threads and post what they wrote; the handlers here put it on the pages. What
ends a text (another prompt, a new beginning, an empty page) first waits for its last characters.
"""

import math
import secrets
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Button, Input, Static

from lstmterm import atomic, paths
from lstmterm.amounts import count
from lstmterm.errors import InputError
from lstmterm.infer.sample import Sampling
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.following import RunsListed
from lstmterm.ui.generate.author import (
    Author,
    Began,
    Broke,
    Ended,
    Expected,
    Loaded,
    Manner,
    Noted,
    Rested,
    Wrote,
)
from lstmterm.ui.generate.conversation import Conversation
from lstmterm.ui.generate.model_picker import ModelPicker
from lstmterm.ui.generate.next_characters import NextCharacters
from lstmterm.ui.generate.sampling_form import ModelPick, SamplingForm
from lstmterm.ui.generate.writing_page import WritingPage, first_fitting
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.plain import PlainInput
from lstmterm.visible import shorten

NO_MODEL = "There is no model yet.\n\nTrain one (F2), or add a file in the Library (F6).\nOne that is being trained can write already."
HINT = "Type a beginning and press Enter.\n\nThe model goes on from it, and from there with each Enter.\n↑ and ↓ go through earlier lines; \\n is a new line."


class PromptLine(PlainInput):
    """What the model goes on from; up and down go through earlier ones."""

    BINDINGS = [
        Binding("up", "earlier(1)", "Earlier", show=False, id="prompt.earlier", tooltip="The line before"),
        Binding("down", "earlier(-1)", "Later", show=False, id="prompt.later", tooltip="The line after"),
    ]

    def __init__(self, **options: Any) -> None:
        super().__init__(placeholder="A beginning… (empty goes on)", select_on_focus=False, **options)
        self.lines: list[str] = []
        self._at = 0  # places back from the line being typed
        self._typed = ""

    def remember(self, line: str) -> None:
        """Keep a line that was sent."""
        if line and self.lines[-1:] != [line]:
            self.lines.append(line)
        self._at, self._typed = 0, ""

    def action_earlier(self, by: int) -> None:
        if self._at == 0:
            self._typed = self.value
        self._at = min(max(self._at + by, 0), len(self.lines))
        self.value = self.lines[-self._at] if self._at else self._typed
        self.cursor_position = len(self.value)


class GeneratePanel(Panel):
    """Writing with a model."""

    BINDINGS = [
        Binding("escape,ctrl+t", "stop", "Stop", key_display="esc", id="write.stop", tooltip="Stop writing"),
        Binding("ctrl+r", "retry", "Retry", id="write.retry", tooltip="The same again with a new seed"),
        Binding("ctrl+n", "new", "New", id="write.new", tooltip="Forget what was written; begin anew"),
        Binding(
            "ctrl+b", "next", "Next", id="write.next", tooltip="The likeliest next characters, to choose from"
        ),
        Binding(
            "ctrl+g",
            "beside",
            "Beside",
            id="write.beside",
            tooltip="A second model or temperature side by side",
        ),
        Binding("ctrl+s", "save", "Save", id="write.save", tooltip="Save the text to a file"),
        Binding("ctrl+y", "copy", "Copy", show=False, id="write.copy", tooltip="Copy what was written last"),
        Binding(
            "f7", "pin", "Pin seed", show=False, id="write.pin", tooltip="Pin the last seed, or let it go"
        ),
        Binding(
            "f8",
            "replay",
            "Replay",
            show=False,
            id="write.replay",
            tooltip="The same again with the same seed",
        ),
        Binding("ctrl+l", "clear", "Clear", show=False, id="write.clear", tooltip="Empty the page"),
        Binding("ctrl+o", "model", "Model", show=False, id="write.model", tooltip="Choose the model"),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        manner = Manner(Sampling())
        self.authors = [Author(page, self.post_message, manner) for page in range(2)]
        self.two = False
        self._last_prompt = ""
        self._last_texts = ["", ""]
        self._troubles = ["", ""]  # what is wrong with a page's model, once it was said
        self._at_work: set[int] = set()  # pages on which more may be written
        self._waiting: deque[Callable[[], None]] = deque()  # what is done once nothing is written

    def compose(self) -> ComposeResult:
        with Vertical(id="writing"):
            with Horizontal(id="pages"):
                yield WritingPage(1)
                yield WritingPage(2)
            yield Static(id="status")
            yield PromptLine(id="prompt")
        with Vertical(id="side"):
            yield SamplingForm(id="how", classes="panel")
            yield NextCharacters(id="next")

    def on_mount(self) -> None:
        self.services.runs_listed.subscribe(self, self._runs_listed)
        self.frame(1).display = False
        self.query_one("#next").display = False
        self._hint(HINT)
        for page in range(2):
            self._title(page)
        self._choose_first()
        self.set_interval(2.0, self._look_for_newer)
        self.focus_first()

    def on_unmount(self) -> None:
        self.action_stop()  # no thread writes on when the screen closes

    def focus_first(self) -> None:
        """Where the keys go when the tab is shown."""
        self.query_one("#prompt").focus()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= 110, "-roomy")

    @property
    def form(self) -> SamplingForm:
        return self.query_one(SamplingForm)

    def frame(self, page: int) -> WritingPage:
        """A page with its frame."""
        return self.query_one(f"#page{page + 1}", WritingPage)

    def page(self, page: int) -> Conversation:
        """The text of a page."""
        return self.query_one(f"#text{page + 1}", Conversation)

    @property
    def writing(self) -> bool:
        """Whether something is written, or about to be."""
        return bool(self._at_work or self._waiting)

    @property
    def pages(self) -> range:
        """The pages that are written on."""
        return range(2 if self.two else 1)

    # --- models -----------------------------------------------------------------------------------

    def _choose_first(self) -> None:
        """The newest model of the person's, else one that ships; if there is any."""
        if self.authors[0].reference:
            return
        entries = library.library()
        own = sorted(
            (e for e in entries if e.place == "own"), key=lambda e: paths.changed(e.path), reverse=True
        )
        for entry in [*own, *entries]:
            try:
                if model_file.describe(entry.path).kind == "charlm":
                    self.open_model(entry.name)
                    return
            except InputError:
                continue  # a file that is no model is told of in the Library
        self._hint(NO_MODEL)

    def _hint(self, text: str) -> None:
        for page in range(2):
            self.frame(page).hint(text)

    def open_model(self, name: str, page: int = 0) -> None:
        """Write with this model on a page."""
        author = self.authors[page]
        author.stop()
        author.reference = name
        author.forget()
        self._hint(HINT)
        self._title(page)
        self.form.set_model(page, name, "reading…")
        self._read_model(page)

    @work(thread=True, group="reading")
    def _read_model(self, page: int) -> None:
        self.authors[page].read_model()

    def on_loaded(self, message: Loaded) -> None:
        self._troubles[message.page] = ""
        self.form.set_model(message.page, self.authors[message.page].reference, card_line(message.card))
        self._title(message.page)

    def _look_for_newer(self) -> None:
        """A model that is being trained gets better: read its best weights when they are new."""
        for page in self.pages:
            author = self.authors[page]
            if author.reference and page not in self._at_work and self.display:
                self._read_model(page)

    def _runs_listed(self, message: RunsListed) -> None:
        if not self.authors[0].reference:
            self._choose_first()

    def _title(self, page: int) -> None:
        author = self.authors[page]
        self.frame(page).title(author.reference, author.manner.sampling.temperature, author.seed)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if isinstance(event.button, ModelPick):
            self._pick_model(0 if event.button.id == "model1" else 1)

    def action_model(self) -> None:
        self._pick_model(0)

    @work
    async def _pick_model(self, page: int) -> None:
        running = frozenset(row.name for row in self.services.runs.running)
        chosen = await self.app.push_screen_wait(ModelPicker(self.authors[page].reference, running))
        if chosen is not None:
            self.open_model(chosen, page)

    # --- writing ----------------------------------------------------------------------------------

    @on(SamplingForm.Changed)
    def _form_changed(self, event: SamplingForm.Changed) -> None:
        event.stop()
        for page, manner in enumerate(event.manners):
            self.authors[page].manner = manner
            self._title(page)

    @on(Input.Submitted, "#prompt")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        line = event.value
        if self._cannot_write() or (self.writing and not line):
            return
        prompt_line = self.query_one(PromptLine)
        prompt_line.remember(line)
        prompt_line.value = ""
        seed = self.form.seed if line else None
        self._once_still(lambda: self._begin(line.replace("\\n", "\n"), seed))

    def _cannot_write(self) -> bool:
        """Whether a text cannot begin now; says why."""
        why = self.form.wrong
        if not why and not self.authors[0].reference:
            why = "There is no model to write with yet."
        if why:
            self.services.notify(why, "warning")
        return bool(why)

    def _once_still(self, step: Callable[[], None]) -> None:
        """Stop what is written; `step` follows once its last characters are on the page."""
        self._waiting.append(step)
        self._take_steps()

    def _take_steps(self) -> None:
        while self._waiting and not self._at_work:
            self._waiting.popleft()()
        if self._waiting:
            self._stop_authors()
        self.refresh_bindings()

    def _begin(self, prompt: str, seed: int | None) -> None:
        """Write behind `prompt` on every page that is shown, each with the same seed."""
        if prompt and seed is None:
            seed = secrets.randbelow(1_000_000)
        for page in self.pages:
            text = self.page(page)
            self._troubles[page] = ""
            self.frame(page).begin()
            if prompt:
                self._last_prompt = prompt
                self._last_texts[page] = ""
                text.start_block()
                text.add(prompt, "prompt")
            text.follow()
            self._set_to_work(page)
            self._write(page, prompt, seed)
        self._status("writing…")

    def _set_to_work(self, page: int) -> None:
        self._at_work.add(page)
        self.authors[page].allow()

    @work(thread=True, group="writing")
    def _write(self, page: int, prompt: str, seed: int | None) -> None:
        self.authors[page].write(prompt, seed)

    def on_began(self, message: Began) -> None:
        self._title(message.page)

    def on_wrote(self, message: Wrote) -> None:
        self._last_texts[message.page] += message.text
        self.page(message.page).add(message.text)

    def on_noted(self, message: Noted) -> None:
        text = self.page(message.page)
        if not text.is_empty:
            text.add(f" ⟨{message.told}⟩ ", "note")
        self._status(message.told)

    def on_broke(self, message: Broke) -> None:
        """Say what is wrong: once, however often the model is looked at, and again when it is asked to write."""
        if message.reason == self._troubles[message.page]:
            return
        self._troubles[message.page] = message.reason
        self.form.set_model(message.page, self.authors[message.page].reference, message.reason)
        self._status(message.reason)
        self.services.notify(message.reason, "error")

    def on_ended(self, message: Ended) -> None:
        rate = message.chars / message.seconds if message.seconds > 0 else math.nan
        written = f"{message.chars:,} characters · {count(rate)}/s"
        surprise = "" if math.isnan(message.nats) else f" · {message.nats:.2f} nats"
        # Where it is narrow the seed is left to the frame.
        self._status(f"{written} · seed {message.seed}{surprise}", f"{written}{surprise}")
        if self.query_one("#next").display:
            self._look_ahead()

    def on_rested(self, message: Rested) -> None:
        self._at_work.discard(message.page)
        self._take_steps()

    def _status(self, *told: str) -> None:
        """Show the first of these that has the room."""
        status = self.query_one("#status", Static)
        status.update(Content(first_fitting(status.content_size.width, [shorten(way, 200) for way in told])))

    def action_stop(self) -> None:
        self._waiting.clear()
        self._stop_authors()

    def _stop_authors(self) -> None:
        for author in self.authors:
            author.stop()

    def action_retry(self) -> None:
        self._again(None)

    def action_replay(self) -> None:
        self._again(self.authors[0].seed)

    def _again(self, seed: int | None) -> None:
        """The last prompt again, from what was remembered before it."""
        if not self._last_prompt:
            self.services.notify("Nothing was written yet.")
        elif not self._cannot_write():
            self._once_still(lambda: self._begin_again(self._last_prompt, seed))

    def _begin_again(self, prompt: str, seed: int | None) -> None:
        for page in self.pages:
            self.authors[page].go_back()
        self._begin(prompt, seed)

    def action_new(self) -> None:
        self._once_still(self._forget)

    def _forget(self) -> None:
        for page in self.pages:
            self.authors[page].forget()
            text = self.page(page)
            if not text.is_empty:
                text.start_block()
                text.add("– new –\n", "note")
        self._last_prompt = ""
        self._status("It remembers nothing now.")
        self.focus_first()

    def action_clear(self) -> None:
        self._once_still(self._clear)

    def _clear(self) -> None:
        for page in range(2):
            self.frame(page).clear()
        self._status("")

    def action_pin(self) -> None:
        """Pin the seed of the last text; with one pinned, let it go."""
        if self.form.value("seed"):
            self.form.set_value("seed", "")
            self._status("Each text has a new seed again.")
        elif self.authors[0].seed is not None:
            self.form.set_value("seed", str(self.authors[0].seed))
            self._status(f"Seed {self.authors[0].seed} is pinned; F8 replays it.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "stop" or self.writing

    # --- two side by side ---------------------------------------------------------------------------

    def action_beside(self) -> None:
        self.two = not self.two
        self.frame(1).display = self.two
        self.form.show_beside(self.two)
        if self.two and not self.authors[1].reference and self.authors[0].reference:
            self.open_model(self.authors[0].reference, 1)
        if not self.two:
            self.authors[1].stop()

    # --- the next character -------------------------------------------------------------------------

    def action_next(self) -> None:
        bars = self.query_one(NextCharacters)
        bars.display = not bars.display
        self.set_class(bars.display, "-next")
        if bars.display:
            self._stop_authors()
            self._look_ahead()
            bars.focus()
        else:
            self.focus_first()

    @work(thread=True, group="next")
    def _look_ahead(self) -> None:
        if self.authors[0].reference:
            self.authors[0].look_ahead()

    def on_expected(self, message: Expected) -> None:
        self.query_one(NextCharacters).show(message.choices)

    @on(NextCharacters.Chosen)
    def _next_chosen(self, event: NextCharacters.Chosen) -> None:
        event.stop()
        self._once_still(lambda: self._take_next(event.text))

    def _take_next(self, text: str) -> None:
        self.frame(0).begin()
        self._set_to_work(0)
        self._take(text)

    @work(thread=True, group="writing")
    def _take(self, text: str) -> None:
        self.authors[0].choose(text)

    @on(NextCharacters.Closed)
    def _next_closed(self, event: NextCharacters.Closed) -> None:
        event.stop()
        self.action_next()

    # --- keeping ------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        text = self._last_prompt + self._last_texts[0]
        if text:
            self.app.copy_to_clipboard(text)
            self.services.notify("What was written last is on the clipboard.")

    @work
    async def action_save(self) -> None:
        text = self.page(0).text
        if not text:
            self.services.notify("There is nothing to save yet.")
            return
        name = f"{self.authors[0].reference or 'text'}.txt"
        answer = await self.app.push_screen_wait(
            Ask("Save the text to which file?", Path(name).name, refuse_folder)
        )
        if not answer:
            return
        path = Path(answer).expanduser()
        try:
            atomic.write_bytes(path, text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            self.services.notify(f"{path} cannot be written: {error.strerror}.", "error")
        else:
            self.services.notify(f"Saved to {path.absolute()}.")


def refuse_folder(answer: str) -> None:
    """Raise `InputError` for what cannot be a new file."""
    path = Path(answer).expanduser()
    if not answer.strip() or path.is_dir():
        raise InputError("Name a file.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"There is no folder {path.absolute().parent}.")
    if path.exists():
        raise InputError("There is such a file; it would be replaced. Choose another name.")


def card_line(card: ModelCard) -> str:
    """What is to be known of a model, in a line."""
    sizes = card.sizes
    loss = card.metrics.get("val_loss")
    parts = [f"{sizes['layers']}x{sizes['hidden']}"]
    if loss is not None:
        parts.append(f"val {loss:.3f}")
    if not card.complete:
        parts.append("in training")
    return " · ".join(parts)
