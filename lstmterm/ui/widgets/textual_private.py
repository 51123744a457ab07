"""Everything of Textual that is not public and that the screen uses."""

from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen


def all_bindings(screen: Screen) -> Iterator[tuple[DOMNode, str, Binding]]:
    """Every key of the focused widget, its ancestors and the application: its node, the key, its binding.

    `Screen.active_bindings` leaves out the keys whose action is not possible at the moment; help
    explains these, too. Keys that the settings change are included, which class attributes lack.
    """
    for node, bindings in screen._modal_binding_chain:
        for key, binding in bindings:
            yield node, key, binding
