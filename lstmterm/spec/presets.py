"""Presets: sampling settings under a name, as the options of `generate` that set them."""

import shlex
from collections.abc import Mapping
from typing import Any

from lstmterm.errors import InputError, did_you_mean
from lstmterm.spec.knobs import chosen, knobs, values_of
from lstmterm.spec.sampling import Generation, Sampling

SHIPPED = {
    "sober": "--temperature 0.5 --top-p 0.9",
    "wild": "--temperature 1.2 --min-p 0.02",
}
DEFAULT = "default"  # the name of what no option changes
_PARTS = (Sampling, Generation)
_WITHOUT = ("seed",)  # it belongs to a text


def every(own: Mapping[str, str]) -> dict[str, str]:
    """The options of all presets by name: those of the user, which may replace others, and those that ship."""
    return {name: options for name, options in {**SHIPPED, **own}.items() if name != DEFAULT}


def options(sampling: Sampling, generation: Generation) -> str:
    """The options that a preset of these settings is; empty for the defaults."""
    return shlex.join([*chosen(sampling), *chosen(generation, *_WITHOUT)])


def values(text: str) -> dict[str, Any]:
    """The values by name of all settings in a preset. Raises `InputError`."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise InputError(f"A quotation mark is not closed in the preset {text!r}.") from None
    given = values_of(_PARTS, words)
    for name in _WITHOUT:
        given.pop(name, None)
    found = {k.name: k.default for part in _PARTS for k in knobs(part) if k.name not in _WITHOUT} | given
    Sampling.from_dict(found)  # the settings may exclude each other
    return found


def named(name: str, own: Mapping[str, str]) -> dict[str, Any]:
    """The values of the preset with this name. Raises `InputError`."""
    known = {DEFAULT: "", **every(own)}
    if name not in known:
        raise InputError(
            f"There is no preset {name!r}. {did_you_mean(name, known)} Presets: {', '.join(known)}."
        )
    try:
        return values(known[name])
    except InputError as error:
        raise InputError(f"The preset {name!r} cannot be used: {error}") from None
