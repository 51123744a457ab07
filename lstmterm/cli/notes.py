"""Messages for the user, on stderr, so that they stay out of the output."""

import contextlib
import shlex
import signal
from collections.abc import Iterator, Mapping

import click

from lstmterm import ending
from lstmterm.cli.wrapping import for_stderr
from lstmterm.errors import fitting
from lstmterm.planning import machine
from lstmterm.visible import visible, visible_lines

_MOST_NAMED = 20  # unknown characters


def say(text: str) -> None:
    """Print lines; control characters in them are made visible, and on a terminal they break between words."""
    click.echo(for_stderr(visible_lines(text)), err=True)


def note(sentence: str) -> None:
    """Print a sentence, as it fits the command that runs."""
    say(visible(fitted(sentence)))


def confirm(question: str) -> None:
    """Ask whether to go on. Raises `click.Abort` if the user does not agree."""
    asked = for_stderr(f"{visible(question)} [y/N]:")
    click.confirm(asked, abort=True, err=True, show_default=False, prompt_suffix=" ")


@contextlib.contextmanager
def interrupt_says(sentence: str, code: int = 128 + signal.SIGINT) -> Iterator[None]:
    """Within this context Ctrl-C ends the process with this sentence and exit code."""
    with ending.interrupt_means(for_stderr(visible(sentence)), code):
        yield


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
