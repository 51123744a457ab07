"""What is said of a run that takes longer than its time."""

from lstmterm.amounts import duration
from lstmterm.planning.length import Length


def too_short(steps: int, seconds: float, length: Length, models: int) -> str:
    """Say before a run that the fewest steps that teach a model anything take longer than the time given."""
    each = f" for each of {models} models" if models > 1 else ""
    in_time = "" if models > 1 else "; --deadline ends in time, with fewer steps"
    return (
        f"{steps:,} steps{each}, the fewest that teach a model anything, take about {duration(seconds)} here, more than "
        f"{length}. A smaller model takes less time{in_time}."
    )


def will_be_late(seconds: float, is_saved: bool, why: str = "") -> str:
    """Say early that a run will end so much later, and what stopping it gives.

    The sentence stays on the screen, so it holds later too: `is_saved` tells whether there is a model already.
    """
    keeps = (
        "Stopping it keeps the best model so far."
        if is_saved
        else "Stopping it before its first evaluation keeps no model."
    )
    return f"At its current pace this run will end {duration(seconds)} late{why and f', {why}'}. {keeps}"


def took_longer(seconds: float) -> str:
    """Say that a run took so much longer than its time."""
    return f"This took {seconds:.0f} s longer than planned: the machine was slower than measured."
