"""Writing the curve of a run to a file that the user names."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import App

from lstmterm.ui.services import Services
from lstmterm.ui.train.loss_chart import LossChart
from lstmterm.ui.widgets.save_file import asked_path

if TYPE_CHECKING:
    from lstmterm.runs.summary import Summary

_QUESTION = "Write the curve to which file? Its suffix chooses the format: .csv, .svg, .pdf or .png."


async def export_curve(app: App[None], services: Services, row: Summary, chart: LossChart) -> None:
    """Ask for a file, and write every point of the run's curve to it, in the chart's units."""
    from lstmterm.runs import curve_files, storage
    from lstmterm.runs.progress import Progress

    path = await asked_path(app, _QUESTION, f"{row.name}.csv")
    if path is None:
        return
    bits, log = chart.bits, chart.log_loss

    def write() -> None:
        whole = Progress.of(storage.find(row.id).events(), whole=True)
        content = curve_files.encoded(whole, path.suffix.lower(), title=row.name, bits=bits, log=log)
        curve_files.save(path, content)

    with services.reporting():
        await asyncio.to_thread(write)
        services.notify(f"Wrote {path}.")
