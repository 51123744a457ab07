"""Adapting a model to a text: progress, then its figures before and after, and whether to keep it."""

from dataclasses import dataclass

from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, ProgressBar, Static

from lstmterm.amounts import plural
from lstmterm.errors import InputError, RunError, within_memory
from lstmterm.infer.adapting_process import AdaptingProcess, Figures, Step
from lstmterm.models import library
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Panel
from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.model_name import ask_model_name
from lstmterm.ui.widgets.plain import plain, plain_lines
from lstmterm.ui.widgets.text_entry import TextEntry

_NOTICEABLE = 0.0005  # bits per character


async def adapted_model(panel: Panel, model: str, text: str) -> str | None:
    """Adapt a model, by its name or path, to a text; the name of the new model, None if there is none."""
    kept = await panel.app.push_screen_wait(AdaptDialog(model, text))
    if kept is not None:
        panel.services.notify(f"Saved the adapted model as {kept}.")
    return kept


async def adapted_to_typed(panel: Panel, model: str, text: str) -> str | None:
    """As `adapted_model`, to a text that the user types or pastes in the place of `text`."""
    if not model:
        panel.services.notify("There is no model to adapt yet.", "warning")
        return None
    done = panel.services.shown_key("entry.done", "ctrl+s")
    question = f"Adapt {model} to which text? Type or paste it; {done} adapts a copy of the model."
    typed = await panel.app.push_screen_wait(TextEntry(question, "Adapt", text))
    return await adapted_model(panel, model, typed) if typed else None


@dataclass
class Progressed(Message):
    """What the process told."""

    told: Step | Figures


@dataclass
class Failed(Message):
    """Why the model was not adapted or not saved."""

    reason: str


@dataclass
class Kept(Message):
    """The adapted model was saved under this name."""

    name: str


class AdaptDialog(Dialog[str | None]):
    """Adapts in a process of its own, which ends with the dialog. The result is the name of the kept model."""

    BINDINGS = [
        key(
            "escape", "leave(None)", "Discard", "adapt.discard", "Stop adapting, or discard the adapted model"
        ),
        key("k", "keep", "Keep", "adapt.keep", "Save the adapted model under a new name"),
    ]

    def __init__(self, model: str, text: str) -> None:
        """`model` is a name or a path."""
        super().__init__()
        self._model, self._text = model, text
        self._process: AdaptingProcess | None = None
        self._closed = False
        self._figures: Figures | None = None
        self._saving = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog adapting") as box:
            box.border_title = plain(f"Adapt {self._model}", 50)
            yield Static(id="adapt-figures")
            yield ProgressBar(id="adapt-progress", show_eta=False)
            yield Static(id="adapt-said")
            with Horizontal(classes="dialog-buttons"):
                yield Button("Keep…", "primary", compact=True, action="screen.keep", id="adapt-keep")
                yield Button("Cancel", compact=True, action="screen.leave(None)", id="adapt-leave")

    def on_mount(self) -> None:
        self.query_one("#adapt-keep").display = False
        self.query_one("#adapt-figures").display = False
        self.query_one("#adapt-leave").focus()
        self._say("starting")
        self._adapt()

    def on_unmount(self) -> None:
        self._closed = True
        if self._process is not None:
            self._process.close()

    @property
    def is_done(self) -> bool:
        """Whether the model is adapted and may be kept."""
        return self._figures is not None and self._figures.after is not None

    def _say(self, text: str) -> None:
        self.query_one("#adapt-said", Static).update(plain_lines(text))

    # --- in threads -------------------------------------------------------------------------------

    @work(thread=True)
    def _adapt(self) -> None:
        try:
            with within_memory():
                self._process = process = AdaptingProcess()
                if self._closed:
                    process.close()
                for told in process.adapt(self._model, self._text):
                    self.post_message(Progressed(told))
        except (InputError, RunError, OSError) as error:
            self.post_message(Failed(on_screen(error)))

    @work(thread=True)
    def _save(self, process: AdaptingProcess, name: str) -> None:
        try:
            process.save(name, overwrite=library.is_shipped(name))
        except (InputError, RunError, OSError) as error:
            self.post_message(Failed(on_screen(error)))
        else:
            self.post_message(Kept(name))

    # --- what they post ---------------------------------------------------------------------------

    def on_progressed(self, message: Progressed) -> None:
        match message.told:
            case Step(doing, done, whole):
                self.query_one("#adapt-progress", ProgressBar).update(total=whole or None, progress=done)
                self._say(doing)
            case Figures() as figures:
                self._figures = figures
                shown = self.query_one("#adapt-figures", Static)
                shown.display = True
                shown.update(table(figures))
                if self.is_done:
                    self._offer(figures)

    def _offer(self, figures: Figures) -> None:
        """Show the result, and let the user decide."""
        self.query_one("#adapt-progress").display = False
        keep = self.query_one("#adapt-keep")
        keep.display = True
        keep.focus()
        self.query_one("#adapt-leave", Button).label = "Discard"
        self._say(verdict(figures))

    def on_failed(self, message: Failed) -> None:
        self._saving = False
        self.query_one("#adapt-progress").display = False
        self._say(message.reason)
        if not self.is_done:
            self.query_one("#adapt-leave", Button).label = "Close"

    def on_kept(self, message: Kept) -> None:
        self.leave(message.name)

    @work
    async def action_keep(self) -> None:
        if not self.is_done or self._saving or self._process is None or self._figures is None:
            return
        suggested = library.free_name(f"{self._figures.model}-adapted")
        name = await ask_model_name(self.app, "The name of the adapted model?", suggested)
        if name and not self._saving:
            self._saving = True
            self._say("saving")
            self._save(self._process, name)


def table(figures: Figures) -> Table:
    """Bits per character before, while and after it adapts; an ellipsis where they are not known yet."""
    shown = Table.grid(padding=(0, 3))
    shown.add_column()
    for _ in range(3):
        shown.add_column(min_width=6)
    shown.add_row(*(Text(title, "dim") for title in ("bits per character", "before", "while read", "after")))
    shown.add_row("This text", *map(_bits, (figures.before, figures.while_adapting, figures.after)))
    if figures.own_chars:
        shown.add_row("The model's own text", _bits(figures.own_before), "", _bits(figures.own_after))
    return shown


def _bits(bits: float | None) -> str:
    return "…" if bits is None else f"{bits:.3f}"


def verdict(figures: Figures) -> str:
    """What came of adapting to a text."""
    assert figures.while_adapting is not None
    gain = figures.before - figures.while_adapting
    said = f"{plural(figures.chars, 'character')} scored"
    if figures.unknown:
        said += f", {figures.unknown:,} unknown"
    learned = (
        f"While it was read, the text became {gain:.3f} bits per character easier."
        if gain >= _NOTICEABLE
        else "The text is too short or too varied to become easier while it is read."
    )
    return f"{learned} 'After' is for a model that has already seen the text.\n\n{said}. {figures.rule}"
