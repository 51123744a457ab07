"""A run as a row of a table, and what a column of the table is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lstmterm import paths
from lstmterm.errors import RunError
from lstmterm.runs import marks
from lstmterm.runs.folder import Run
from lstmterm.runs.marks import Marks
from lstmterm.runs.summary import Summary

Kind = Literal[
    "text", "words", "number", "duration", "moment"
]  # "words": several, of which a query names one
Value = str | tuple[str, ...] | float | None  # None where it is not known


@dataclass(frozen=True)
class Row:
    """A run as a row of the table."""

    summary: Summary
    marks: Marks
    spec: Mapping[str, Any]  # its settings by part; empty if unknown
    is_reference: bool = False

    def setting(self, part: str, name: str, default: Any = None) -> Any:
        """A setting of its spec; `default` if the part lacks it, and None if the spec lacks the part."""
        values = self.spec.get(part)
        return values.get(name, default) if isinstance(values, Mapping) else None


@dataclass(frozen=True)
class Column:
    """A column: its name in queries and options, its heading, and what it shows of a row.

    `value` is compared and sorted by; times are in seconds, losses in nats.
    """

    name: str
    heading: str
    kind: Kind
    value: Callable[[Row], Value]
    format: Callable[[Any], str]
    sentence: str  # for the help
    also: tuple[str, ...] = ()  # other names
    cell: Callable[[Row], str] | None = None  # what it shows, where that is more than the value

    @property
    def right(self) -> bool:
        """Whether it is aligned to the right."""
        return self.kind in ("number", "duration")

    def shown(self, row: Row) -> str:
        """The cell of a row; empty if the value is not known."""
        value = self.value(row)
        if self.cell is not None and value is not None:
            return self.cell(row)
        return "" if value is None or value == () else self.format(value)


def row_of(summary: Summary, reference: str | None = None) -> Row:
    """The row of a run. `reference` is the id of the reference run, where the caller has read it."""
    run = Run(summary.id, paths.runs() / summary.id)  # its name may be any folder's
    try:
        spec = run.spec
    except RunError:
        spec = {}
    reference = marks.reference() if reference is None else reference
    return Row(summary, marks.read(run), spec, is_reference=summary.id == reference)


def rows_of(summaries: Iterable[Summary]) -> list[Row]:
    """The rows of runs, in their order."""
    reference = marks.reference()
    return [row_of(summary, reference) for summary in summaries]
