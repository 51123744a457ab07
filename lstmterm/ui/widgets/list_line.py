"""A line to type in above a list: the line keeps the focus, its arrow keys move in the list."""

from textual.widgets import OptionList

from lstmterm.ui.widgets.plain import PlainInput


class ListLine(PlainInput):
    """Moves in the one list of its screen.

    It does so when the key reaches it and not by a binding, which would be looked up before the line has
    taken what was typed until then, or after it has taken what was typed since.
    """

    def move(self, action: str) -> None:
        """Let the list do what its own key would do."""
        getattr(self.screen.query_one(OptionList), f"action_{action}")()

    def key_down(self) -> None:
        self.move("cursor_down")

    def key_up(self) -> None:
        self.move("cursor_up")

    def key_pagedown(self) -> None:
        self.move("page_down")

    def key_pageup(self) -> None:
        self.move("page_up")
