"""A widget or a dialog in an application of its own."""

from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from tests.ui.conftest import until


class Alone(App[None]):
    """An application with nothing but one widget."""

    def __init__(self, make: Callable[[], Widget]) -> None:
        super().__init__()
        self._make = make

    def compose(self) -> ComposeResult:
        yield self._make()


class OpensNothing:
    """For an application of its own that is the `Opener` of its services."""

    async def open_model(self, name: str) -> None: ...

    async def inspect_model(self, name: str, text: str = "") -> None: ...

    async def open_run(self, run: str) -> None: ...

    async def open_text(self, corpus: str) -> None: ...

    async def start_from(self, model: str) -> None: ...

    async def open_draft(self, name: str, stretch: int | None = None) -> None: ...

    def rename_draft(self, name: str, new: str) -> None: ...

    def remove_draft(self, name: str) -> None: ...


async def result_of(dialog: Screen[Any], *keys: str, quickly: bool = False) -> Any:
    """What a dialog returns once these keys were pressed, one after another or all at once."""
    results: list[Any] = []

    class Asking(App[None]):
        def on_mount(self) -> None:
            self.push_screen(dialog, results.append)

    async with Asking().run_test(size=(80, 24)) as pilot:
        # On a busy machine a pause may end before a dialog is there, and the key would be lost.
        await until(pilot, lambda: pilot.app.screen is dialog and dialog.focused is not None)
        await pilot.pause()
        if quickly:
            for key in keys:
                pilot.app.simulate_key(key)
        else:
            await pilot.press(*keys)
        await until(pilot, lambda: results)
    assert len(results) == 1
    return results[0]
