"""One way to declare a key, and the names that keys have."""

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

_NAMED = {key.value for key in Keys if key.value[0] != "<"} | set(KEY_NAME_REPLACEMENTS.values())
_MODIFIERS = {"alt", "ctrl", "hyper", "meta", "shift", "super"}


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


def are_keys(keys: str) -> bool:
    """Whether keys divided by commas have names that Textual knows: `f9`, `ctrl+x`, `question_mark`, `?`."""
    return all(_is_key(name.strip()) for name in keys.split(","))


def _is_key(name: str) -> bool:
    modifiers, _, last = name.rpartition("+")
    if name == "+" or name.endswith("++"):  # the plus itself
        modifiers, last = modifiers.removesuffix("+"), "+"
    if not set(modifiers.split("+") if modifiers else ()) <= _MODIFIERS:
        return False
    return len(last) == 1 or (bool(last) and (last in _NAMED or key_to_character(last) is not None))
