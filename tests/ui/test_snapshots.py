"""Every tab at three sizes and in two themes, as it looked when somebody looked at it.

`pytest tests/ui/test_snapshots.py --snapshot-update` takes them anew; look at the report first.
"""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from lstmterm import paths
from lstmterm.texts.listing import Listed
from lstmterm.ui.app import LstmTerm
from tests.ui.conftest import idle, keep_model, make_app, settle, until

SIZES = [(80, 24), (120, 36), (160, 50)]
THEMES = ["lstmterm-dark", "lstmterm-light"]
REPOSITORY = Path(__file__).parents[2]
TEXTS = [
    Listed("harbour", "built-in", "text", 72_507, "A town by the sea, written for this project"),
    Listed("novel", "own", "text", 611_000, "novel.txt"),
]


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """No path and no text that differs from machine to machine."""
    from lstmterm.cli import model_card
    from lstmterm.ui import library_panel

    def lines(entry, card):
        for title, value in model_card.lines(entry, card):
            yield title, value.replace(str(home), "~")

    place = library_panel._place
    monkeypatch.setattr(library_panel, "_place", lambda item: place(item).replace(str(REPOSITORY), "~"))
    monkeypatch.setattr("lstmterm.ui.library_panel.listing", lambda: TEXTS)
    monkeypatch.setattr("lstmterm.ui.library_panel.model_lines", lines)
    monkeypatch.setattr("secrets.randbelow", lambda _: 4711)
    plan = (
        "1x256, 16 lanes x 48: about 9.8k steps in 3:00.",
        "It will read the 65,257 characters about 12 times.",
    )
    monkeypatch.setattr("lstmterm.ui.train_panel.plan_text", lambda *_: plan)


async def train(pilot: Pilot[None]) -> None:
    await settle(pilot)
    await until(pilot, lambda: "steps in" in str(pilot.app.query_one("#plan").content))  # type: ignore[attr-defined]


async def generate(pilot: Pilot[None]) -> None:
    await settle(pilot)
    await pilot.press("f3")
    await until(pilot, lambda: pilot.app.query("#generate"))
    panel = pilot.app.query_one("#generate")
    panel.form.set_value("seed", "7")  # type: ignore[attr-defined]
    panel.form.set_value("speed", "full")  # type: ignore[attr-defined]
    await idle(pilot)
    await pilot.press(*"The", "enter")
    await pilot.pause(0.05)
    await until(pilot, lambda: "500 characters" in str(pilot.app.query_one("#status").content))  # type: ignore[attr-defined]
    panel._status("500 characters · 9.1k/s · seed 7 · 3.21 nats")  # type: ignore[attr-defined]
    await pilot.pause(0.1)


async def library(pilot: Pilot[None]) -> None:
    await settle(pilot)
    await pilot.press("f6")
    await until(pilot, lambda: pilot.app.query("#library") and pilot.app.query_one("#library").items)  # type: ignore[attr-defined]
    await idle(pilot)


LOOKS = {"train": train, "generate": generate, "library": library}


def at(theme: str) -> LstmTerm:
    paths.settings().parent.mkdir(parents=True)
    paths.settings().write_text(f'theme = "{theme}"\n')
    return make_app()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("tab", LOOKS)
def test_tab(snap_compare, recorded: None, tab: str, size: tuple[int, int], theme: str) -> None:
    keep_model("bard", loss=1.466)
    assert snap_compare(at(theme), run_before=LOOKS[tab], terminal_size=size)


@pytest.mark.parametrize("tab", LOOKS)
def test_tab_with_nothing_to_show(snap_compare, tab: str) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await settle(pilot)
        if tab != "train":
            await pilot.press("f3" if tab == "generate" else "f6")
            await until(pilot, lambda: pilot.app.query(f"#{tab}"))
        else:
            await train(pilot)
        await idle(pilot)

    assert snap_compare(at(THEMES[0]), run_before=look, terminal_size=SIZES[0])


@pytest.mark.parametrize(
    "run", ["20250131-130000-bard", "20250131-110000-python"], ids=["finished", "failed"]
)
def test_train_when_a_run_has_ended(snap_compare, recorded: None, run: str) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await settle(pilot)
        pilot.app.query_one("#train").choose(run)  # type: ignore[attr-defined]
        await train(pilot)

    assert snap_compare(at(THEMES[0]), run_before=look, terminal_size=SIZES[1])


@pytest.mark.parametrize("key", ["ctrl+g", "f1"], ids=["knobs", "help"])
def test_what_opens_over_the_train_tab(snap_compare, recorded: None, key: str) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await train(pilot)
        await pilot.press(key)
        await pilot.pause(0.1)

    assert snap_compare(at(THEMES[0]), run_before=look, terminal_size=SIZES[0])
