"""What the user types: words of a command line, and values in a form."""

import contextlib
import io
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from lstmterm import paths
from lstmterm.cli import COMMANDS, lstmterm
from lstmterm.corpora import detecting, documents
from lstmterm.errors import InputError
from lstmterm.planning.length import Length
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import ids, storage
from lstmterm.spec.kinds import SPECS, knobs_of
from lstmterm.spec.knobs import arguments, knobs, parse
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.tagging import ciphers
from lstmterm.tagging.treebank import block, conllu, finding
from tests.trust.fuzzing import a_sentence, options, target

_VALUES = (
    "3 minutes", "90 s", "2 epochs", "1,000 steps", "1_000", "5k steps", "1e3", "0.5", "-1", "inf", "nan", "1e999",
    "9" * 5000, "٣", "²", "yes", "cosine", "float32", "rot13", "caesar:-3", "vigenere:KEY", "rot13-dash", "utf-8",
    "feats.Number", "UPOS", "text", "a/b.txt", "20250131-142530-bard", "con", "é", "**/*.py",
)  # fmt: skip


@target(
    lambda: map(str.encode, _VALUES), " minutes", "epochs", "k steps", ",000", "caesar:", "vigenere:", "-dash"
)
def values(folder: Path, data: bytes) -> None:
    """A value of every setting, a length, a cipher, a column, a name."""
    text = data.decode("utf-8", "surrogateescape")
    with a_sentence(len(text)):
        length = Length.parse(text)
        assert Length.parse(str(length)).unit == length.unit
        assert Length(length.unit, float(length.arguments()[1])) == length
    every = [*knobs(Sampling), *knobs(Generation), *(k for kind in SPECS for k in knobs_of(kind).values())]
    for knob in every:
        with a_sentence(len(text)):
            value = parse(knob, text)
            written = arguments(knob, value)
            assert len(written) == 1 or parse(knob, written[1]) == value
    with a_sentence(len(text)):
        cipher = ciphers.parse(text)
        assert cipher.decipher(cipher.encipher("Hello-World")) == "Hello-World"
    for check in (
        conllu.column, paths.plain_name, detecting.given_encoding, documents.check_glob, storage.find, finding.parts,
    ):  # fmt: skip
        with a_sentence(len(text)):
            check(text)
    block.place(text, ["word", "tag"])
    paths.plain_name(paths.made_plain(text))
    paths.is_file_argument(text)
    ciphers.is_cipher(text)
    ids.name_in(text)
    assert ids.began(text) >= 0


def _lines() -> Iterator[bytes]:
    for number, line in enumerate((
        "harbour --minutes 3 --layers 2 --lr 1e-3 --nfc --seed 1", "", "-n 3", "x --yes", "x --text y", "x -o a.png --log",
        "bard --prompt a --length 5 --top-p 0.9", "bard a.txt --reset 256 --adapt", "rot13 --folds 3 --column UPOS",
        "m f --format tsv", "m f --json", "harbour --minutes 1,000", "--json", "m", "a b", "m f", "f --name x", "m",
        "check f --glob *.py", "",
    )):  # fmt: skip
        yield bytes([number]) + line.encode()


@target(
    _lines,
    "--minutes",
    "--help",
    "--json",
    "--seed",
    "--",
    "1e999",
    "-1",
    "--name",
    "--set",
    "--length",
    "''",
)
def command_lines(folder: Path, data: bytes) -> None:
    """The words of a command, parsed but not run, and the request that they make."""
    (number,), data = options(data, len(COMMANDS))
    name = list(COMMANDS)[number]
    try:
        words = shlex.split(data.decode("utf-8", "surrogateescape").replace("\0", ""))
    except ValueError:
        return
    command = lstmterm.get_command(click.Context(lstmterm), name)
    assert command is not None
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(click.ClickException, click.exceptions.Exit):
        values = dict(command.make_context(name, list(words), resilient_parsing=False).params)
        kind = {"train": "charlm", "train-tagger": "tagger"}.get(name)
        if kind is None:
            return
        known = {*knobs_of(kind), "name", "start_from", "overwrite", "yes", "minutes", "epochs", "steps"}  # type: ignore[arg-type]
        given = {option: value for option, value in values.items() if option in known}
        source = str(values.get("corpus") or values.get("data"))
        with contextlib.suppress(InputError):
            request = TrainRequest.from_options(kind, source, **given)  # type: ignore[arg-type]
            again = command.make_context(name, request.to_arguments()[1:]).params
            same = {option: value for option, value in again.items() if option in known}
            assert TrainRequest.from_options(kind, source, **same) == request  # type: ignore[arg-type]
