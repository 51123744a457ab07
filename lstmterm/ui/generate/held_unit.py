"""A hidden unit that is held at a value while a model writes."""

from collections.abc import Sequence
from dataclasses import dataclass

from lstmterm.amounts import plural
from lstmterm.infer.lstm import Held

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
