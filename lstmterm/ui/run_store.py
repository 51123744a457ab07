"""What the screen knows of the runs: their rows, and the progress of those that are read."""

from collections.abc import Iterable

from lstmterm.runs.progress import Progress
from lstmterm.ui.following import JournalRead, RunRow


class RunStore:
    """Filled by the follower's messages, read by the panels."""

    def __init__(self) -> None:
        self.rows: list[RunRow] = []
        self.progress: dict[str, Progress] = {}
        self.begun: dict[str, str] = {}  # runs that were started here, and their task

    def take_rows(self, rows: Iterable[RunRow]) -> list[RunRow]:
        """Take the rows; returns those that were running and are no more."""
        before = {row.id for row in self.rows if row.status == "running"}
        self.rows = [*rows]
        known = {row.id for row in self.rows}
        for gone in self.progress.keys() - known:
            del self.progress[gone]
        return [row for row in self.rows if row.id in before and row.status != "running"]

    def take(self, read: JournalRead) -> None:
        """Take new events of a run."""
        if read.first:
            self.progress[read.run] = Progress()
        progress = self.progress.setdefault(read.run, Progress())
        for event in read.events:
            progress.take(event)

    def row(self, run: str | None) -> RunRow | None:
        """The row of a run, if it is there."""
        return next((row for row in self.rows if row.id == run), None)

    def task(self, row: RunRow) -> str:
        """What a run trains, `charlm` or `tagger`; one that only starts does not say it by itself."""
        return row.task or self.begun.get(row.id, "charlm")

    @property
    def running(self) -> list[RunRow]:
        """The runs that go on now."""
        return [row for row in self.rows if row.status == "running"]

    def share(self, row: RunRow) -> float:
        """How much of a run is done, by the freshest account."""
        progress = self.progress.get(row.id)
        return progress.share if progress is not None and progress.total else row.share
