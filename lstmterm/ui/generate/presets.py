"""Choosing a preset of sampling settings, or a name under which the present ones are kept."""

from collections.abc import Iterator, Mapping

from textual.content import Content

from lstmterm.spec import presets
from lstmterm.ui.widgets.picker import Picker, Row
from lstmterm.visible import shorten

_LONGEST = 30  # characters of a name


class PresetPicker(Picker):
    """A list of presets; a name that is typed keeps the present settings under it.

    The result is what to do and a name: `use:sober`, `save:mine`, `delete:mine`.
    """

    PLACEHOLDER = "A preset, or a name for the current settings"

    def __init__(self, own: Mapping[str, str], now: str | None, chosen: str) -> None:
        """`now` are the options of the present settings; None if they are wrong and cannot be kept."""
        super().__init__("Choose sampling settings", f"use:{chosen}")
        self._own, self._now = own, now

    def rows(self, typed: str) -> Iterator[Row]:
        name = typed.strip()
        known = {presets.DEFAULT: "", **presets.every(self._own)}
        for each, options in known.items():
            if name.lower() in each.lower():
                yield Row(f"use:{each}", _line(each, options or "all settings at their defaults"))
        if name and name != presets.DEFAULT and len(name) <= _LONGEST and self._now:
            verb = "Replace" if name in self._own else "Save as"
            yield Row(f"save:{name}", _line(f"{verb} {name}", self._now))
        if name in self._own:
            yield Row(f"delete:{name}", _line(f"Delete {name}", ""))


def _line(name: str, options: str) -> Content:
    return Content.assemble(
        (f"{shorten(name, _LONGEST + 8):<22} ", "bold"), (shorten(options, 80), "$foreground 60%")
    )
