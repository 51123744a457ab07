"""Messages for the user, on stderr, so that they stay out of the output."""

import shlex

import click

from lstmterm.planning import machine
from lstmterm.visible import visible


def note(sentence: str) -> None:
    """Print a sentence; control characters in it are made visible."""
    click.echo(visible(sentence), err=True)


def note_damaged_measurements() -> None:
    """Say once that measurements of this machine were damaged and are made again."""
    if sentence := machine.mended():
        note(sentence)


def command(name: str, argument: str) -> str:
    """A command to copy into a shell."""
    return f"lstmterm {name} {shlex.quote(argument)}"
