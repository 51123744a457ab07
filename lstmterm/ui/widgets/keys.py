"""One way to declare a key."""

from textual.binding import Binding


def key(
    keys: str,
    action: str,
    label: str,
    id: str,
    tooltip: str,
    *,
    show: bool = True,
    priority: bool = False,
) -> Binding:
    """A key that the settings can change by its id; `show`: also list it at the bottom of the screen."""
    return Binding(keys, action, label, show=show, priority=priority, id=id, tooltip=tooltip)
