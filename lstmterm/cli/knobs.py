"""Options of the training commands, made of a spec's knobs."""

from collections.abc import Callable, Collection
from functools import reduce
from typing import Any, TypeVar

import click

from lstmterm.cli import completion
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import knobs_of
from lstmterm.spec.knobs import Knob, Part, knobs

F = TypeVar("F", bound=Callable[..., Any])

# Options of 0.1.0 and what they are called now.
RENAMED = {"streams": "batch-size", "window": "seq-length", "noise": "token-dropout"}


def decorator(*options: Callable[[F], F]) -> Callable[[F], F]:
    """A decorator that adds these options, listed in this order."""
    return lambda function: reduce(lambda decorated, option: option(decorated), reversed(options), function)


def knob_options(*parts: type[Part], defaults: bool = False, only: Collection[str] = ()) -> Callable[[F], F]:
    """A decorator that adds an option for every knob of the parts, or `only` for those with these names.

    One that is not given is None, or with `defaults` the knob's default.
    """
    taken = [k for part in parts for k in knobs(part) if not only or k.name in only]
    return decorator(*(_option(k, k.default if defaults else None) for k in taken))


def preset_option() -> Callable[[F], F]:
    """A decorator that adds `--preset`: its settings are the defaults of the other options."""

    def use(ctx: click.Context, _: click.Parameter, name: str | None) -> None:
        if name is not None:
            from lstmterm import settings
            from lstmterm.spec import presets

            ctx.default_map = {**(ctx.default_map or {}), **presets.named(name, settings.load().presets)}

    return click.option(
        "--preset",
        metavar="NAME",
        is_eager=True,
        expose_value=False,
        callback=use,
        shell_complete=completion.presets,
        help="Named sampling settings: sober, wild, or your own from the Generate tab; "
        "other options override them.",
    )


def request_options(kind: Kind, *, named: bool = True) -> Callable[[F], F]:
    """A decorator that adds what `TrainRequest.from_options` takes; without `named`, not the model's name."""
    data = "text" if kind == "charlm" else "data"
    name = (
        click.option("--name", help=f"The model's name (default: that of the {data})."),
        click.option("--overwrite", is_flag=True, help="Replace an existing model of that name."),
    )
    length = (
        click.option(
            "--minutes",
            type=float,
            help="Time for everything, from start to last save "
            f"(default: 3{'' if kind == 'charlm' else '; a cipher takes seconds'}).",
        ),
        click.option("--epochs", type=float, help=f"Epochs over the {data}, instead of minutes."),
    )
    start = click.option(
        "--from",
        "start_from",
        metavar="MODEL",
        shell_complete=completion.models,
        help="Start from a model's weights, matched by character."
        if kind == "charlm"
        else "Train this tagger further: start from its weights, and keep its words and tags.",
    )
    return decorator(
        *(name if named else ()),
        *length,
        start,
        *((renamed(*names) for names in RENAMED.items()) if kind == "charlm" else ()),
        *map(_option, knobs_of(kind).values()),
    )


def renamed(old: str, new: str) -> Callable[[F], F]:
    """A decorator that refuses the option `old` and says that it is now called `new`."""

    def refuse(_: click.Context, __: click.Parameter, value: str | None) -> None:
        if value is not None:
            raise click.UsageError(f"--{old} is now called --{new}.")

    return click.option(f"--{old}", hidden=True, expose_value=False, callback=refuse)


def _option(knob: Knob, default: Any = None) -> Callable[[F], F]:
    if knob.type is bool:
        flag = f"--{knob.option}/--no-{knob.option}"
        return click.option(flag, knob.name, default=default, help=knob.sentence)
    kind = click.Choice(list(knob.choices)) if knob.choices else knob.type
    return click.option(
        f"--{knob.option}",
        knob.name,
        type=kind,
        multiple=knob.several,
        default=default,
        show_default=default not in (None, "", ()),
        help=knob.sentence,
    )


# What every command that trains takes.
run_options = decorator(
    click.option("--detach", is_flag=True, help="Train in the background, and return at once."),
    click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON."),
    click.option("--quiet", is_flag=True, help="Print only failures."),
    click.option(
        "--on-end",
        metavar="COMMAND",
        help="Run this when the run ends, also by failing; LSTMTERM_STATE, LSTMTERM_VAL_LOSS and others say how.",
    ),
    click.option("--nice", type=click.IntRange(0, 19), default=0, hidden=True),
)
