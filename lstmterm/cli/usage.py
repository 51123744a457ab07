"""What is said about options and arguments that a command does not have."""

import difflib
import os
import shlex

import click

from lstmterm.cli.notes import options_of

_MOST_NAMED = 4  # options
_OTHER_NAMES = {
    "--duration": "--minutes",
    "--learning-rate": "--lr",
    "--max-tokens": "--length",
    "--text": "--prompt",
    "--time": "--minutes",
}  # what other programs call an option
_PLAIN = {
    "is not a valid float": "is not a number",
    "is not a valid integer": "is not a whole number",
}  # click's words, and plainer ones


def in_a_sentence(error: click.UsageError) -> str:
    """A wrong use of a command, with what was probably meant."""
    context = error.ctx
    if context is not None and isinstance(error, click.NoSuchOption):
        return f"There is no option {error.option_name!r}. {_options_meant(error.option_name, context)}"
    if context is not None and (extra := _extra_words(error)):
        return f"{_takes(context)} More than that was given: {extra}. {_meant_with(extra, context)}".rstrip()
    message = error.format_message()
    for words, plain in _PLAIN.items():
        message = message.replace(words, plain)
    return message


def no_command(word: str) -> str:
    """How to train on a file whose name was typed in place of a command; empty for any other word."""
    return f"To train on this file: lstmterm train {shlex.quote(word)}" if os.path.isfile(word) else ""


def _options_meant(typed: str, context: click.Context) -> str:
    """A question with the options that a command has in place of `typed`, or where all are listed."""
    known = [
        option for option in options_of(context.command) if option.startswith("--") and option != "--help"
    ]
    begin = sorted(option for option in known if option.startswith(f"--{typed.lstrip('-').lower()}"))
    other = _OTHER_NAMES.get(typed)
    meant = (
        begin[:_MOST_NAMED] or [other] * (other in known) or difflib.get_close_matches(typed, known, 1, 0.7)
    )
    names = " or ".join(repr(option) for option in meant if option)
    return f"Did you mean {names}?" if names else f"`{context.command_path} --help` lists them."


def _extra_words(error: click.UsageError) -> str:
    """The arguments that are too many, as click lists them; empty for another error."""
    message = error.message
    return message[message.index("(") + 1 : -1] if message.startswith("Got unexpected extra argument") else ""


def _takes(context: click.Context) -> str:
    """Which arguments a command takes."""
    arguments = [part.make_metavar(context) for part in _arguments(context)]
    return f"`{context.command_path}` takes {' '.join(arguments) or 'options only'}."


def _meant_with(extra: str, context: click.Context) -> str:
    """How the words that are too many are probably meant."""
    if "--prompt" in options_of(context.command):
        return f"A text to continue is an option: --prompt {shlex.quote(extra)}"
    return "A name with spaces needs quotation marks." if _arguments(context) else ""


def _arguments(context: click.Context) -> list[click.Argument]:
    """The arguments of a command, without its options."""
    return [part for part in context.command.params if isinstance(part, click.Argument)]
