"""Which models the pages write with: the newest one, one that was chosen, or the one that wrote a draft."""

from textual import on, work
from textual.widgets import Button

from lstmterm.errors import InputError
from lstmterm.models import library
from lstmterm.ui.generate.drafts_panel import DraftsPanel
from lstmterm.ui.generate.held_units import HeldUnits
from lstmterm.ui.generate.writer import ModelLoaded, WritingFailed
from lstmterm.ui.widgets.adapt_dialog import adapted_to_typed
from lstmterm.ui.widgets.model_picker import ModelPicker, card_line, newest_model

NO_MODEL = "There is no model yet.\n\nTrain one ({tab.train:f2}), or add one in the Library ({tab.library:f6}).\nA model can write while it is being trained."
HINT = "Type a prompt and press Enter.\n\nThe model continues it.\nEnter on an empty line continues the text.\n↑ and ↓ recall prompts; {text.new_line:ctrl+j} begins a new line."


class ModelsPanel(DraftsPanel):
    """The base of the Generate tab that opens and changes models."""

    _chosen = False  # whether the model on the first page was chosen, or written with

    def set_hint(self, text: str) -> None:
        """What to do, shown on pages without a text."""
        for page in self.pages:
            page.set_hint(text)

    @property
    def chosen(self) -> bool:
        """Whether the model on the first page stays, also when there is a newer one."""
        return self._chosen or bool(self.query_one(HeldUnits).of(0))

    def _open_newest(self) -> None:
        """Open the user's newest model, else one that ships, until the user chooses one or writes."""
        if self.chosen:
            return
        name = newest_model()
        if name is None:
            self.set_hint(NO_MODEL)
        elif name != self.pages[0].writer.reference:
            self.open_model(name)
            self._chosen = False

    def open_model(self, name: str, number: int = 0) -> None:
        """Write with this model on a page."""
        self._chosen = self._chosen or number == 0
        self.set_hint(HINT)
        self.query_one(HeldUnits).forget(number)
        self.form.set_model(number, name, "reading…")
        self.pages[number].open_model(name)

    def open_draft(self, name: str, stretch: int | None = None, *, number: int = 0) -> None:
        """Go on with a draft as `show_draft` does, and with the model that wrote the end of its text."""
        self.show_draft(name, stretch, number=number, then=lambda: self._open_model_of_text(number))

    def _open_model_of_text(self, number: int) -> None:
        page = self.pages[number]
        model = page.written.origin.model if page.written else ""
        if not model:
            return
        try:
            library.find(model)
        except InputError:
            choose = self.services.with_keys("Choose another one with {write.model:ctrl+o}.")
            on = f"{page.model} continues it." if page.model else choose
            self.services.notify(f"{model}, which wrote this draft, is no longer available. {on}", "warning")
            return
        if model != page.model:
            self.open_model(model, number)
        elif number == 0:
            self._chosen = True

    def on_model_loaded(self, message: ModelLoaded) -> None:
        self._describe(message.page, card_line(message.card))

    def on_writing_failed(self, message: WritingFailed) -> None:
        self._describe(message.page, message.reason)
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
        if kept := await adapted_to_typed(self, self.current.writer.reference, self.current.text.text):
            self.open_model(kept)

    def action_compare(self) -> None:
        first, second = self.pages
        self.comparing, self.current = not self.comparing, first
        second.display = self.comparing
        self.form.show_compare(self.comparing)
        self.query_one(HeldUnits).show_pages(len(self.shown))
        if not self.comparing:
            second.stop()
        elif first.writer.reference and not second.writer.reference:
            self.open_model(first.writer.reference, 1)
