"""What is said of a run that takes longer than its time."""

from lstmterm.amounts import duration


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
