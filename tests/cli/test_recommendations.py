"""Every command that a message, a docstring or a document recommends is run, in a home that has what it names."""

import ast
import dataclasses
import io
import re
import shlex
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from lstmterm.cli import lstmterm, main
from lstmterm.cli.examples import EXAMPLES
from lstmterm.corpora import catalogue, fetching
from lstmterm.corpora.catalogue import Entry
from lstmterm.nn import calibrate, session
from lstmterm.nn.checkpoints import Counters, states
from lstmterm.planning.machine import Machine
from lstmterm.planning.steps import Pace, Steps
from tests import processes
from tests.processes import FAST, Trouble
from tests.small import small_text
from tests.trust.__main__ import promises

ROOT = Path(__file__).parents[2]
PLACEHOLDER = "FILLED-IN"  # for what a message fills in: a name, a path or a number
PLACEHOLDERS = (PLACEHOLDER, "NAME", "FILE", "RUN", "CORPUS", "MODEL", "TEXT")
FILLED = {"option": "text"}  # what an expression in a message stands for, where that is not one of them
USES = {"use": ("generate", "tag"), "name": ()}  # commands that a variable names
INLINE = re.compile(r"`([^`]+)`")
FENCED = re.compile(r"^```(?:sh)\n(.*?)^```", re.M | re.S)
COMMAND = re.compile(r"(?:\w+=\S+ +)*(?:\S*/)?(?:torchrun .*? -m |python -m )?lstmterm(?= |$)")

# The arguments of commands that are only mentioned, or whose arguments are placeholders.
ARGUMENTS = {
    "train": ("my-novel.txt",),
    "train-tagger": ("my-words.csv",),
    "plan": ("my-novel.txt",),
    "plan-tagger": ("my-words.csv",),
    "generate": ("harbour",),
    "next": ("harbour",),
    "score": ("harbour", "other.txt"),
    "compare": ("harbour", "shakespeare", "other.txt"),
    "cells": ("harbour",),
    "tag": ("mine", "novel.txt"),
    "chat": ("harbour", "--as", "TIDE", "--with", "GULL", "--turn", "{name}: {text}\\n"),
    "show": ("harbour",),
    "rename": ("harbour", "another"),
    "attach": ("harbour",),
    "stop": ("harbour",),
    "resume": ("stopped",),
    "export": ("harbour", "copy.safetensors"),
    "import": ("plays.safetensors", "--name", "friend"),
    "runs remove": ("harbour",),
    "runs pin": ("harbour",),
    "runs export": ("harbour",),
    "corpora check": ("my-novel.txt",),
    "corpora fetch": ("alice",),
    "corpora remove": ("added",),
}
FILES = {"--text": "moved.txt", "--from": "my-novel.txt"}  # what options name

# What cannot be run as it stands: a pattern, what is run instead (nothing for None), and why.
OTHERWISE = (
    (
        r"(lstmterm sweep my-novel.txt) .*",
        r"\1 --steps 2 --set hidden=8 --set threads=1 --set device=cpu",
        "trains for minutes in other processes",
    ),
    (r"lstmterm runs diff (\w+)", r"lstmterm runs diff \1 harbour", "needs a reference run"),
    (r"lstmterm", None, "opens the screen, which needs a terminal"),
    (r"lstmterm ARGUMENTS", None, "stands for every command"),
    (r"lstmterm \.\.\. -", None, "stands for every command that reads a pipe"),
    (
        r"(lstmterm chat harbour) --with GULL",
        r"\1 --with GULL --as TIDE --turn '{name}: {text}\\n'",
        "needs a text with speakers",
    ),
    (r"(lstmterm score) shakespeare (--split .*)", r"\1 harbour \2", "needs a text that is downloaded first"),
    (r"(lstmterm generate harbour) --infinite", r"\1 --length 50", "goes on until its reader leaves"),
    (
        r"lstmterm train python-stdlib --minutes 3",
        "lstmterm train my-novel.txt",
        "reads twelve million characters",
    ),
    (r"(.*) --feature string", r"\1 --feature vowel", "needs a text with programs"),
    (
        r"(lstmterm (?:show|score|cells|generate|copied)) python-stdlib(.*)",
        r"\1 harbour\2",
        "takes three minutes to train",
    ),
    (
        r"(lstmterm resume \S+) --deadline",
        r"\1",
        "needs a run with a time; tests/nn/test_session.py resumes one",
    ),
    (r"(lstmterm score) seq8 (.*)", r"\1 harbour \2", "is trained by the command before it"),
    (r"(lstmterm export harbour) plays\.safetensors", r"\1 copy.safetensors", "has that name here"),
    (r"(.*[ =])\d:\d\d+(.*)", r"\g<1>0:5\2", "names a unit of a larger model"),
)

# Commands of other programs: what they begin with, and why no test runs them.
OTHERS = {
    r"python3? -m venv |\S*pip install |pipx install |uv (tool|pip) install ": "downloads packages; .ci/run does it",
    r"(\S*/)?python -m tests\.trust": "tries for minutes; its quick share is in tests/trust",
    r"(\S*/)?(python )?benchmarks/\S+": "measures for minutes",
    r"(\S*/)?(pytest|ruff|pyright|mkdocs|coverage)\b": "is what runs this, or .ci/run",
    r"bash \.ci/": "runs all tests in a fresh environment",
    r"pre-commit install": "changes the repository's git settings",
    r"torchrun ": "starts several processes; tests/nn/test_ranks.py does it",
    r"textual serve": "needs textual-dev and a browser; `pytest -m browser` runs it",
    r"\. \S+/activate$": "is for a shell",
    r"eval ": "is for a shell; tests/cli/test_completion.py asks for what it evaluates",
    r"(cat|echo|less|head)\b": "is the other side of a pipe",
}


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
            for name in commands_named(node.args[0]):
                yield f"`lstmterm {name} {PLACEHOLDER}`"


def filled(part: ast.expr) -> str:
    """A part of an f-string, with a placeholder for what it fills in."""
    if isinstance(part, ast.FormattedValue):
        return FILLED.get(ast.unparse(part.value), PLACEHOLDER)
    return str(part.value) if isinstance(part, ast.Constant) else PLACEHOLDER


def commands_named(name: ast.expr) -> Iterator[str]:
    """The commands that the first argument of `command` can be."""
    match name:
        case ast.Constant():
            yield str(name.value)
        case ast.IfExp():
            yield from commands_named(name.body)
            yield from commands_named(name.orelse)
        case _:
            yield from USES[ast.unparse(name)]


def commands_in(text: str) -> Iterator[str]:
    """The commands in a text: those between backquotes, and those in the lines of fenced blocks."""
    for block in FENCED.findall(text):
        for line in re.sub(r"\s#.*", "", block.replace("\\\n", " "), flags=re.M).splitlines():
            yield from (part.strip() for part in re.split(r"\||&&|;", line))
    for inline in map(one_line, INLINE.findall(FENCED.sub("", text))):
        yield from (part.strip() for part in inline.split("|")) if inline.startswith("cat ") else [inline]


def one_line(text: str) -> str:
    return " ".join(text.split())


def is_known(command: str) -> bool:
    return bool(COMMAND.match(command)) or any(re.match(start, command) for start in OTHERS)


def plain(command: str) -> str:
    """A command without redirections and dots for what is left out."""
    quoted_or_left_out = r"""("[^"]*"|'[^']*')|[<>]\s*\S+|\s…(?=\s|$)"""
    return re.sub(quoted_or_left_out, lambda found: found[1] or "", one_line(command))


DOCUMENTS = sorted(
    path for folder in (".", "docs", "benchmarks", "checkpoints") for path in (ROOT / folder).glob("*.md")
)


def recommended() -> dict[str, str]:
    """Every recommended command, and a file that recommends it."""
    found: dict[str, str] = {}
    for path in [*sorted((ROOT / "lstmterm").rglob("*.py")), *DOCUMENTS]:
        source = path.read_text("utf-8")
        for text in texts_of(source) if path.suffix == ".py" else [source]:
            for command in map(plain, commands_in(text)):
                if is_known(command):
                    found.setdefault(command, str(path.relative_to(ROOT)))
    for name, lines in EXAMPLES.items():
        for line in lines:
            for command in line.split(" | "):
                found.setdefault(command, f"`lstmterm {name} --help`")
    return found


FOUND = recommended()
OWN = {COMMAND.sub("lstmterm", command): where for command, where in FOUND.items() if COMMAND.match(command)}


def as_it_can_be_run(command: str) -> list[str] | None:
    """The arguments of `lstmterm` with which a command is run here; None if it is in `OTHERWISE` without any."""
    for pattern, instead, _ in OTHERWISE:
        if re.fullmatch(pattern, command):
            if instead is None:
                return None
            command = re.sub(pattern, instead, command)
    words = shlex.split(command)[1:]
    name = " ".join(words[: 2 if words[:1] in (["corpora"], ["runs"]) else 1])
    rest = words[len(name.split()) :]
    values = ARGUMENTS.get(name, ())
    if values and (not rest or rest[0].startswith("--")) and not {"--help", "--filter"} & {*rest}:
        rest = [*values, *rest]
    if name == "resume" and "--minutes" in rest:
        values = ("harbour",)
    given = iter(values)
    rest = [
        (FILES[before] if before in FILES else next(given, word)) if word in PLACEHOLDERS else word
        for before, word in zip(["", *rest], rest, strict=False)
    ]
    if name in ("train", "train-tagger") and not {"--help", "--overwrite"} & {*rest}:
        rest.append("--overwrite")  # the models that other commands need are there already
    return [*name.split(), *rest]


def test_commands_are_found_where_they_are_recommended() -> None:
    for command in (
        f"lstmterm train-tagger {PLACEHOLDER}", "lstmterm corpora fetch NAME", "lstmterm tag english-upos", "lstmterm runs",
        f"lstmterm resume {PLACEHOLDER} --text FILE", f"lstmterm attach {PLACEHOLDER}", f"lstmterm generate {PLACEHOLDER}",
    ):  # fmt: skip
        assert command in OWN
    assert len(OWN) > 50
    for pattern, _, _ in OTHERWISE:
        assert any(re.fullmatch(pattern, command) for command in OWN), f"nothing recommends {pattern}"
    for start in OTHERS:
        assert any(re.match(start, command) for command in FOUND), f"nothing recommends {start}"


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_line_of_a_block_of_commands_is_known(page: Path) -> None:
    """A line that is neither ours nor in `OTHERS`, such as one with a typing error, would not be run."""
    for block in FENCED.finditer(page.read_text("utf-8")):
        for command in map(plain, commands_in(block[0])):
            assert not command or is_known(command), f"{page.name}: {command}"


def commands(command: click.Command = lstmterm, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command, those of groups too, and its name."""
    yield name, command
    if isinstance(command, click.Group):
        for part in command.list_commands(click.Context(command)):
            its_own = command.get_command(click.Context(command), part)
            assert its_own is not None
            yield from commands(its_own, f"{name} {part}".strip())


def test_the_help_of_every_command_ends_with_two_examples_of_it() -> None:
    assert EXAMPLES.keys() == {name for name, _ in commands()}
    for name, command in commands():
        settings = {**lstmterm.context_settings, "info_name": "lstmterm", "max_content_width": 200}
        shown = click.Context(
            command, **settings
        ).get_help()  # a command keeps the help option of its first context
        assert len(EXAMPLES[name]) == 2
        for example in EXAMPLES[name]:
            assert f"lstmterm {name}".strip() in example
            assert f"  {example}" in shown


def test_the_list_of_a_groups_commands_has_whole_sentences() -> None:
    for name, command in commands():
        shown = click.Context(command, **{**lstmterm.context_settings, "info_name": name}).get_help()
        listed = shown.partition("Commands:")[2]
        assert "..." not in listed, f"{name}: {listed}"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a finished and a stopped run, models and texts; and files that the documents name."""
    place = tmp_path_factory.mktemp("prepared")
    files = place / "files"
    (files / "notes").mkdir(parents=True)
    for name in ("my-novel.txt", "other.txt", "novel.txt", "notes/one.md", "text.txt"):
        (files / name).write_text(small_text(3000))
    (files / "moved.txt").write_text(small_text(3000))
    treebank = (ROOT / "corpora/harbour.conllu").read_text("utf-8").split("\n\n")
    for part in ("gold", "en_ewt-ud-train", "en_ewt-ud-dev", "en_ewt-ud-test"):
        (files / f"{part}.conllu").write_text("\n\n".join(treebank[:60]) + "\n\n")
    shutil.copy(ROOT / "corpora/harbour-tags.csv", files / "my-words.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTMTERM_HOME", str(place / "home"))
        patch.chdir(files)
        quick(patch)
        text = str(files / "text.txt")
        stop = Trouble(signals={2: signal.SIGTERM})
        processes.run(place / "out", "train", text, "--name", "stopped", "--steps", 3, *FAST, trouble=stop)
        small = ("--hidden", "8", "--threads", "1")
        for words in (
            ("train", "my-novel.txt", "--name", "harbour", *FAST),
            ("train-tagger", "my-words.csv", "--name", "mine", *small, "--words", "8"),
            ("train-tagger", "rot13", *small),
            ("generate", "harbour", "--draft", "night", "--length", "5", "--quiet"),
            ("generate", "harbour", "--prompt", "the", "--draft", "evening", "--length", "5", "--quiet"),
            ("generate", "harbour", "--draft", "evening", "--length", "5", "--quiet"),
            ("corpora", "add", "other.txt", "--name", "added"),
            ("rename", "harbour", "plays"),
            ("export", "plays", "plays.safetensors"),
            ("rename", "plays", "harbour"),
            ("corpora", "fetch", "tinyshakespeare"),
            ("corpora", "fetch", "ud-english-ewt"),
        ):
            assert ended(words) == 0, words
    return place


def quick(patch: pytest.MonkeyPatch) -> None:
    """A machine that was measured, runs of two steps however long they were to take, and no network."""
    patch.setattr(calibrate, "machine", lambda *_, **__: Machine("cpu", 1, "float32", 500))
    patch.setattr(calibrate, "pace", lambda _, parts, __, **___: (parts[0], Pace(1, 100, 0.01, 0.01, 0.01)))
    patch.setattr(session, "steps_for", lambda *_: Steps(2, 1))
    patch.setattr(session, "states", lambda folder: {name: slow(one) for name, one in states(folder).items()})

    def download(part: Any, folder: Path, *_: object) -> None:
        example = "gold.conllu" if part.name.endswith(".conllu") else "my-novel.txt"
        shutil.copy(example, folder / part.name)

    known = {name: unverified(entry) for name, entry in catalogue.entries().items()}
    patch.setattr(fetching, "_download", download)
    patch.setattr(catalogue, "entries", lambda: known)


def unverified(entry: Entry) -> Entry:
    """An entry whose files may be any."""
    parts = tuple(dataclasses.replace(part, sha256=None, bytes=None) for part in entry.parts)
    return dataclasses.replace(entry, parts=parts, verified=False)


def slow(made: Counters) -> Counters:
    """As if each step had taken minutes, so that more minutes add few."""
    return dataclasses.replace(made, seconds=150.0 * made.step)


def ended(words: tuple[str, ...] | list[str]) -> int | str | None:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as end:
        main(words)
    return end.value.code


@pytest.mark.parametrize("command", OWN)
def test_a_recommended_command_works(
    command: str,
    prepared: Path,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    words = as_it_can_be_run(command)
    if words is None:
        return
    shutil.copytree(prepared / "home", home)
    shutil.copytree(prepared / "files", tmp_path / "files")
    monkeypatch.chdir(tmp_path / "files")
    quick(monkeypatch)
    trains = words[0].startswith("train")  # which needs more text; a chat answers each line
    text = small_text(3000) if trains else "The tide came in.\nAnd it went out.\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code = ended(words)
    _, err = capfd.readouterr()
    assert code == 0, f"{OWN[command]} recommends `{command}`, run as {shlex.join(words)}: {err}"


@pytest.mark.parametrize("command", [command for command in FOUND if not COMMAND.match(command)])
def test_a_command_of_another_program_names_what_is_there(command: str) -> None:
    for word in command.split():
        if re.match(r"(tests|benchmarks|\.ci)/", word):
            assert (ROOT / word).exists(), f"{FOUND[command]} recommends `{command}`"
    if match := re.search(r"-m tests\.trust (\w+)", command):
        assert match[1] in (*promises(), "NAME")
