"""`generate` and `score`: a character model at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from lstmterm.infer.lstm import CharLSTM
    from lstmterm.infer.score import Score
    from lstmterm.models import ModelCard
    from lstmterm.vocabulary import Vocabulary


@click.command()
@click.argument("model", required=False)
@click.option("--prompt", default="", metavar="TEXT", help="What to go on from; `-` reads it from stdin.")
@click.option("--length", type=click.IntRange(0), default=500, show_default=True, help="Characters to write.")
@click.option("--infinite", is_flag=True, help="Write until interrupted.")
@click.option(
    "--temperature", type=float, default=0.8, show_default=True, help="Boldness: 0 is the likeliest, 1 the model's own."
)
@click.option("--top-k", type=int, default=0, metavar="K", help="Choose among the K likeliest characters only.")
@click.option("--top-p", type=float, default=1.0, metavar="P", help="Choose among the likeliest that reach P together.")
@click.option("--min-p", type=float, default=0.0, metavar="P", help="Leave out what is below P of the likeliest.")
@click.option("--seed", type=click.IntRange(0), help="Where the randomness starts; without it a new one is told.")
@click.option("--stop", default="", metavar="TEXT", help="End before this text.")
@click.option("--count", type=click.IntRange(1, 10_000), default=1, help="Samples: sample i is from seed + i.")
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
    from lstmterm.cli.writing import Request, write_json, write_plain
    from lstmterm.errors import InputError
    from lstmterm.infer.sample import Sampling

    if infinite and (count > 1 or as_json):
        raise InputError("--infinite writes one text and never ends; it goes with neither --count nor --json.")
    sampling = Sampling(temperature, top_k, top_p, min_p)
    card, lstm, vocabulary = _loaded(model)
    text = _read_as(card, _stdin() if prompt == "-" else prompt)
    if not quiet:
        _report_missing(vocabulary.missing(text))
    if seed is None:
        seed = _new_seed()
        if not quiet:
            click.echo(f"seed {seed}", err=True)
    request = Request(
        lstm,
        vocabulary,
        prompt=text,
        length=None if infinite else length,
        sampling=sampling,
        seeds=range(seed, seed + count),
        stop=stop,
        echo=echo,
    )
    (write_json if as_json else write_plain)(request)


@click.command()
@click.argument("model", required=False)
@click.argument("file", required=False)
@click.option("--split", type=click.Choice(["val", "test"]), help="Score this part of the model's own text.")
@click.option("--reset", type=click.IntRange(1), metavar="N", help="Forget everything every N characters.")
@click.option("--per-char", is_flag=True, help="Print each character and its nats, tab between.")
@click.option("--encoding", metavar="NAME", help="The text's encoding; without it, it is found out.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress and no notes.")
def score(
    model: str | None,
    file: str | None,
    split: str | None,
    reset: int | None,
    per_char: bool,
    encoding: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Measure how well MODEL predicts FILE: a file, a folder, a corpus' name, or `-`.

    A text of N characters makes N - 1 predictions: the first is only read. The state is zero (or the
    model's learned one) at the start and carried on, or begins anew every --reset characters.
    Characters that the model does not know are read and not scored.
    """
    from lstmterm.errors import InputError

    if model is not None and (file is None) == (split is None):
        raise InputError("Name the text to score, or --split val or test of the model's own text; one of them.")
    if split is not None and encoding is not None:
        raise InputError("--split reads the model's own text as it was read then; --encoding goes with a FILE.")
    card, lstm, vocabulary = _loaded(model)
    if split is not None:
        ids = _split(card, split, quiet)
    else:
        ids = _encoded(card, vocabulary, str(file), encoding, quiet)
    if len(ids) < 2:
        raise InputError("The text has fewer than two characters, so there is nothing to predict.")
    if per_char:
        _print_each(lstm, vocabulary, ids, reset, as_json)
        return
    _print_score(_scored(lstm, ids, reset, quiet), as_json)


# --- models and texts ------------------------------------------------------------------------


def _loaded(reference: str | None) -> tuple[ModelCard, CharLSTM, Vocabulary]:
    from lstmterm import models
    from lstmterm.errors import InputError
    from lstmterm.infer.lstm import CharLSTM
    from lstmterm.visible import shorten

    if reference is None:
        names = [shorten(entry.name, 40) for entry in models.library()]
        there = f"There are: {', '.join(names)}." if names else "There are none yet; `lstmterm train` makes one."
        raise InputError(f"Name a model. {there}")
    entry = models.find(reference)
    loaded = models.load(entry.path)
    if loaded.card.kind != "charlm":
        raise InputError(f"{reference!r} is a tagger, not a character model; `lstmterm tag` uses it.")
    return loaded.card, CharLSTM.from_tensors(loaded.tensors), loaded.card.vocabulary


def _text_part(card: ModelCard) -> Mapping[str, object]:
    part = card.spec.get("text")
    return part if isinstance(part, dict) else {}


def _read_as(card: ModelCard, text: str) -> str:
    """`text` with line ends and composition as in the text that the model learned from."""
    import unicodedata

    part = _text_part(card)
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
        click.echo(f"The model does not know these characters of the prompt: {' '.join(shown)}{more}", err=True)


def _split(card: ModelCard, split: str, quiet: bool) -> np.ndarray:
    """The encoded characters of the model's own validation or test text."""
    from lstmterm.corpora import open_corpus
    from lstmterm.errors import InputError

    source, sha256, span = card.corpus.get("source"), card.corpus.get("sha256"), card.split.get(split)
    if not (isinstance(source, str) and isinstance(sha256, str) and isinstance(span, list) and len(span) == 2):
        raise InputError(f"{card.path} does not record the text that it learned from; give a FILE to score.")
    if span[1] - span[0] < 2:
        raise InputError(f"The model was trained without a {split} text; give a FILE to score.")
    options = {"level", "encoding", "raw_newlines", "nfc", "glob", "vocab_limit"}
    recorded = {name: value for name, value in _text_part(card).items() if name in options}
    with _reading(quiet) as progress:
        corpus = open_corpus(source, **recorded, expected_sha256=sha256, progress=progress)  # type: ignore[arg-type]
    if corpus.vocabulary != card.vocabulary:
        raise InputError(f"{source} does not have the characters that the model was trained on; give a FILE to score.")
    return corpus.ids[span[0] : span[1]]


def _encoded(card: ModelCard, vocabulary: Vocabulary, file: str, encoding: str | None, quiet: bool) -> np.ndarray:
    """A text in the model's numbers, shape (n,), read as the model's own text was."""
    import numpy as np

    from lstmterm.corpora import open_corpus
    from lstmterm.visible import visible

    part = _text_part(card)
    with _reading(quiet) as progress:
        if vocabulary.level == "byte":
            return open_corpus(file, level="byte", progress=progress).ids
        corpus = open_corpus(
            file,
            encoding=encoding,
            raw_newlines=bool(part.get("raw_newlines")),
            nfc=bool(part.get("nfc")),
            progress=progress,
        )
    if not quiet:
        for note in corpus.notes:
            click.echo(visible(note), err=True)
    renumbered = vocabulary.encode(corpus.vocabulary.symbols + "")
    return np.append(renumbered, vocabulary.unknown).astype(vocabulary.dtype)[corpus.ids]
