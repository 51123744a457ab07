"""`next`: the characters or words that a model may write next, with their probabilities."""

import json
from typing import Any

import click

from lstmterm.cli import completion
from lstmterm.cli.knobs import knob_options
from lstmterm.cli.notes import note, note_missing
from lstmterm.cli.units import hold_option
from lstmterm.spec.sampling import Sampling


@click.command("next")
@click.argument("model", required=False, shell_complete=completion.models)
@click.option("--prompt", default="", metavar="TEXT", help="The text to continue; `-` reads it from stdin.")
@click.option("--words", is_flag=True, help="Show words instead of characters.")
@click.option("--most", type=click.IntRange(1, 100), default=10, show_default=True, help="Rows of the table.")
@knob_options(Sampling, defaults=True)
@hold_option
@click.option("--json", "as_json", is_flag=True, help="Print each row as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Print only errors on stderr.")
def next_command(
    model: str | None,
    prompt: str,
    words: bool,
    most: int,
    held: tuple[tuple[tuple[int, int], float], ...],
    as_json: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Show what MODEL may write next, the likeliest first.

    The first number is the probability with which `generate` writes it under the sampling settings, the second
    the model's own probability (temperature 1, nothing left out).

    A word includes what comes before it, such as a space or a comma; if the prompt ends within a word, the rows
    are ways to complete that word. In the table ␣ is a space and ␊ a line end.
    """
    from lstmterm.cli.character_model import character_model, prompt_from_stdin
    from lstmterm.cli.samples import valid
    from lstmterm.cli.table import print_table
    from lstmterm.infer.model_text import prompt_text
    from lstmterm.infer.next_words import next_characters, next_words
    from lstmterm.infer.sample import Sampler

    sampling = Sampling.from_dict(settings)
    card, lstm = character_model(model)
    if prompt == "-":
        prompt = prompt_from_stdin(card.vocabulary.level, quiet)
    text = prompt_text(card, prompt)
    sampler = Sampler(lstm, card.vocabulary, [0], held=dict(held) or None)
    missing = sampler.begin(text)
    ahead = next_words(sampler, text, sampling, most) if words else next_characters(sampler, sampling, most)
    if not quiet:
        note_missing(missing)
        if not ahead.exact:
            note(
                f"The search ended early; other continuations may be likelier, but none above {ahead.missed:.4f}."
            )
    if as_json:
        for row in ahead.texts:
            figures = {"probability": round(row.probability, 6), "plain": round(row.plain, 6)}
            click.echo(json.dumps({"text": valid(row.text), **figures}))
        return
    rows = [(row.text.replace(" ", "␣"), f"{row.probability:.4f}", f"{row.plain:.4f}") for row in ahead.texts]
    print_table(("next", "probability", "by the model"), rows, right=("probability", "by the model"))
