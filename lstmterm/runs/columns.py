"""The columns of a table of runs, declared once: for `lstmterm runs`, the screen, and what a query asks of a run."""

import math
import time
from collections.abc import Iterable, Sequence
from typing import Any

from lstmterm.amounts import NATS_PER_BIT, ago, count, duration, figure
from lstmterm.errors import InputError, did_you_mean
from lstmterm.runs.rows import Column, Row, Value

# The columns of a table, unless others are chosen; a table leaves out those of them that are empty.
DEFAULT = "run state text size val steps time when tags note reason"
LEAST_FIRST = [
    "size",
    "text",
    "time",
    "steps",
    "tags",
    "note",
    "when",
    "reason",
    "val",
]  # those that a narrow table leaves out


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _size(row: Row) -> str | None:
    layers, hidden = row.setting("model", "layers"), row.setting("model", "hidden")
    return f"{layers}x{hidden}" if layers and hidden else None


def _batch(row: Row) -> str | None:
    streams, length = row.setting("batches", "batch_size"), row.setting("batches", "seq_length")
    tokens = row.setting("batches", "tokens")
    return f"{streams}x{length}" if streams and length else f"{tokens} words" if tokens else None


def _bits(row: Row) -> float | None:
    loss = _finite(row.summary.val_loss)
    return None if loss is None else loss / NATS_PER_BIT


def _state(row: Row) -> str:
    """The status, with how much of a run that trains is done."""
    summary = row.summary
    if summary.status == "running" and summary.steps:
        return f"running {summary.share:.0%}"
    return summary.status


def _tags(row: Row) -> tuple[str, ...]:
    marked = row.marks
    return (*marked.tags, *["archived"] * marked.archived, *["reference"] * row.is_reference)


def _loss(value: float) -> str:
    return figure(value, 4)


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _steps(row: Row) -> str:
    summary = row.summary
    return f"{summary.step:,} of {summary.steps:,}" if summary.steps else f"{summary.step:,}"


def _kind(row: Row) -> str | None:
    return {"charlm": "character", "tagger": "tagger"}.get(row.summary.task)


COLUMNS: Sequence[Column] = (
    Column("run", "run", "text", lambda row: row.summary.id, str, "The run's id."),
    Column("name", "name", "text", lambda row: row.summary.name, str, "The model's name."),
    Column("state", "state", "text", lambda row: row.summary.status, str, "Running, finished, stopped, failed ...", ("status",), cell=_state),
    Column("kind", "kind", "text", _kind, str, "What is trained: character or tagger."),
    Column("text", "text", "text", lambda row: row.summary.corpus or None, str, "The text or the tagged data.", ("corpus", "data")),
    Column("size", "size", "text", _size, str, "Layers x hidden units."),
    Column("batch", "batch", "text", _batch, str, "Streams x characters, or words, in a step."),
    Column("val", "val_loss", "number", lambda row: _finite(row.summary.val_loss), _loss, "Best validation loss, in nats.", ("loss", "val_loss", "best")),
    Column("reset", "reset", "number", lambda row: _finite(row.summary.val_loss_reset), _loss, "Final loss with the state reset every 256 characters, in nats.", ("val_loss_reset",)),
    Column("bits", "bits", "number", _bits, lambda bits: figure(bits, 3), "Best validation loss, in bits."),
    Column("at", "best at", "number", lambda row: row.summary.best_step, _whole, "The step of the best validation loss.", ("best_step",)),
    Column("steps", "steps", "number", lambda row: row.summary.step, _whole, "Steps that are done.", ("step",), cell=_steps),
    Column("time", "time", "duration", lambda row: row.summary.seconds, duration, "How long it has trained."),
    Column("speed", "chars/s", "number", lambda row: _finite(row.summary.chars_per_second), count, "Characters a second, lately."),
    Column("when", "when", "moment", lambda row: row.summary.began or None, lambda at: ago(time.time() - at), "When it began; in a query, how long ago.", ("began",)),
    Column("changed", "changed", "moment", lambda row: row.summary.changed or None, lambda at: ago(time.time() - at), "When it last trained; in a query, how long ago."),
    Column("tags", "tags", "words", _tags, " ".join, "Its tags; archived and reference are such, too.", ("tag",)),
    Column("note", "note", "text", lambda row: row.marks.note or None, str, "Its note."),
    Column("reason", "reason", "text", lambda row: row.summary.reason or None, str, "Why it failed, or what is damaged."),
    Column("group", "sweep", "text", lambda row: row.marks.group or None, str, "The sweep that it belongs to.", ("sweep",)),
)  # fmt: skip
_BY_NAME = {name: column for column in COLUMNS for name in (column.name, *column.also)}


def column(name: str) -> Column:
    """The column with this name or other name; a setting is one by its option. Raises `InputError` if there is none."""
    wanted = name.casefold().replace("-", "_")
    if found := _BY_NAME.get(wanted):
        return found
    from lstmterm.runs import setting_columns  # not needed for the screen's first frame

    if found := setting_columns.by_name().get(wanted):
        return found
    known = ", ".join(column.name for column in COLUMNS)
    hint = did_you_mean(name, [*_BY_NAME, *setting_columns.by_name()])
    raise InputError(
        f"Runs have no column {name!r}. {hint or f'There are {known}, and every setting by its option.'}"
    )


def chosen(names: str) -> list[Column]:
    """The columns of names that are divided by spaces or commas, each once. Raises `InputError`."""
    found = [column(name) for name in names.replace(",", " ").split()]
    if not found:
        raise InputError("Name at least one column.")
    return [*dict.fromkeys(found)]


def in_order(rows: Iterable[Row], by: str) -> list[Row]:
    """The rows sorted by a column, those without a value last; a `-` before its name turns the order round.

    Numbers come from the smallest on, times from the latest. Raises `InputError` for another column.
    """
    turned = by.startswith("-")
    sorted_by = column(by.removeprefix("-"))
    latest_first = sorted_by.kind == "moment"
    known: list[Row] = []
    unknown: list[Row] = []
    for row in rows:
        (unknown if sorted_by.value(row) in (None, ()) else known).append(row)
    known.sort(key=lambda row: _sortable(sorted_by.value(row)), reverse=turned != latest_first)
    return known + unknown


def _sortable(value: Value) -> Any:
    if isinstance(value, tuple):
        return tuple(word.casefold() for word in value)
    return value.casefold() if isinstance(value, str) else value
