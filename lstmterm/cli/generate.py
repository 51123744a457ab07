"""`generate`: text on stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lstmterm.cli import completion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lstmterm.models.model_file import ModelCard


@click.command()
@click.argument("model", required=False, shell_complete=completion.models)
@click.option("--prompt", default="", metavar="TEXT", help="What to go on from; `-` reads it from stdin.")
@click.option("--length", type=click.IntRange(0), default=500, show_default=True, help="Characters to write.")
@click.option("--infinite", is_flag=True, help="Write until interrupted.")
@click.option(
    "--temperature",
    type=float,
    default=0.8,
    show_default=True,
    help="Boldness: 0 is the likeliest, 1 the model's own.",
)
@click.option(
    "--top-k", type=int, default=0, metavar="K", help="Choose among the K likeliest characters only."
)
@click.option(
    "--top-p", type=float, default=1.0, metavar="P", help="Choose among the likeliest that reach P together."
)
@click.option(
    "--min-p", type=float, default=0.0, metavar="P", help="Leave out what is below P of the likeliest."
)
@click.option(
    "--seed", type=click.IntRange(0), help="Where the randomness starts; without it a new one is told."
)
@click.option("--stop", default="", metavar="TEXT", help="End before this text.")
@click.option(
    "--count", type=click.IntRange(1, 10_000), default=1, help="Samples: sample i is from seed + i."
)
@click.option("--echo", is_flag=True, help="Write the prompt too.")
@click.option("--json", "as_json", is_flag=True, help="Print each sample as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors on stderr.")
def generate(
    model: str | None,
    prompt: str,
    length: int,
    infinite: bool,
    temperature: float,
    top_k: int,
    top_p: float,
    min_p: float,
    seed: int | None,
    stop: str,
    count: int,
    echo: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write text with MODEL: a name (`lstmterm models` lists them), or a file.

    The same seed writes the same text on the same machine.
    """
    from lstmterm.cli.character_model import character_model
    from lstmterm.cli.writing import Request, write_json, write_plain
    from lstmterm.errors import InputError
    from lstmterm.infer.sample import Sampling

    if infinite and (count > 1 or as_json):
        raise InputError(
            "--infinite writes one text and never ends; it goes with neither --count nor --json."
        )
    sampling = Sampling(temperature, top_k, top_p, min_p)
    found = character_model(model)
    text = _read_as(found.card, _stdin() if prompt == "-" else prompt)
    if not quiet:
        _report_missing(found.vocabulary.missing(text))
    if seed is None:
        seed = _new_seed()
        if not quiet:
            click.echo(f"seed {seed}", err=True)
    request = Request(
        found.lstm,
        found.vocabulary,
        prompt=text,
        length=None if infinite else length,
        sampling=sampling,
        seeds=range(seed, seed + count),
        stop=stop,
        echo=echo,
    )
    (write_json if as_json else write_plain)(request)


def _read_as(card: ModelCard, text: str) -> str:
    """`text` with line ends and composition as in the text that the model learned from."""
    import unicodedata

    part = card.text_part
    if card.vocabulary.level == "char" and not part.get("raw_newlines"):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text) if part.get("nfc") else text


def _stdin() -> str:
    import sys

    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def _new_seed() -> int:
    import secrets

    return secrets.randbelow(2**32)


def _report_missing(missing: Mapping[str, int]) -> None:
    from lstmterm.visible import visible

    if missing:
        shown = [visible(c) for c in list(missing)[:20]]
        more = f" and {len(missing) - 20} more" if len(missing) > 20 else ""
        click.echo(
            f"The model does not know these characters of the prompt: {' '.join(shown)}{more}", err=True
        )
