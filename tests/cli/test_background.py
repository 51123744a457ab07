"""`--detach`: runs that outlive their shell."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from lstmterm.runs import storage
from tests import sitting
from tests.cli.training import LONG, trains


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "lstmterm", *map(str, arguments)]


def test_a_run_in_the_background_outlives_all(text: Path, out: Path) -> None:
    """Started from a shell in a session of its own, all of which is then killed."""
    out.mkdir()
    words = command("train", text, "--detach", "--name", "bg", *LONG)
    shell = subprocess.Popen(
        ["sh", "-c", '"$@" > "$0"/id; sleep 100', str(out), *words], start_new_session=True
    )
    sitting.until(lambda: (out / "id").exists() and (out / "id").read_text().strip(), "an id")
    os.killpg(shell.pid, signal.SIGHUP)
    os.killpg(shell.pid, signal.SIGKILL)
    shell.wait()
    run = storage.find((out / "id").read_text().strip())
    sitting.until(lambda: trains("bg"), "steps")
    assert run.status() == "running"
    (child,) = [p for p in psutil.process_iter(["cmdline"]) if run.id in (p.info["cmdline"] or [])]
    assert os.getsid(child.pid) == child.pid
    assert sitting.run(out, "stop", run.id).process.exitcode == 0
    assert run.status() == "stopped"
    child.wait(30)


def test_a_failing_start_in_the_background_is_said(tmp_path: Path, out: Path) -> None:
    refused = sitting.run(out, "train", tmp_path / "nothing.txt", "--detach")
    assert refused.process.exitcode == 2
    assert "nothing.txt" in refused.err
    assert refused.err.count("lstmterm:") == 1, "one sentence"
    assert storage.all_runs() == [], "a run that never was is not listed"
