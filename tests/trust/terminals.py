"""What the promises about terminals share: programs in pseudo-terminals, and the state they leave behind."""

import os
import re
import signal
import sys
import termios
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.ui.terminal import Terminal

PROGRAM = (sys.executable, "-c", "import sys; from lstmterm.__main__ import main; sys.exit(main())")
TINY = ("--hidden", "12", "--embedding", "8", "--batch-size", "4", "--seq-length", "10", "--threads", "1",
    "--precision", "float32", "--device", "cpu",
)  # fmt: skip
LONG_RUN = ("harbour", "--overwrite", *TINY, "--steps", "1000000", "--evaluate-every", "1000000")
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_ON_AT_FIRST = {b"7", b"25"}  # lines wrap, the cursor is shown
_WRONG = re.compile(r"Traceback|Exception|[A-Z]\w+Error|This is a bug|Aborted|core dumped|terminate called")


def program(*words: str, home: Path) -> Terminal:
    """`lstmterm WORDS` in a pseudo-terminal, started as its console script starts it."""
    return Terminal([*PROGRAM, *words], home)


def left_behind(terminal: Terminal) -> list[str]:
    """What an ended program did not restore of its terminal; empty if all is as it was."""
    changed = {}
    for numbers, letter in _MODE.findall(terminal.raw):
        for number in numbers.split(b";"):
            changed[number] = (letter == b"h") != (number in _ON_AT_FIRST)
    left = [f"mode {number.decode()}" for number, differs in changed.items() if differs]
    if terminal.raw.count(b"\x1b[>") > terminal.raw.count(b"\x1b[<u") and b"\x1b[>" in terminal.raw:
        left.append("keyboard protocol")
    flags = termios.tcgetattr(terminal.master)[3]
    wanted = {"ECHO": termios.ECHO, "ICANON": termios.ICANON, "ISIG": termios.ISIG}
    return left + [name for name, flag in wanted.items() if not flags & flag]


def printed(terminal: Terminal) -> str:
    """What an ended program printed, without escape sequences."""
    text = re.sub(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b.|\x18", b"", terminal.raw).decode("utf-8", "replace")
    return text.replace("^C", "").replace("\r", "")


def problems(terminal: Terminal, code: int, allowed: Iterable[int]) -> str:
    """Why this is not a proper end; empty if it is."""
    text = printed(terminal)
    if wrong := _WRONG.search(text):
        return f"{wrong[0]}: ...{text[-1500:]}"
    if code not in allowed:
        return f"exit code {code}: ...{text[-1500:]}"
    left = left_behind(terminal)
    return f"left {', '.join(left)}" if left else ""


def came_early(terminal: Terminal, code: int, number: int) -> bool:
    """Whether a signal came while Python itself started, before the first line of the program's `main`."""
    text = printed(terminal)
    ours = re.search(r'__main__\.py", line \d+, in main|lstmterm: ', text)
    return code in (-number, 1) and ours is None


def together(act: Callable[[int], str], rounds: int, at_once: int = 3) -> Iterator[str]:
    """Call `act` with 0 to `rounds` - 1, several at once; yields what they return, in order."""
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(act, range(rounds))


def kill(terminal: Terminal, number: signal.Signals) -> None:
    """Send a signal to the program."""
    os.kill(terminal.pid, number)
