"""The pictures of `docs/look-inside.md`, taken of a model in the library.

    python benchmarks/lesson_pictures.py python-stdlib --unit 0:175

Opens the Inspect tab with the model's own validation text, and takes its pages as SVG into `docs/pictures/`.
"""

import asyncio
from pathlib import Path

import click
from screenshots import wait
from textual.pilot import Pilot

REPOSITORY = Path(__file__).parents[1]
SIZE = (112, 34)


async def take(folder: Path, model: str, unit: str) -> None:
    """Each page of the tab, once it shows what it computed."""
    from lstmterm.spec.units import parse_unit
    from lstmterm.ui.app import LstmTerm

    app = LstmTerm(follow=False)

    def picture(name: str) -> None:
        app.clear_notifications()
        (folder / f"{name}.svg").write_text(app.export_screenshot(title="lstmterm"), encoding="utf-8")

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
@click.option("--unit", required=True, help="The hidden unit that is shown, as LAYER:NUMBER.")
@click.option("--folder", type=click.Path(path_type=Path), default=REPOSITORY / "docs" / "pictures")
def main(model: str, unit: str, folder: Path) -> None:
    """Take the pictures of MODEL."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(folder, model, unit))


if __name__ == "__main__":
    main()
