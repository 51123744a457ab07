"""The list of models, as a table and as lines of JSON."""

import json
from typing import Any

import click

from lstmterm.amounts import NATS_PER_BIT, size
from lstmterm.cli.table import print_table
from lstmterm.errors import InputError
from lstmterm.models.library import ModelEntry
from lstmterm.models.model_file import ModelCard, describe
from lstmterm.visible import shorten

_PLACES = {"own": "yours", "shipped": "shipped", "file": "file"}
_COLUMNS = ("name", "kind", "size", "val_loss", "bits", "corpus", "date", "bytes", "place")
_NUMBERS = ("val_loss", "bits", "bytes")


def print_models(entries: list[ModelEntry]) -> None:
    """Print a table of the models, and below it why a file cannot be read."""
    rows: list[list[str]] = []
    problems: list[str] = []
    for entry in entries:
        try:
            rows.append(_row(entry, describe(entry.path)))
        except InputError as problem:
            problems.append(str(problem))
    print_table(_COLUMNS, rows, right=_NUMBERS)
    for problem in problems:
        click.echo(shorten(problem, 400), err=True)


def _row(entry: ModelEntry, card: ModelCard) -> list[str]:
    loss = card.metrics.get("val_loss")
    sizes = card.sizes
    cells = {
        "name": entry.name if card.complete else f"{entry.name} (unfinished)",
        "kind": card.kind,
        "size": f"{sizes.get('layers', '?')}x{sizes.get('hidden', '?')}",
        "val_loss": "" if loss is None else f"{loss:.4f}",
        "bits": "" if loss is None or card.kind != "charlm" else f"{loss / NATS_PER_BIT:.3f}",
        "corpus": str(card.corpus.get("name", "")),
        "date": str(card.metadata.get("created", ""))[:10],
        "bytes": size(card.bytes),
        "place": _PLACES[entry.place],
    }
    return [shorten(cells[column], 40) for column in _COLUMNS]


def facts_line(entry: ModelEntry) -> str:
    """The facts of a model as a line of JSON; `problem` if its file cannot be read."""
    facts: dict[str, Any] = {"name": entry.name, "place": entry.place, "path": str(entry.path)}
    try:
        card = describe(entry.path)
    except InputError as problem:
        return json.dumps(facts | {"problem": str(problem)})
    facts |= {"kind": card.kind, "complete": card.complete, **card.sizes, "metrics": card.metrics}
    facts |= {"corpus": card.corpus.get("name"), "created": card.metadata.get("created"), "bytes": card.bytes}
    return json.dumps(facts)
