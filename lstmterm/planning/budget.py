"""How long to train, as a person says it: "3 minutes", "90 s", "2 epochs", "5000 steps"."""

import re
from dataclasses import dataclass

from lstmterm.errors import InputError

PRESETS = ("1 minute", "3 minutes", "5 minutes", "15 minutes", "30 minutes", "1 hour", "3 hours")

_UNITS = {
    "minutes": {"m": 1.0, "min": 1.0, "mins": 1.0, "minute": 1.0, "minutes": 1.0, "": 1.0}
    | {"s": 1 / 60, "sec": 1 / 60, "secs": 1 / 60, "second": 1 / 60, "seconds": 1 / 60}
    | {"h": 60.0, "hour": 60.0, "hours": 60.0, "d": 1440.0, "day": 1440.0, "days": 1440.0},
    "epochs": {"epoch": 1.0, "epochs": 1.0, "e": 1.0},
    "steps": {"step": 1.0, "steps": 1.0, "k steps": 1000.0},
}
_FORM = re.compile(r"\s*([0-9][0-9_,]*\.?[0-9]*|\.[0-9]+)\s*([a-z ]*?)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Budget:
    """An amount of minutes, epochs or steps."""

    unit: str
    amount: float

    def arguments(self) -> list[str]:
        """As options of `train`."""
        return [f"--{self.unit}", f"{self.amount:.10g}"]


def budget(text: str) -> Budget:
    """The budget that `text` says; a bare number is minutes. Raises `InputError`."""
    found = _FORM.match(text)
    if found is not None:
        number, word = float(found[1].replace(",", "").replace("_", "")), found[2].lower()
        for unit, sizes in _UNITS.items():
            if word in sizes:
                return _checked(unit, number * sizes[word])
    raise InputError("Say a time, such as 3 minutes, 90 seconds or 1 hour; or 2 epochs; or 5000 steps.")


def _checked(unit: str, amount: float) -> Budget:
    if amount <= 0:
        raise InputError("The time is longer than nothing.")
    if unit == "steps":
        if amount != int(amount):
            raise InputError("Steps are whole.")
    elif unit == "minutes":
        amount = round(amount, 6)
        if amount > 60 * 24 * 365:
            raise InputError("That is longer than a year; say a shorter time.")
    return Budget(unit, amount)
