"""The form of a new model."""

from lstmterm.ui.train.form import TrainForm
from tests.ui.conftest import idle, make_app


async def test_up_and_down_go_from_field_to_field_and_in_the_time_to_another_preset() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        form = app.query_one(TrainForm)
        form.query_one("#corpus").focus()
        await pilot.pause()
        seen: list[str | None] = []
        for _ in range(4):
            await pilot.press("down")
            seen.append(app.focused.id if app.focused else None)
        assert seen == ["from", "name", "time", "time"]
        assert form.values.time == "1 minute"
        form.query_one("#name").focus()
        for _ in range(9):
            await pilot.press("up")
        assert app.focused is form.query_one("#corpus"), "the first field is the end"
        form.query_one("#start").focus()
        for _ in range(9):
            await pilot.press("down")
        assert form.has_focus_within, "the last button is the end"
        await pilot.press("up", "up", "up")
        assert app.focused is form.query_one("#time")


async def test_what_is_typed_takes_the_place_of_the_time() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        form = app.query_one(TrainForm)
        form.query_one("#name").focus()
        await pilot.press("down", *"20", "space", *"s")
        assert form.values.time == "20 s"
        await pilot.press("up", *"90")
        assert form.values.time == "90"
        await pilot.press("end", "space", "s")
        assert form.values.time == "90 s"
