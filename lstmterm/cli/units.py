"""How a user names hidden units: `0:12`, and with a value `0:12=1.5`."""

import math
from typing import Any

import click

from lstmterm.errors import InputError
from lstmterm.spec.units import unit_of


class UnitType(click.ParamType):
    """A hidden unit: its layer and number, both from 0."""

    name = "L:N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        try:
            return unit_of(str(value))
        except InputError as error:
            self.fail(str(error), param, ctx)


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
