"""What all dialogs share, and the small ones: a question, a line of text to enter, a text to read."""

from collections.abc import Callable
from typing import Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.visual import VisualType
from textual.widgets import Button, Input, Static

from lstmterm.errors import error_of
from lstmterm.ui.messages import on_screen
from lstmterm.ui.widgets.clipboard import copy
from lstmterm.ui.widgets.facts import Facts, facts, in_lines
from lstmterm.ui.widgets.hints import hints
from lstmterm.ui.widgets.plain import PlainInput, plain, plain_lines
from lstmterm.ui.widgets.textual_private import binding_of
from lstmterm.visible import shorten

Result = TypeVar("Result")


class Dialog(ModalScreen[Result], Generic[Result]):
    """A screen over the others, which closes with a result, once.

    Keys that come faster than it closes change nothing. If help or the palette is open over it, it closes
    after them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._results: list[Result] = []  # none while it is open, then the one it closes with

    def leave(self, result: Result) -> None:
        """Close with this result, unless it has one already."""
        if not self._results:
            self._results.append(result)
            self._close()

    def action_leave(self, result: Result) -> None:
        """The action `leave(None)` of a key or a button."""
        self.leave(result)

    async def action_press_key(self, name: str) -> None:
        """Do what a key does, also while the focus is on a line that would take it for text."""
        if (binding := binding_of(self, name)) is not None:
            await self.run_action(binding.action)
        else:
            self.app.simulate_key(name)

    @on(events.ScreenResume)
    def _close(self) -> None:
        """Close if there is a result and no screen above, which Textual would close instead."""
        if self._results and self.is_active:
            self.dismiss(self._results[0])


class Question(Dialog[bool]):
    """Asks for confirmation; escape means no."""

    BINDINGS = [
        Binding("escape,n", "leave(False)", "No"),
        Binding("y", "leave(True)", "Yes"),
    ]

    def __init__(self, question: str, yes: str, no: str = "Keep", *, danger: bool = True) -> None:
        super().__init__()
        self._danger = danger
        self._texts = question, yes, no

    def compose(self) -> ComposeResult:
        question, yes, no = self._texts
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(plain_lines(question))
            with Horizontal(classes="dialog-buttons"):
                variant = "error" if self._danger else "primary"
                yield Button(plain(yes), variant, compact=True, action="screen.leave(True)", id="yes")
                yield Button(plain(no), compact=True, action="screen.leave(False)", id="no")

    def on_mount(self) -> None:
        self.query_one("#no").focus()


_CONSEQUENCES = {
    "model": "The file is deleted and cannot be restored.",
    "draft": "All branches of its text are deleted and cannot be restored.",
    "run": "Its curve and its samples are deleted, and it cannot be resumed. Its model stays.",
    "text": "The stored copy is deleted; models trained on it stay.",
    "runs": "Their curves and their samples are deleted, and they cannot be resumed. Their models stay.",
    "models": "The files are deleted and cannot be restored.",
    "drafts": "All branches of their texts are deleted and cannot be restored.",
}
_LONGEST_NAMES = 300  # columns


def delete_question(kind: str, name: str, *others: str) -> Question:
    """Ask before a model, a draft, a run or a text is deleted, or several models or drafts are."""
    what = f"the {kind} {name}"
    if others:
        names = shorten(", ".join((name, *others)), _LONGEST_NAMES)
        kind, what = f"{kind}s", f"these {1 + len(others):,} {kind}s: {names}"
    return Question(f"Delete {what}?\n\n{_CONSEQUENCES[kind]}", "Delete")


def hide_question(name: str) -> Question:
    """Ask before a model of the user hides one that ships with lstmterm."""
    return Question(
        f"The model {name} ships with lstmterm. Hide it behind a model of yours?", "Hide", "Cancel"
    )


class Ask(Dialog[str | None]):
    """Asks for a line of text, which is checked while it is typed. The result of escape is None."""

    BINDINGS = [Binding("escape", "leave(None)", "Cancel")]

    def __init__(self, question: str, value: str = "", check: Callable[[str], object] | None = None) -> None:
        super().__init__()
        self._question, self._value, self._check = question, value, check

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog asking", can_focus=False):
            yield Static(plain_lines(self._question))
            yield PlainInput(self._value, id="answer", select_on_focus=False)
            yield Static(id="wrong")
            with Horizontal(classes="dialog-buttons"):
                yield Button("OK", id="ok", compact=True, variant="primary")
                yield Button("Cancel", compact=True, action="screen.leave(None)")

    def on_mount(self) -> None:
        self.call_after_refresh(self._scroll_to_end)

    def _scroll_to_end(self) -> None:
        """Show the end of a long value, such as a path's file name."""
        field = self.query_one("#answer", PlainInput)
        field.scroll_to(x=field.max_scroll_x, animate=False, force=True)

    def _wrong(self) -> str:
        return (
            on_screen(error_of(self._check, self.query_one("#answer", PlainInput).value))
            if self._check
            else ""
        )

    @on(Input.Changed)
    def _typed(self) -> None:
        wrong = self._wrong()
        self.query_one("#wrong", Static).update(plain_lines(wrong))
        if wrong:  # which a low dialog shows only in place of the question
            self.call_after_refresh(self.query_one("#answer").scroll_visible, animate=False, top=True)

    @on(Input.Submitted)
    @on(Button.Pressed)
    def _accept(self) -> None:
        if not self._wrong():
            self.leave(self.query_one("#answer", PlainInput).value)


class TextDialog(Dialog[None]):
    """Shows a text that can be copied, such as a log."""

    BINDINGS = [
        Binding("escape,q", "leave(None)", "Close"),
        Binding("y", "copy", "Copy", tooltip="Copy the text"),
    ]

    def __init__(self, title: str, content: Content) -> None:
        super().__init__()
        self._title, self._content = title, content

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="reading") as scroll:
            scroll.border_title = plain(self._title, 60)
            scroll.border_subtitle = hints("y copy · esc close")
            yield Static(self._drawn())

    def _drawn(self) -> VisualType:
        return self._content

    def action_copy(self) -> None:
        copy(self.app, self._content.plain, "the text")


class FactsDialog(TextDialog):
    """Shows groups of titles and values, which may have several lines."""

    def __init__(self, title: str, *groups: Facts) -> None:
        self._groups = [list(in_lines(group)) for group in groups]
        rows = (f"{title}  {value}" for group in self._groups for title, value in group)
        super().__init__(title, plain_lines("\n".join(rows)))

    def _drawn(self) -> VisualType:
        return facts(*self._groups)
