"""A hidden unit that is held at a value while a model writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lstmterm.amounts import plural
from lstmterm.errors import InputError
from lstmterm.infer.lstm import Held
from lstmterm.spec.units import parse_held, parse_unit

_OFF = "-"  # before a stored unit that is not on

LIMIT = 20.0  # of a value, in both directions


@dataclass(frozen=True)
class HeldUnit:
    """A unit that is held, or will be again if it is not `on`."""

    layer: int
    unit: int
    value: float = 1.0
    about: str = ""  # the feature that it follows
    on: bool = True

    @property
    def name(self) -> str:
        return f"{self.layer}:{self.unit}"


def held(units: Sequence[HeldUnit]) -> Held:
    """The values of the units that are on."""
    return {(each.layer, each.unit): each.value for each in units if each.on}


def summaries(units: Sequence[HeldUnit]) -> list[str]:
    """What is held, in texts of which each is shorter than the one before; none if nothing is."""
    on = [each for each in units if each.on]
    if not on:
        return []
    values = ", ".join(f"{each.name} = {each.value:+.2f}" for each in on)
    return [f"held {values}", f"held {plural(len(on), 'unit')}"]


def parsed(chosen: str) -> HeldUnit:
    """The unit that was typed, chosen, or `stored`: `1:37`, `1:37=-2`, `1:37=-2 quotes`. Raises `InputError`."""
    words = chosen.split() or [""]
    about = words[1] if len(words) > 1 else ""
    if "=" not in words[0]:
        return HeldUnit(*parse_unit(words[0]), about=about)
    (layer, unit), value = parse_held(words[0])
    if abs(value) > LIMIT:
        raise InputError(f"The value of a held unit must be from -{LIMIT:g} to {LIMIT:g} (got {value:g}).")
    return HeldUnit(layer, unit, value, about)


def stored(unit: HeldUnit) -> str:
    """A unit as a text."""
    return f"{'' if unit.on else _OFF}{unit.name}={unit.value!r} {unit.about}".rstrip()


def restored(text: str) -> HeldUnit:
    """The unit that was stored. Raises `InputError`."""
    return replace(parsed(text.removeprefix(_OFF)), on=not text.startswith(_OFF))
