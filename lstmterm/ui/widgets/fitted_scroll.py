"""A column of lines that are made for its width."""

from textual.containers import VerticalScroll


class FittedScroll(VerticalScroll, can_focus=False):
    """Redraws its lines when it is resized, and when its scroll bar appears or disappears, which Textual reports as no resize."""

    def on_mount(self) -> None:
        self.watch(self, "show_vertical_scrollbar", self._has_other_room, init=False)

    def on_resize(self) -> None:
        self.draw()

    def _has_other_room(self) -> None:
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw the lines for `scrollable_content_region`."""
        raise NotImplementedError
