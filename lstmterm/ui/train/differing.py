"""What differs between the settings of several runs, as a table: a line for each setting, a column for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.app import App
from textual.content import Content

from lstmterm.amounts import figure
from lstmterm.ui.services import Services
from lstmterm.ui.widgets.dialogs import TextDialog
from lstmterm.visible import shorten, shorten_middle

if TYPE_CHECKING:
    from lstmterm.runs.summary import Summary

_WIDEST = 20  # columns of a cell


def show_differences(app: App[None], services: Services, runs: list[Summary]) -> None:
    """Show the table for these runs in a dialog."""
    with services.reporting():
        app.push_screen(TextDialog("What differs", differing(runs)))


def differing(runs: list[Summary]) -> Content:
    """The table for these runs, with their validation losses; sentences where there is none to show."""
    from lstmterm.runs.differences import differences
    from lstmterm.runs.rows import row_of

    if len(runs) < 2:
        return Content("Compare runs first: c adds the next run, Space in the list of runs adds any other.")
    rows = [row_of(run) for run in runs]
    names: dict[str, None] = {}
    for row in rows[1:]:
        names |= dict.fromkeys(each.name for each in differences(rows[0].spec, row.spec))
    lines = [["setting", *(shorten_middle(run.name, _WIDEST) for run in runs)]]
    for name in names:
        line = [name]
        for row in rows:
            found = [
                each for other in rows for each in differences(row.spec, other.spec) if each.name == name
            ]
            line.append(shorten(found[0].first, _WIDEST) if found else "")
        lines.append(line)
    if not names:
        lines.append(["The settings are the same."])
    losses = [run.val_loss for run in runs]
    lines.append(["val_loss", *("" if loss is None else figure(loss, 4) for loss in losses)])
    count = max(map(len, lines))
    widths = [max(cell_len(line[at]) for line in lines if len(line) == count) for at in range(count)]
    shown = list[Content]()
    for at, line in enumerate(lines):
        cells = [
            text + " " * max(width - cell_len(text), 0) for text, width in zip(line, widths, strict=False)
        ]
        shown.append(Content.styled("  ".join(cells).rstrip(), "bold" if at in (0, len(lines) - 1) else ""))
    return Content("\n").join(shown)
