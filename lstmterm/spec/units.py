"""What can be looked at of a hidden unit, and how a user names one; `lstmterm.infer.trace` says what each is."""

from typing import Literal, get_args

from lstmterm.errors import InputError

Quantity = Literal["c", "tanh_c", "h", "input", "forget", "output"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
TITLES: dict[Quantity, str] = {
    "c": "c",
    "tanh_c": "tanh c",
    "h": "h",
    "input": "input gate",
    "forget": "forget gate",
    "output": "output gate",
}


def unit_of(text: str) -> tuple[int, int]:
    """The layer and the number of a unit by its name, such as `0:12`. Raises `InputError` if it is not one."""
    layer, colon, unit = text.strip().partition(":")
    if not (colon and layer.isdecimal() and unit.isdecimal()):
        raise InputError(f"{text!r} is not a layer and a unit such as 0:12.")
    return int(layer), int(unit)
