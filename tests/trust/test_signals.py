"""Signals to the screen, to a training in the foreground, and while a text is read."""

import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

from lstmterm.nn import saved_state
from tests.trust.terminals import LONG_RUN, came_early, kill, printed, problems, program, together

PROMISE = (
    "SIGINT, SIGTERM and SIGHUP at any moment leave the terminal as it was and the last save valid, and "
    "end with 130, 143 and 129"
)
LONG = 50  # of each signal at each place

EARLY = "start of Python"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PLACES = {
    # The command, what its terminal shows first, and within how many seconds of it the signal comes.
    "screen": ((), "", 2.0),
    "training": (("train", *LONG_RUN), r"step \d", 2.0),
    "start of a training": (("train", *LONG_RUN), "", 3.0),
    "reading": (("corpora", "check", "LARGE"), "", 2.5),
}


AT_ONCE = 6  # most of the time is waiting


def check(rounds: int) -> str:
    """Send each signal `rounds` times to the screen, a training, its start, and a reading."""
    moments = random.Random(5)
    tries = [(place, sent) for place in PLACES for sent in SIGNALS] * rounds
    delays = [moments.random() for _ in tries]
    with tempfile.TemporaryDirectory() as scratch:
        large, known = Path(scratch) / "large.txt", Path(scratch) / "known"
        large.write_text("".join(f"{i} what a long text this is\n" for i in range(2_000_000)))
        measure = program("train", *LONG_RUN, "--steps", "1", "--quiet", home=known)
        assert measure.wait_for_end(60) == 0, printed(measure)
        measure.close()

        def once(number: int) -> str:
            place, sent = tries[number]
            words, shown, seconds = PLACES[place]
            with tempfile.TemporaryDirectory() as home:
                if place == "training":  # its start has a place of its own
                    shutil.copytree(known / "cache", Path(home) / "cache")
                terminal = program(
                    *(str(large) if word == "LARGE" else word for word in words), home=Path(home)
                )
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

        seen = Counter(together(once, len(tries), AT_ONCE))
    assert seen[EARLY] <= 2 + len(tries) // 30, seen
    return f"{rounds} of each at each place: " + ", ".join(
        f"{count} in the {where}" for where, count in sorted(seen.items())
    )


def test_signals() -> None:
    check(1)
