"""How many threads numpy's BLAS uses.

OpenBLAS starts a thread for every CPU that it may use. It heeds neither a container's quota nor what
else is running, and its threads wait for each other by yielding: on busy CPUs a small product then
takes milliseconds instead of microseconds. So it is given idle CPUs only, and few of them, since a
step of an LSTM is a small product. Predictions do not depend on the number; what a model learns while
it adapts does, in the sixth digit or so.

Every numpy model asks for the limit when it is made and again and again while it reads: CPUs become busy when a
run starts, and idle when it ends. A number that the user set is kept, and torch's threads are not touched.
"""

import contextlib
import math
import mmap
import os
import threading
import time
from collections.abc import Iterator
from functools import cache

from threadpoolctl import ThreadpoolController

from lstmterm.planning import processors

MOST_THREADS = 4
_FRESH = 3.0  # seconds that a count of the idle CPUs serves; counting takes 0.01
_ROOM = 16 << 20  # bytes, enough for a thread to begin
_CHOSEN_BY_USER = "OPENBLAS_NUM_THREADS"


class Threads:
    """The threads of this process's BLAS, which all of its models share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limit = MOST_THREADS
        self._counted = -math.inf
        self._blocks = 0  # that need a single thread now
        self._applied = 0

    def limit(self) -> None:
        """Limit numpy's BLAS to the CPUs that are idle now; takes 0.1 microseconds while a count serves."""
        if time.monotonic() - self._counted <= _FRESH:
            return
        with self._lock:
            if time.monotonic() - self._counted > _FRESH:
                self._limit = min(processors.idle(), MOST_THREADS)
                self._counted = time.monotonic()
                self._apply()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """A single BLAS thread for a block whose work may be spread over threads of its own."""
        self._enter(1)
        try:
            yield
        finally:
            self._enter(-1)

    def _enter(self, blocks: int) -> None:
        with self._lock:
            self._blocks += blocks
            self._apply()

    def _apply(self) -> None:
        threads = 1 if self._blocks else self._limit
        if threads != self._applied and _CHOSEN_BY_USER not in os.environ:
            # The first thread that sets it keeps control of OpenBLAS while it lives, so a brief one does.
            setter = threading.Thread(target=_libraries().limit, kwargs={"limits": threads})
            mmap.mmap(-1, _ROOM).close()  # raises without memory, where `start` could wait for ever
            setter.start()
            setter.join()
            self._applied = threads


_threads = Threads()
limit = _threads.limit
one_thread = _threads.one


@cache
def _libraries() -> ThreadpoolController:
    """numpy's BLAS. torch may come with a BLAS of its own, which keeps its threads."""
    found = ThreadpoolController().select(user_api="blas")
    return found.select(filepath=[one["filepath"] for one in found.info() if "/torch" not in one["filepath"]])
