"""The probabilities of the next character as bars; one can be chosen by hand."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from lstmterm.ui.widgets.bars import probability_bar
from lstmterm.ui.widgets.keys import key
from lstmterm.visible import visible

_BAR_WIDTH = 14
NAMES = {" ": "space", "\n": "new line", "\t": "tab"}


class NextCharacters(OptionList):
    """Characters by their probability; Enter chooses the one under the cursor."""

    BORDER_TITLE = "Next character"
    BORDER_SUBTITLE = "enter: choose"

    BINDINGS = [
        key("escape", "close", "Close", "next.close", "Hide the bars"),
    ]

    @dataclass
    class Chosen(Message):
        """A character was chosen."""

        text: str

    class Closed(Message):
        """The user closed the bars."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, compact=True, **options)
        self._choices: list[tuple[str, float]] = []

    def show(self, choices: list[tuple[str, float]]) -> None:
        """Show characters with their probabilities, likeliest first."""
        self._choices = choices
        highest = choices[0][1] if choices else 1.0
        self.set_options(
            Content.assemble(
                (f"{named(character):>9} ", "bold"),
                probability_bar(probability, probability / highest, _BAR_WIDTH, "$primary"),
            )
            for character, probability in choices
        )
        if choices:
            self.highlighted = 0

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._choices[event.option_index][0]))

    def action_close(self) -> None:
        self.post_message(self.Closed())


def named(character: str) -> str:
    """A character as a list shows it: itself, or a name if it is invisible."""
    category = unicodedata.category(character[0])
    if character in NAMES:
        return NAMES[character]
    if category in ("Mn", "Me", "Mc"):
        return f"◌{character}"
    return f"U+{ord(character[0]):04X}" if category in ("Cf", "Zs", "Zl", "Zp") else visible(character)
