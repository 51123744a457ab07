"""How a user names hidden units: `0:12`, and with a value `0:12=1.5`."""

import math
from typing import Any

import click


class UnitType(click.ParamType):
    """A hidden unit: its layer and number, both from 0."""

    name = "L:N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        layer, colon, unit = str(value).partition(":")
        if not (colon and layer.isdecimal() and unit.isdecimal()):
            self.fail(f"{value!r} is not a layer and a unit such as 0:12.", param, ctx)
        return int(layer), int(unit)


class HeldType(click.ParamType):
    """A hidden unit and the value of its c."""

    name = "L:N=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[tuple[int, int], float]:
        unit, _, number = str(value).partition("=")
        try:
            held = float(number)
        except ValueError:
            held = math.nan
        if not math.isfinite(held):
            self.fail(f"{value!r} is not a unit and a value such as 0:12=1.5.", param, ctx)
        return UnitType().convert(unit, param, ctx), held
