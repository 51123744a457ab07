"""How a signal ends the process: at once, with one sentence, and with the terminal as it was.

Python turns Ctrl-C into an exception that is raised wherever the program is. In the middle of an import,
or in the code of another library, it leaves half-made modules behind, or is lost. Here the process ends
in the signal handler itself. This loses nothing: files are written completely or not at all, and a
command with something to save handles the signals itself (`cli/signals.py`).

This module is imported first of all, so it imports little.
"""

import _thread
import atexit
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PROGRAM = "lstmterm"
_ATTENTION = 0.2  # seconds for the main thread to handle a signal
_PATIENCE = 2.0  # seconds for a terminal that takes no output

Act = Callable[[], bytes]  # returns what restores the terminal

_acts: list[Act] = []
_interrupted = [(f"{PROGRAM}: Interrupted.", 128 + signal.SIGINT)]  # what SIGINT says, and the exit code
_process = 0
_ends = False
_held = 0  # contexts of `later`
_waiting = 0  # the signal that waits for their end


def end_on_signals() -> None:
    """Let SIGINT, SIGTERM and SIGHUP end this process from now on, with exit code 128 plus the signal.

    A signal that was ignored when the process started (`nohup`) stays ignored. When the process ends by
    itself its work is done, and from then on it ignores signals: its exit code counts.
    """
    global _process  # noqa: PLW0603 - one for each process
    _process = os.getpid()
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)
    received, sent = os.pipe()
    os.set_blocking(sent, False)
    signal.set_wakeup_fd(sent, warn_on_full_buffer=False)
    with contextlib.suppress(RuntimeError):  # memory is at its end: the main thread alone handles signals
        _thread.start_new_thread(_watch, (received,))  # which does not wait until it begins, perhaps for ever
    atexit.register(_ignore)  # as the first, so it is called last


def _ignore() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _watch(received: int) -> None:
    """End the process where its main thread does not: it may be in a system call, or in a long computation."""
    while True:
        number = os.read(received, 1)[0]
        if signal.getsignal(number) is end:
            time.sleep(_ATTENTION)
            if not _ends:
                _thread.start_new_thread(end, (number,))
            time.sleep(_PATIENCE)
            os._exit(128 + number)


@contextlib.contextmanager
def first(act: Act) -> Iterator[None]:
    """Within this context a signal calls `act` before it ends the process.

    What `act` returns is written to the terminal after everything else. It runs in the signal handler,
    so it must not wait for a lock.
    """
    _acts.append(act)
    try:
        yield
    finally:
        _acts.remove(act)


class later:  # noqa: N801 - used as a function
    """Within this context, which must be short, a signal waits: it ends the process when the context ends.

    So an act of `first` finds what the context changes as it was before, or as it is after.
    """

    def __enter__(self) -> None:
        global _held  # noqa: PLW0603 - one for each process
        _held += 1

    def __exit__(self, *error: object) -> None:
        global _held  # noqa: PLW0603
        _held -= 1
        if _waiting and not _held:
            end(_waiting)


@contextlib.contextmanager
def interrupt_means(sentence: str, code: int) -> Iterator[None]:
    """Within this context SIGINT ends the process with this sentence and exit code."""
    _interrupted.append((sentence, code))
    try:
        yield
    finally:
        _interrupted.pop()


def end(number: int, _frame: FrameType | None = None) -> None:
    """End the process because of this signal."""
    global _waiting  # noqa: PLW0603 - one for each process
    if _held:
        _waiting = number
        return
    name = signal.Signals(number).name
    leave(*(_interrupted[-1] if name == "SIGINT" else (f"{PROGRAM}: Ended by {name}.", 128 + number)))


def leave(sentence: str, code: int) -> None:
    """End the process as a signal does, also from a thread, with this sentence and exit code."""
    global _ends  # noqa: PLW0603 - one for each process
    if _ends:
        return
    _ends = True
    if os.getpid() == _process:  # not a fork of it
        with contextlib.suppress(OSError):  # the terminal is gone
            _leave(sentence)
    os._exit(code)


def _leave(sentence: str) -> None:
    """Call the acts, restore the terminal and print why the process ends."""
    restored = b""
    for act in reversed(_acts):
        with contextlib.suppress(Exception):
            restored += act()
    terminal = os.dup(2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # for what other threads still write
    if not restored and os.isatty(terminal):
        restored = b"\n"  # ends the line in which the terminal shows ^C
    if os.environ.get("RANK", "0") == "0":  # of the processes that torchrun started, one prints
        restored += sentence.encode("utf-8", "replace") + b"\n"
    os.write(terminal, restored)
