"""A line to type in above a list. It keeps the focus; its arrow keys move in the list."""

from collections.abc import Callable

from textual.widgets import OptionList

from lstmterm.ui.widgets.plain import PlainInput


class ListLine(PlainInput):
    """Moves in the one list of its screen.

    Key methods keep the order of what is typed: a binding would run before or after the characters
    that were typed around it.
    """

    def move_in_list(self, action: Callable[[OptionList], None]) -> None:
        """Do in the list what its own key would do."""
        action(self.screen.query_one(OptionList))

    def key_down(self) -> None:
        self.move_in_list(OptionList.action_cursor_down)

    def key_up(self) -> None:
        self.move_in_list(OptionList.action_cursor_up)

    def key_pagedown(self) -> None:
        self.move_in_list(OptionList.action_page_down)

    def key_pageup(self) -> None:
        self.move_in_list(OptionList.action_page_up)
