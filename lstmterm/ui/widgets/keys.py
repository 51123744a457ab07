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
    display: str | None = None,
    priority: bool = False,
) -> Binding:
    """A key that the settings can change by its id; `show`: also list it at the bottom of the screen."""
    return Binding(
        keys, action, label, show=show, key_display=display, priority=priority, id=id, tooltip=tooltip
    )
