"""Ctrl-C at any moment of a command's start."""

import random
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.trust.terminals import LONG_RUN, came_early, printed, problems, program, together

PROMISE = "Ctrl-C in the first two seconds ends any command with exit code 130 and one sentence"
LONG = 300

EARLY = "came before the first line of the program"
COMMANDS = (
    ("train", *LONG_RUN),
    ("generate", "shakespeare", "--infinite"),
    ("tag", "english-upos"),
    ("score", "shakespeare", "harbour"),
    ("compare", "shakespeare", "shakespeare", "harbour", "--adapt"),
    ("train-tagger", "harbour-tags", "--steps", "100000", "--overwrite"),
    ("plan", "harbour"),
    ("corpora", "check", "harbour"),
    ("runs",),
)


def check(rounds: int) -> str:
    """Press Ctrl-C `rounds` times, each command in turn, at random moments."""
    moments = random.Random(11)
    delays = [moments.uniform(0.02, 2.0) for _ in range(rounds)]

    def interrupt(number: int) -> str:
        words = COMMANDS[number % len(COMMANDS)]
        with tempfile.TemporaryDirectory() as home:
            terminal = program(*words, home=Path(home))
            time.sleep(delays[number])
            terminal.send("\x03")
            code = terminal.wait_for_end()
            text, trouble = printed(terminal), problems(terminal, code, [130])
            early = came_early(terminal, code, signal.SIGINT)
            terminal.close()
        if code == 0:
            return "had ended"
        if early:
            return EARLY
        about = f"{' '.join(words)} after {delays[number]:.3f} s"
        assert not trouble, f"{about}: {trouble}"
        saved = "everything is saved" in text
        assert saved or text.count("lstmterm: Interrupted") == 1, f"{about}: {text}"
        return "were saved and said how to resume" if saved else "ended with 130 and one sentence"

    seen = Counter(together(interrupt, rounds))
    assert seen[EARLY] <= 2 + rounds // 20, seen
    return ", ".join(f"{count} {what}" for what, count in seen.most_common())


def test_interrupts() -> None:
    check(len(COMMANDS))
