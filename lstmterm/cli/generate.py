"""`generate`: text on stdout."""

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from lstmterm.cli import completion
from lstmterm.cli.knobs import knob_options, preset_option
from lstmterm.cli.notes import note, note_missing
from lstmterm.cli.units import hold_option
from lstmterm.errors import InputError
from lstmterm.spec.knobs import chosen
from lstmterm.spec.sampling import Generation, Sampling

if TYPE_CHECKING:
    from lstmterm.infer.draft_writing import Keeper
    from lstmterm.infer.text_stream import TextStream


@click.command()
@click.argument("model", required=False, shell_complete=completion.models)
@click.option("--prompt", default="", metavar="TEXT", help="The text to continue; `-` reads it from stdin.")
@preset_option()
@knob_options(Generation, Sampling, defaults=True)
@hold_option
@click.option("--infinite", is_flag=True, help="Write until interrupted.")
@click.option(
    "--count", type=click.IntRange(1, 10_000), default=1, help="Number of samples; sample i has seed + i."
)
@click.option("--echo", is_flag=True, help="Print the prompt too.")
@click.option(
    "--draft",
    metavar="NAME",
    shell_complete=completion.drafts,
    help="Continue this draft, or start it, and keep what is written (`lstmterm drafts`).",
)
@click.option("--json", "as_json", is_flag=True, help="Print each sample as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Print only errors on stderr.")
def generate(
    model: str | None,
    prompt: str,
    held: tuple[tuple[tuple[int, int], float], ...],
    infinite: bool,
    count: int,
    echo: bool,
    draft: str | None,
    as_json: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Write text with MODEL: a name (`lstmterm models` lists them), or a file.

    The same seed writes the same text on the same machine. --beam uses no randomness: a wider beam usually finds
    a likelier text, and takes longer.
    """
    from lstmterm.cli.character_model import character_model, prompt_from_stdin, training_copies
    from lstmterm.cli.samples import Samples, write_json, write_plain
    from lstmterm.infer import rules
    from lstmterm.infer.model_text import prompt_text
    from lstmterm.infer.text_stream import TextStream

    if infinite and (count > 1 or as_json):
        raise InputError("--infinite writes one text and never ends; use it without --count and --json.")
    sampling, generation = Sampling.from_dict(settings), Generation.from_dict(settings)
    if generation.beam:
        _check_beam(sampling, generation, "--count" if count > 1 else "--infinite" if infinite else "")
    card, lstm = character_model(model)
    rules.check(card.vocabulary, sampling)
    if prompt == "-":
        prompt = prompt_from_stdin(card.vocabulary.level, quiet)
    seed = generation.seed
    if seed is None:
        seed = 0 if generation.beam else secrets.randbelow(2**32)
        if not quiet and not generation.beam:
            note(f"seed {seed}")
    stream = TextStream(
        lstm,
        card.vocabulary,
        sampling=sampling,
        length=None if infinite else generation.length,
        unit=generation.unit,
        stop=generation.stop,
        beam=generation.beam,
        measure=as_json or draft is not None,
        held=dict(held),
    )
    seeds = range(seed, seed + count)
    with _kept(draft, prompt, str(model), stream, generation, seeds) as (prompt, keeper):
        text = prompt_text(card, prompt)
        if not quiet:
            note_missing(card.vocabulary.missing(text))
        copies = training_copies(card, quiet) if as_json else None
        samples = Samples(stream, text, generation, seeds, echo, quiet, copies, keeper)
        (write_json if as_json else write_plain)(samples)
    for k, sample_seed in enumerate(seeds):
        if (remark := stream.remark(k)) and not quiet:
            note(f"Seed {sample_seed}: {remark}" if count > 1 else remark)


def _check_beam(sampling: Sampling, generation: Generation, also: str) -> None:
    """Raise `InputError` if options were given that do not apply to a beam search."""
    without = [word for word in chosen(sampling) if word.startswith("--")]
    without += ["--seed"] if generation.seed is not None else []
    without += ["--unit"] if generation.unit != "characters" else []
    without += [also] if also else []
    if without:
        raise InputError(
            "--beam writes the one likeliest text of the model as it is, without chance; "
            f"leave out {' and '.join(without)}."
        )


@contextlib.contextmanager
def _kept(
    draft: str | None,
    prompt: str,
    model: str,
    stream: "TextStream",
    generation: Generation,
    seeds: Sequence[int],
) -> Iterator[tuple[str, "Keeper | None"]]:
    """With a draft: the text that the model reads, `prompt` included, and what keeps the new texts in the draft."""
    if draft is None:
        yield prompt, None
        return
    from lstmterm import ending
    from lstmterm.drafts import file, store
    from lstmterm.drafts.tree import Origin
    from lstmterm.infer.draft_writing import Keeper, origin, read_part
    from lstmterm.models import library

    with file.writing(store.path_of(draft)) as kept:
        if prompt:
            kept.add(prompt, Origin())
        read = read_part(kept.tree.text())
        digest = library.sha256(model)
        origins = [origin(model, digest, stream, generation, seed, len(read)) for seed in seeds]
        keeper = Keeper(kept, stream, origins)
        with ending.first(keeper.at_end):
            yield read, keeper
