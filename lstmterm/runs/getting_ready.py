"""A run that gets ready: its process reads and measures, and a request to stop the run ends the process at once.

Once the run trains, the training looks for such requests itself, and saves first.
"""

import contextlib
import threading
from collections.abc import Iterator

from lstmterm import ending
from lstmterm.runs import storage
from lstmterm.runs.folder import Run

LOOK_EVERY = 0.1  # seconds
NOTHING_KEPT = "Stopped before it trained, so nothing of it is kept."
UNCHANGED = "Stopped before it trained again, so it is as it was."
INTERRUPTED = "Interrupted before training began, so nothing is kept."
INTERRUPTED_AGAIN = "Interrupted before training began again, so the run is as it was."


@contextlib.contextmanager
def stoppable(run: Run | None) -> Iterator[None]:
    """Within this context a request to stop the run ends this process, with exit code 0.

    The process is the one that will train it, and does not write to it in the context. A new run is deleted, and one
    that is resumed stays as it was. Without a run this does nothing.
    """
    if run is None:
        yield
        return
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(run, over), daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()  # what ends the process is not overtaken by what writes to the run


def _watch(run: Run, over: threading.Event) -> None:
    """End the process when the run is asked to stop."""
    while not over.wait(LOOK_EVERY):
        if run.stop_requested():
            is_new = not run.has_spec()
            if is_new:
                storage.discard(run)
            else:
                run.stop_untrained()
            ending.leave(f"{ending.PROGRAM}: {NOTHING_KEPT if is_new else UNCHANGED}", 0)
