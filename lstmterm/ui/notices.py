"""Notices in the corner of the screen: one that is shown already is not shown again, and one about a tab goes with it."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from textual.app import App


@dataclass(frozen=True)
class _Notice:
    message: str
    title: str
    severity: Any
    markup: bool
    stays: bool  # whether it concerns more than the tab that is shown


class NoticesOnce(App[None]):
    """An application in which a key that is held down repeats no notice."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._ends: dict[_Notice, float] = {}  # when each notice that is shown will be gone

    def notify(
        self, message: str, *, title: str = "", severity: Any = "information", timeout: float | None = None,
        markup: bool = True,
    ) -> None:  # fmt: skip
        """Show a notice, unless the same one is still shown.

        Errors, and what is shown for longer than usual, stay when the user goes to another tab.
        """
        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        stays = severity == "error" or seconds > self.NOTIFICATION_TIMEOUT
        self._show(_Notice(message, title, severity, markup, stays), seconds)

    def _show(self, notice: _Notice, seconds: float) -> None:
        now = monotonic()
        self._ends = {shown: end for shown, end in self._ends.items() if end > now}
        if notice not in self._ends:
            self._ends[notice] = now + seconds
            super().notify(
                notice.message,
                title=notice.title,
                severity=notice.severity,
                timeout=seconds,
                markup=notice.markup,
            )

    def leave_notices(self) -> None:
        """Remove the notices about the tab that the user leaves."""
        now, shown = monotonic(), self._ends
        if all(notice.stays for notice in shown):
            return
        self.clear_notifications()
        self._ends = {}
        for notice, end in shown.items():
            if notice.stays and end > now:
                self._show(notice, end - now)
