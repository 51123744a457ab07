"""A run trains while its terminal changes size: the chart is drawn anew at each size, with the newest steps."""

from pathlib import Path

from lstmterm.runs import events
from lstmterm.runs.events import Step
from lstmterm.ui.train.loss_chart import LossChart
from tests.ui.conftest import keep_run, make_app, screen_text, settle, until
from tests.ui.journals import learning

RUN = "20250131-142230-harbour"
SIZES = ((60, 20), (40, 10), (160, 50))


async def test_the_chart_follows_the_terminal_and_the_run(home: Path) -> None:
    found = learning(done=0.9)
    begun = next(i for i, event in enumerate(found) if isinstance(event, Step) and event.step > 1000)
    run = keep_run(RUN, found[:begun], 1)
    share = (len(found) - begun) // len(SIZES)
    app = make_app()
    with run.held():
        async with app.run_test(size=(120, 36)) as pilot:
            await settle(pilot)
            chart = app.query_one(LossChart)
            chart.focus()
            await pilot.pause()
            seen = screen_text(app)
            for at, (columns, lines) in enumerate(SIZES):
                more = found[begun + at * share : begun + (at + 1) * share]
                with run.journal.open("a", encoding="utf-8") as journal:
                    half = len(more) // 2
                    journal.writelines(events.to_json(event) + "\n" for event in more[:half])
                    journal.flush()
                    app.services.follower.read_journals()  # its message arrives amid the new layout
                    await pilot.resize_terminal(columns, lines)
                    journal.writelines(events.to_json(event) + "\n" for event in more[half:])
                await settle(pilot)
                newest = max(event.step for event in more)
                await until(pilot, lambda step=newest: app.services.runs.progress[RUN].step == step)
                shown = screen_text(app)
                assert shown != seen
                assert (app.size.width, app.size.height) == (columns, lines)
                assert all(len(line) <= columns for line in shown.splitlines())
                assert chart.region.width > columns // 3, "it is laid out for the new size"
                assert app.focused is chart
                assert app.screen.region.overlaps(chart.region), "what has the focus is in sight"
                assert any("\u2800" < symbol <= "\u28ff" for symbol in shown), f"a curve at {columns}x{lines}"
                seen = shown
