"""Other processes go first."""

import subprocess
import sys
from pathlib import Path

import pytest

LOWERED = "from lstmterm import priority; priority.lower(7)"
TRAINED = "from lstmterm.cli.foreground import Foreground; Foreground(False, True, 7)"
ADAPTED = "import os; from lstmterm.infer import adapting_process as a; a.serve = lambda *_: print(os.nice(0)); a.main()"
SAID = "\nimport os\nprint(os.nice(0), open('/proc/self/autogroup').read().split()[-1])"


GROUP = Path("/proc/self/autogroup")  # empty where processes are in groups of another kind
in_groups = pytest.mark.skipif(
    not GROUP.exists() or not GROUP.read_text().strip(), reason="no groups of sessions here"
)


def said(code: str, *, session: bool) -> list[str]:
    """What a process prints that runs `code`, in a session of its own or in this one."""
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, start_new_session=session
    ).stdout.split()


@in_groups
@pytest.mark.parametrize("code", [LOWERED, TRAINED])
def test_a_run_with_its_own_session_lowers_the_priority_of_all_of_it(code: str) -> None:
    assert said(code + SAID, session=True) == ["7", "7"]


@in_groups
def test_the_session_of_a_terminal_is_left_alone() -> None:
    _, before = said("pass" + SAID, session=False)
    assert said(LOWERED + SAID, session=False) == ["7", before]


def test_adapting_lets_the_screen_go_first() -> None:
    assert said(ADAPTED, session=False) == ["10"]
