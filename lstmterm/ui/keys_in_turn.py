"""Keys act one after another: each one is done before the next one is looked at."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

_ROUNDS = 4  # through all widgets around the focused one: of a key, and of what is posted because of it, one by another
_PATIENCE = 1.0  # seconds for a widget that is busy


class KeysInTurn(App[None]):
    """An application in which a key that moves the focus, opens a tab or quits comes before those typed after it.

    Textual gives a key to the widget that has the focus when it arrives. A key with a binding passes from there through
    every widget around it before it acts. When several come at once, as from a slow connection or on a busy machine,
    the later ones would otherwise go to the widget that had the focus before.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._keys_to_come: deque[events.Key | events.Paste] = deque()
        self._takes_keys = False  # whether a key acts, or others are to come
        self._typed_into: Widget | None = None  # the field that may still have to take letters

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            return await super().on_event(event)
        if self._takes_keys:
            return self._keys_to_come.append(event)
        self._takes_keys = True
        screen, around = self.screen, []
        if self._typed_into is None or self._is_typed(event):
            around = await self._give(event)
        else:
            self._keys_to_come.append(event)
        if around or self._keys_to_come:
            self.run_worker(partial(self._take_keys, screen, around), group="keys")
        else:
            self._takes_keys = False

    def _is_typed(self, event: events.Key | events.Paste) -> bool:
        """Whether the focused field takes a key as text: in its order, so that nothing has to wait for it."""
        typed = isinstance(event, events.Paste) or event.is_printable
        return typed and isinstance(self.focused, Input | TextArea)

    async def _give(self, event: events.Key | events.Paste) -> Sequence[MessagePump]:
        """Give a key to the focused widget; returns the widgets around it, through which it passes."""
        start = self.focused or self.screen
        around = [node for node in start.ancestors_with_self if isinstance(node, MessagePump)]
        if self._is_typed(event):
            self._typed_into, around = self.focused, []
        await super().on_event(event)
        return around

    async def _take_keys(self, screen: Screen[Any], around: Sequence[MessagePump]) -> None:
        """Wait until a key has acted in a screen, then take the keys to come."""
        try:
            await self._acted(screen, around)
            while self._keys_to_come:
                event = self._keys_to_come.popleft()
                if self._typed_into is not None and not self._is_typed(event):
                    field, self._typed_into = self._typed_into, None
                    await _handled([field])
                screen = self.screen
                await self._acted(screen, await self._give(event))
        finally:
            self._takes_keys = False

    async def _acted(self, screen: Screen[Any], around: Sequence[MessagePump]) -> None:
        """Wait until a key has passed through the widgets around the focused one, and its screen, if it opened one, is ready."""
        if not around:
            return
        await _handled(_ROUNDS * [*around])
        if self.is_running and self.screen is not screen:
            await self._focused_in(self.screen)

    async def _focused_in(self, screen: Screen[Any]) -> None:
        """Wait until a screen that was just opened or returned to has given the focus to a widget."""
        by = monotonic() + _PATIENCE
        while screen.is_current and screen.focused is None and monotonic() < by:
            if screen.is_mounted and not screen.focus_chain:
                return
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
