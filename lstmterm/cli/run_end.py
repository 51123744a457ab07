"""What happens when a run ends in this process: the bell, a notification, and the user's command."""

import sys
from types import TracebackType
from typing import Self

from lstmterm import paths, settings
from lstmterm.cli.notes import note
from lstmterm.cli.output import VisibleStream
from lstmterm.runs import notification, on_end
from lstmterm.runs.folder import Run
from lstmterm.runs.summary import summarize

_STDERR = 2


class RunEnd:
    """A context around a run's training; it acts after the run ended, however it did, if the run made progress.

    `command` is that of `--on-end`; None takes the one of the settings, and an empty one runs nothing. Raises
    `InputError` at once for a command that cannot be run.
    """

    def __init__(self, command: str | None) -> None:
        self._settings = settings.load()
        self._words = on_end.words(self._settings.on_end if command is None else command)
        self._run: Run | None = None
        self._before = 0

    def watch(self, run: Run) -> None:
        """Act at the end of this run."""
        self._run, self._before = run, paths.size(run.journal)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        run = self._run
        if run is not None and paths.size(run.journal) > self._before:
            self._announce(run)
            self._start(run)

    def _announce(self, run: Run) -> None:
        """Write to the terminal, past the filter that makes control characters visible."""
        if not sys.stderr.isatty():
            return
        summary = summarize(run, run.outcome())
        said = notification.announcement(
            summary.name,
            on_end.sentence(summary),
            bell=self._settings.bell,
            notify=self._settings.notify,
        )
        stream = sys.stderr.unfiltered if isinstance(sys.stderr, VisibleStream) else sys.stderr
        stream.write(said)
        stream.flush()

    def _start(self, run: Run) -> None:
        """Run the user's command, and wait for it."""
        if not self._words:
            return
        sys.stdout.flush()
        try:
            code = on_end.start(self._words, run, output=_STDERR).wait()
        except OSError as error:
            note(f"The command for the end of a run could not be started: {error.strerror}.")
            return
        if code:
            note(f"The command for the end of a run ended with exit code {code}.")
