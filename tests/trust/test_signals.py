"""Signals to the screen, to a training in the foreground, and while a text is read."""

import random
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

from lstmterm.nn import saved_state
from tests.trust.terminals import LONG_RUN, came_early, kill, problems, program, together

PROMISE = (
    "SIGINT, SIGTERM and SIGHUP at any moment leave the terminal as it was and the last save valid, and "
    "end with 130, 143 and 129"
)
LONG = 50  # of each signal

EARLY = "start of Python"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PLACES = {
    # The command, what its terminal shows first, and within how many seconds of it the signal comes.
    "screen": ((), "", 2.0),
    "training": (("train", *LONG_RUN), r"step \d", 2.0),
    "start of a training": (("train", *LONG_RUN), "", 3.0),
    "reading": (("corpora", "check", "LARGE"), "", 2.5),
}


def check(rounds: int) -> str:
    """Send each signal `rounds` times, to the screen, a training and a reading in turn."""
    moments = random.Random(5)
    delays = [moments.random() for _ in range(rounds * len(SIGNALS))]
    places = list(PLACES)

    def once(number: int) -> str:
        sent = SIGNALS[number % len(SIGNALS)]
        place = places[number // len(SIGNALS) % len(places)]
        words, shown, seconds = PLACES[place]
        with tempfile.TemporaryDirectory() as home:
            large = Path(home) / "large.txt"
            if place == "reading":
                large.write_text("".join(f"{i} what a long text this is\n" for i in range(2_000_000)))
            words = [str(large) if word == "LARGE" else word for word in words]
            terminal = program(*words, home=Path(home))
            if shown:
                terminal.wait_for(shown)
            delay = 0.05 + delays[number] * seconds
            time.sleep(delay)
            kill(terminal, sent)
            code = terminal.wait_for_end()
            if came_early(terminal, code, sent):
                terminal.close()
                return EARLY
            trouble = problems(terminal, code, [128 + sent])
            assert not trouble, f"{sent.name} to the {place} after {delay:.2f} s: {trouble}"
            states = [*Path(home).rglob("state.safetensors")]
            assert states or place != "training", "nothing was saved"
            for state in states:
                saved_state.read(state)
            terminal.close()
        return place

    seen = Counter(together(once, rounds * len(SIGNALS)))
    assert seen[EARLY] <= 2 + rounds // 10, seen
    return f"{rounds} of each: " + ", ".join(
        f"{count} in the {where}" for where, count in sorted(seen.items())
    )


def test_signals() -> None:
    check(2)
