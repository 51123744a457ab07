"""The Generate tab: a draft that a model continues, or two of them side by side."""

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Label, Static

from lstmterm.infer import draft_writing
from lstmterm.ui.generate.beside import Beside
from lstmterm.ui.generate.held_units import HeldUnits
from lstmterm.ui.generate.models_panel import HINT
from lstmterm.ui.generate.next_characters import NextCharacters
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.remembered import remembered, restore
from lstmterm.ui.generate.sampling_form import SamplingForm
from lstmterm.ui.generate.talk import TalkPanel
from lstmterm.ui.generate.talk_bar import TalkBar
from lstmterm.ui.generate.writer import LookedAhead, WritingEnded
from lstmterm.ui.generate.writing_page import WritingPage
from lstmterm.ui.services import Services
from lstmterm.ui.widgets.clipboard import copy
from lstmterm.ui.widgets.coloured_text import ColouredText
from lstmterm.ui.widgets.dialogs import TextDialog
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.save_file import save_file

_EVERY = 1.0  # seconds between looks at what is in the tab, for the next start


class GeneratePanel(TalkPanel):
    """Writing with a model."""

    ROOMY_FROM = 110
    NARROW_BELOW = 70

    ABOUT = (
        "Generate text with a model",
        "Type a prompt and press Enter. The model continues it. An empty prompt continues the text. The sampling "
        "settings on the right apply at once, even while the model writes: a low temperature gives safe text, a "
        "high one surprising text. The same text, seed and settings give the same continuation again.\n\n"
        "{text.new_line:ctrl+j} begins a new line of the prompt, as Shift+Enter does where the terminal can send it; pasted lines "
        "are kept, and a long paste becomes text at once. Page Up and Page Down scroll the text.\n\n"
        "The text is a draft, and keeps every branch. 'Retry' writes another continuation from the same place; "
        "alt+← and alt+→ switch between them, 'Branches' shows them all, and undo returns to any earlier "
        "text. 'Edit' changes any part of the text. Drafts are saved as they grow; the Library lists them.\n\n"
        "'Several' writes four texts side by side, and more if you want; go to one, or mark some and keep them.\n\n"
        "'Talk' makes you one speaker of the model's text, and the model another: type what you say, and it answers "
        "until the next turn, whatever 'Length' says. Enter on an empty line lets it speak; 'Speak on' lets both speak while "
        "you listen. {write.end_talk:escape} ends the talk.\n\n"
        "'Next' shows the likeliest next characters and words. In the text, Enter shows what else could come at the "
        "cursor; choose one and the model continues from there. 'Hold' keeps hidden units at a value while the "
        "model writes. Underlined passages are copied from the training text; in the text, n goes to the next "
        "one, and o shows where it comes from. In the text, c colours each character by how surprising it is, in bits "
        "or by rank; the line below shows what the model expected at the cursor.\n\n"
        "'Adapt' lets a copy of the model learn from a text, and shows how much easier the text became; you can "
        "keep the copy as a new model.",
    )

    BINDINGS = [
        key("escape,ctrl+t", "stop", "Stop", "write.stop", "Stop writing"),
        key(
            "escape", "end_talk", "End talk", "write.end_talk", "End the talk with the model; the text stays"
        ),
        key("ctrl+r", "retry", "Retry", "write.retry", "Continue from the same place with a new seed"),
        key("ctrl+n", "new", "New", "write.new", "Begin a new draft"),
        key("alt+t", "branches", "Branches", "write.branches", "Show all branches of the draft"),
        key("alt+z,u", "undo", "Undo", "write.undo", "Undo the last change of the draft"),
        key(
            "alt+left,left_square_bracket",
            "sibling(-1)",
            "Previous branch",
            "write.before",
            "Show the previous branch",
            show=False,
        ),
        key(
            "alt+right,right_square_bracket",
            "sibling(1)",
            "Next branch",
            "write.after",
            "Show the next branch",
            show=False,
        ),
        key("alt+y,U", "redo", "Redo", "write.redo", "Redo what was undone", show=False),
        key("ctrl+e", "edit", "Edit", "write.edit", "Edit the text; the model continues from there"),
        key("alt+s", "several", "Several", "write.several", "Write several texts and choose among them"),
        key("alt+k", "talk", "Talk", "write.talk", "Talk with the model, as one of the speakers of its text"),
        key("alt+l", "speak_on", "Speak on", "write.speak_on", "Let both speakers speak while you listen"),
        key("ctrl+b", "next", "Next", "write.next", "See what could come next, and choose it"),
        key("ctrl+g", "compare", "Compare", "write.compare", "Show a second page to compare"),
        key("f12", "hold", "Hold", "write.hold", "Hold hidden units at a value while the model writes"),
        key("alt+p", "presets", "Presets", "write.presets", "Choose or save sampling settings", show=False),
        key("ctrl+s", "save", "Save", "write.save", "Save the text to a file"),
        key("ctrl+y", "copy", "Copy", "write.copy", "Copy the text", show=False),
        key(
            "alt+c",
            "command",
            "Command",
            "write.command",
            "The command that writes the last stretch",
            show=False,
        ),
        key("f7", "pin", "Pin seed", "write.pin", "Pin or unpin the last seed", show=False),
        key("f8", "retry(True)", "Replay", "write.replay", "Retry with the same seed", show=False),
        key("ctrl+o", "model(0)", "Model", "write.model", "Choose a model", show=False),
        key("f9", "adapt", "Adapt", "write.adapt", "Adapt the model to a text", show=False),
        key("pageup", "page(-1)", "Page up", "write.page_up", "Scroll the text up", show=False),
        key("pagedown", "page(1)", "Page down", "write.page_down", "Scroll the text down", show=False),
        key("f10", "inspect", "Inspect", "write.inspect", "See what surprises the model", show=False),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._looked: tuple[WritingPage, int | None] = (self.pages[0], None)  # see `_look_ahead`

    def compose(self) -> ComposeResult:
        with Vertical(id="writing"):
            yield Horizontal(*self.pages, id="pages")
            yield Static(id="talk-missing")
            with Horizontal(id="asking"):
                yield Label(id="speaker")
                yield PromptArea(id="prompt")
            yield TalkBar(id="talk")
        yield Beside(self.pages, id="side")

    def on_mount(self) -> None:
        self.services.runs_listed.subscribe(self, lambda _: self._open_newest())
        self.pages[1].display = False
        self.form.keep_presets_in(self.services)
        self.set_hint(HINT)
        restore(self)
        self._open_newest()
        self.set_interval(2.0, self._look_for_newer)
        self.set_interval(_EVERY, self.remember)
        self.focus_first()

    def remember(self) -> None:
        """Keep what is in the tab now, for the next start."""
        self.services.remember(**remembered(self), talk=self.remembered_talk)

    def focus_first(self) -> None:
        self.query_one(PromptArea).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        writes = self.busy or self.overhears
        possible = {
            "inspect": bool(self.current.text.text),
            "stop": writes,
            "end_talk": self.talking and not writes,
        }
        return possible.get(action, True)

    def action_presets(self) -> None:
        self.form.action_presets()

    # --- writing ----------------------------------------------------------------------------------

    @on(SamplingForm.Changed)
    def _settings_changed(self, event: SamplingForm.Changed) -> None:
        event.stop()
        self.steer(event.settings)

    @on(PromptArea.Paged)
    def _paged(self, event: PromptArea.Paged) -> None:
        self.action_page(event.by)

    def action_page(self, by: int) -> None:
        """Scroll the text by a page, whatever has the focus."""
        for page in self.shown:
            page.text.scroll_relative(y=by * page.text.size.height, animate=False)

    @on(PromptArea.Submitted)
    def _submitted(self, event: PromptArea.Submitted) -> None:
        event.stop()
        prompt = event.text
        if self.cannot_write() or (self.busy and not prompt):
            return
        self._chosen = True
        self.query_one(PromptArea).remember(prompt)
        self.once_idle(lambda: self.continue_with(prompt))

    @on(PromptArea.Added)
    def _added(self, event: PromptArea.Added) -> None:
        """Add a long text without having it continued."""
        event.stop()

        def step() -> None:
            for page in self.shown:
                page.add(event.text)
            self.services.notify(f"Added {len(event.text):,} characters to the text; Enter continues it.")

        self._chosen = True
        self.once_idle(step)

    def on_writing_ended(self, message: WritingEnded) -> None:
        if self.query_one(NextCharacters).display:
            self._look_ahead(self.current)

    def action_pin(self) -> None:
        """Pin the seed of the last text; unpin it if one is pinned."""
        field, seed = self.form.field("seed"), self.pages[0].seed
        if field.value:
            field.value = ""
            self.services.notify("Each text gets a new seed again.")
        elif seed is not None:
            field.value = str(seed)
            self.services.notify(
                f"Seed {seed} is pinned; {self.services.shown_key('write.replay', 'f8')} replays it."
            )

    def action_several(self) -> None:
        """Have several texts written after the text and the prompt of the current page."""
        if self.cannot_write():
            return
        area, page = self.query_one(PromptArea), self.current
        self._chosen = True
        prompt = area.text
        area.remember(prompt)

        def step() -> None:
            self.add_prompt(page, prompt)
            self._choose_of_several(page)

        self.once_idle(step)

    @work(exclusive=True, group="several")
    async def _choose_of_several(self, page: WritingPage) -> None:
        place = page.draft.tree.place
        several = await self.app.push_screen_wait(page.several(self.form.settings().generation.seed))
        page.take_several(several, place)
        self.show_branches()

    # --- beside the sampling settings: hidden units, or what comes next -------------------------------

    def action_hold(self) -> None:
        units = self.query_one(HeldUnits)
        if self.query_one(Beside).toggle(units) and not units.units:
            units.action_add()

    def action_next(self) -> None:
        if self.query_one(Beside).toggle(self.query_one(NextCharacters)):
            self.once_idle(lambda: self._look_ahead(self.current))

    @on(ColouredText.Chosen)
    def _position_chosen(self, event: ColouredText.Chosen) -> None:
        """Show what else could stand at a position of the text."""
        event.stop()
        shown = self.query_one(NextCharacters)
        page, position = self.current, event.position
        if shown.display or self.query_one(Beside).toggle(shown):
            shown.focus()
            self.once_idle(lambda: self._look_ahead(page, position))

    def _look_ahead(self, page: WritingPage, position: int | None = None) -> None:
        """Show what could come after the first `position` characters of a page, or after all of them."""
        if position is not None and position >= len(page.text.text):
            position = None
        self._looked = page, position
        page.look_ahead(position)

    def on_looked_ahead(self, message: LookedAhead) -> None:
        self.query_one(NextCharacters).show(message.characters, message.words, message.there)

    @on(NextCharacters.Chosen)
    def _next_chosen(self, event: NextCharacters.Chosen) -> None:
        event.stop()
        self.once_idle(lambda: self._take(event.text))

    def _take(self, text: str) -> None:
        """Add a chosen text; within the text it is another branch, which the model continues."""
        page, position = self._looked
        page.add(text, position=position)
        if position is None:
            self._look_ahead(page)
        elif not self.cannot_write():
            page.write(self.new_seed(), joined=True)

    # --- keeping a text -----------------------------------------------------------------------------

    async def action_inspect(self) -> None:
        await self.services.opener.inspect_model(self.current.writer.reference, self.current.text.text)

    def action_copy(self) -> None:
        if text := self.current.text.text:
            copy(
                self.app,
                text,
                "the text",
                otherwise=self.services.with_keys("save it with {write.save:ctrl+s}"),
            )

    def action_command(self) -> None:
        page = self.current
        if page.written is None:
            self.services.notify("Nothing has been written yet.")
            return
        if not page.command:
            self.services.notify("No command can write this again, as the draft is not saved.", "warning")
            return
        title, origin = "The command that writes the last stretch again", page.written.origin
        if since := draft_writing.model_since(origin):
            title = f"The command that wrote the last stretch; {origin.model} {since}"
        self.app.push_screen(TextDialog(title, Content(page.command)))

    @work
    async def action_save(self) -> None:
        page, text = self.current, self.current.text.text
        if not text:
            self.services.notify("There is nothing to save yet.")
            return
        await save_file(self, "Save the text to which file?", f"{page.draft.name or 'text'}.txt", text)
