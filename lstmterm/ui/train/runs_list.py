"""The list of runs, each with a symbol and a word for its status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstmterm.amounts import NATS_PER_BIT, ago, figure
from lstmterm.ui.train.loss_chart import mark_of
from lstmterm.ui.widgets.keys import key
from lstmterm.visible import shorten_middle

if TYPE_CHECKING:
    from lstmterm.runs.summary import Summary

NO_MODEL = "This run has saved no model yet, or it was removed."
SIGNS = {
    "running": ("●", "$primary"),
    "finished": ("✓", "$success"),
    "stopped": ("■", "$warning"),
    "failed": ("✗", "$error"),
    "interrupted": ("◌", "$warning"),
    "damaged": ("✗", "$error"),
}  # by status: a symbol and its style


class RunsList(OptionList):
    """The runs, newest first. Enter shows a run; Space adds its curves to the chosen one's."""

    BORDER_TITLE = "Runs"
    BINDINGS = [
        key("delete", "list('remove')", "Remove", "runs.remove", "Delete it; its model stays", show=False),
        key("space", "list('compare')", "Compare", "runs.compare", "Also draw the curve of this run"),
        key("i", "list('inspect')", "Inspect", "runs.inspect", "See where a text surprises the run's model"),
        key(
            "t",
            "list('table')",
            "Table",
            "runs.table",
            "All runs as a table: sort, filter, tag, compare, delete",
        ),
        key(
            "f",
            "list('from')",
            "Train from",
            "runs.from",
            "Start a new model from the weights of the run's model",
        ),
        key("g", "list('log')", "Log", "runs.log", "Show what the run printed"),
    ]

    @dataclass
    class Chosen(Message):
        """The user chose a run."""

        run: str

    @dataclass
    class Wanted(Message):
        """The user wants to remove, compare, inspect, train from or read the log of the run under the cursor, or see all in a table."""

        what: str
        run: str

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, compact=True, **options)
        self.rows: list[Summary] = []
        self.compared: frozenset[str] = frozenset()
        self.bits = False
        self._shown: tuple[float, str | None] = 0.0, None  # the time, and the chosen run

    def show(
        self, rows: list[Summary], now: float, chosen: str | None, compared: frozenset[str], bits: bool
    ) -> None:
        """Update the rows; the cursor stays on its run."""
        under = self.highlighted_run
        self.compared, self.bits, self._shown = compared, bits, (now, chosen)
        prompts = [self._prompt(rows, row, now, row.id == chosen) for row in rows]
        if [row.id for row in rows] == [row.id for row in self.rows] and self.option_count:
            for index, (row, prompt) in enumerate(zip(rows, prompts, strict=True)):
                if self.get_option_at_index(index).prompt != prompt or row != self.rows[index]:
                    self.replace_option_prompt_at_index(index, prompt)
            self.rows = rows
            if self.highlighted is None:
                self._highlight(chosen)
            return
        self.rows = rows
        self.set_options([Option(prompt, id=row.id) for row, prompt in zip(rows, prompts, strict=True)])
        self._highlight(under if any(row.id == under for row in rows) else chosen)
        self.border_subtitle = f"{len(rows)}" if rows else "none yet"

    def _highlight(self, run: str | None) -> None:
        """Move the cursor to a run, if it is listed."""
        ids = [row.id for row in self.rows]
        if run in ids:
            self.highlighted = ids.index(run)

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.show(self.rows, *self._shown, self.compared, self.bits)

    def _prompt(self, rows: list[Summary], row: Summary, now: float, chosen: bool) -> Content:
        width = max(self.scrollable_content_region.width or self.size.width, 20) - 1
        sign, style = SIGNS[row.status]
        if row.id in self.compared:  # the mark that the chart gives it
            sign = mark_of([r.id for r in rows if r.id in self.compared].index(row.id))
        state = self._state(row, now)
        if (
            cell_len(row.name) > width - len(state) - 4
            and row.status == "finished"
            and row.val_loss is not None
        ):
            state = self._best(row)  # without its age, for which a long name has more use
        name = shorten_middle(row.name, max(width - len(state) - 4, 6))
        gap = " " * max(width - 3 - cell_len(name) - len(state), 1)
        return Content.assemble(
            ("▸" if chosen else " ", "bold $accent"),
            (f"{sign} ", style),
            (name, "bold" if chosen else ""),
            gap,
            (state, "$foreground 70%"),
        )

    def _state(self, row: Summary, now: float) -> str:
        """The status of a run, and the figure that matters most in it."""
        if not row.is_read:
            return "reading…"
        if row.status == "running":
            return f"{row.share:.0%}" if row.share else "starting"
        if row.status == "finished":
            return f"{self._best(row)} · {ago(now - row.changed)}".removeprefix(" · ")
        return row.status if row.status == "damaged" else f"{row.status} {row.share:.0%}"

    def _best(self, row: Summary) -> str:
        """The best loss of a run, in the units of the chart; empty if it is not known."""
        return "" if row.val_loss is None else figure(row.val_loss / (NATS_PER_BIT if self.bits else 1))

    @property
    def highlighted_run(self) -> str | None:
        """The run under the cursor."""
        return self.rows[self.highlighted].id if self.highlighted is not None and self.rows else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Chosen(event.option_id))

    def action_list(self, what: str) -> None:
        run = self.highlighted_run
        if run is not None or what == "table":  # which is of all runs
            self.post_message(self.Wanted(what, run or ""))
