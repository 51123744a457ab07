"""How long to train: "3 minutes", "90 s", "2 epochs", "5000 steps"."""

import math
import re
from dataclasses import dataclass
from typing import Literal, Self

from lstmterm.amounts import plural
from lstmterm.errors import InputError
from lstmterm.spec.knobs import GROUPED, number_text

PRESETS = ("1 minute", "3 minutes", "5 minutes", "15 minutes", "30 minutes", "1 hour", "3 hours")

Unit = Literal["minutes", "epochs", "steps"]

_UNITS: dict[Unit, dict[str, float]] = {
    "minutes": {"m": 1.0, "min": 1.0, "mins": 1.0, "minute": 1.0, "minutes": 1.0, "": 1.0}
    | {"s": 1 / 60, "sec": 1 / 60, "secs": 1 / 60, "second": 1 / 60, "seconds": 1 / 60}
    | {"h": 60.0, "hour": 60.0, "hours": 60.0, "d": 1440.0, "day": 1440.0, "days": 1440.0},
    "epochs": {"epoch": 1.0, "epochs": 1.0, "e": 1.0},
    "steps": {"step": 1.0, "steps": 1.0, "k steps": 1000.0},
}
_FORM = re.compile(rf"\s*({GROUPED}|[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)\s*([a-z ]*?)\s*$", re.IGNORECASE)
_CLOCK = re.compile(r"\s*([0-9]+):([0-5][0-9])(?::([0-5][0-9]))?\s*")  # as times are shown: 1:30, 1:30:00
_NAMES: dict[Unit, str] = {"minutes": "The time", "epochs": "Epochs", "steps": "Steps"}
_LEAST_MEASURING = 2.0  # seconds
_MEASURING_SHARE = 0.05  # of the time
_MOST_MINUTES = 60 * 24 * 365


@dataclass(frozen=True)
class Length:
    """How long to train, in minutes, epochs or steps. Raises `InputError` for an impossible length."""

    unit: Unit
    amount: float

    def __post_init__(self) -> None:
        name = _NAMES[self.unit]
        if not math.isfinite(self.amount):
            raise InputError(f"{name} must be a finite number.")
        if self.amount <= 0:
            raise InputError(f"{name} must be greater than zero.")
        if self.unit == "steps" and self.amount != int(self.amount):
            raise InputError("Steps must be a whole number.")
        if self.unit == "minutes" and self.amount > _MOST_MINUTES:
            raise InputError("The time must be at most a year.")

    @classmethod
    def of_options(cls, minutes: float | None, epochs: float | None, steps: float | None) -> Self | None:
        """The length in the options of a command; None if none is given. Raises `InputError` for two."""
        given: dict[Unit, float | None] = {"minutes": minutes, "epochs": epochs, "steps": steps}
        lengths = [cls(unit, amount) for unit, amount in given.items() if amount is not None]
        if len(lengths) > 1:
            raise InputError("--minutes, --epochs and --steps all set how long to train; give one of them.")
        return lengths[0] if lengths else None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The length in a typed `text`; a number alone is minutes, and 1:30 a minute and a half. Raises `InputError`."""
        if clock := _CLOCK.fullmatch(text):
            first, second, third = (float(part or 0) for part in clock.groups())
            minutes = first + second / 60 if clock[3] is None else 60 * first + second + third / 60
            return cls("minutes", round(minutes, 6))
        found = _FORM.match(text)
        if found is not None:
            number, word = float(found[1].replace(",", "").replace("_", "")), found[2].lower()
            for unit, sizes in _UNITS.items():
                if word in sizes:
                    return cls(unit, round(number * sizes[word], 6))
        raise InputError("Give a time, such as 3 minutes, 90 seconds or 1 hour; or 2 epochs; or 5000 steps.")

    @property
    def seconds(self) -> float | None:
        """The time in seconds; None for epochs and steps."""
        return 60 * self.amount if self.unit == "minutes" else None

    @property
    def measuring_seconds(self) -> float:
        """How long measuring the machine before the first step may take."""
        return max(_LEAST_MEASURING, _MEASURING_SHARE * (self.seconds or 0.0))

    def arguments(self) -> list[str]:
        """The words of a command line that give this length."""
        return [f"--{self.unit}", number_text(self.amount)]

    def __str__(self) -> str:
        """In words: 45 seconds, 3 minutes, 1.5 hours, 2 epochs, 300 steps."""
        if self.seconds is not None:
            return time_in_words(self.seconds)
        return f"{self.amount:,.6g} {self.unit[:-1] if self.amount == 1 else self.unit}"


def time_in_words(seconds: float) -> str:
    """A time in words: 45 seconds, 3 minutes, 1.5 hours."""
    if seconds < 90:
        return plural(round(seconds), "second")
    if seconds < 5400:
        return f"{seconds / 60:.3g} minutes"
    return f"{seconds / 3600:.3g} hours"


DEFAULT_LENGTH = Length("minutes", 3)
