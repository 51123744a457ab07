"""A look for unused objects is short: what the screen is made of is left out."""

import json
import os
import subprocess
import sys

PROGRAM = """
import asyncio, gc, json
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.garbage import garbage
from tests.ui.conftest import until

seen = []

def look():
    seen.append((gc.isenabled(), gc.get_freeze_count()))

async def main():
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.query("#train") and (gc.isenabled() or not WAITS))
        await pilot.pause()
        look()
        await pilot.press("f6")
        await until(pilot, lambda: app.query("#library"))
        await pilot.pause()
        look()

if WAITS:
    garbage.wait()
look()
asyncio.run(main())
print(json.dumps(seen))
"""


def looks(*, waits: bool) -> list[tuple[bool, int]]:
    """Before the first frame, after it, and with another tab: whether objects are looked at, and how many are not."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("WAITS", str(waits))],
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [(enabled, left_out) for enabled, left_out in json.loads(run.stdout)]


def test_what_the_screen_is_made_of_is_left_out() -> None:
    before, first, second = looks(waits=True)
    assert before == (False, 0)
    assert first[0]
    assert first[1] > 10_000
    assert second[0]
    assert second[1] > first[1]


def test_another_process_keeps_its_own_way() -> None:
    assert looks(waits=False) == [(True, 0)] * 3
