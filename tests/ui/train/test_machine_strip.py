"""The line on the machine below the progress of a run."""

import pytest

from lstmterm.planning.load import Load
from lstmterm.runs.events import Occupied
from lstmterm.runs.progress import Progress
from lstmterm.runs.recent_speed import READINGS
from lstmterm.ui.train.machine_strip import MachineStrip, fitting, parts_of
from tests.ui.conftest import make_app, screen_text, settle, until

BUSY = Load(0.48, 0.45, 1_230_000_000, 5_100_000_000, 8_200_000_000)


def at_pace(share: float) -> Progress:
    progress = Progress()
    for speed in (*[1000.0] * READINGS, *[1000.0 * share] * READINGS):
        progress.recent_speed.take(speed)
    return progress


def test_everything_is_said_where_there_is_room() -> None:
    progress = at_pace(0.62)
    progress.take(Occupied(step=1, time=1.0, run=2_000_000_000, used=3_000_000_000, memory=80_000_000_000))
    assert fitting(parts_of(BUSY, progress), 200).plain == (
        "CPU 48% · others 45% · 62% of its best speed · other programs use half the cores · "
        "memory 1.23 GB, all 5.1 GB of 8.2 GB · GPU memory 2 GB, all 3 GB of 80 GB"
    )


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (70, "CPU 48% · others 45% · 62% of its best speed · memory 1.23 GB"),
        (44, "CPU 48% · others 45% · 62% of its best speed"),
        (40, "CPU 48% · 62% of its best speed"),
        (12, "CPU 48%"),
        (3, ""),
    ],
)
def test_the_line_is_shortened_to_its_room(width: int, shown: str) -> None:
    assert fitting(parts_of(BUSY, at_pace(0.62)), width).plain == shown


def test_what_is_not_known_is_left_out() -> None:
    assert parts_of(None, Progress()) == []
    unknown = Load(None, None, None, 5_100_000_000, 8_200_000_000)
    assert fitting(parts_of(unknown, None), 200).plain == "memory 5.1 GB of 8.2 GB"


@pytest.mark.usefixtures("recorded")
async def test_it_is_shown_for_a_run_that_is_running_only() -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: "CPU 48% · others 45%" in screen_text(app))
        app.query_one("#train").choose("20250131-130000-bard")  # pyright: ignore[reportAttributeAccessIssue]
        await settle(pilot)
        assert "CPU 48%" not in screen_text(app)
        assert not app.query_one(MachineStrip).display


@pytest.mark.usefixtures("recorded")
async def test_nothing_is_looked_at_on_a_hidden_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        looks: list[str] = []
        monkeypatch.setattr(MachineStrip, "_look_in_thread", lambda self, run: looks.append(run))
        strip = app.query_one(MachineStrip)
        strip._look()
        assert set(looks) == {"20250131-142230-harbour"}
        await app.show_tab("library")
        looks.clear()
        strip._look()
        assert not looks
