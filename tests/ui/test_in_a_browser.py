"""The screen in Chromium, shown by `textual serve`; run it with `pytest -m browser`.

The page draws on a canvas. So what it shows is read from what the server sends it, and the keys are typed into
the page, as a user types them.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lstmterm.runs import storage
from tests import patience
from tests.patience import Patience
from tests.processes import until
from tests.ui.emulator import Emulator

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
WIDTH, HEIGHT = 1100, 700  # pixels


@pytest.fixture(autouse=True)
def calm() -> None:
    """Nothing is recorded here: this is the real thing."""


class Page:
    """A page of the browser with the screen in it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.screen = Emulator(0, 0)
        page.on("websocket", self._connected)
        page.goto(address)

    def _connected(self, connection: Any) -> None:
        columns, rows = re.findall(r"\d+", connection.url.partition("?")[2])
        self.screen = Emulator(int(columns), int(rows))
        connection.on("framereceived", self._received)

    def _received(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self.screen.show(frame)

    def press(self, *keys: str) -> None:
        """Press keys, as the browser names them."""
        for each in keys:
            self.page.keyboard.press(each)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the screen shows this."""
        waiting = Patience(patience.LONG)
        while not waiting.is_over():
            if found := re.search(pattern, self.screen.text):
                return found
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{pattern!r} did not appear; the screen was:\n{self.screen.text}")

    def click(self, words: str) -> None:
        """Click on these words, where they are first shown."""
        lines = self.screen.text.splitlines()
        row = next(number for number, line in enumerate(lines) if words in line)
        column = lines[row].index(words)
        box = self.page.locator(".xterm-screen").bounding_box()
        assert box is not None
        x = box["x"] + (column + len(words) / 2) * box["width"] / self.screen.columns
        y = box["y"] + (row + 0.5) * box["height"] / self.screen.rows
        self.page.mouse.click(x, y)


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """Where `textual serve` shows the screen."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    screen = shlex.join([sys.executable, "-m", "lstmterm"])
    serve = [sys.executable, "-m", "textual_dev", "serve", "--port", port, "--command", screen]
    server = subprocess.Popen(serve, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    until(lambda: socket.socket().connect_ex(("localhost", int(port))) == 0, "the server")
    yield f"http://localhost:{port}/?fontsize=12"
    for run in storage.all_runs():
        run.request_stop()
    until(lambda: not any(run.is_held() for run in storage.all_runs()), "the end of the runs")
    server.terminate()
    server.wait()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """The screen, opened in the system's Chromium, or in the one that playwright installed."""
    playwright = pytest.importorskip("playwright.sync_api")
    own = shutil.which("chromium") or shutil.which("google-chrome")
    with playwright.sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=own, args=["--no-sandbox"])
        yield Page(browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}), address)
        browser.close()


def test_a_model_is_trained_and_writes_in_a_browser(page: Page) -> None:
    page.wait_for(r"Text +harbour[\s\S]*distinct")
    page.click("3 minutes")
    page.press("End", "Control+u")
    page.wait_for("Give a time")
    page.page.keyboard.type("40 steps")
    page.wait_for(r"Time +40 steps")
    page.press("Control+s")
    page.wait_for("● harbour")
    page.wait_for(r"harbour is finished")
    page.press("F3")
    page.wait_for(r"harbour")
    page.page.keyboard.type("The harbour")
    page.press("Enter")
    page.wait_for(r"\d+( characters)? · \d+/s")


def test_what_a_browser_keeps_for_itself_has_a_second_way(page: Page) -> None:
    """^n and ^t open windows and tabs, F keys may do the browser's own things; clicks and Alt do the same."""
    page.wait_for(r"Text +harbour[\s\S]*distinct")
    page.click("Nothing is being trained")  # the page has the keys after a click
    page.press("Alt+1")
    page.wait_for("Choose a text and a time, then press Start")
    page.press("Escape")
    page.wait_for("Runs ───")
    page.press("Alt+3")
    page.wait_for("Prompt|temper")
    page.press("Alt+2")
    page.wait_for("New model")
    page.press("Control+s")
    page.wait_for("● harbour")
    page.wait_for(r"train \d\.\d{3}")
    page.press("Alt+h")
    page.wait_for("stopped")
    page.click("Help")
    page.wait_for("Choose a text and a time, then press Start")
    page.press("Escape")
    page.wait_for("Runs ───")
    page.press("Alt+x")
    page.wait_for("Search|Find")
    page.press("Escape")
    page.press("Alt+q")
    page.page.locator("body.-closed").wait_for()
