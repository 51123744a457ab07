"""The line at the bottom: what the keys do where the focus is.

One widget draws all of it. Textual's own footer makes a widget for each key, anew whenever the focus
moves, which costs more than everything else that a change of focus does.
"""

from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from lstmterm.visible import visible

_LAST = ("help", "palette")  # on the right, and there at any width


@dataclass(frozen=True)
class Key:
    """A key and what it does."""

    identity: str
    key: str  # as textual names it
    shown: str
    told: str
    tooltip: str
    enabled: bool

    @property
    def width(self) -> int:
        """Cells, with the one before the next key."""
        return cell_len(f"{self.shown} {self.told} ")


class KeysLine(Widget):
    """Keys from left to right, the focused panel's first; a click is as good as the key."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"keys--key", "keys--told", "keys--under"}

    keys: reactive[tuple[Key, ...]] = reactive(())
    under: reactive[Key | None] = reactive(None)  # the mouse

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self._bindings_changed(self.screen)

    def _bindings_changed(self, screen: Screen[Any]) -> None:
        if self.is_attached and screen is self.screen and self.app.app_focus:
            self.call_after_refresh(self._gather)

    def _gather(self) -> None:
        """The keys that work now, each action once."""
        found: dict[str, Key] = {}
        for _, binding, enabled, tooltip in self.screen.active_bindings.values():
            identity = binding.id or ""
            if (binding.show or identity in _LAST) and binding.action not in found:
                found[binding.action] = Key(
                    identity,
                    binding.key,
                    self.app.get_key_display(binding),
                    binding.description,
                    tooltip or binding.tooltip,
                    enabled,
                )
        self.keys = tuple(found.values())

    def placed(self) -> list[tuple[int, Key]]:
        """Keys with their columns: from the left what has room, on the right help and the palette."""
        last = [key for name in _LAST for key in self.keys if key.identity == name]
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
            told = self.get_visual_style(f"keys--{'under' if key == self.under else 'told'}", partial=True)
            shown = self.get_visual_style("keys--key", partial=True)
            if not key.enabled:
                shown = told = "$foreground 40%"
            parts += [(" " * (column - end), ""), (key.shown, shown), (f" {visible(key.told)}", told)]
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
            self.app.simulate_key(key.key)
