"""Messages for the user, on stderr, so that they stay out of the output."""

import shlex
from collections.abc import Mapping

import click

from lstmterm.errors import fitting
from lstmterm.planning import machine
from lstmterm.visible import visible

_MOST_NAMED = 20  # unknown characters


def note(sentence: str) -> None:
    """Print a sentence, as it fits the command that runs; control characters in it are made visible."""
    click.echo(visible(fitted(sentence)), err=True)


def note_typed() -> None:
    """Print that the command waits for a text to be typed, and what ends it."""
    note("Type a text. Ctrl+D on an empty line ends it.")


def note_missing(missing: Mapping[str, int], model: str = "The model") -> None:
    """Print which characters of a prompt a model does not know, if there are any."""
    if missing:
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        named = " ".join([*missing][:_MOST_NAMED])
        note(f"{model} does not know these characters of the prompt: {named}{more}")


def fitted(message: str) -> str:
    """A message without advice on options that the command which runs does not have."""
    context = click.get_current_context(silent=True)
    return fitting(message, options_of(context.command) if context else ())


def options_of(command: click.Command) -> set[str]:
    """The options of a command, as they are typed."""
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


def note_damaged_measurements() -> None:
    """Say once that measurements of this machine were damaged and are taken again."""
    if sentence := machine.mended():
        note(sentence)


def command(name: str, argument: str) -> str:
    """A command to copy into a shell."""
    return f"lstmterm {name} {shlex.quote(argument)}"
