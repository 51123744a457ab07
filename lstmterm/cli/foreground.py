"""A run in the foreground: signals, progress, exit codes."""

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lstmterm import priority
from lstmterm.cli import progress
from lstmterm.cli.notes import command, interrupt_says, note, say
from lstmterm.cli.reporting import reporter, show
from lstmterm.cli.signals import StopSignals
from lstmterm.planning import torchrun
from lstmterm.runs.events import Event, Failed, Finished, Stopped
from lstmterm.runs.folder import Run
from lstmterm.runs.summary import latest
from lstmterm.runs.verdict import beaten, not_learned

if TYPE_CHECKING:
    from lstmterm.nn.ranks import Ranks


class Foreground(contextlib.ExitStack):
    """What a training command shows and hears while it runs; use it as a context.

    Signals stop the run once it is shown, and end the process before that.
    """

    def __init__(self, as_json: bool, quiet: bool, nice: int) -> None:
        super().__init__()
        if nice:
            priority.lower(nice)
        self.signals = StopSignals()
        self.as_json = as_json
        self.quiet = quiet or not torchrun.is_first()
        self.output_closed = False
        self.reading = self.enter_context(progress.reading(as_json or self.quiet))

    def should_stop(self) -> str | None:
        """The reason to stop: a signal, or a closed output."""
        return self.signals.reason or ("output closed" if self.output_closed else None)

    def close_output(self) -> None:
        """Stop, because the output was closed."""
        self.output_closed = True

    def show(self, run: Run, events: Iterable[Event]) -> int:
        """Show a run's events and the next command; returns the exit code."""
        self.close()  # the data has been read
        resume = f"Resume it: {command('resume', run.id)}"
        at_once = f"lstmterm: Interrupted before the latest steps were saved. {resume}"
        with self.signals, interrupt_says(at_once):
            last = show(events, reporter(self.as_json, self.quiet), self.close_output)
        match last:
            case Finished() as done:
                if not (self.as_json or self.quiet):
                    use = "tag" if run.spec.get("task") == "tagger" else "generate"
                    progress = latest(run)
                    wrong = not_learned(progress)
                    note(
                        wrong
                        or f"{beaten(progress, done.val_loss)} Try it: {command(use, done.model)}".lstrip()
                    )
                return 0
            case Stopped():
                if not (self.as_json or self.quiet or self.output_closed):
                    note(resume)
                return self.signals.exit_code
            case Failed():
                return 1
            case _:
                return 0

    def follow(self, ranks: "Ranks") -> int:
        """Train along with the first rank, which shows the run; returns the exit code."""
        from lstmterm.nn.char_recipe import follow

        last: Event | None = None
        with self.signals:
            for event in follow(ranks, self.should_stop):
                last = event
        if isinstance(last, Failed):
            if ranks.reports:
                say(f"lstmterm: {last.message}")
            return 1
        return self.signals.exit_code if isinstance(last, Stopped) else 0
