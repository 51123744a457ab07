"""What takes too long to be computed before a run starts: all baselines of its text, and the index of copies.

For a short text it is done at once. For a longer one a process of its own does it beside the run, at a low
priority, and leaves the results in the cache: the run's first step does not wait for it, its memory is not
the run's, and nothing in the training depends on it.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lstmterm import priority
from lstmterm.corpora import baselines, cache
from lstmterm.corpora.baselines import Baselines
from lstmterm.corpora.copied import CopyIndex
from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.splits import Split

_AT_ONCE = 200_000  # characters of a training part for which it takes about 0.2 seconds
_NICE = 10
_POLL = 0.05  # seconds
_PATIENCE = 30.0  # seconds that the end of a run waits at most


class Aside:
    """The baselines and the index of a text's split: at once, or soon."""

    def __init__(self, corpus: Corpus, split: Split) -> None:
        self._corpus, self._split = corpus, split
        self._process: subprocess.Popen[bytes] | None = None
        if split.train[1] - split.train[0] <= _AT_ONCE:
            _compute(corpus, split)
        elif not self._is_kept():
            self._process = _started(corpus, split)

    @property
    def baselines(self) -> Baselines | None:
        """All baselines, None while they are unknown."""
        found = baselines.known(self._corpus, self._split) if self._is_done() else None
        return found if found and found.compressed else None

    @property
    def copies(self) -> CopyIndex | None:
        """The index of the training part; None while there is none, or where it is too long for one."""
        return CopyIndex.kept(self._corpus, self._split.train) if self._is_done() else None

    def wait(self, check: Callable[[], None]) -> None:
        """Wait for the process. `check` is called meanwhile; what it raises ends the waiting."""
        until = time.monotonic() + _PATIENCE
        while not self._is_done() and time.monotonic() < until:
            check()
            time.sleep(_POLL)

    def close(self) -> None:
        """End the process if it still runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _is_done(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _is_kept(self) -> bool:
        found = baselines.known(self._corpus, self._split)
        if found is None or not found.compressed:
            return False
        return (
            CopyIndex.is_long(self._split.train)
            or CopyIndex.kept(self._corpus, self._split.train) is not None
        )


def _compute(corpus: Corpus, split: Split) -> None:
    with contextlib.suppress(OSError):  # the disk is full: then there are none
        baselines.of_all(corpus, split)
        CopyIndex.unasked(corpus, split.train)


def _started(corpus: Corpus, split: Split) -> subprocess.Popen[bytes] | None:
    """The process; None if it cannot be started."""
    key = Path(corpus.ids.filename or "").stem
    command = [sys.executable, "-P", "-m", __name__, key, *map(str, (*split.train, *split.val))]
    with contextlib.suppress(OSError):
        null = subprocess.DEVNULL
        return subprocess.Popen(command, stdin=null, stdout=null, stderr=null)
    return None


def main(key: str, *spans: str) -> None:
    """Compute them for the text that the cache has under this key."""
    priority.lower(_NICE)
    encoded = cache.load(key)
    if encoded is not None:
        first, last, start, stop = map(int, spans)
        facts = encoded.facts
        corpus = Corpus(key, key, encoded.ids, facts.vocabulary, "", encoded.digest, facts.encoding, ())
        _compute(corpus, Split((first, last), (start, stop), (stop, len(corpus))))


if __name__ == "__main__":
    main(*sys.argv[1:])
