"""The line into which a prompt is typed, with a history."""

from typing import Any

from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import PlainInput


class PromptLine(PlainInput):
    """The text that the model continues; up and down go through earlier prompts."""

    BINDINGS = [
        key("up", "earlier(1)", "Earlier", "prompt.earlier", "The prompt before", show=False),
        key("down", "earlier(-1)", "Later", "prompt.later", "The prompt after", show=False),
    ]

    def __init__(self, **options: Any) -> None:
        super().__init__(placeholder="Type a prompt… (empty: continue)", select_on_focus=False, **options)
        self.history: list[str] = []
        self._back = 0  # how far back in the history; 0 is the line being typed
        self._typed = ""

    def remember(self, prompt: str) -> None:
        """Add a prompt to the history."""
        if prompt and self.history[-1:] != [prompt]:
            self.history.append(prompt)
        self._back, self._typed = 0, ""

    def action_earlier(self, by: int) -> None:
        if self._back == 0:
            self._typed = self.value
        self._back = min(max(self._back + by, 0), len(self.history))
        self.value = self.history[-self._back] if self._back else self._typed
        self.cursor_position = len(self.value)
