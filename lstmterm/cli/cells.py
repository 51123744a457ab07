"""`cells`: what hidden units follow, what one is for, how their gates are, and places in similar states."""

import click

from lstmterm.cli import completion
from lstmterm.cli.notes import note
from lstmterm.cli.units import UnitType
from lstmterm.errors import InputError, not_found
from lstmterm.spec.units import QUANTITIES

_LEAST = 20_000  # characters of a validation text that are enough


@click.command()
@click.argument("model", required=False, shell_complete=completion.models)
@click.argument("text", required=False)
@click.option("--feature", metavar="NAME", help="Rank the units by how well they follow this feature.")
@click.option("--unit", type=UnitType(), help="Describe one hidden unit: its layer and number, both from 0.")
@click.option("--each", is_flag=True, help="Print the best feature of every unit.")
@click.option("--gates", is_flag=True, help="Plot how often the gates of all units are saturated.")
@click.option(
    "--similar",
    metavar="TEXT",
    help="Find places in the text where the state is similar to the state after TEXT.",
)
@click.option(
    "--quantity",
    type=click.Choice(QUANTITIES),
    default="tanh_c",
    show_default=True,
    help="The quantity of a unit to compare with the features.",
)
@click.option(
    "--most", type=click.IntRange(1, 1000), default=10, show_default=True, help="Rows of each table."
)
@click.option("--encoding", metavar="NAME", help="The text's encoding (default: detect it).")
@click.option("--json", "as_json", is_flag=True, help="Print each row as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress and no notes.")
def cells(
    model: str | None,
    text: str | None,
    feature: str | None,
    unit: tuple[int, int] | None,
    each: bool,
    gates: bool,
    similar: str | None,
    quantity: str,
    most: int,
    encoding: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Show which hidden units of MODEL follow which features of TEXT.

    TEXT is a file, a folder, a corpus name, or `-`; without it, the model's own validation text or, if that
    is short, its training text. At most 100,000 characters are read.

    A unit is compared with a feature by correlation and by mutual information in bits. Beside both is the
    highest value that any unit reaches by chance, with the same feature shifted in the text: a unit that
    does not exceed it does not follow the feature.

    A gate is left-saturated where it is below 0.1 and right-saturated where it is above 0.9. --gates plots each
    unit of a layer as a point: left-saturated share to the right, right-saturated share upwards.
    """
    from lstmterm.cli.cell_tables import Looked, print_features, print_similar, print_unit, print_units
    from lstmterm.cli.character_model import character_model
    from lstmterm.cli.gate_plots import print_gates
    from lstmterm.cli.progress import reading
    from lstmterm.infer.features import NAMES
    from lstmterm.infer.model_text import any_text, text_to_look_at

    if sum(map(bool, (feature, unit, each, gates, similar))) > 1:
        raise InputError("Choose one of --feature, --unit, --each, --gates and --similar.")
    if text is None and encoding is not None:
        raise InputError("--encoding needs a TEXT.")
    if feature is not None and feature not in NAMES:
        raise not_found("feature", feature, NAMES, f"Features: {', '.join(NAMES)}.")
    card, lstm = character_model(model)
    if unit is not None:
        lstm.check_unit(*unit)
    with reading(quiet) as progress:
        if text is None:
            read = text_to_look_at(card, _LEAST, progress)
        else:
            read = any_text(card, text, encoding, progress)
    for sentence in () if quiet else (*read.notes, f"Text: {read.name}."):
        note(sentence)
    looked = Looked(card, lstm, read.ids, quantity, most, as_json, quiet)
    if similar is not None:
        print_similar(looked, similar)
    elif gates:
        print_gates(looked)
    elif unit is not None:
        print_unit(looked, *unit)
    elif feature is not None or each:
        print_units(looked, feature)
    else:
        print_features(looked)
