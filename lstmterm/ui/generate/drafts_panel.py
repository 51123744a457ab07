"""One or two pages with drafts, and what is done to them with keys.

The pages write in threads. Whatever changes a draft first waits until its last characters are shown.
"""

from collections import deque
from collections.abc import Callable

from textual import on, work
from textual.events import DescendantFocus, Key
from textual.widgets import TextArea

from lstmterm.drafts import store
from lstmterm.errors import RunError
from lstmterm.ui.generate.beside import Beside
from lstmterm.ui.generate.branch_list import BranchList
from lstmterm.ui.generate.editor import Editor
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.sampling_form import SamplingForm
from lstmterm.ui.generate.writer import WriterIdle
from lstmterm.ui.generate.writing_page import WritingPage
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.widgets.coloured_text import ColouredText
from lstmterm.ui.widgets.colourings import COLOURINGS
from lstmterm.ui.widgets.keys import key


class DraftsPanel(Panel):
    """The base of the Generate tab."""

    BINDINGS = [
        key(
            "alt+o,c",
            "colours",
            "Colours",
            "write.colours",
            "Colour the text by bits, by rank, or not",
            show=False,
        ),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.pages = (WritingPage(0, services.clock), WritingPage(1, services.clock))
        self.comparing = False
        self.colours = ""  # one of COLOURINGS; empty: none
        self.current = self.pages[0]  # the page that had the focus last
        self._waiting: deque[Callable[[], object]] = deque()  # done in turn while nothing is written

    @property
    def form(self) -> SamplingForm:
        """The sampling settings."""
        return self.query_one(SamplingForm)

    @property
    def shown(self) -> tuple[WritingPage, ...]:
        """The pages in use."""
        return self.pages if self.comparing else self.pages[:1]

    @property
    def busy(self) -> bool:
        """Whether something is being written, or about to be."""
        return bool(self._waiting) or any(page.busy for page in self.pages)

    def once_idle(self, step: Callable[[], object]) -> None:
        """Stop writing; do `step` once the last characters are shown."""
        self._waiting.append(step)
        self._take_steps()

    def _take_steps(self) -> None:
        while self._waiting and not any(page.busy for page in self.pages):
            self._waiting.popleft()()
        if self._waiting:
            self._stop_writing()
        self.refresh_bindings()

    def on_writer_idle(self, message: WriterIdle) -> None:
        self._take_steps()
        self.show_branches()

    def cannot_write(self) -> bool:
        """Whether a text cannot be started now; says why."""
        why = self.form.error
        if not why and not self.pages[0].writer.reference:
            why = "There is no model to write with yet."
        if why:
            self.services.notify(why, "warning")
        return bool(why)

    def continue_with(self, prompt: str) -> None:
        """Add `prompt` to the text of every page in use, and have it continued, with the same seed."""
        seed = self.new_seed()
        for page in self.shown:
            self.add_prompt(page, prompt)
            page.write(seed)

    def add_prompt(self, page: WritingPage, prompt: str) -> None:
        """Add what the user typed to the text of a page."""
        if prompt:
            page.add(prompt)

    def new_seed(self) -> int:
        """The pinned seed, else a random one."""
        return self.form.settings().new_seed()

    def action_stop(self) -> None:
        self._waiting.clear()
        self._stop_writing()

    def _stop_writing(self) -> None:
        for page in self.pages:
            page.stop()

    def action_retry(self, same_seed: bool = False) -> None:
        """Continue from where the last text began, beside it."""
        if all(page.retried is None for page in self.shown):
            self.services.notify("Nothing has been written yet.")
        elif not self.cannot_write():
            self.once_idle(lambda: self._retry(same_seed))

    def _retry(self, same_seed: bool) -> None:
        before, seed = self.pages[0].seed, self.new_seed()
        for page in self.shown:
            if page.retried is not None:
                page.write(before if same_seed and before is not None else seed, page.retried)

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    @on(PromptArea.Paged)
    @on(ColouredText.Moved)
    @on(SamplingForm.Changed)
    @on(DescendantFocus)
    @on(Key)
    def _give_way(self) -> None:
        """Let the screen show what a key did."""
        for page in self.shown:
            page.writer.give_way()

    def action_colours(self) -> None:
        """Colour the texts by bits, then by rank, then not."""
        ways = ["", *COLOURINGS]
        self.colour_by(ways[(ways.index(self.colours) + 1) % len(ways)])

    def colour_by(self, by: str) -> None:
        """Colour the texts by one of `COLOURINGS`, or not, without a name."""
        self.colours = by
        for page in self.pages:
            page.colour_by(by)

    # --- the draft ----------------------------------------------------------------------------------

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for page in self.pages:
            if page in event.widget.ancestors:
                self.current = page

    def show_draft(
        self,
        name: str,
        stretch: int | None = None,
        *,
        number: int = 0,
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Go on with a draft on a page, where the user was in it, or in one of its stretches; `then` if it opens."""

        def open_it() -> None:
            with self.services.reporting():
                store.find(name)
                self.pages[number].open_draft(name)
                if stretch is not None:
                    self.pages[number].go_to_stretch(stretch)
                then()
            self.show_branches()

        self.once_idle(open_it)

    @property
    def unsaved(self) -> str:
        """Why the last changes of a draft could not be written; empty if all were."""
        return next(filter(None, (page.unsaved for page in self.pages)), "")

    def rename_draft(self, name: str, new: str) -> bool:
        """Give a draft that is open here another name; returns whether it is. Raises as `store.rename`."""
        for page in self._with_draft(name):
            page.draft.rename(new)
            page.describe()
            return True
        return False

    def close_draft(self, name: str) -> None:
        """Close a draft if it is open here. Raises `RunError` while it is being written."""
        for page in self._with_draft(name):
            page.new()
            self.show_branches()

    def _with_draft(self, name: str) -> list[WritingPage]:
        pages = [page for page in self.pages if page.draft.name == name]
        if self._waiting or any(page.busy for page in pages):
            raise RunError(f"{name} is being written; stop the model first.")
        return pages

    def action_new(self) -> None:
        self.once_idle(self._begin_afresh)

    def _begin_afresh(self) -> None:
        with self.services.reporting():
            for page in self.shown:
                page.new()
        self.show_branches()
        self.focus_first()

    def action_sibling(self, by: int) -> None:
        self._change(
            lambda page: page.go_beside(by),
            self.services.with_keys("The text has only one branch; {write.retry:ctrl+r} writes another."),
        )

    def action_edit(self) -> None:
        """Edit the text of the current page freely; the model continues from there."""
        page = self.current
        self.once_idle(lambda: self._edit(page))

    @work
    async def _edit(self, page: WritingPage) -> None:
        edited = await self.app.push_screen_wait(Editor(page.text.text, page.text.cursor))
        if edited is not None:
            self.once_idle(lambda: page.edit(edited))
            self.once_idle(self.show_branches)

    def action_undo(self) -> None:
        self._change(WritingPage.undo, "There is nothing to undo.")

    def action_redo(self) -> None:
        self._change(WritingPage.redo, "There is nothing to redo.")

    def _change(self, change: Callable[[WritingPage], bool], nothing: str) -> None:
        """Change the draft of the current page; say `nothing` if there is nothing to change."""
        page = self.current

        def step() -> None:
            if not change(page):
                self.services.notify(nothing)
            self.show_branches()

        self.once_idle(step)

    def action_branches(self) -> None:
        if self.query_one(Beside).toggle(self.query_one(BranchList)):
            self.show_branches()

    def show_branches(self) -> None:
        if (outline := self.query_one(BranchList)).display:
            outline.show(self.current.draft.tree)

    @on(BranchList.Chosen)
    def _branch_chosen(self, event: BranchList.Chosen) -> None:
        event.stop()
        page = self.current
        self.once_idle(lambda: page.go_to_stretch(event.stretch))

    @on(BranchList.Removed)
    def _branch_removed(self, event: BranchList.Removed) -> None:
        event.stop()
        self._change(lambda page: page.hide(event.stretch), "There is nothing to remove.")
