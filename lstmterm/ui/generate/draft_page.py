"""A page that shows a draft: the text that leads to the user's place, and what of it is copied.

Only the screen's thread changes the draft, and only while nothing is being written.
"""

from collections.abc import Callable
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from lstmterm.atomic import WriteError
from lstmterm.drafts import branches, edits, export
from lstmterm.drafts.branches import Branching, Branchings
from lstmterm.drafts.file import DraftFile
from lstmterm.drafts.tree import Made, Origin, Place, Stretch
from lstmterm.errors import RunError
from lstmterm.infer.surprise import Measures
from lstmterm.ui.generate import page_copies
from lstmterm.ui.generate.coloured_page import ColouredPage
from lstmterm.ui.generate.copies import CopiesFound, CopiesRemark, PassageFound
from lstmterm.ui.generate.open_draft import OpenDraft
from lstmterm.ui.generate.page_copies import PageCopies
from lstmterm.ui.generate.status_line import StatusLine
from lstmterm.ui.services import with_keys
from lstmterm.ui.widgets.coloured_text import ColouredText
from lstmterm.ui.widgets.dialogs import TextDialog
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.text_parts import Part, joined
from lstmterm.visible import visible_lines

_MEASURE = 90  # the most columns of a text


class PlaceShown(Message):
    """A page shows the text that leads to another place."""


class DraftPage(ColouredPage):
    """A draft, and the model after which a new one is named."""

    BINDINGS = [
        key("o", "source", "Source", "draft.source", "The training text around the underlined passage"),
    ]

    def __init__(self, number: int, clock: Callable[[], float], **options: Any) -> None:
        super().__init__(id=f"page{number + 1}", classes="page panel", **options)
        self.number = number
        self.draft = OpenDraft(clock)
        self.unsaved = ""  # why the last changes could not be written; empty if they were
        self._copies = PageCopies(self.post_message)
        self._branchings = Branchings()
        self._parts: list[Part] = []  # of the text that is shown

    def compose(self) -> ComposeResult:
        yield Static(classes="hint")
        yield ColouredText(id=f"text{self.number + 1}", past_end=True, measure=_MEASURE, newlines=False)
        yield from self.below()
        yield StatusLine(classes="remark")
        yield StatusLine(classes="doing")

    def on_unmount(self) -> None:
        self._copies.stop()
        self._colours.stop()
        self.draft.give_up()

    @property
    def model(self) -> str:
        """The model's name or path; empty if there is none."""
        return ""

    @property
    def written(self) -> Stretch | None:
        """The last stretch of the text that a model wrote; None if there is none."""
        tree = self.draft.tree
        stretches = (tree.stretches[stretch] for stretch, offset in tree.upwards(tree.place) if offset)
        return next((stretch for stretch in stretches if stretch.origin.made == "written"), None)

    @property
    def command(self) -> str:
        """The command that writes that stretch again; empty if there is none."""
        written = self.written
        return export.command(self.draft.name, self.draft.tree, written.number) or "" if written else ""

    def set_hint(self, text: str) -> None:
        """What to do, shown while there is no text."""
        self.query_one(".hint", Static).update(Content(with_keys(self.app, text)))

    def describe(self) -> None:
        """Say what the page shows, in its frame and in the lines below the text."""
        self.query_one(".doing", StatusLine).show(*self.figures())
        remark = self.remark()
        self.query_one(".remark", StatusLine).show(remark)
        self.set_class(bool(remark), "-remarked")

    def remark(self) -> str:
        """What the user should know of the text; empty if there is nothing."""
        return ""

    def figures(self) -> list[str]:
        """What is known of the text, each text shorter than the one before."""
        branching = self.branching()
        branch = ""
        if branching is not None:
            ways = len(branching.ways)
            some = f"{ways} branch{'es' if ways > 1 else ''}"
            branch = f"branch {branching.number} of {ways}" if branching.number else some
        copies = self._copies.figures or [""]
        return [" · ".join(filter(None, (branch, copy))) for copy in copies] + [branch]

    # --- another draft ------------------------------------------------------------------------------

    def new(self) -> None:
        """Begin another draft with the next text."""
        self.draft.close()
        self._show_draft()

    def open_draft(self, name: str) -> None:
        """Show a draft, to change it. Raises `RunError` if it is damaged, or open elsewhere."""
        if name != self.draft.name:
            self.draft.open(name)
            self._show_draft()

    def _show_draft(self) -> None:
        self.set_class(self.draft.file is not None, "-begun")
        self.show_place()

    # --- changes ------------------------------------------------------------------------------------

    def changing(self) -> DraftFile:
        """What changes the draft, which begins if there is none."""
        try:
            return self.draft.begin(self.model or "text")
        except (WriteError, RunError) as error:
            self.notify(f"This draft cannot be saved: {error}", severity="warning", markup=False)
            return self.draft.keep_nowhere()

    def add(self, text: str, made: Made = "typed", position: int | None = None) -> None:
        """Continue the text by `text`, or another way from its first `position` characters."""
        draft = self.changing()
        draft.add(text, Origin(made), None if position is None else draft.tree.place_at(position))
        self._changed()

    def edit(self, text: str) -> bool:
        """Replace the text by an edited one; returns whether it is another one."""
        edit = edits.edit(self.draft.tree, text)
        if edit is None:
            return False
        if edit.text:
            self.changing().add(edit.text, Origin("edited"), edit.place)
        else:
            self.changing().go(edit.place)
        self._changed()
        return True

    def go(self, place: Place) -> None:
        """Go to a place of the draft."""
        self._change(lambda draft: draft.go(place))

    def go_to_stretch(self, stretch: int) -> None:
        """Show a whole stretch, with what the user last saw after it."""
        tree = self.draft.tree
        self.go(tree.leaf(stretch, len(tree.stretches[stretch].text) - 1))

    def hide(self, stretch: int) -> bool:
        """Remove a stretch, and what follows it, from sight; returns whether there is a draft."""
        return self._change(lambda draft: draft.hide(stretch))

    def undo(self) -> bool:
        """Undo the last change; returns whether there was one."""
        return self.draft.tree.can_undo and self._change(lambda draft: draft.undo())

    def redo(self) -> bool:
        """Redo what was undone last; returns whether there was something."""
        return self.draft.tree.can_redo and self._change(lambda draft: draft.redo())

    def branching(self) -> Branching | None:
        """The branching nearest to the cursor; None without one."""
        return branches.nearest(self._branchings.of(self.draft.tree), self.text.cursor)

    def go_beside(self, by: int) -> bool:
        """Take another way at the branching nearest to the cursor; returns whether there is one."""
        branching = self.branching()
        if branching is None:
            return False
        self.go(branching.leaf(self.draft.tree, branching.beside(by)))
        return True

    def _change(self, change: Callable[[DraftFile], None]) -> bool:
        if self.draft.file is None:
            return False
        change(self.draft.file)
        self._changed()
        return True

    def _changed(self) -> None:
        self.keep()
        self.add_class("-begun")
        self.show_place()

    @work(thread=True, exclusive=True, group="keeping")
    def keep(self) -> None:
        """Have the disk keep the draft."""
        if (draft := self.draft.file) is not None:
            error = ""
            try:
                draft.sync()
            except WriteError as problem:
                error = str(problem)
            self.app.call_from_thread(self._tell_kept, error)

    def _tell_kept(self, error: str) -> None:
        """Say once when the draft can no longer be written, and once when it can again."""
        if bool(error) != bool(self.unsaved):
            said = (
                f"{error} Until then, what you write is kept in memory."
                if error
                else "The draft is saved again."
            )
            severity = "warning" if error else "information"
            self.notify(visible_lines(said), severity=severity, markup=False, timeout=12)
        self.unsaved = error

    # --- the text -----------------------------------------------------------------------------------

    def show_place(self, place: Place | None = None) -> None:
        """Show the text that leads to a place, the user's if none is given."""
        tree, text = self.draft.tree, self.draft.tree.text(place)
        stretches = tree.stretches
        parts = joined(Part(p.start, p.end, stretches[p.stretch].origin.made) for p in tree.pieces(place))
        if text != self.text.text or parts != self._parts:
            same = min(edits.common(self.text.text, text), _common_end(self._parts, parts))
            new = [Part(max(p.start, same), p.end, p.name) for p in parts if p.end > same]
            self._copies.begin()
            self._follow_copies(text)
            self.replace_text(same, text[same:], parts=new)
            self._parts = parts
        self.follow_colours()
        self.describe()
        self.post_message(PlaceShown())

    def append(self, text: str, measures: Measures | None = None) -> None:
        """Show more of what a model writes, and what is known of its characters."""
        start = len(self.text.text)
        self._parts[-1:] = joined([*self._parts[-1:], Part(start, start + len(text), "written")])
        self.append_written(text, measures)
        self._follow_copies(text)

    # --- what is copied -----------------------------------------------------------------------------

    def follow_copies(self) -> None:
        """Look at the whole text again, as the model has another training text."""
        self._copies.begin()
        self.text.underline(0, [])
        self._follow_copies(self.text.text)

    def _follow_copies(self, text: str) -> None:
        if text and self.card is not None and (find := self._copies.add(text, self.card)) is not None:
            self.run_worker(find, thread=True, group="copies")

    def on_copies_found(self, message: CopiesFound) -> None:
        if (found := self._copies.take(message)) is not None:
            self.text.underline(*found)
            self.describe()

    def on_copies_remark(self, message: CopiesRemark) -> None:
        self._copies.take_remark(message)
        self.describe()

    @on(ColouredText.SpanChosen)
    def _span_chosen(self, event: ColouredText.SpanChosen) -> None:
        event.stop()
        self.refresh_bindings()
        if event.number is None:
            self.describe()
        else:
            self._find_passage(event.number)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "source" or self.text.chosen is not None

    def action_source(self) -> None:
        """Show the training text around the underlined stretch that the cursor is in."""
        if self.text.chosen is not None:
            self._find_passage(self.text.chosen, opened=True)

    @work(thread=True, exclusive=True, group="passage")
    def _find_passage(self, number: int, *, opened: bool = False) -> None:
        self._copies.find_passage(number, opened)

    def on_passage_found(self, message: PassageFound) -> None:
        self.query_one(".doing", StatusLine).show(*message.passage.summaries())
        if message.opened:
            self.app.push_screen(TextDialog(message.passage.summaries()[0], page_copies.shown(message)))


def _common_end(old: list[Part], new: list[Part]) -> int:
    """How many characters have the same parts."""
    end = 0
    for a, b in zip(old, new, strict=False):
        if (a.start, a.name) != (b.start, b.name):
            break
        end = min(a.end, b.end)
        if a.end != b.end:
            break
    return end
