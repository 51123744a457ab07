"""Hidden units: what can be looked at (`lstmterm.infer.trace` says what each is), and how a user names them."""

import math
from collections.abc import Mapping
from typing import Literal, get_args

from lstmterm.errors import InputError
from lstmterm.spec.knobs import number_text

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


def parse_unit(text: str) -> tuple[int, int]:
    """A layer and a unit in it, both from 0, from `0:12`. Raises `InputError`."""
    layer, colon, unit = text.strip().partition(":")
    if not (colon and layer.isdecimal() and unit.isdecimal()):
        raise InputError(f"{text!r} is not a layer and a unit such as 0:12.")
    return int(layer), int(unit)


def parse_held(text: str) -> tuple[tuple[int, int], float]:
    """A unit and the value of its c, from `0:12=1.5`. Raises `InputError`."""
    unit, _, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{text!r} is not a unit and a value such as 0:12=1.5.")
    return parse_unit(unit), value


def held_arguments(held: Mapping[tuple[int, int], float]) -> list[str]:
    """The options of `generate` that hold these units."""
    return [
        word
        for (layer, unit), value in held.items()
        for word in ("--hold", f"{layer}:{unit}={number_text(value)}")
    ]
