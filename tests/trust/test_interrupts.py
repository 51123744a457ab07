"""Ctrl-C at any moment of a command's start."""

import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.trust.terminals import LONG_RUN, printed, problems, program, together

PROMISE = "Ctrl-C in the first two seconds ends any command with exit code 130 and one sentence"
LONG = 300

COMMANDS = (
    ("train", *LONG_RUN),
    ("generate", "shakespeare", "--infinite"),
    ("tag", "english-upos"),
    ("score", "shakespeare", "harbour"),
    ("train-tagger", "harbour-tags", "--steps", "100000", "--overwrite"),
    ("plan", "harbour"),
    ("corpora", "check", "harbour"),
    ("runs",),
)


def check(rounds: int) -> str:
    """Press Ctrl-C `rounds` times, each command in turn, at random moments."""
    moments = random.Random(11)
    delays = [moments.uniform(0.0, 2.0) for _ in range(rounds)]

    def interrupt(number: int) -> str:
        words = COMMANDS[number % len(COMMANDS)]
        with tempfile.TemporaryDirectory() as home:
            terminal = program(*words, home=Path(home))
            time.sleep(delays[number])
            terminal.send("\x03")
            code = terminal.wait_for_end()
            about = f"{words[0]} after {delays[number]:.3f} s"
            if code == 0:
                return "ended before"
            if code == -2 or ("lstmterm:" not in (text := printed(terminal)) and "lstmterm/" not in text):
                return f"before: {code} {about} {printed(terminal)!r}"
            if trouble := problems(terminal, code, [130]):
                return f"{about}: {trouble}"
            if "everything is saved" in text:
                return "saved"
            assert text.count("lstmterm: ") == 1, text
            return "interrupted"

    seen = Counter(together(interrupt, rounds))
    return str(seen)


def test_interrupts() -> None:
    check(8)
