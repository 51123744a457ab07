"""The command line: the table of commands, and the place where errors become one sentence.

The module of a command is imported when the command runs, and imports what is slow to import inside
its functions, so `--help` imports little more than click.
"""

import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

import click

from lstmterm import __version__
from lstmterm.cli import start_time  # noqa: F401 - first of all: the process begins
from lstmterm.cli.examples import epilog
from lstmterm.cli.notes import options_of, say
from lstmterm.errors import did_you_mean, fitting, too_large
from lstmterm.planning import torchrun

# name -> (module of this package, what it does); the function in the module has the command's name,
# with underscores for dashes.
COMMANDS: dict[str, tuple[str, str]] = {
    "train": ("train", "Train a character model on a text."),
    "runs": ("runs", "List, compare, tag, export and remove training runs."),
    "attach": ("runs", "Follow a run."),
    "stop": ("runs", "Stop a run; it can be resumed."),
    "resume": ("runs", "Resume a run exactly where it stopped."),
    "sweep": ("sweep", "Train a grid of settings, and compare the runs."),
    "plot": ("plot", "Plot a run's curves, or write them to files."),
    "generate": ("generate", "Write text with a model."),
    "next": ("next", "Show the likeliest next characters or words."),
    "chat": ("chat", "Talk with a model: you are one speaker, it is another."),
    "drafts": ("drafts", "List, show, search and export drafts."),
    "score": ("score", "Measure how well a model predicts a text."),
    "copied": ("copied", "Show what a text copies word for word from a corpus."),
    "compare": ("compare", "Compare models: losses on one text, sizes, speed, samples."),
    "cells": ("cells", "Show which hidden units of a model follow which features of a text."),
    "train-tagger": ("train", "Train a tagger on tagged text, or on a cipher."),
    "tag": ("tagger", "Tag a text or a file with a tagger."),
    "evaluate": ("tagger", "Measure a tagger's accuracy on tagged data."),
    "plan": ("train", "Show what `train` would do, and why."),
    "plan-tagger": ("train", "Show what `train-tagger` would do, and why."),
    "models": ("models", "List the models."),
    "show": ("models", "Show everything known about a model."),
    "rename": ("models", "Rename a model."),
    "export": ("models", "Copy a model to a file."),
    "import": ("models", "Add a model from a file."),
    "remove": ("models", "Delete a model."),
    "corpora": ("corpora", "List, fetch, add and check texts."),
    "doctor": ("doctor", "Check this installation, and say how to fix what is wrong."),
}


DUMB = ("dumb", "unknown")  # values of TERM; rich takes both for terminals without escape codes


class Commands(click.Group):
    """A group that imports a command when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"lstmterm.cli.{COMMANDS[cmd_name][0]}")
        name = cmd_name.replace("-", "_")
        return _with_examples(getattr(module, name if hasattr(module, name) else f"{name}_command"), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in COMMANDS:
            from lstmterm.cli import usage

            hint = usage.no_command(args[0]) or did_you_mean(
                args[0], COMMANDS, "`lstmterm --help` lists them."
            )
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}")
        return super().resolve_command(ctx, args)


def _with_examples(command: click.Command, name: str) -> click.Command:
    """The command, whose help and that of its own commands ends with examples."""
    command.epilog = epilog(name)
    for part, its_own in command.commands.items() if isinstance(command, click.Group) else ():
        _with_examples(its_own, f"{name} {part}")
    return command


@click.group(
    cls=Commands,
    epilog=epilog(""),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="lstmterm %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def lstmterm(ctx: click.Context, debug: bool) -> int:
    """Train an LSTM on your own text, in your terminal, on the machine you have.

    CORPUS is a name (`lstmterm corpora` lists them), a file, a folder, or `-`.
    MODEL is a name (`lstmterm models` lists them), or a file.
    RUN is a run's id, or a name: its latest run.
    """
    if ctx.invoked_subcommand is None:
        served = "TEXTUAL_DRIVER" in os.environ  # `textual serve` talks to the screen through pipes
        if served or all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
            from lstmterm.cli.output import in_ci

            if not served and in_ci():
                raise click.UsageError(
                    "The screen does not open in CI. Use the commands (`lstmterm --help` lists them), or unset CI."
                )
            if not served and os.environ.get("TERM", "dumb") in ("", *DUMB):
                raise click.UsageError(
                    "The screen needs a terminal that can move the cursor, but TERM is dumb or not set. Set it, as in "
                    "TERM=xterm-256color, or use the commands (`lstmterm --help` lists them)."
                )
            from lstmterm.ui.app import run

            return run()
        raise click.UsageError(
            "The screen needs a terminal, and input or output is a pipe or a file. Open it in a terminal, or use "
            "the commands (`lstmterm --help` lists them)."
        )
    return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script; exits with 0, 1 (failed), 2 (wrong use), or 128 plus the number of a signal."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["--train"]:
        words[0] = "train"
    debug = "--debug" in words
    if debug:  # at any position
        words.remove("--debug")
    sys.exit(_run(words, debug))


def _run(words: list[str], debug: bool) -> int:
    stdout = sys.stdout
    try:
        result = lstmterm.main(words, prog_name="lstmterm", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        from lstmterm.cli import usage

        return _say(usage.in_a_sentence(error), 2)
    except click.ClickException as error:
        return _say(error.format_message(), 2)
    except (KeyboardInterrupt, click.Abort):
        click.echo(err=True)
        return 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit:
        if sys.stdout is not stdout:  # click found a closed pipe and replaced stdout
            return 0
        raise
    except Exception as error:
        if debug:
            raise
        error = too_large(error) or error
        code = getattr(error, "exit_code", None)
        if code is not None:
            return _say(fitting(str(error), options_of(_command(words))), code)
        if isinstance(error, OSError):
            if error.errno == errno.ENOSPC and not error.filename:
                return _say(
                    "Cannot write the output: its disk is full. Free some space, or write elsewhere.", 1
                )
            where = f" ({error.filename})" if error.filename else ""
            return _say(f"{error.strerror or error}{where}.", 1)
        return _say(f"{type(error).__name__}: {error}. This is a bug; --debug shows the traceback.", 1)


def _command(words: list[str]) -> click.Command:
    """The command that these words name, or the group where they name none."""
    command: click.Command = lstmterm
    for word in words:
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), word) or command
    return command


def _say(sentence: str, code: int) -> int:
    """Print an error; with several ranks only the first one does."""
    if torchrun.is_first():
        say(f"lstmterm: {sentence}")
    return code
