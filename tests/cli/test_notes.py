"""A message names only options that the command which shows it has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import lstmterm
from lstmterm.cli import COMMANDS, notes
from lstmterm.cli import lstmterm as program
from lstmterm.cli.notes import confirm, fitted, note, options_of
from lstmterm.cli.wrapping import wrapped
from lstmterm.errors import OPTION, fitting
from lstmterm.ui.messages import on_screen
from tests.cli.test_recommendations import texts_of

PACKAGE = Path(lstmterm.__file__).parent
BELOW = sorted(
    p
    for p in PACKAGE.rglob("*.py")
    if p.relative_to(PACKAGE).parts[0]
    not in ("cli", "ui", "installed.py")  # which names those of pip and pipx
)
COMMAND = re.compile(r"`[^`]*`")
# Options that a message may be about, since it is shown only where they were given: without these commands
# there is no such message. Those of the settings, which are fields of the screen too, are taken from them.
ABOUT = {"--adapt-rule": "score", "--text": "resume", "--set": "sweep"}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command, by what is typed."""
    for name in COMMANDS:
        command = program.get_command(click.Context(program), name)
        assert command is not None
        yield name, command
        for inner, below in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", below


OF_COMMANDS = {name: options_of(command) for name, command in commands()}


def docstrings(tree: ast.AST) -> set[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        ast.get_docstring(node, clean=False) or "" for node in ast.walk(tree) if isinstance(node, documented)
    }


def messages() -> Iterator[tuple[str, str]]:
    """Each text below the commands and the screen that names an option, with its file."""
    for path in BELOW:
        source = path.read_text("utf-8")
        skipped = docstrings(ast.parse(source))
        for text in texts_of(source):
            if text not in skipped and re.search(r"\s", text) and OPTION.search(COMMAND.sub("", text)):
                yield str(path.relative_to(PACKAGE)), text


FOUND = sorted(set(messages()))


def test_messages_that_name_options_are_found() -> None:
    assert len(FOUND) > 25
    assert any("--level byte reads" in text for _, text in FOUND)


@pytest.mark.parametrize(("file", "text"), FOUND)
def test_a_message_advises_options_in_parentheses_and_the_screen_shows_none(file: str, text: str) -> None:
    everywhere = set().union(*OF_COMMANDS.values())
    assert set(OPTION.findall(COMMAND.sub("", text))) <= everywhere
    for option in OPTION.findall(COMMAND.sub("", fitting(text))):
        if option in ABOUT:
            assert option in OF_COMMANDS[ABOUT[option]]
        else:
            assert option not in COMMAND.sub("", on_screen(text)), (
                f"{file} advises {option} without parentheses"
            )


def test_what_does_not_fit_is_left_out() -> None:
    message = (
        "It is wrong (--this helps; so do --that and --those); see `it --other` (in vain), a--b and (-- x)."
    )
    assert fitting(message) == "It is wrong; see `it --other` (in vain), a--b and (-- x)."
    assert fitting(message, {"--this", "--that"}).startswith("It is wrong (--this helps); see")
    assert fitting(message, {"--this", "--that", "--those"}) == message
    assert (
        fitting("Gone (`lstmterm resume 1 --text FILE` finds it).")
        == "Gone (`lstmterm resume 1 --text FILE` finds it)."
    )


def test_the_screen_names_fields() -> None:
    assert on_screen("--lr must be at least 1 (got 0).") == "Learning-rate must be at least 1 (got 0)."
    assert (
        on_screen("a is a tagger; --from takes a character model.")
        == "a is a tagger; From takes a character model."
    )
    assert on_screen("The run was started without --minutes.") == "The run was started without Time."
    assert on_screen("Do `lstmterm train x --lr 1` (or --lr 2).") == "Do `lstmterm train x --lr 1`."


def test_a_note_fits_the_command_that_runs(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    @click.option("--level", expose_value=False)
    def with_level() -> None:
        note("Binary (--level byte reads it; --glob leaves it out).")

    with_level.main([], standalone_mode=False)
    assert capsys.readouterr().err == "Binary (--level byte reads it).\n"
    assert fitted("Binary (--level byte reads it).") == "Binary."


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_a_question_breaks_between_words(answer: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "for_stderr", lambda text: wrapped(text, 24))
    asking = click.Command("ask", callback=lambda: confirm("The column\x1b has a single tag. Train on it?"))
    asked = CliRunner().invoke(asking, input=f"{answer}\n")
    assert asked.exit_code == code
    assert asked.stderr.startswith("The column␛ has a single\ntag. Train on it? [y/N]: ")
