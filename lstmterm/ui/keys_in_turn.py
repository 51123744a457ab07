"""Keys act one after another: each one is done before the next one is looked at."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widgets import Input, TextArea

_ROUNDS = 2  # of a key, which passes through all widgets around the focused one, and of what these post because of it
_PATIENCE = 1.0  # seconds for a widget that is busy


class KeysInTurn(App[None]):
    """An application in which a key that moves the focus, opens a tab or quits comes before those typed after it.

    Textual gives a key to the widget that has the focus when it arrives. A key with a binding passes from there through
    every widget around it before it acts. When several come at once, as from a slow connection or on a busy machine,
    those behind it would meanwhile go to where the focus was.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._keys_to_come: deque[events.Key | events.Paste] = deque()
        self._takes_keys = False

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            return await super().on_event(event)
        self._keys_to_come.append(event)
        if not self._takes_keys:
            self._takes_keys = True
            self.run_worker(self._take_keys(), group="keys")

    async def _take_keys(self) -> None:
        try:
            while self._keys_to_come:
                await self._take(self._keys_to_come.popleft())
        finally:
            self._takes_keys = False

    async def _take(self, event: events.Key | events.Paste) -> None:
        screen, start = self.screen, self.focused or self.screen
        if isinstance(start, Input | TextArea) and (isinstance(event, events.Paste) or event.is_printable):
            return await super().on_event(event)  # the field takes what is typed in its order
        await _handled([start])
        around = [node for node in start.ancestors_with_self if isinstance(node, MessagePump)]
        await super().on_event(event)
        await _handled(_ROUNDS * around)
        if self.is_running and self.screen is not screen:
            await self._focused_in(self.screen)

    async def _focused_in(self, screen: Screen[Any]) -> None:
        """Wait until a screen that was just opened or returned to has given the focus to a widget."""
        by = monotonic() + _PATIENCE
        while screen.is_current and screen.focused is None and screen.focus_chain and monotonic() < by:
            await asyncio.sleep(0.005)


async def _handled(nodes: Sequence[MessagePump]) -> None:
    """Wait until these nodes, one after another, have handled the messages that they had got."""
    done = asyncio.Event()

    def ask(remaining: Sequence[MessagePump]) -> None:
        for at, node in enumerate(remaining, 1):
            if node.call_later(ask, remaining[at:]):
                return
        done.set()

    ask(nodes)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), _PATIENCE)
