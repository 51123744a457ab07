"""How soon the Inspect tab shows what a model does in a text.

    python benchmarks/inspect_tab.py tinyshakespeare.txt                       # `shakespeare` on 20,000 characters
    python benchmarks/inspect_tab.py tinyshakespeare.txt --characters 100000

The app runs in a terminal of 120x36 that nobody sees. Times are from the text, or the page, being there. Everything is
shown before all of it is right: the text is read in parallel streams, and what follows their joints changes a little
until then.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from lstmterm.ui.app import LstmTerm
from lstmterm.ui.garbage import garbage
from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.inspect.reading import Reading, Source
from lstmterm.ui.inspect.surprise_view import SurpriseView
from lstmterm.ui.inspect.units_view import UnitsView

REPEATS = 5
SETTLED = 12.0  # seconds after which the app has measured the machine
SURPRISE, UNITS = "f7", "f9"  # keys of the pages


class Times:
    """Seconds by what was waited for."""

    def __init__(self) -> None:
        self._found: dict[str, list[float]] = {}
        self._began = 0.0

    def begin(self) -> None:
        """Count from now."""
        self._began = time.perf_counter()

    async def until(self, what: str, ready: Callable[[], object]) -> None:
        """Note when it is."""
        await until(ready)
        self._found.setdefault(what, []).append(time.perf_counter() - self._began)

    def lines(self) -> list[str]:
        """The medians and the slowest."""
        return [
            f"{what:36} median {statistics.median(seconds):.2f} s, slowest {max(seconds):.2f} s"
            for what, seconds in self._found.items()
        ]


async def until(ready: Callable[[], object]) -> None:
    """Look fifty times a second: looking, too, takes time from what is measured."""
    while not ready():
        await asyncio.sleep(0.02)


async def open_text(panel: InspectPanel, times: Times, text: str) -> Reading:
    """Open a text, and count from when it is there."""
    panel.open_source(Source("typed", text))
    await until(lambda: panel.reading is not None and panel.reading.text == text)
    times.begin()
    assert panel.reading is not None
    return panel.reading


async def surprise(page: SurpriseView, times: Times) -> None:
    """Wait for the surprise."""

    def everywhere() -> bool:
        return page._shown is not None and bool(np.isfinite(page._shown.entropy[1:]).all())

    await times.until("surprise, everywhere", everywhere)
    await times.until("surprise, right", lambda: page.found)
    await asyncio.sleep(1)


async def units(page: UnitsView, reading: Reading, times: Times, when: str) -> None:
    """Wait for the traces of the layers, and for what the units follow."""

    def traced(layer: int) -> bool:
        work = page.work
        trace = work.trace(layer, page.quantity) if work is not None and work.reading is reading else None
        return trace is not None and trace.known == len(reading.ids)

    for layer in range(reading.model.layers):
        await times.until(f"units {when}, layer {layer} everywhere", lambda layer=layer: traced(layer))
    await times.until(f"units {when}, right and ranked", lambda: page.facts and page.facts.ranking)
    await times.until(f"units {when}, gates counted", lambda: page.facts and not page.busy)
    await asyncio.sleep(1)


async def measure(model: str, texts: list[str]) -> Times:
    """Open one text after the other, on one page and on the other first."""
    garbage.wait()  # as the program does at its start
    times, app = Times(), LstmTerm(follow=False)
    async with app.run_test(size=(120, 36), notifications=False) as pilot:
        await pilot.press("f5")
        await until(lambda: app.query(InspectPanel))
        panel = app.query_one(InspectPanel)
        panel.open_model(model)
        await asyncio.sleep(SETTLED)
        for surprise_text, units_text in zip(texts[::2], texts[1::2], strict=True):
            await pilot.press(SURPRISE)
            reading = await open_text(panel, times, surprise_text)
            await surprise(app.query_one(SurpriseView), times)
            times.begin()
            app.simulate_key(UNITS)
            await until(lambda: app.query(UnitsView))
            page = app.query_one(UnitsView)
            await units(page, reading, times, "then")
            reading = await open_text(panel, times, units_text)
            await units(page, reading, times, "first")
    return times


@click.command()
@click.option("--model", default="shakespeare", show_default=True)
@click.option("--characters", default=20_000, show_default=True, help="Of each text.")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
def main(model: str, characters: int, file: Path) -> None:
    """Print how long MODEL's pages take on texts of this length, which are cut from FILE."""
    whole = file.read_text("utf-8")
    whole *= -(-characters * 2 * REPEATS // len(whole))
    texts = [whole[k * characters : (k + 1) * characters] for k in range(2 * REPEATS)]
    with tempfile.TemporaryDirectory() as home:
        os.environ["LSTMTERM_HOME"] = home
        for line in asyncio.run(measure(model, texts)).lines():
            print(line)


if __name__ == "__main__":
    main()
