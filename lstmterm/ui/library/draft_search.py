"""Finding a text in all drafts, as one types it."""

import re
from dataclasses import dataclass

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.widgets import Input
from textual.worker import get_current_worker

from lstmterm.amounts import plural
from lstmterm.drafts import store
from lstmterm.ui.widgets.picker import Picker, Row
from lstmterm.visible import visible

_MOST = 200  # stretches that are listed


@dataclass
class Found(Message):
    """What was found for a text."""

    text: str
    rows: list[Row]


class DraftSearch(Picker):
    """The result is a stretch and its draft, as `chosen` reads it. The drafts are read in a thread."""

    PLACEHOLDER = "Text to find"
    HINT = "enter opens the draft · esc cancel"
    CLASS = "draft-search"
    FITS = False

    def __init__(self) -> None:
        super().__init__("Find in the drafts")
        self._found = Found("", [])
        self._entered_for = ""  # the text for which Enter was pressed before it was searched for

    def rows(self, typed: str) -> list[Row]:
        return self._found.rows if typed.strip() else []

    def nothing(self, typed: str) -> str:
        return super().nothing(typed) if typed == self._found.text else ""  # else it is still looked for

    def as_typed(self, typed: str) -> str | None:
        if typed != self._found.text:
            self._entered_for, self.choices.highlighted = typed, None  # so that nothing is chosen yet
        return None

    @on(Input.Changed)
    def _look(self, event: Input.Changed) -> None:
        self._entered_for = ""
        self._search(event.value)

    @work(thread=True, exclusive=True, group="search")
    def _search(self, text: str) -> None:
        worker, rows = get_current_worker(), list[Row]()
        for name in store.names():
            for hit in store.hits(name, text):
                rows.append(_row(hit, text))
            if worker.is_cancelled:
                return
            if len(rows) >= _MOST:
                break
        self.post_message(Found(text, rows))

    def on_found(self, message: Found) -> None:
        if message.text != self.line.value:
            return
        self._found = message
        self.show()
        count, drafts = len(message.rows), len({row.group for row in message.rows})
        said = f"{count} {'stretch' if count == 1 else 'stretches'} in {plural(drafts, 'draft')}"
        found = f"{'at least ' * (count >= _MOST)}{said} · " if count else ""
        self.say(f"{found}{self.HINT}")
        if self._entered_for == message.text:
            self.choices.action_select()


def chosen(target: str) -> tuple[str, int]:
    """The draft and the stretch of a result."""
    stretch, _, name = target.partition(" ")
    return name, int(stretch)


def _row(hit: store.Hit, text: str) -> Row:
    shown = Content(f"  {visible(hit.around)}")
    wanted = r"\s+".join(re.escape(visible(word)) for word in text.split())
    if found := re.search(wanted, shown.plain, re.IGNORECASE):
        shown = shown.stylize("bold $accent", found.start(), found.end())
    return Row(f"{hit.stretch} {hit.name}", shown, group=visible(hit.name))
