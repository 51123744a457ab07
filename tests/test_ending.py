"""A signal ends a process at once, in a sentence."""

import signal
import subprocess
import sys
import time

import pytest

BEGUN = "import signal, sys, time\nfrom lstmterm import ending\nending.end_on_signals()\n"
READY = "print('ready', flush=True)\n"


def ended(code: str, number: signal.Signals, *before: str) -> tuple[int, str, str]:
    """Send a signal to a process that runs `code` and says that it is ready: exit code and what it printed."""
    command = [*before, sys.executable, "-c", BEGUN + code]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("number", "code", "sentence"),
    [
        (signal.SIGINT, 130, "lstmterm: Interrupted.\n"),
        (signal.SIGTERM, 143, "lstmterm: Ended by SIGTERM.\n"),
        (signal.SIGHUP, 129, "lstmterm: Ended by SIGHUP.\n"),
    ],
)
def test_a_signal_ends_the_process_with_a_sentence(number: signal.Signals, code: int, sentence: str) -> None:
    swallowing = "try:\n  time.sleep(20)\nexcept BaseException:\n  print('not reached')\n"
    assert ended(READY + swallowing, number) == (code, "", sentence)


def test_the_process_ends_while_its_main_thread_cannot_listen() -> None:
    deaf = "signal.pthread_sigmask(signal.SIG_BLOCK, ending.SIGNALS)\n" + READY + "time.sleep(20)\n"
    started = time.monotonic()
    assert ended(deaf, signal.SIGINT)[::2] == (130, "lstmterm: Interrupted.\n")
    assert time.monotonic() - started < 10


@pytest.mark.skipif(sys.platform != "linux", reason="limits address space as Linux counts it")
@pytest.mark.parametrize("more", [0, 8200 << 10, 8210 << 10])
def test_a_process_without_memory_for_a_thread_begins_and_ends(more: int) -> None:
    limit = (
        "import resource\nused = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        f"resource.setrlimit(resource.RLIMIT_AS, (used + {more}, resource.RLIM_INFINITY))\n"
        "ending.end_on_signals()\n"
    )
    code = limit + READY + "time.sleep(20)\n"
    assert ended(code, signal.SIGTERM)[0] == 143


def test_acts_come_first_and_in_reverse() -> None:
    acts = (
        "def say(word):\n  sys.stdout.write(word)\n  sys.stdout.flush()\n  return word.encode()\n"
        "with ending.first(lambda: say('a')), ending.first(lambda: 1 / 0), ending.first(lambda: say('b')):\n"
        "  with ending.first(lambda: say('c')): pass\n"
        f"  {READY}  time.sleep(20)\n"
    )
    assert ended(acts, signal.SIGTERM) == (143, "ba", "balstmterm: Ended by SIGTERM.\n")


def test_what_must_be_whole_is_completed_first() -> None:
    code = (
        "done = []\n"
        "with ending.first(lambda: print(len(done), flush=True) or b''):\n"
        "  with ending.later(), ending.later():\n"
        f"    {READY}"
        "    end = time.monotonic() + 1\n"
        "    while time.monotonic() < end: pass\n"
        "    done.append(1)\n"
        "  print('not reached')\n"
    )
    assert ended(code, signal.SIGINT) == (130, "1\n", "lstmterm: Interrupted.\n")


def test_an_interrupt_may_mean_something_else() -> None:
    leaving = f"with ending.interrupt_means('It continues.', 0):\n  {READY}  time.sleep(20)\n"
    assert ended(leaving, signal.SIGINT) == (0, "", "It continues.\n")
    assert ended(leaving, signal.SIGTERM)[0] == 143
    over = f"with ending.interrupt_means('It continues.', 0): pass\n{READY}time.sleep(20)\n"
    assert ended(over, signal.SIGINT) == (130, "", "lstmterm: Interrupted.\n")


def test_an_ignored_signal_stays_ignored() -> None:
    code = READY + "time.sleep(1)\nprint('done')\n"
    assert ended(code, signal.SIGHUP, "nohup") == (0, "done\n", "")


def test_a_finished_process_keeps_its_exit_code() -> None:
    late = (
        "class Late:\n"
        "  def __del__(self):\n"
        f"    {READY.strip()}\n    time.sleep(1)\n"
        "late = sys.modules['late'] = Late()\nsys.exit(3)\n"
    )
    assert ended(late, signal.SIGINT) == (3, "", "")
