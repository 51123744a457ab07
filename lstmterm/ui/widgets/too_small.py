"""What is shown instead of the screen where the terminal is too small for it."""

from textual.content import Content
from textual.widget import Widget

COLUMNS, LINES = 40, 10  # the smallest terminal that the screen is made for
ONE_PANEL = 70  # columns below which one panel is shown at a time
LOW = 20  # lines below which dialogs leave out what can be done without

# Textual gives a screen the class of the largest number that it reaches.
BY_COLUMNS: list[tuple[int, str]] | None = [
    (0, "-too-small"),
    (COLUMNS, "-one-panel"),
    (ONE_PANEL, "-beside"),
]
BY_LINES: list[tuple[int, str]] | None = [(0, "-too-low"), (LINES, "-low"), (LOW, "-high")]


class TooSmall(Widget):
    """Covers the screen in a terminal below the smallest size, and says what is needed."""

    def render(self) -> Content:
        size = self.app.size
        return Content(
            f"lstmterm needs {COLUMNS}x{LINES}; this terminal is {size.width}x{size.height}. Enlarge it, or quit: ^q."
        )
