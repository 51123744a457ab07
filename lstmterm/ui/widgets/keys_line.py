"""The line at the bottom: the keys of the focused panel.

One widget draws the whole line. Textual's footer makes new widgets for all keys whenever the focus
moves, which costs more than the rest of a change of focus.
"""

from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from lstmterm.visible import visible

_FIRST = ("train.form",)  # the way back from a panel that fills the screen
_LAST = ("help", "palette")  # on the right, at any width


@dataclass(frozen=True)
class Key:
    """A key as it is drawn, and whether its action is possible."""

    binding: Binding
    shown: str
    tooltip: str
    enabled: bool

    @property
    def width(self) -> int:
        """Columns, including the space after it."""
        return cell_len(f"{self.shown} {self.binding.description} ")


class KeysLine(Widget):
    """Keys from left to right, the focused panel's first. A click does the same as the key."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"keys--key", "keys--label", "keys--under"}

    keys: reactive[tuple[Key, ...]] = reactive(())
    under: reactive[Key | None] = reactive(None)  # the mouse

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self._bindings_changed(self.screen)

    def _bindings_changed(self, screen: Screen[Any]) -> None:
        if self.is_attached and screen is self.screen and self.app.app_focus:
            self.call_after_refresh(self._gather)

    def _gather(self) -> None:
        """Collect the keys that work now, each action once."""
        found: dict[str, Key] = {}
        for _, binding, enabled, tooltip in self.screen.active_bindings.values():
            if (binding.show or binding.id in _LAST) and binding.action not in found:
                shown = self.app.get_key_display(binding)
                found[binding.action] = Key(binding, shown, tooltip or binding.tooltip, enabled)
        self.keys = tuple(sorted(found.values(), key=lambda each: each.binding.id not in _FIRST))

    def placed(self) -> list[tuple[int, Key]]:
        """The keys that fit, each with its column; help and the palette are on the right."""
        last = [key for name in _LAST for key in self.keys if key.binding.id == name]
        right = max(self.size.width - sum(key.width for key in last), 0)
        placed: list[tuple[int, Key]] = []
        column = 1
        for key in self.keys:
            if key not in last and column + key.width <= right:
                placed.append((column, key))
                column += key.width
        for key in last:
            placed.append((right, key))
            right += key.width
        return placed

    def render(self) -> Content:
        parts: list[tuple[str, Any]] = []
        end = 0
        for column, key in self.placed():
            label = self.get_visual_style(f"keys--{'under' if key == self.under else 'label'}", partial=True)
            shown = self.get_visual_style("keys--key", partial=True)
            if not key.enabled:
                shown = label = "$foreground 40%"
            parts += [
                (" " * (column - end), ""),
                (key.shown, shown),
                (f" {visible(key.binding.description)}", label),
            ]
            end = column + key.width - 1
        return Content.assemble(*parts)

    def _key_at(self, x: int) -> Key | None:
        return next((key for column, key in self.placed() if column <= x < column + key.width - 1), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.under = self._key_at(event.x)
        self.tooltip = Content(self.under.tooltip) if self.under and self.under.tooltip else None

    def on_leave(self) -> None:
        self.under = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        key = self._key_at(event.x)
        if key is not None and key.enabled:
            self.app.simulate_key(key.binding.key)
