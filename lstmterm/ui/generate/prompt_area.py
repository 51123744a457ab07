"""The area into which a prompt is typed, with a history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.content import Content
from textual.message import Message

from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.text_box import TextBox, keys_without, pasted
from lstmterm.visible import visible

LONGEST_PASTE = 10_000  # characters
_TAB_KEYS = {"up", "down", "pageup", "pagedown", "ctrl+e", "ctrl+y"}  # which have another meaning in the tab
_SHOWN_BEFORE = 8  # characters of an unfinished word, and of what stands before it
PLACEHOLDER = "Type a prompt… (empty: continue)"
SAY = "Say something… (empty: listen)"  # in a talk
SPEAKERS_MISSING = "First both speakers are needed…"


def placeholder(text: str) -> str:
    """What stands in the empty area after a text; a text that ends within a word is quoted, as the prompt continues it."""
    if not text[-1:].isalnum():
        return PLACEHOLDER
    line = text[-2 * _SHOWN_BEFORE :].rpartition("\n")[2]
    end = (
        line
        if len(line) <= _SHOWN_BEFORE
        else "…" + (line[-_SHOWN_BEFORE:].partition(" ")[2] or line[-_SHOWN_BEFORE:])
    )
    return f'Type what follows "{visible(end)}" (empty: continue)'


class PromptArea(TextBox, inherit_bindings=False):
    """The text that the model continues: one row, or up to five with the lines that are added.

    Enter submits it. Up in its first row and down in its last go through earlier prompts.
    """

    DEFAULT_CSS = "PromptArea { height: auto; min-height: 1; max-height: 5; }"
    BINDINGS = [
        *keys_without(_TAB_KEYS, TextBox.BINDINGS, "prompt"),
        key("enter", "submit", "Continue", "prompt.submit", "Let the model continue the prompt", show=False),
        key(
            "up",
            "earlier(1)",
            "Earlier",
            "prompt.earlier",
            "The row above, or the previous prompt",
            show=False,
        ),
        key("down", "earlier(-1)", "Later", "prompt.later", "The row below, or the next prompt", show=False),
        key("pageup", "page(-1)", "Page up", "prompt.page_up", "Scroll the text up", show=False),
        key("pagedown", "page(1)", "Page down", "prompt.page_down", "Scroll the text down", show=False),
    ]

    @dataclass
    class Submitted(Message):
        """The prompt is to be continued."""

        text: str

    @dataclass
    class Paged(Message):
        """The text above is to be scrolled by a page: down for 1, up for -1."""

        by: int

    @dataclass
    class Added(Message):
        """A prompt with a long paste in it, which is to be added to the text at once; it would make keys slow here."""

        text: str

    def __init__(self, **options: Any) -> None:
        super().__init__(placeholder=Content(PLACEHOLDER), **options)
        self.prompts: list[str] = []  # the earlier ones
        self._back = 0  # how far back in the history; 0 is the prompt being typed
        self._typed = ""

    def remember(self, prompt: str) -> None:
        """Add a prompt to the history, and empty the area for the next."""
        if prompt and self.prompts[-1:] != [prompt]:
            self.prompts.append(prompt)
        self._back, self._typed = 0, ""
        self.text = ""

    @property
    def unsent(self) -> str:
        """What was typed and not sent; also while an earlier prompt is looked at."""
        looked_at = self._back and self.text == self.prompts[-self._back]
        return self._typed if looked_at else self.text

    def restore(self, prompts: Sequence[str], unsent: str) -> None:
        """Begin with earlier prompts, and with one that is not sent yet."""
        self.prompts, self.text = list(prompts), unsent
        self.move_cursor(self.document.end)

    async def on_paste(self, event: events.Paste) -> None:
        if len(event.text) <= LONGEST_PASTE:
            await super().on_paste(event)
            return
        event.prevent_default()
        event.stop()
        self.post_message(self.Added(pasted(event).join(self.text_around())))
        self.text = ""

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.scroll_cursor_visible)

    def action_submit(self) -> None:
        self.post_message(self.Submitted(self.text))

    def action_page(self, by: int) -> None:
        self.post_message(self.Paged(by))

    def action_earlier(self, by: int) -> None:
        back = self._back + by
        is_edge = self.navigator.is_first_wrapped_line if by > 0 else self.navigator.is_last_wrapped_line
        if not is_edge(self.cursor_location) or not 0 <= back <= len(self.prompts):
            (self.action_cursor_up if by > 0 else self.action_cursor_down)()
            return
        if self._back == 0:
            self._typed = self.text
        self._back = back
        self.text = self.prompts[-back] if back else self._typed
        self.move_cursor(self.document.end)
