"""The line above the prompt while the user talks with a model: who speaks, and how a turn looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import Button, Label

from lstmterm.corpora import turns as patterns
from lstmterm.corpora.scene import Scene
from lstmterm.corpora.turns import Turns
from lstmterm.errors import error_of
from lstmterm.spec.knobs import typed
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.pick import Pick
from lstmterm.ui.widgets.picker import Picker, Row
from lstmterm.visible import shorten, visible

_LONGEST = 40  # columns of a name in the list
_AROUND = 34  # columns that are neither names nor a pattern
_BETWEEN = 19  # the same where only names and the button are shown
_ROOM = 16  # columns for names below which nothing else is shown beside them
_NOBODY = "choose…"  # in the place of a name
_TURNS = "Turns"  # for a pattern that has no room
_QUESTION = (
    "What does a turn look like? {name} is the speaker, {text} what is said, \\n a new line.\n"
    "Leave it empty to find it in what the model writes."
)
SPEAK_ON, STOP = "Speak on", "Stop"


class TalkBar(Horizontal):
    """Names and a pattern, each of which opens a list or a question; and a button that lets both speak on."""

    @dataclass
    class Asked(Message):
        """The user wants to change something: "me", "you" or "turn"; or to listen: "on"."""

        what: str

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._scene: Scene | None = None

    def compose(self) -> ComposeResult:
        yield Label("You", classes="said")
        yield Pick(prompt=_NOBODY, id="talk-me", classes="speaker")
        yield Label("Model", classes="said")
        yield Pick(prompt=_NOBODY, id="talk-you", classes="speaker")
        yield Pick(prompt=_TURNS, id="talk-turn")
        yield Button(SPEAK_ON, compact=True, id="talk-on")

    def on_resize(self, event: Resize) -> None:
        self._fit()

    def show(self, scene: Scene | None, listening: bool) -> None:
        """Show who speaks; `scene` is None where nobody was found."""
        self._scene = scene
        self.query_one("#talk-on", Button).label = STOP if listening else SPEAK_ON
        self._fit()

    def _fit(self) -> None:
        """Show the names, and what there is room for beside them: what they are called, the pattern."""
        me, you, turn = (self.query_one(f"#talk-{part}", Pick) for part in ("me", "you", "turn"))
        if self._scene is None:
            me.chosen = you.chosen = turn.chosen = ""
            self.remove_class("-names-only")
            needs = _AROUND + len(_TURNS) + 2 * len(_NOBODY)
            self.set_class(self.size.width < needs, "-turns-only")  # a pattern is needed first
            return
        self.remove_class("-turns-only")
        names, pattern = (
            (self._scene.me, self._scene.you),
            shorten(typed(self._scene.turns.pattern), _LONGEST),
        )
        room = self.size.width - _AROUND - len(_TURNS)
        self.set_class(room < _ROOM, "-names-only")
        if room < _ROOM:
            room = self.size.width - _BETWEEN
        half = max(room // 2, 1)
        shortest = min(half, *(cell_len(visible(name)) for name in names))
        me.chosen, you.chosen = (shorten(name, room - shortest) for name in names)
        needed = sum(cell_len(pick.chosen or _NOBODY) for pick in (me, you))
        turn.chosen = pattern if needed + len(pattern) <= room + len(_TURNS) else _TURNS

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Asked((event.button.id or "").removeprefix("talk-")))


class SpeakerPicker(Picker):
    """Choosing a speaker: of those who were found, or any other name that is typed. The result is the name."""

    PLACEHOLDER = "A speaker, or any other name"

    def __init__(self, title: str, turns: Turns, chosen: str) -> None:
        super().__init__(title, chosen)
        self._turns = turns

    def rows(self, typed: str) -> Iterator[Row]:
        name = typed.strip()
        for speaker, turns in self._turns.speakers.items():
            if name.casefold() in speaker.casefold():
                yield Row(speaker, _line(speaker, f"{turns:,} of 1,000 turns"))
        if name and not self._turns.found(name) and not error_of(self._turns.speaker, name):
            yield Row(name, _line(name, "was not found; the model may not know it"))


def _line(name: str, about: str) -> Content:
    return Content.assemble((f"{shorten(name, _LONGEST):<22} ", "bold"), (about, "$foreground 60%"))


class PatternQuestion(Ask):
    """Asks what a turn looks like. The result is the pattern; empty to find it."""

    def __init__(self, pattern: str) -> None:
        super().__init__(_QUESTION, pattern, _check_pattern)


def _check_pattern(typed: str) -> None:
    """Raise `InputError` for a pattern that is not one; nothing is none."""
    if typed:
        patterns.parsed(typed)
