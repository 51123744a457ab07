"""The documentation's pictures of the screen, taken from a real run into `docs/pictures/`.

    python benchmarks/screenshots.py

Trains a model on the built-in text for three minutes in a home of its own, and meanwhile takes each
tab as an SVG into `docs/pictures/`. Other settings of the run come after `--`, as in
`screenshots.py -- --steps 200 --hidden 64`.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
from textual.app import App
from textual.pilot import Pilot

REPOSITORY = Path(__file__).parents[1]
SIZE = (112, 34)
SENTENCES = "The harbour master sings before the tide turns. Nobody rows home, and the gulls know why.\n\nShe had glimbered the old bell twice."


async def wait(pilot: Pilot[None], true: Callable[[], object], seconds: float = 120) -> None:
    """Until something is true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the screen did not come that far")
        await pilot.pause(0.2)


def save(app: App[None], folder: Path, name: str) -> None:
    """Save a picture of the screen as it is."""
    app.clear_notifications()
    wide = "font-variant-east-asian: full-width;"
    picture = app.export_screenshot(title="lstmterm")
    picture = picture.replace(
        wide, f"{wide} font-variant-ligatures: none;"
    )  # two characters, such as !=, stay two
    (folder / f"{name}.svg").write_text(picture, encoding="utf-8")


async def take(folder: Path, run: subprocess.Popen[bytes]) -> None:
    """Each tab, once there is something to see."""
    from lstmterm.ui.app import LstmTerm

    app = LstmTerm()

    picture = partial(save, app, folder)
    async with app.run_test(size=SIZE, notifications=False) as pilot:
        while not any(app.services.runs.share(row) > 0.4 for row in app.services.runs.summaries):
            if run.poll():
                raise RuntimeError("the run failed")
            await pilot.pause(0.2)
        app.query_one("#loss-chart").focus()
        await pilot.pause(1.0)
        picture("train")
        await pilot.press("f3")
        await wait(pilot, lambda: app.query("#generate #seed"))
        panel = app.query_one("#generate")
        panel.form.field("speed").value = "full"  # type: ignore[attr-defined]
        panel.form.field("seed").value = "7"  # type: ignore[attr-defined]
        await pilot.pause(1.0)
        await pilot.press(*"HARBOUR", "space", *"MASTER:", "ctrl+j", "enter")
        await wait(pilot, lambda: panel.pages[0].seed is not None and not panel.busy)  # type: ignore[attr-defined]
        await pilot.press("ctrl+b")
        await pilot.pause(1.0)
        picture("generate")
        await pilot.press("escape", "f6")
        await wait(pilot, lambda: app.query("#library") and app.query_one("#library").item_list.items)  # type: ignore[attr-defined]
        await pilot.pause(1.0)
        picture("library")
        await pilot.press("f4")
        await wait(pilot, lambda: app.query("#tagger #text"))
        app.query_one("#text").text = SENTENCES  # type: ignore[attr-defined]
        words = app.query_one("TokenView")
        await wait(pilot, lambda: words.cursor is not None)  # type: ignore[attr-defined]
        words.focus()
        await pilot.press("home", *["right"] * 7)
        await pilot.pause(1.0)
        picture("tagger")
        await pilot.press("f9")
        await wait(pilot, lambda: app.query("ReportPage"))
        report = app.query_one("ReportPage")
        report.source = "harbour-tags"  # type: ignore[attr-defined]
        report.query_one("Pick").chosen = "harbour-tags"  # type: ignore[attr-defined]
        report.action_evaluate()  # type: ignore[attr-defined]
        await wait(pilot, lambda: report.report)  # type: ignore[attr-defined]
        await pilot.pause(1.0)
        picture("report")
        await pilot.press("f2", "f1")
        await pilot.pause(1.0)
        picture("help")


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=REPOSITORY / "docs" / "pictures")
@click.argument("settings", nargs=-1)
def main(folder: Path, settings: tuple[str, ...]) -> None:
    """Take the pictures, with these SETTINGS of the run instead of `--minutes 3`."""
    home = Path(tempfile.mkdtemp(prefix="lstmterm-pictures-"))
    os.environ["LSTMTERM_HOME"] = str(home)
    os.environ["PYTHONPATH"] = str(REPOSITORY)
    sys.path.insert(0, str(REPOSITORY))
    folder.mkdir(parents=True, exist_ok=True)
    length = settings or ("--minutes", "3")
    command = [sys.executable, "-m", "lstmterm", "train", "harbour", "--quiet", *length]
    run = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        asyncio.run(take(folder, run))
    finally:
        run.terminate()
        run.wait()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
