"""The samples by themselves."""

import dataclasses
import math

from textual.content import Content

from lstmterm.runs.events import Sampled
from lstmterm.ui.train.timeline import Timeline
from tests.ui.conftest import screen_text, until
from tests.ui.widgets.alone import Alone
from tests.ui.widgets.test_coloured_text import underlined


def samples(count: int) -> list[Sampled]:
    return [
        Sampled(step=100 * i, time=0, prompt="The gull", text=f" sings {i}[red]\x1b", seed=1, temperature=1)
        for i in range(1, count + 1)
    ]


def border(timeline: Timeline) -> str:
    """What stands on the lower border."""
    return Content.from_markup(timeline.border_subtitle or "").plain


async def test_its_arrows_can_be_clicked() -> None:
    app = Alone(Timeline)
    async with app.run_test(size=(60, 10)) as pilot:
        timeline = app.query_one(Timeline)
        timeline.styles.border = ("round", "red")
        timeline.styles.height = "100%"
        timeline.show("a", samples(3))
        for arrow, shown in (("◂", "◂ 2 of 3 ▸"), ("◂", "  1 of 3 ▸"), ("▸", "◂ 2 of 3 ▸")):
            await pilot.pause()
            await pilot.click(offset=(screen_text(app).splitlines()[-1].index(arrow), 9))
            await until(pilot, lambda shown=shown: border(timeline) == shown)


async def test_it_follows_the_newest_until_the_user_steps_back() -> None:
    app = Alone(Timeline)
    async with app.run_test(size=(60, 10)) as pilot:
        timeline = app.query_one(Timeline)
        assert "← and → step through" in " ".join(screen_text(app).split())
        timeline.show("a", samples(2))
        await pilot.pause()
        assert timeline.border_title == "Samples · step 200"
        timeline.show("a", samples(3))
        assert timeline.border_title == "Samples · step 300"
        timeline.focus()
        await pilot.press("left")
        timeline.show("a", samples(4))
        assert timeline.border_title == "Samples · step 200"
        assert border(timeline) == "◂ 2 of 4 ▸"
        await pilot.press("home", "left")
        assert timeline.position == 0
        await pilot.press("end")
        timeline.show("a", samples(5))
        assert timeline.border_title == "Samples · step 500"


async def test_it_says_how_much_a_sample_copies_from_the_training_text() -> None:
    app = Alone(Timeline)
    async with app.run_test(size=(60, 10)):
        timeline = app.query_one(Timeline)
        first, second = samples(2)
        copied = {"longest": 23.0, "share_8": 0.5}
        timeline.show("a", [first, dataclasses.replace(second, copied=copied)])
        assert border(timeline) == "◂ 2 of 2   · longest copy 23 characters"
        timeline.show("c", [dataclasses.replace(second, copied={**copied, "share_16": 0.123})])
        assert border(timeline) == "  1 of 1   · 12% copied, longest 23"
        timeline.show("b", [dataclasses.replace(first, copied={"longest": math.nan})])
        assert border(timeline) == "  1 of 1  "


async def test_what_a_sample_copies_is_underlined() -> None:
    app = Alone(Timeline)
    async with app.run_test(size=(60, 10)) as pilot:
        timeline = app.query_one(Timeline)
        (sample,) = samples(1)
        stretches = ((1, 6), (7, 9), (3, 400), (-5, 2), (8,), (2, 2))  # a journal may be of any kind
        timeline.show("a", [dataclasses.replace(sample, stretches=stretches)])
        await until(pilot, lambda: "sings" in screen_text(app))
        assert underlined(app) == "sings1["


async def test_another_run_or_an_undone_sample_starts_at_the_newest() -> None:
    app = Alone(Timeline)
    async with app.run_test(size=(60, 10)) as pilot:
        timeline = app.query_one(Timeline)
        timeline.focus()
        timeline.show("a", samples(4))
        await pilot.press("left")
        timeline.show("a", samples(2))
        assert timeline.border_title == "Samples · step 200"
        await pilot.press("left")
        timeline.show("b", samples(3))
        assert timeline.border_title == "Samples · step 300"


async def test_the_chosen_sample_stays_when_others_are_left_out() -> None:
    app = Alone(Timeline)
    async with app.run_test(size=(60, 10)) as pilot:
        timeline = app.query_one(Timeline)
        timeline.focus()
        all_of_them = samples(10)
        timeline.show("a", all_of_them)
        await pilot.press("left", "left", "left")
        timeline.show("a", [*all_of_them[::2], all_of_them[-1]])
        assert timeline.border_title == "Samples · step 700"
        assert border(timeline) == "◂ 4 of 6 ▸"
        timeline.show("a", [*all_of_them[::4], *all_of_them[-2:]])
        assert timeline.border_title == "Samples · step 900", "the next one that is left"
        await pilot.press("end")
        timeline.show("a", [*all_of_them[::4], *all_of_them[-2:]])
        assert timeline.border_title == "Samples · step 1,000"


async def test_a_sample_is_shown_as_text_and_copied_as_it_is() -> None:
    app = Alone(Timeline)
    async with app.run_test(size=(60, 10)) as pilot:
        timeline = app.query_one(Timeline)
        timeline.show("a", samples(1))
        timeline.focus()
        await pilot.pause()
        assert "The gull sings 1[red]␛" in screen_text(app)
        await pilot.press("y")
        assert app.clipboard == "The gull sings 1[red]\x1b"


async def test_a_sample_is_inspected() -> None:
    inspected: list[tuple[str, str]] = []

    class Telling(Alone):
        def on_timeline_inspected(self, message: Timeline.Inspected) -> None:
            inspected.append((message.run, message.text))

    async with Telling(Timeline).run_test(size=(80, 10)) as pilot:
        timeline = pilot.app.query_one(Timeline)
        timeline.focus()
        await pilot.press("i")
        timeline.show("run", samples(3))
        await pilot.press("left", "i")
        await pilot.pause()
        sample = samples(3)[1]
        assert inspected == [("run", sample.prompt + sample.text)]
