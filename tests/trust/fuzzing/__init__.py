"""Fuzzing: `python -m tests.trust.fuzzing` feeds every parser of what comes from outside, guided by coverage.

It needs atheris (`pip install atheris`), which is not among the requirements. Each module here has the
targets of one kind of input. An attempt reads some bytes and uses what it read; it may end in nothing but a
value or an error of the project's own, which is one sentence for the user.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstmterm import plain_data

MODULES = ("runs", "states", "models", "files", "texts", "archives", "tagged", "typed")
ROOT = Path(__file__).parents[3]
OLD_RUNS = sorted((ROOT / "tests/data/0.1.0/runs").iterdir())

Attempt = Callable[[Path, bytes], None]


@dataclass(frozen=True)
class Target:
    """A parser: what is tried in a folder with some bytes, examples of them, and words of the format."""

    attempt: Attempt
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[str, ...]


TARGETS: dict[str, Target] = {}  # those of the modules imported so far, by name


def target(seeds: Callable[[], Iterable[bytes]], *words: str) -> Callable[[Attempt], Attempt]:
    """A decorator that makes a function a target of its name."""

    def register(attempt: Attempt) -> Attempt:
        TARGETS[attempt.__name__] = Target(attempt, seeds, words)
        return attempt

    return register


@contextmanager
def a_sentence(typed: int = 0) -> Iterator[None]:
    """Allow an error of the project's own, if it is one sentence; it may repeat the characters that were typed."""
    length = 1
    try:
        yield
    except Exception as refused:
        if not hasattr(refused, "exit_code"):
            raise
        length = len(str(refused))
    assert 0 < length < 600 + 12 * typed, f"a sentence of {length:,} characters"


def as_object(data: bytes) -> dict[str, Any]:
    """The JSON object in some bytes; empty if there is none."""
    try:
        return plain_data.parsed(data)
    except plain_data.Damaged:
        return {}


def options(data: bytes, *choices: int) -> tuple[list[int], bytes]:
    """A choice out of each number by the first bytes, and the bytes after them."""
    head, rest = data[: len(choices)].ljust(len(choices), b"\0"), data[len(choices) :]
    return [byte % count for byte, count in zip(head, choices, strict=True)], rest
