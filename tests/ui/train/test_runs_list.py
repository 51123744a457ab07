"""The list of runs by itself."""

from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.message import Message

from lstmterm.runs.folder import Status
from lstmterm.runs.summary import Summary
from lstmterm.ui.train.runs_list import RunsList
from tests.ui.conftest import screen_text
from tests.ui.journals import NOW


class Alone(App[None]):
    """An application with nothing but the list."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield RunsList()

    def on_runs_list_chosen(self, message: RunsList.Chosen) -> None:
        self.heard.append(message)

    def on_runs_list_wanted(self, message: RunsList.Wanted) -> None:
        self.heard.append(message)


def row(name: str, status: Status = "finished", **figures: Any) -> Summary:
    known: dict[str, Any] = {
        "task": "charlm", "corpus": "harbour", "step": 50, "steps": 200, "best_step": 40, "val_loss": 1.5,
        "chars_per_second": 1e5, "changed": NOW - 7200,
    }  # fmt: skip
    return Summary(id=f"20250101-000000-{name}", name=name, status=status, **(known | figures))


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (row("a", "running"), "● a 25%"),
        (row("a", "running", step=0), "● a starting"),
        (row("a", "finished"), "✓ a 1.500 · 2 h ago"),
        (row("a", "finished", val_loss=None), "✓ a 2 h ago"),
        (row("harbour-hidden16-dropout0_3-s1", "finished"), "✓ harbour-hidden16-dropout0_3-s1 1.500"),
        (row("harbour-hidden1024-dropout0_3-s1", "finished"), "✓ harbour-hi…n1024-dropout0_3-s1 1.500"),
        (row("a", "finished", val_loss=2.6758e24), "✓ a 2.68e+24 · 2 h ago"),
        (row("a", "stopped"), "■ a stopped 25%"),
        (row("a", "failed"), "✗ a failed 25%"),
        (row("a", "interrupted"), "◌ a interrupted 25%"),
        (row("a", "stopped", is_read=False), "■ a reading…"),
        (row("evil[red]\x1b", "stopped"), "■ evil[red]␛ stopped 25%"),
    ],
)
async def test_each_status_has_a_symbol_and_a_word(summary: Summary, expected: str) -> None:
    app = Alone()
    async with app.run_test(size=(40, 5)) as pilot:
        app.query_one(RunsList).show([summary], NOW, None, frozenset(), bits=False)
        await pilot.pause()
        assert expected in " ".join(screen_text(app).split())


async def test_losses_are_in_bits_where_the_chart_is() -> None:
    app = Alone()
    async with app.run_test(size=(40, 5)) as pilot:
        app.query_one(RunsList).show([row("a")], NOW, None, frozenset(), bits=True)
        await pilot.pause()
        assert "2.164" in screen_text(app)


async def test_the_cursor_stays_on_its_run_when_others_appear_or_vanish() -> None:
    app = Alone()
    async with app.run_test(size=(40, 8)) as pilot:
        runs = app.query_one(RunsList)
        a, b, c = (row(name) for name in "abc")
        runs.show([b, a], NOW, b.id, frozenset(), bits=False)
        runs.highlighted = 1
        runs.show([c, b, a], NOW, b.id, frozenset(), bits=False)
        assert runs.highlighted_run == a.id
        runs.show([c, b], NOW, b.id, frozenset(), bits=False)
        assert runs.highlighted_run == b.id, "its run is gone: the chosen one"
        runs.show([], NOW, None, frozenset(), bits=False)
        assert runs.highlighted_run is None
        await pilot.pause()


async def test_keys_ask_for_what_they_say() -> None:
    app = Alone()
    async with app.run_test(size=(40, 5)) as pilot:
        runs = app.query_one(RunsList)
        runs.show([row("a")], NOW, None, frozenset(), bits=False)
        runs.focus()
        runs.highlighted = 0
        await pilot.press("enter", "space", "g", "delete")
        await pilot.pause()
        chosen, *wanted = app.heard
        assert isinstance(chosen, RunsList.Chosen)
        assert [m.what for m in wanted if isinstance(m, RunsList.Wanted)] == ["compare", "log", "remove"]
