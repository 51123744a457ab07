"""`generate`: text on stdout."""

import secrets
import sys
from typing import Any

import click

from lstmterm.cli import completion
from lstmterm.cli.knobs import knob_options
from lstmterm.cli.notes import note, note_missing
from lstmterm.cli.units import HeldType
from lstmterm.errors import InputError
from lstmterm.spec.sampling import Generation, Sampling


@click.command()
@click.argument("model", required=False, shell_complete=completion.models)
@click.option("--prompt", default="", metavar="TEXT", help="The text to continue; `-` reads it from stdin.")
@knob_options(Generation, Sampling, defaults=True)
@click.option(
    "--hold",
    "held",
    type=HeldType(),
    multiple=True,
    help="Hold the cell state of a hidden unit at a value (`lstmterm cells` finds units); may be repeated.",
)
@click.option("--infinite", is_flag=True, help="Write until interrupted.")
@click.option("--count", type=click.IntRange(1, 10_000), default=1, help="Samples; sample i has seed + i.")
@click.option("--echo", is_flag=True, help="Print the prompt too.")
@click.option("--json", "as_json", is_flag=True, help="Print each sample as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Print only errors on stderr.")
def generate(
    model: str | None,
    prompt: str,
    held: tuple[tuple[tuple[int, int], float], ...],
    infinite: bool,
    count: int,
    echo: bool,
    as_json: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Write text with MODEL: a name (`lstmterm models` lists them), or a file.

    The same seed writes the same text on the same machine.
    """
    from lstmterm.cli.character_model import character_model, training_copies
    from lstmterm.cli.samples import Samples, write_json, write_plain
    from lstmterm.infer.model_text import prompt_text
    from lstmterm.infer.text_stream import TextStream

    if infinite and (count > 1 or as_json):
        raise InputError("--infinite writes one text and never ends; use it without --count and --json.")
    sampling, generation = Sampling.from_dict(settings), Generation.from_dict(settings)
    card, lstm = character_model(model)
    if prompt == "-":
        prompt = _from_stdin(card.vocabulary.level, quiet)
    text = prompt_text(card, prompt)
    if not quiet:
        note_missing(card.vocabulary.missing(text))
    seed = generation.seed
    if seed is None:
        seed = secrets.randbelow(2**32)
        if not quiet:
            note(f"seed {seed}")
    stream = TextStream(
        lstm,
        card.vocabulary,
        sampling=sampling,
        length=None if infinite else generation.length,
        stop=generation.stop,
        measure=as_json,
        held=dict(held),
    )
    copies = training_copies(card, quiet) if as_json else None
    samples = Samples(stream, text, range(seed, seed + count), echo, quiet, copies)
    (write_json if as_json else write_plain)(samples)


def _from_stdin(level: str, quiet: bool) -> str:
    """The text of standard input: the bytes as they are for a model of bytes, else decoded as any text."""
    from lstmterm.corpora.decoding import DecodeOptions
    from lstmterm.corpora.text import open_file

    if level == "byte":
        return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    text = open_file("-", DecodeOptions(raw_newlines=True), live=True)
    prompt = "".join(text.pieces())
    for sentence in () if quiet else text.notes():
        note(sentence)
    return prompt
