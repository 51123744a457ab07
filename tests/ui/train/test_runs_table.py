"""The table of runs: sorted, filtered, marked, tagged, compared, archived and deleted by key."""

import shutil
import threading

import pytest
from textual.pilot import Pilot

from lstmterm import paths, settings
from lstmterm.runs import marks, storage
from lstmterm.runs.columns import chosen
from lstmterm.runs.rows import Row, rows_of
from lstmterm.runs.summary import Summary, summaries
from lstmterm.runs.sweeps import SweepProcess
from lstmterm.ui.train import runs_table
from lstmterm.ui.train.form import TrainForm
from lstmterm.ui.train.runs_columns import SHOWN, widths
from lstmterm.ui.train.runs_list import RunsList
from lstmterm.ui.train.runs_table import RunsTable
from lstmterm.ui.widgets.dialogs import Ask, Question, TextDialog
from lstmterm.ui.widgets.plain import PlainInput
from tests import patience
from tests.ui.conftest import keep_model, make_app, screen_text, settle, until
from tests.ui.textual_private import notices
from tests.ui.train.test_runs_panel import FINISHED, RUNNING


async def opened(pilot: Pilot[None]) -> RunsTable:
    """The table, opened by its key in the list of runs."""
    await settle(pilot)
    await until(pilot, lambda: pilot.app.focused is not None)  # the tab has chosen where typing starts
    runs = pilot.app.query_one(RunsList)
    runs.focus()
    await until(pilot, lambda: runs.has_focus and runs.option_count > 0)
    await pilot.press("t")
    await until(pilot, lambda: isinstance(pilot.app.screen, RunsTable) and bool(pilot.app.screen.rows))
    table = pilot.app.screen
    assert isinstance(table, RunsTable)
    return table


async def under(pilot: Pilot[None], table: RunsTable, run: str) -> None:
    """Move the cursor to a run."""
    for _ in range(table.table.row_count):
        await pilot.press("up")
    for _ in range(table.table.row_count):
        if table.under == run:
            return
        await pilot.press("down")
    pytest.fail(f"{run} is not in the table")


async def test_the_table_opens_where_the_cursor_is_on_no_run(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        runs = app.query_one(RunsList)
        runs.highlighted = None
        runs.action_list("table")
        await until(pilot, lambda: isinstance(app.screen, RunsTable))


async def test_the_cursor_comes_to_the_chosen_run_where_it_was_on_none(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        runs = app.query_one(RunsList)
        before = runs.highlighted_run
        runs.highlighted = None
        runs.on_resize()
        assert before is not None
        assert runs.highlighted_run == before


async def test_a_filter_keeps_runs_as_it_is_typed_and_says_what_it_does_not_know(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        table = await opened(pilot)
        every = table.table.row_count
        await pilot.press("slash", *"state=finished")
        await until(pilot, lambda: 0 < table.table.row_count < every)
        shown = {str(key.value) for key in table.table.rows}
        assert FINISHED in shown
        assert RUNNING not in shown
        await pilot.press(*" colour:x")
        await until(pilot, lambda: "no column" in screen_text(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not isinstance(app.screen, RunsTable))


async def test_marked_runs_get_tags_and_are_archived_and_deleted_together(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        table = await opened(pilot)
        done = [row.summary.id for row in table.rows if row.summary.status != "running"][:2]
        for run in done:
            await under(pilot, table, run)
            await pilot.press("space")
        assert table.marked == set(done)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press(*"good", "enter")
        await until(pilot, lambda: all(marks.read(storage.find(run)).tags == ("good",) for run in done))
        await until(pilot, lambda: "good" in screen_text(app))
        await pilot.press("a")
        await until(pilot, lambda: not {*done} & {str(key.value) for key in table.table.rows})
        assert all(marks.read(storage.find(run)).archived for run in done)
        assert "2 marked, 2 of them not shown" in screen_text(app), "and deleted all the same"
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: not any(run.id in done for run in storage.known_runs()))


async def test_the_order_and_the_reference_and_differences_in_words(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        table = await opened(pilot)
        for _ in range(20):
            if table.order == "val":
                break
            await pilot.press("s")
        losses = [
            row.summary.val_loss
            for key in table.table.rows
            for row in table.rows
            if row.summary.id == key.value
        ]
        known = [loss for loss in losses if loss is not None]
        assert known == sorted(known)
        await under(pilot, table, FINISHED)
        await pilot.press("p")
        await until(pilot, lambda: marks.reference() == FINISHED and any(r.is_reference for r in table.rows))
        await under(pilot, table, RUNNING)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, TextDialog))
        await until(pilot, lambda: "validation loss of the second" in screen_text(app))


async def test_a_new_model_starts_from_the_model_of_the_run_under_the_cursor(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        table = await opened(pilot)
        await under(pilot, table, FINISHED)
        await pilot.press("f")
        await pilot.pause()
        assert "has saved no model yet" in notices(app)[-1]
        keep_model("bard")
        await under(pilot, table, RUNNING)
        await pilot.press("space")
        await under(pilot, table, FINISHED)
        await pilot.press("space", "f")
        await pilot.pause()
        assert "starts from the weights of one run, not 2 runs" in notices(app)[-1]
        await under(pilot, table, RUNNING)
        await pilot.press("space", "f")
        await until(pilot, lambda: app.query_one(TrainForm).values.start_from == "bard")
        assert not isinstance(app.screen, RunsTable)


async def test_runs_of_a_sweep_stand_together_and_are_marked_and_deleted_as_one(recorded: None) -> None:
    app = make_app()
    sweep = SweepProcess("sizes")
    with sweep.held():
        pass
    for run in [run for run in storage.known_runs() if run.status() != "running"][:2]:
        marks.write(run, marks.Marks(group="sizes"))
    members = {run.id for run in storage.known_runs() if marks.read(run).group}
    async with app.run_test(size=(140, 40)) as pilot:
        table = await opened(pilot)
        assert "┌ sizes 2 runs" in " ".join(screen_text(app).split())
        await under(pilot, table, "sweep sizes")
        await pilot.press("space")
        assert table.marked == members
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: not any(run.id in members for run in storage.known_runs()))
        await until(pilot, lambda: not sweep.folder.exists())


@pytest.mark.parametrize("columns", [40, 60, 80, 140])
async def test_the_keys_on_its_border_are_never_cut(recorded: None, columns: int) -> None:
    app = make_app()
    async with app.run_test(size=(columns, 24)) as pilot:
        await settle(pilot)
        app.push_screen(RunsTable(app.services))
        await until(pilot, lambda: isinstance(app.screen, RunsTable) and bool(app.screen.rows))
        await settle(pilot)
        border = next(line for line in reversed(screen_text(app).splitlines()) if "esc close" in line)
        assert "…" not in border


async def test_a_narrow_table_shows_whole_columns_and_more_of_them_when_it_grows(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(70, 24)) as pilot:
        table = await opened(pilot)

        def headings() -> list[str]:
            return [str(column.label).strip(" ▾") for column in table.table.ordered_columns][1:]

        await until(pilot, lambda: "text" not in headings())
        assert table.table.virtual_size.width <= table.table.size.width, "nothing to scroll to"
        assert headings()[:2] == ["name", "state"]
        await pilot.resize_terminal(160, 40)
        await until(pilot, lambda: {"text", "steps", "when"} <= {*headings()})


def test_cut_texts_get_the_columns_that_the_others_leave(recorded: None) -> None:
    rows, columns = rows_of(summaries()), chosen("name state reason")
    reason = max(len(row.summary.reason) for row in rows)
    assert widths(columns, rows, "when", 20, 1) == {"name": 24, "state": 32, "reason": 32}, "it is scrolled"
    assert widths(columns, rows, "when", 160, 1) == {"name": 24, "state": 32, "reason": reason}


async def test_long_names_are_whole_where_there_is_room(recorded: None) -> None:
    name = "grid-hidden96-dropout0_3-s1-of-the-harbour"
    (paths.runs() / FINISHED).rename(paths.runs() / f"20250131-130000-{name}")
    app = make_app()
    async with app.run_test(size=(220, 40)) as pilot:
        await opened(pilot)
        await until(pilot, lambda: name in screen_text(app) and "0.5 (--lr)." in screen_text(app))
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: name not in screen_text(app) and "…" in screen_text(app))


async def test_the_note_of_one_run_is_not_proposed_for_several_and_stands_in_the_table(
    recorded: None,
) -> None:
    app = make_app()
    async with app.run_test(size=(160, 40)) as pilot:
        table = await opened(pilot)
        marks.change(storage.find(FINISHED), note="more dropout helps")
        table.read()
        await until(pilot, lambda: "more dropout helps" in screen_text(app))
        await under(pilot, table, FINISHED)
        await pilot.press("space")
        await under(pilot, table, RUNNING)
        await pilot.press("space", "n")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        assert app.screen.query_one("#answer", PlainInput).value == ""


async def test_the_cursor_stays_in_its_place_when_its_run_goes(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        table = await opened(pilot)
        stopped = [row.summary.id for row in table.rows if row.summary.status != "running"]
        await under(pilot, table, stopped[-1])
        before = table.table.cursor_row
        assert before > 0
        await pilot.press("a")
        await until(pilot, lambda: table.under != stopped[-1])
        assert table.table.cursor_row == min(before, table.table.row_count - 1)


async def test_an_older_reading_that_ends_later_does_not_bring_back_what_was(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    begun, may_end, ended = (threading.Event() for _ in range(3))
    async with app.run_test(size=(160, 40)) as pilot:
        table = await opened(pilot)
        await settle(pilot)

        def slow(summaries: list[Summary]) -> list[Row]:
            rows = rows_of(summaries)
            begun.set()
            may_end.wait(patience.LONG)
            ended.set()
            return rows

        monkeypatch.setattr(runs_table, "rows_of", slow)
        table.read()
        await until(pilot, begun.is_set)
        monkeypatch.setattr(runs_table, "rows_of", rows_of)
        marks.change(storage.find(FINISHED), note="more dropout helps")
        table.read()
        await until(pilot, lambda: "more dropout helps" in screen_text(app))
        may_end.set()
        await until(pilot, ended.is_set)
        for _ in range(5):
            await pilot.pause(0.02)
        assert "more dropout helps" in screen_text(app)


async def test_columns_are_chosen_and_the_usual_ones_come_back(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        table = await opened(pilot)
        for typed, kept in (("name bits", "name bits"), ("", ""), ("name", "name"), (SHOWN, "")):
            await pilot.press("k")
            await until(pilot, lambda: isinstance(app.screen, Ask))
            app.screen.query_one("#answer", PlainInput).value = typed
            await pilot.press("enter")
            await until(pilot, lambda: app.screen is table)
            assert settings.load().columns == kept
            names = [column.name for column in table.columns]
            assert names == kept.split() if kept else "state" in names


async def test_what_is_in_view_stays_when_the_runs_are_read_again(recorded: None) -> None:
    for number in range(30):
        shutil.copytree(
            paths.runs() / FINISHED, paths.runs() / f"20250131-1300{number:02}-the-third-harbour-{number:02}"
        )
    app = make_app()
    async with app.run_test(size=(40, 16)) as pilot:
        table = await opened(pilot)
        await until(pilot, lambda: len(table.rows) > 30)
        await pilot.press(*["right"] * 3, *["down"] * 20, *["up"] * 4)
        await until(pilot, lambda: table.table.scroll_offset.x > 0 and table.table.scroll_offset.y > 0)
        await settle(pilot)
        before, read = table.table.scroll_offset, table.rows
        table.read()
        await until(pilot, lambda: table.rows is not read)
        await settle(pilot)
        assert table.table.scroll_offset == before
        table.table.scroll_to(y=0, animate=False)
        await until(pilot, lambda: table.table.scroll_offset.y == 0)
        read = table.rows
        table.read()
        await until(pilot, lambda: table.rows is not read)
        await settle(pilot)
        assert table.table.scroll_offset.y == 0, "also where the cursor is out of view"
        await pilot.resize_terminal(40, 15)
        await until(pilot, lambda: table.table.scroll_offset.y > 0)
        table.query_one("#runs-filter", PlainInput).value = "name=the-third-harbour-07"
        await until(pilot, lambda: table.table.row_count == 1)
        await until(pilot, lambda: table.table.scroll_offset.y == 0)
