"""Signals that ask a run to save and stop.

The first SIGINT, SIGTERM or SIGHUP is remembered; the training loop checks for it between steps. A
second SIGINT does what it did before: it ends the process at once (`ending.py`), and the last saved
state stays intact. A signal that was ignored when the process started (`nohup`) stays ignored.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from lstmterm.ending import SIGNALS


class StopSignals:
    """Catches signals while it is used as a context; only in the main thread, as Python allows."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "StopSignals":
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._catch)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _catch(self, number: int, frame: FrameType | None) -> None:
        again = self.received is not None
        self.received = signal.Signals(number)
        if again and number == signal.SIGINT and callable(end := self._before[self.received]):
            end(number, frame)

    @property
    def reason(self) -> str | None:
        """The name of the signal that was caught, if any."""
        return self.received.name if self.received else None

    @property
    def exit_code(self) -> int:
        """128 plus the signal's number; 0 if none was caught."""
        return 128 + self.received if self.received else 0


@contextlib.contextmanager
def interrupt_calls(act: Callable[[], object]) -> Iterator[None]:
    """Within this context SIGINT calls `act`, and the program continues."""
    before = signal.signal(signal.SIGINT, lambda *_: act())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
