"""Everything of Textual that is not public and that these tests use, in one place.

- `Stylesheet._parse_rules`, `textual._wait`, `Pilot._wait_for_screen` and the hash of `RuleSet`: without them the
  tests of the screen take more than twice as long.
- `App._notifications`, `App._filters`, `Screen._compositor`: what is on the screen, as text and colours.
- `Screen._layout_required`, `_scroll_required`, `_callbacks`: what happens in the next frames.
- `Worker._thread_worker`: a dialog that waits for its answer is a worker, too, and never finishes.
- `Widget._bindings`: the keys of a widget as they are, with those of the settings.
- `textual._doc.take_svg_screenshot`: how the snapshot plugin takes its picture of an application.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from textual import _wait
from textual.app import App
from textual.binding import Binding
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

_LOOK = 0.004  # seconds over which the process is watched for being idle


@contextmanager
def style_sheets_parsed_once() -> Iterator[None]:
    """Parse the style sheets once for all applications.

    The key is everything that the rules depend on, including the theme's variables.
    """
    parse, known = Stylesheet._parse_rules, {}

    def parse_once(self: Stylesheet, *arguments: Any, **options: Any) -> list[RuleSet]:
        key = (*arguments, *options.items(), *self._variables.items())
        if key not in known:
            known[key] = parse(self, *arguments, **options)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        patch.setattr(RuleSet, "__hash__", object.__hash__)  # the same, without a call of Python
        yield


@contextmanager
def short_waits() -> Iterator[None]:
    """Notice within 4 ms instead of 20 that the screen is idle.

    While a model writes in a thread, which is never idle, wait for 0.05 s instead of 1 s.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_wait, "SLEEP_GRANULARITY", _LOOK)
        patch.setattr(_wait, "SLEEP_IDLE", _LOOK / 10)
        patch.setattr(_wait.wait_for_idle, "__defaults__", (_LOOK, 0.05))
        yield


@contextmanager
def waits_for_what_is_busy() -> Iterator[None]:
    """Wait for the widgets that have something to do, instead of waking all of them."""

    async def wait(self: Pilot[Any], timeout: float = 30.0) -> bool:
        app = self.app
        done = [
            event
            for pump in [app, *app.screen.walk_children(with_self=True)]
            if not _is_asleep(pump) and pump.call_later((event := asyncio.Event()).set)
        ]
        if not done:
            return True
        failed = asyncio.create_task(app._exception_event.wait())
        all_done = asyncio.gather(*(event.wait() for event in done))
        ended, pending = await asyncio.wait(
            [all_done, failed], timeout=timeout, return_when=asyncio.FIRST_COMPLETED
        )
        for each in pending:
            each.cancel()
        assert ended, "Widgets did not finish what they had to do."
        return all_done in ended

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pilot, "_wait_for_screen", wait)
        yield


def _is_asleep(pump: MessagePump) -> bool:
    """Whether a widget waits for a message, and none is there."""
    ready = pump._message_queue.ready_event
    return bool(ready._waiters) and not ready.is_set()


def thread_is_running(app: App[Any]) -> bool:
    """Whether a worker thread of the application is running."""
    return any(worker._thread_worker and worker.is_running for worker in app.workers)


def is_laid_out(app: App[Any]) -> bool:
    """Whether the screen has its final layout, and everything that waited for it was done."""
    screen = app.screen
    return not (screen._layout_required or screen._scroll_required or screen._callbacks)


def strips(app: App[Any]) -> list[Strip]:
    """The lines of the screen."""
    return app.screen._compositor.render_strips()


def filtered_strips(app: App[Any]) -> list[Strip]:
    """The lines of the screen after the application's colour filters (`NO_COLOR`)."""
    lines = strips(app)
    for each in app._filters:
        lines = [strip.apply_filter(each, app.background_colors[0]) for strip in lines]
    return lines


def notices(app: App[Any]) -> list[str]:
    """The messages in the corner."""
    return [note.message for note in app._notifications]


def own_keys(widget: Widget) -> list[Binding]:
    """The bindings of a widget itself, of none that it is in."""
    return [binding for _, binding in widget._bindings]


def compare_picture(patch: pytest.MonkeyPatch, picture: str) -> None:
    """Let the snapshot plugin compare this SVG instead of taking one."""
    patch.setattr("textual._doc.take_svg_screenshot", lambda **_: picture)
