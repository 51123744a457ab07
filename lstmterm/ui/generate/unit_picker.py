"""Choosing a hidden unit to hold: by its number, or by a feature that it follows."""

from collections.abc import Iterator

from textual.content import Content

from lstmterm.errors import InputError
from lstmterm.infer.features import NAMES
from lstmterm.ui.generate.held_unit import parsed
from lstmterm.ui.generate.unit_finder import UnitFinder
from lstmterm.ui.widgets.picker import Picker, Row
from lstmterm.visible import shorten

_BY_NUMBER = "Enter holds this unit."
_NO_FEATURE = "No unit follows this feature here; type a unit, such as 0:12."
_LOOK = 0.1  # seconds between two looks at what the finder does


class UnitPicker(Picker):
    """A unit such as 1:37, 1:37=-2, or one of a list of features; the result is as typed, with the feature after it."""

    PLACEHOLDER = "A unit such as 0:12 or 0:12=1.5, or a feature"

    def __init__(self, finder: UnitFinder) -> None:
        super().__init__("Hold which hidden unit?")
        self._finder = finder
        self._known = finder.found is not None

    def start(self) -> None:
        super().start()
        self._look()
        self.set_interval(_LOOK, self._look)

    def _look(self) -> None:
        """Show how far the finder is, and what it found."""
        self.say(shorten(self._finder.state, 52))
        if not self._known and self._finder.found is not None:
            self._known = True
            self.show()

    def rows(self, typed: str) -> Iterator[Row]:
        """The features that match what is typed; where none does, what can be done."""
        rows = [*self._features(typed.strip().lower())]
        advice = _BY_NUMBER if _is_unit(typed) else _NO_FEATURE
        yield from rows or [Row("", Content.styled(advice, "$foreground 70%"), action="none")]

    def _features(self, wanted: str) -> Iterator[Row]:
        if self._finder.found is None:
            for name, about in NAMES.items():
                if wanted in name:
                    yield Row(name, _line("…", name, about), action="wait")
            return
        for finding in self._finder.found:
            if wanted in finding.feature and finding.beyond_chance:
                value = 1 if finding.correlation > 0 else -1
                unit = f"{finding.layer}:{finding.unit}"
                shown = _line(f"{unit:<7}{finding.correlation:+.2f}", finding.feature, NAMES[finding.feature])
                yield Row(f"{unit}={value} {finding.feature}", shown)

    def take(self, row: Row) -> None:
        if row.action == "wait":
            self.notify("The units are still being compared with the features.", markup=False)
        elif row.action != "none":
            super().take(row)

    def as_typed(self, typed: str) -> str | None:
        if not _is_unit(typed):
            return None
        try:
            unit = parsed(typed)
            self._finder.model.check_unit(unit.layer, unit.unit)
        except InputError as error:
            self.notify(str(error), severity="warning", markup=False)
            return None
        return typed


def _is_unit(typed: str) -> bool:
    return any(character.isdigit() for character in typed)


def _line(unit: str, name: str, about: str) -> Content:
    return Content.assemble(
        (f"{unit:<13}", "$foreground 70%"), (f"{name:<15}", "bold"), (shorten(about, 60), "$foreground 60%")
    )
