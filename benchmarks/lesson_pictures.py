"""The pictures of `docs/look-inside.md` and `docs/writing.md`, taken of a model in the library.

    python benchmarks/lesson_pictures.py python-stdlib --unit 0:175
    python benchmarks/lesson_pictures.py shakespeare

With a unit it opens the Inspect tab with the model's own validation text, without one it writes in the Generate tab;
the pages are taken as SVG into `docs/pictures/`.
"""

import asyncio
import os
import tempfile
from functools import partial
from pathlib import Path

import click
from screenshots import save, wait
from textual.pilot import Pilot

REPOSITORY = Path(__file__).parents[1]
SIZE = (112, 34)


async def take(folder: Path, model: str, unit: str) -> None:
    """Each page of the tab, once it shows what it computed."""
    from lstmterm.spec.units import parse_unit
    from lstmterm.ui.app import LstmTerm

    app = LstmTerm(follow=False)

    picture = partial(save, app, folder)
    async with app.run_test(size=SIZE, notifications=False) as pilot:
        await pilot.press("f5")
        await wait(pilot, lambda: app.query("#inspect"))
        panel = app.query_one("#inspect")
        panel.open_model(model)  # type: ignore[attr-defined]
        await computed(pilot, panel, model)
        await pilot.press("n", "n", "n")
        await pilot.pause(1.0)
        picture("inspect-surprise")
        await pilot.press("f9")
        await computed(pilot, panel, model)
        panel.page.choose(parse_unit(unit), "tanh_c")  # type: ignore[attr-defined]
        await computed(pilot, panel, model)
        picture("inspect-units")


async def take_writing(folder: Path, model: str) -> None:
    """The branches of a draft, what could come next, several texts at once, and a dialogue."""
    from lstmterm.ui.app import LstmTerm

    app = LstmTerm(follow=False)

    picture = partial(save, app, folder)
    async with app.run_test(size=SIZE, notifications=False) as pilot:
        await pilot.press("f3")
        await wait(pilot, lambda: app.query("#generate #seed"))
        panel = app.query_one("#generate")
        page = panel.pages[0]  # type: ignore[attr-defined]
        await wait(pilot, lambda: page.card and page.model == model)
        for field, value in (("speed", "full"), ("length", "240"), ("temperature", "0.6")):
            panel.form.field(field).value = value  # type: ignore[attr-defined]
        for seed, keys in ((7, (*"ROMEO:", "enter")), (8, ("ctrl+r",)), (9, ("ctrl+r",))):
            panel.form.field("seed").value = str(seed)  # type: ignore[attr-defined]
            await pilot.pause(0.5)
            await pilot.press(*keys)
            await pilot.pause(0.5)
            await wait(pilot, lambda: not panel.busy)  # type: ignore[attr-defined]
        await pilot.press("alt+t")
        await pilot.pause(1.0)
        picture("writing-branches")
        await pilot.press("escape", "ctrl+b")
        await pilot.pause(2.0)
        picture("writing-next")
        await pilot.press("escape", "alt+s")
        await pilot.pause(4.0)
        picture("writing-several")
        await pilot.press("escape", "ctrl+n", "alt+k")
        await wait(pilot, lambda: panel.scene)  # type: ignore[attr-defined]
        panel.choose_speakers("ROMEO", "JULIET")  # type: ignore[attr-defined]
        for seed, words in ((8, "Who is there?"), (9, "What shall I do?")):
            panel.form.field("seed").value = str(seed)  # type: ignore[attr-defined]
            await pilot.press(*words, "enter")
            await pilot.pause(0.5)
            await wait(pilot, lambda: not panel.busy)  # type: ignore[attr-defined]
        await pilot.pause(0.5)
        picture("writing-talk")


async def computed(pilot: Pilot[None], panel: object, model: str) -> None:
    """Until the page that is shown has computed all that it shows of this model."""
    await pilot.pause(0.5)
    await wait(
        pilot,
        lambda: panel.reading and panel.reading.reference == model and not panel.page.busy,  # type: ignore[attr-defined]
    )
    await pilot.pause(1.0)


@click.command()
@click.argument("model")
@click.option("--unit", help="The hidden unit that is shown, as LAYER:NUMBER.")
@click.option("--folder", type=click.Path(path_type=Path), default=REPOSITORY / "docs" / "pictures")
def main(model: str, unit: str | None, folder: Path) -> None:
    """Take the pictures of MODEL: of a unit, or else of writing, in a home of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    if unit:
        asyncio.run(take(folder, model, unit))
        return
    with tempfile.TemporaryDirectory() as home:
        os.environ["LSTMTERM_HOME"] = home
        asyncio.run(take_writing(folder, model))


if __name__ == "__main__":
    main()
