"""Notices in the corner of the screen: one that is shown already is not shown again."""

from time import monotonic
from typing import Any

from textual.app import App


class NoticesOnce(App[None]):
    """An application in which a key that is held down repeats no notice."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._ends: dict[tuple[str, ...], float] = {}  # when each notice that is shown will be gone

    def notify(
        self, message: str, *, title: str = "", severity: Any = "information", timeout: float | None = None,
        markup: bool = True,
    ) -> None:  # fmt: skip
        """Show a notice, unless the same one is still shown."""
        now, notice = monotonic(), (message, title, severity)
        self._ends = {shown: end for shown, end in self._ends.items() if end > now}
        if notice not in self._ends:
            self._ends[notice] = now + (self.NOTIFICATION_TIMEOUT if timeout is None else timeout)
            super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)
