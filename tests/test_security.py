"""SECURITY.md and the promises that are tried are the same."""

import re
from pathlib import Path

from tests.trust.__main__ import promises

SECURITY = Path(__file__).parents[1] / "SECURITY.md"


def test_every_promise_has_its_row_and_every_row_its_promise() -> None:
    named = set(re.findall(r"`python -m tests\.trust (\w+)`", SECURITY.read_text("utf-8")))
    tried = set(promises())
    assert tried - named == set(), "add a row to SECURITY.md: the promise in words, and its command"
    assert named - tried == set(), "no module of tests/trust tries this"
