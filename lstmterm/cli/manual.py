"""The manual page `lstmterm.1` and the documentation's list of commands, made from the commands' own help.

    python -m lstmterm.cli.manual FOLDER     writes FOLDER/lstmterm.1

The wheel carries the page as `share/man/man1/lstmterm.1` (`docs/site/build_manual.py` writes it).
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from lstmterm import __version__
from lstmterm.cli import lstmterm
from lstmterm.cli.examples import EXAMPLES


def commands(command: click.Command = lstmterm, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command, with those of groups, and its name: empty for the program itself."""
    yield name, command
    if isinstance(command, click.Group):
        context = _context(command)
        for part in command.list_commands(context):
            if its_own := command.get_command(context, part):
                yield from commands(its_own, f"{name} {part}".strip())


def _context(command: click.Command) -> click.Context:
    """A context of a command with all settings of the program's: a command keeps the help option that it is first asked for."""
    return click.Context(command, **lstmterm.context_settings)


def manual() -> str:
    """The whole manual as one page, in roff's man macros."""
    program, *others = commands()
    parts = [
        f'.TH LSTMTERM 1 "" "lstmterm {__version__}" "User Commands"',
        ".nh\n.ad l",  # no word is divided and no space is widened: commands are copied from here
        ".SH NAME",
        "lstmterm \\- " + _roff((program[1].help or "").split("\n\n")[0]),
        ".SH SYNOPSIS\n.B lstmterm\n[\\fIcommand\\fR] [\\fIoptions\\fR]",
        ".SH DESCRIPTION\nWithout a command, the screen opens.",
        *_paragraphs("\n\n".join((program[1].help or "").split("\n\n")[1:])),
        ".SH EXAMPLES\n.nf\n" + "\n".join(map(_roff, EXAMPLES[""])) + "\n.fi",
        ".SH COMMANDS",
    ]
    for name, command in others:
        usage = " ".join(command.collect_usage_pieces(_context(command)))
        parts += [f".SS lstmterm {_roff(name)} {_roff(usage)}", *_paragraphs(command.help or "")]
        for option, meaning in options(command):
            parts.append(f".TP\n.B {_roff(option)}\n{_roff(meaning)}")
        parts.append(
            ".PP\nExamples:\n.PP\n.nf\n.RS\n" + "\n".join(map(_roff, EXAMPLES.get(name, ()))) + "\n.RE\n.fi"
        )
    return "\n".join(parts) + "\n"


def list_of_commands() -> str:
    """All commands with their options and examples, as a page of Markdown."""
    parts = ["# Commands\n\nThis page is made from `--help` of each command; `man lstmterm` shows the same."]
    for name, command in commands():
        usage = " ".join(["lstmterm", *name.split(), *command.collect_usage_pieces(_context(command))])
        shown = "\n".join(EXAMPLES.get(name, ()))
        rows = "\n".join(f"| `{option}` | {_cell(meaning)} |" for option, meaning in options(command))
        parts += [
            f"## lstmterm {name}".rstrip(),
            f"`{usage}`",
            _plain(command.help or ""),
            f"```sh\n{shown}\n```",
            f"| option | what it does |\n| --- | --- |\n{rows}" if rows else "",
        ]
    return "\n\n".join(filter(None, parts)) + "\n"


def options(command: click.Command) -> Iterator[tuple[str, str]]:
    """The options of a command as its help shows them, and what each does."""
    context = _context(command)
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and isinstance(parameter, click.Option):
            yield record


def _plain(text: str) -> str:
    """A docstring without click's marks and with its paragraphs as lines."""
    return "\n\n".join(
        " ".join(paragraph.split()) for paragraph in text.replace("\b", "").split("\n\n") if paragraph.strip()
    )


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in _plain(text).split("\n\n"):
        yield f".PP\n{_roff(paragraph)}"


def _roff(text: str) -> str:
    """A line of roff: nothing in it is a request, an escape or a hyphen that could be broken."""
    escaped = (
        " ".join(text.split())
        .replace("\\", "\\e")
        .replace("-", "\\-")
        .replace("'", "\\(aq")
        .replace("`", "\\(ga")
    )
    named = re.sub(r"[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", escaped)
    return re.sub(r"^\.", "\\&.", named)


def _cell(text: str) -> str:
    """Text as the cell of a table: it ends with no bar of its own."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lstmterm.1").write_text(manual(), "utf-8")
