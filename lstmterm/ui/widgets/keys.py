"""One way to declare a key, and the names that keys have.

Some terminals and browsers keep F keys for themselves (F1 opens a help, F11 fills the screen), and the Linux
console has no F1 to F5 of the usual kind. So Alt with a digit is the F key of that number, Alt+0 is F10. Browsers
open a window with ^n and a tab with ^t, so alt+n and alt+h do the same.
"""

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

_NEVER_SENT = {"ctrl-at", "ctrl+h", "return", "vt100-mouse-event", "windows-mouse-event", "bracketed-paste"}
_NAMED = {key.value for key in Keys if key.value[0] != "<"} | set(KEY_NAME_REPLACEMENTS.values())
_MODIFIERS = {"alt", "ctrl", "hyper", "meta", "shift", "super"}
_SECOND = {f"f{number}": f"alt+{number % 10}" for number in range(1, 11)}
_SECOND |= {"ctrl+n": "alt+n", "ctrl+t": "alt+h"}


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
    """A key that the settings can change by its id; `show`: also list it at the bottom of the screen.

    F1 to F10, ^n and ^t get Alt and the digit or a letter as a second way.
    """
    others = [_SECOND[name] for name in keys.split(",") if name in _SECOND]
    return Binding(
        ",".join([keys, *others]), action, label, show=show, priority=priority, id=id, tooltip=tooltip
    )


def are_keys(keys: str) -> bool:
    """Whether keys divided by commas have names that terminals send: `f9`, `ctrl+x`, `question_mark`, `?`.

    Terminals send no capital letter with Ctrl or Alt, and no Shift with a character: that is another character.
    The modifiers are in the order of the alphabet, as Textual names what it reads.
    """
    return all(_is_key(name.strip()) for name in keys.split(","))


def _is_key(name: str) -> bool:
    modifiers, _, last = name.rpartition("+")
    if name == "+" or name.endswith("++"):  # the plus itself
        modifiers, last = modifiers.removesuffix("+"), "+"
    held = modifiers.split("+") if modifiers else []
    if not set(held) <= _MODIFIERS or held != sorted(set(held)) or name in _NEVER_SENT:
        return False
    if len(last) == 1 and held and (last.isupper() or held == ["shift"]):
        return False
    return len(last) == 1 or (bool(last) and (last in _NAMED or key_to_character(last) is not None))
