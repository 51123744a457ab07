"""Signals that ask a run to save and leave.

The first SIGINT, SIGTERM or SIGHUP is remembered, and the training loop asks for it between steps.
A second SIGINT raises `KeyboardInterrupt` at once; what was saved last stays intact. A signal that
was ignored when the process began (`nohup`) stays ignored.
"""

import signal
import threading
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """Listens while it is used as a context (in the main thread; elsewhere it hears nothing)."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "StopSignals":
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        again = self.received is not None
        self.received = signal.Signals(number)
        if again and number == signal.SIGINT:
            raise KeyboardInterrupt

    @property
    def reason(self) -> str | None:
        """Why to stop, if a signal asked for it."""
        return self.received.name if self.received else None

    @property
    def exit_code(self) -> int:
        """128 and the signal's number; 0 when none was heard."""
        return 128 + self.received if self.received else 0
