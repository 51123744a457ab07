"""Every command that a message, a docstring or a document recommends is one that the program takes."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lstmterm.cli import lstmterm

ROOT = Path(__file__).parents[2]
PLACEHOLDER = "1"  # for what a message fills in: a name, a path or a number
FILLED = {"option": "text"}  # what an expression in a message stands for, where that is not one of them
INLINE = re.compile(r"`(lstmterm(?: [^`]*)?)`")
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
BEFORE = re.compile(r"(?:\w+=\S+ +)*(?:\S*/)?(?:torchrun .*? -m |python -m )?lstmterm\b")


def texts_of(source: str) -> Iterator[str]:
    """The strings of a module, with a placeholder for what an f-string fills in, and what `command` makes."""
    tree = ast.parse(source)
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(filled(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "command":
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and part.value in ("train", "train-tagger", "resume"):
                    yield f"`lstmterm {part.value} {PLACEHOLDER}`"


def filled(part: ast.expr) -> str:
    """A part of an f-string, with a placeholder for what it fills in."""
    if isinstance(part, ast.FormattedValue):
        return FILLED.get(ast.unparse(part.value), PLACEHOLDER)
    return str(part.value) if isinstance(part, ast.Constant) else PLACEHOLDER


def commands_in(text: str) -> Iterator[str]:
    """The commands in a text: those between backquotes, and the lines of fenced blocks."""
    for block in FENCED.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"\||&&|;", line):
                if BEFORE.match(part.strip()):
                    yield part.strip()
    yield from INLINE.findall(FENCED.sub("", text))


def recommended() -> dict[str, str]:
    """Every recommended command, and a file that recommends it."""
    found: dict[str, str] = {}
    modules = sorted((ROOT / "lstmterm").rglob("*.py"))
    documents = sorted(
        p for folder in (".", "docs", "benchmarks", "checkpoints") for p in (ROOT / folder).glob("*.md")
    )
    for path in [*modules, *documents]:
        source = path.read_text("utf-8")
        for text in texts_of(source) if path.suffix == ".py" else [source]:
            for command in commands_in(text):
                found.setdefault(" ".join(command.split()), str(path.relative_to(ROOT)))
    return found


def parse(words: list[str]) -> None:
    """Parse a command as click does before it runs. Raises `click.ClickException` for wrong use."""
    command: click.Command = lstmterm
    context: click.Context | None = None
    while True:
        try:
            context = command.make_context(words[0] if words else "", words[1:], parent=context)
        except click.exceptions.Exit:  # --help or --version
            return
        if not isinstance(command, click.Group):
            return
        rest = [*context._protected_args, *context.args]  # where click keeps a subcommand's words
        if not rest:
            return
        _, following, arguments = command.resolve_command(context, rest)
        assert following is not None
        command, words = following, [rest[0], *arguments]


FOUND = recommended()
NAMES = {"tag", "rename", "corpora check", "corpora fetch"}  # also mentioned as commands, not to be typed


def test_commands_are_found_where_they_are_recommended() -> None:
    for command in (
        "lstmterm train-tagger 1", "lstmterm corpora fetch NAME", "lstmterm tag english-upos", "lstmterm runs",
    ):  # fmt: skip
        assert command in FOUND
    assert len(FOUND) > 40


@pytest.mark.parametrize("command", FOUND)
def test_a_recommended_command_is_taken(command: str, home: Path) -> None:
    plain = re.sub(r"\s#.*|[<>]\s*\S+|\[[^]]*]|\s(\.\.\.|…)(?=\s|$)", "", BEFORE.sub("lstmterm", command))
    words = shlex.split(plain)
    if words[1:2] == ["ARGUMENTS"]:
        return
    try:
        parse(words)
    except click.MissingParameter:
        assert " ".join(words[1:]) in NAMES, (
            f"{FOUND[command]} recommends `{command}`, where something is missing"
        )
    except click.ClickException as error:
        raise AssertionError(f"{FOUND[command]} recommends `{command}`: {error.format_message()}") from error
