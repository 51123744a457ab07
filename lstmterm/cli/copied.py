"""`copied`: what a text copies word for word from a corpus."""

import json
import secrets
from typing import TYPE_CHECKING, Any

import click

from lstmterm import paths
from lstmterm.cli import completion
from lstmterm.cli.knobs import knob_options
from lstmterm.cli.notes import note
from lstmterm.cli.table import print_facts, print_table
from lstmterm.errors import InputError
from lstmterm.spec.knobs import knobs
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.visible import shorten

if TYPE_CHECKING:
    from lstmterm.corpora.copied import CopyIndex, Copying, Span
    from lstmterm.corpora.corpus import Corpus

_SETTINGS = ("length", "seed", *(knob.name for knob in knobs(Sampling)))
_AROUND = 30  # characters shown before and after a stretch
_LONGEST_FILE = 10_000_000  # characters
_MOST_SHOWN = 30  # passages in the table


@click.command()
@click.argument("text", metavar="MODEL|FILE", shell_complete=completion.models)
@click.option("--corpus", metavar="CORPUS", help="Where to look (default: the model's training text).")
@click.option("--least", type=click.IntRange(1), default=16, help="Shortest passage to list, in characters.")
@click.option("--prompt", default="", metavar="TEXT", help="The text that MODEL continues.")
@knob_options(Generation, Sampling, defaults=True, only=_SETTINGS)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.option("--quiet", is_flag=True, help="Show no progress and no notes.")
def copied(
    text: str, corpus: str | None, least: int, prompt: str, as_json: bool, quiet: bool, **settings: Any
) -> None:
    """Show what a text copies word for word from CORPUS: a name, a file, a folder.

    MODEL writes the text, with the sampling options; a FILE (or `-` for stdin) is read. The result is the longest
    passage that also occurs in CORPUS, the shares of windows of 8, 16 and 32 characters that occur there, and all
    passages of at least --least characters. Of a model's own text, only the part that it was trained on is searched.
    """
    if _is_text(text):
        if corpus is None:
            raise InputError("Name the CORPUS to look in with --corpus.")
        name, written, more = text, _read(text, quiet), {}
        index = _index(*_opened(corpus, quiet), quiet)
    else:
        name, written, index, more = _written(text, prompt, corpus, settings, quiet)
    found = index.copying(written, least)
    if as_json:
        click.echo(json.dumps({"text": name, **more, **_facts(index, found, written)}))
    else:
        _print(index, found, written, name)


def _is_text(argument: str) -> bool:
    """Whether it is a file with a text: a path that is not that of a model."""
    return argument == "-" or (paths.is_file_argument(argument) and not argument.endswith(paths.MODEL_SUFFIX))


def _read(file: str, quiet: bool) -> str:
    opened, _ = _opened(file, quiet)
    if len(opened) > _LONGEST_FILE:
        raise InputError(f"{file} has {len(opened):,} characters; `copied` reads at most {_LONGEST_FILE:,}.")
    for sentence in () if quiet else opened.notes:
        note(sentence)
    return opened.text(0, len(opened))


def _opened(source: str, quiet: bool) -> tuple["Corpus", tuple[int, int]]:
    """A text, and its whole span as the part to search."""
    from lstmterm.cli.progress import reading
    from lstmterm.corpora.corpus import open_corpus

    with reading(quiet) as progress:
        corpus = open_corpus(source, progress)
    return corpus, (0, len(corpus))


def _written(
    model: str, prompt: str, corpus: str | None, settings: dict[str, Any], quiet: bool
) -> tuple[str, str, "CopyIndex", dict[str, Any]]:
    """A text by the model: its name, the text, the index to search, and further fields for JSON."""
    from lstmterm.cli.character_model import character_model
    from lstmterm.cli.progress import reading
    from lstmterm.infer.model_text import prompt_text, training_corpus
    from lstmterm.infer.text_stream import write_text

    sampling, generation = Sampling.from_dict(settings), Generation.from_dict(settings)
    card, lstm = character_model(model)
    with reading(quiet) as progress:
        own = training_corpus(card, progress)
    place = own if corpus is None else _opened(corpus, quiet)
    if place is None:
        raise InputError(
            f"The text that {model!r} was trained on was not found; name a CORPUS with --corpus."
        )
    if own and own[0].digest == place[0].digest:
        place = own
    index = _index(*place, quiet)
    seed = secrets.randbelow(2**32) if generation.seed is None else generation.seed
    text = write_text(
        lstm, card.vocabulary, prompt_text(card, prompt), generation.length or 0, sampling, seed
    )
    return (
        f"{generation.length:,} characters by {model}, seed {seed}",
        text,
        index,
        {"sample": text, "seed": seed},
    )


def _index(corpus: "Corpus", span: tuple[int, int], quiet: bool) -> "CopyIndex":
    from lstmterm.cli.progress import progress_bar
    from lstmterm.corpora.copied import CopyIndex

    with progress_bar("indexing the corpus", quiet) as progress:
        return CopyIndex.of(corpus, span, progress)


def _facts(index: "CopyIndex", found: "Copying", written: str) -> dict[str, Any]:
    """The result as plain data; positions are counted from 0, lines from 1."""
    spans = [*found.spans, *([found.longest] if found.longest else [])]
    places = [_place(index, span, line) for span, line in zip(spans, index.lines(spans), strict=True)]
    return {
        "characters": len(written),
        "corpus": index.corpus.name,
        "corpus_characters": index.span[1] - index.span[0],
        **found.figures(),
        "longest_copy": places.pop() if found.longest else None,
        "spans": places,
    }


def _place(index: "CopyIndex", span: "Span", line: int) -> dict[str, Any]:
    """A stretch, and where it is in the corpus."""
    begin, end = span.position, span.position + span.length
    corpus = index.corpus
    return {
        "start": span.start,
        "length": span.length,
        "position": begin,
        "line": line,
        "text": corpus.text(begin, end),
        "before": corpus.text(max(begin - _AROUND, 0), begin),
        "after": corpus.text(end, min(end + _AROUND, len(corpus))),
    }


def _print(index: "CopyIndex", found: "Copying", written: str, name: str) -> None:
    facts = _facts(index, found, written)
    looked = index.span[1] - index.span[0]
    rows = [("text", name), ("looked in", f"{index.corpus.name}, {looked:,} characters")]
    if longest := facts["longest_copy"]:
        rows.append(
            ("longest copy", f"{longest['length']:,} characters, from character {longest['start']:,}")
        )
        rows.append(("found", f"at character {longest['position']:,}, in line {longest['line']:,}:"))
        rows.append(("", f"{longest['before']}[{shorten(longest['text'], 200)}]{longest['after']}"))
    else:
        rows.append(("longest copy", "none; no character of the text occurs there"))
    for size, share in found.shares.items():
        if share == share:  # not nan, as for a text shorter than the window
            rows.append((f"{size} characters", f"{share:.1%} of the windows occur there"))
    print_facts(rows)
    spans = sorted(facts["spans"], key=lambda span: -span["length"])[:_MOST_SHOWN]
    if spans:
        click.echo()
        cells = [
            (
                f"{s['start']:,}",
                f"{s['length']:,}",
                f"{s['position']:,}",
                f"{s['line']:,}",
                shorten(s["text"], 100),
            )
            for s in spans
        ]
        headings = ("at", "length", "found at", "line", "text")
        print_table(headings, cells, right=headings[:4], folded="text")
    if len(facts["spans"]) > len(spans):
        click.echo(f"{len(facts['spans']) - len(spans):,} more; --json lists all.")
