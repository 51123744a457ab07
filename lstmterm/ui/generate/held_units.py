"""Hidden units that are held at a value while a model writes, each with a slider."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from textual import work
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from lstmterm.ui.generate.held_unit import LIMIT, HeldUnit, parsed
from lstmterm.ui.generate.unit_picker import UnitPicker
from lstmterm.ui.generate.writing_page import WritingPage
from lstmterm.ui.widgets.keys import key

STEP, LEAP = 0.1, 1.0  # by which the keys change a value
_SLIDER = 9  # columns
_ENDS = 3.0  # the values at the ends of a slider; tanh hardly changes beyond them
EMPTY = "No unit is held.\nPress a to add one, by its number or by a feature that it follows, such as quotes."


class HeldUnits(OptionList):
    """The held units of a page; left and right move the slider of the one under the cursor."""

    BORDER_TITLE = "Held units"

    BINDINGS = [
        key("a", "add", "Add", "held.add", "Add a unit to hold: its number, or the best one for a feature"),
        key("left", f"change(-{STEP})", "Less", "held.less", "Hold it at a lower value"),
        key("right", f"change({STEP})", "More", "held.more", "Hold it at a higher value"),
        key("shift+left", f"change(-{LEAP})", "Much less", "held.much_less", "One lower", show=False),
        key("shift+right", f"change({LEAP})", "Much more", "held.much_more", "One higher", show=False),
        key("space", "switch", "On/off", "held.switch", "Release the unit, or hold it again"),
        key("o", "switch_all", "All", "held.switch_all", "Release all units, or hold all again", show=False),
        key("d,delete", "remove", "Remove", "held.remove", "Remove the unit from the list"),
        key("p", "page", "Page", "held.page", "Show the units of the other page"),
        key("escape", "close", "Close", "held.close", "Hide the list; units stay held"),
    ]

    class Closed(Message):
        """The user closed the list."""

    def __init__(self, pages: Sequence[WritingPage], **options: Any) -> None:
        super().__init__(markup=False, compact=True, **options)
        self._writing = pages
        self._units: list[tuple[HeldUnit, ...]] = [() for _ in pages]
        self._page = 0
        self._pages = 1  # that are shown

    def on_mount(self) -> None:
        self._draw()

    @property
    def page(self) -> int:
        """The page whose units are listed."""
        return self._page

    @property
    def units(self) -> tuple[HeldUnit, ...]:
        """The units of that page."""
        return self._units[self._page]

    def of(self, page: int) -> tuple[HeldUnit, ...]:
        """The units of a page."""
        return self._units[page]

    def show_pages(self, number: int) -> None:
        """One page is shown, or two; the units of the last one are listed."""
        self._pages, self._page = number, number - 1
        self._draw()
        self.refresh_bindings()

    def add(self, page: int, unit: HeldUnit) -> None:
        """Hold a unit of a page; if it is in the list already, at this value."""
        others = [each for each in self._units[page] if each.name != unit.name]
        self._take(page, (*others, unit))
        self.highlighted = len(others) if page == self._page else None

    def forget(self, page: int) -> None:
        """Release the units of a page, whose model is another one, and remove them from the list."""
        if self._units[page]:
            self._take(page, ())

    def _take(self, page: int, units: tuple[HeldUnit, ...]) -> None:
        self._units[page] = units
        self._writing[page].hold(units)
        self._draw()
        self.refresh_bindings()

    def _draw(self) -> None:
        self.border_subtitle = f"page {self._page + 1}" if self._pages > 1 else ""
        at = self.highlighted
        if self.units:
            self.set_options(_shown(each) for each in self.units)
            self.highlighted = min(at or 0, len(self.units) - 1)
        else:
            self.set_options([Content.styled(EMPTY, "$foreground 60%")])
            self.highlighted = None

    # --- keys -----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("change", "switch", "switch_all", "remove"):
            return bool(self.units)
        return self._pages > 1 if action == "page" else True

    def _replace(self, unit: HeldUnit) -> None:
        """Put a changed unit in the place of the one under the cursor."""
        at = self.highlighted or 0
        self._take(self._page, (*self.units[:at], unit, *self.units[at + 1 :]))

    def action_change(self, by: float) -> None:
        unit = self.units[self.highlighted or 0]
        value = min(max(round(unit.value + by, 2), -LIMIT), LIMIT)
        self._replace(replace(unit, value=value, on=True))

    def action_switch(self) -> None:
        unit = self.units[self.highlighted or 0]
        self._replace(replace(unit, on=not unit.on))

    def action_switch_all(self) -> None:
        on = not any(each.on for each in self.units)
        self._take(self._page, tuple(replace(each, on=on) for each in self.units))

    def action_remove(self) -> None:
        at = self.highlighted or 0
        self._take(self._page, (*self.units[:at], *self.units[at + 1 :]))

    def action_page(self) -> None:
        self._page = 1 - self._page
        self._draw()
        self.refresh_bindings()

    @work
    async def action_add(self) -> None:
        page = self._page
        finder = self._writing[page].unit_finder()
        if finder is None:
            self.notify("There is no model yet, or it is still loading.", severity="warning")
            return
        chosen = await self.app.push_screen_wait(UnitPicker(finder))
        if chosen is not None:
            self.add(page, parsed(chosen))

    def action_close(self) -> None:
        self.post_message(self.Closed())


def _shown(unit: HeldUnit) -> Content:
    """A unit as a line: its name, its slider, its value, and what it follows."""
    part = (min(max(unit.value, -_ENDS), _ENDS) + _ENDS) / (2 * _ENDS)
    at = round(part * (_SLIDER - 1))
    middle = _SLIDER // 2
    low, high = sorted((at, middle))
    pieces: list[Any] = [(f"{unit.name:<6}", "bold" if unit.on else "$foreground 60%")]
    for column in range(_SLIDER):
        if column == at:
            pieces.append(("●" if unit.on else "○", "bold $accent" if unit.on else "$foreground 60%"))
        elif column == middle:
            pieces.append(("┼", "$foreground 60%"))
        else:
            inside = unit.on and low < column < high
            pieces.append(("━" if inside else "─", "$accent" if inside else "$foreground 40%"))
    value = f" {unit.value:+6.2f}" if unit.on else "    off"
    pieces += [(value, "bold" if unit.on else "$foreground 60%"), (f" {unit.about}", "$foreground 70%")]
    return Content.assemble(*pieces)
