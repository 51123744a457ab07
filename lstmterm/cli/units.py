"""How a user names hidden units: `0:12`, and with a value `0:12=1.5`."""

from typing import Any

import click

from lstmterm.errors import InputError
from lstmterm.spec.units import parse_held, parse_unit


class UnitType(click.ParamType):
    """A hidden unit: its layer and number, both from 0."""

    name = "L:N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        try:
            return parse_unit(str(value))
        except InputError as error:
            self.fail(str(error), param, ctx)


class HeldType(click.ParamType):
    """A hidden unit and the value of its c."""

    name = "L:N=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[tuple[int, int], float]:
        try:
            return parse_held(str(value))
        except InputError as error:
            self.fail(str(error), param, ctx)


hold_option = click.option(
    "--hold",
    "held",
    type=HeldType(),
    multiple=True,
    help="Hold the cell state of a hidden unit at a value (`lstmterm cells` finds units); may be repeated.",
)
