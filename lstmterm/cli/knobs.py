"""Options made of a spec's knobs, so that a knob is described once."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import click

from lstmterm.spec.knobs import Knob, Part, knobs

F = TypeVar("F", bound=Callable[..., Any])


def knob_options(*parts: type[Part]) -> Callable[[F], F]:
    """A decorator that adds an option for every knob of the parts; one not given is None."""

    def decorate(function: F) -> F:
        for part in reversed(parts):
            for knob in reversed(list(knobs(part))):
                function = _option(knob)(function)
        return function

    return decorate


# Options of 0.1.0 and what they are called now.
RENAMED = {"streams": "batch-size", "window": "seq-length", "noise": "token-dropout"}


def renamed_options(function: F) -> F:
    """A decorator that refuses the options of 0.1.0 with the names that they have now."""
    for old in RENAMED:
        option = click.option(f"--{old}", hidden=True, expose_value=False, callback=_refuse_renamed)
        function = option(function)
    return function


def _refuse_renamed(_: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise click.UsageError(f"--{param.name} is now called --{RENAMED[str(param.name)]}.")


def given(values: dict[str, Any]) -> dict[str, Any]:
    """The knobs that a person set."""
    return {name: value for name, value in values.items() if value is not None}


class Length(click.FloatRange):
    """A finite number greater than zero."""

    def __init__(self, most: float | None = None) -> None:
        super().__init__(0, most, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is no finite number.", param, ctx)
        return number


def _option(knob: Knob) -> Callable[[F], F]:
    if knob.type is bool:
        return click.option(f"--{knob.option}", knob.name, is_flag=True, default=None, help=knob.sentence)
    kind = click.Choice(list(knob.choices)) if knob.choices else knob.type
    return click.option(f"--{knob.option}", knob.name, type=kind, default=None, help=knob.sentence)


def run_options(function: F) -> F:
    """A decorator that adds what every command that starts a run takes."""
    for option in (
        click.option("--nice", type=click.IntRange(0, 19), default=0, hidden=True),
        click.option("--run-id", hidden=True),
        click.option("--quiet", is_flag=True, help="Print only failures."),
        click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON."),
        click.option("--detach", is_flag=True, help="Train in the background, and return at once."),
    ):
        function = option(function)
    return function
