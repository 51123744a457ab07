"""`doctor`: what lstmterm finds on this machine, what is wrong, and what to do about it."""

import dataclasses
import json
import os
import platform
import shlex
import shutil
import sys

import click

from lstmterm import __version__, atomic, installed, paths
from lstmterm.cli.notes import note_damaged_measurements
from lstmterm.cli.wrapping import for_stdout
from lstmterm.planning import processors
from lstmterm.planning.machine import Machine
from lstmterm.visible import visible

_LEAST_SIZE = (60, 20)  # columns and lines of the terminal for which the screen is drawn
_LEAST_FREE = 500_000_000  # bytes for a few runs


@click.command()
@click.option("--renew", is_flag=True, help="Measure this machine again.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object, for bug reports.")
@click.option("--machine", is_flag=True, hidden=True, help="Print only how fast this machine is, as JSON.")
def doctor(renew: bool, as_json: bool, machine: bool) -> None:
    """Check this installation: versions, torch, the device and its speed, folders, and the terminal.

    Problems come last, with what to do about them.
    """
    if machine:
        click.echo(json.dumps(dataclasses.asdict(_measured(renew))))
        return
    note_damaged_measurements()
    advice = [*_packages(), *_places(), *_display()]
    findings = _program() | _machine(renew, advice) | _folders() | _terminal()
    if as_json:
        plain = {title: str(finding) for title, finding in findings.items()}
        click.echo(json.dumps({**plain, "advice": advice}))
        return
    width = max(map(len, findings))
    for title, finding in findings.items():
        click.echo(f"{title:{width}}  {visible(str(finding))}")
    click.echo()
    for sentence in advice or ["Nothing is wrong."]:
        click.echo(for_stdout(visible(sentence)))


def _program() -> dict[str, object]:
    import numpy as np

    return {
        "lstmterm": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "installed by": installed.installer(),
        "system": platform.platform(),
        "numpy": np.__version__,
    }


def _machine(renew: bool, advice: list[str]) -> dict[str, object]:
    """Torch and how fast this machine trains; without torch, or with a bad one, `advice` says what to do."""
    try:
        from lstmterm.nn import calibrate
        from lstmterm.nn.device import TORCH_VERSION, choose_device
    except installed.NoTorch as error:
        advice.insert(0, str(error))
        return {"torch": "cannot be loaded" if installed.has("torch") else "not installed"}
    device = choose_device("auto")
    if "+cu" in TORCH_VERSION and device.type == "cpu":
        advice.append(
            f"torch {TORCH_VERSION} brings CUDA, and there is no GPU that it can use. That works; a new environment "
            f"with torch from {installed.CPU_TORCH} would be gigabytes smaller."
        )
    machine = _measured(renew)
    return {
        "torch": TORCH_VERSION,
        "processor": calibrate.processor(device),
        "device": machine.device,
        "threads": machine.threads,
        "precision": machine.precision,
        "reference characters/s": f"{machine.chars_per_second:,.0f} (1x384, batch size 32, sequence length 48, "
        f"{machine.precision}; {machine.share_of_products:.0%} of the time for matrix products)",
    }


def _measured(renew: bool) -> Machine:
    from lstmterm.nn import calibrate
    from lstmterm.nn.device import choose_device

    return calibrate.machine(choose_device("auto"), processors.usable(), renew=renew)


def _packages() -> list[str]:
    """What to do about required packages that are missing or too old; torch has its own sentence when missing."""
    versions = installed.required()
    return [
        f"{name} is not installed, or too old: run `{installed.adding(shlex.quote(name + versions[name]))}`."
        for name in installed.missing()
        if name != "torch" or installed.has("torch")
    ]


def _folders() -> dict[str, object]:
    own = {
        "models": paths.models(),
        "corpora": paths.corpora(),
        "runs": paths.runs(),
        "cache": paths.encoded(),
        "settings": paths.settings(),
    }
    none = "none, since there is no home folder"
    return {
        **{title: none if path.is_relative_to(paths.NO_HOME) else path for title, path in own.items()},
        "shipped models": paths.shipped_models(),
        "shipped corpora": paths.shipped_corpora(),
    }


def _places() -> list[str]:
    """What to do about folders that cannot be written, or have no room."""
    advice = []
    for folder in (paths.models(), paths.runs(), paths.encoded(), paths.settings().parent):
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if wrong := atomic.unwritable(folder):
            advice.append(wrong)
        elif (free := shutil.disk_usage(there).free) < _LEAST_FREE:
            advice.append(
                f"{folder} has room for only {free / 1e6:,.0f} MB; free some space before you train."
            )
    return [*dict.fromkeys(advice)]  # what is wrong with the home folder is said once


def _terminal() -> dict[str, object]:
    size = shutil.get_terminal_size()
    return {
        "terminal": f"{os.environ.get('TERM', 'unknown')}, {size.columns}x{size.lines}, "
        f"colours {os.environ.get('COLORTERM', 'by TERM')}, output {'a terminal' if sys.stdout.isatty() else 'a pipe'}",
        "encoding": f"{sys.stdout.encoding} (file names: {sys.getfilesystemencoding()})",
    }


def _display() -> list[str]:
    """What to do about a terminal that cannot show the screen well."""
    advice = []
    size = shutil.get_terminal_size()
    if sys.stdout.isatty() and (size.columns < _LEAST_SIZE[0] or size.lines < _LEAST_SIZE[1]):
        advice.append(f"The terminal is {size.columns}x{size.lines}; make it at least 80x24 for the screen.")
    if os.environ.get("TERM", "dumb") == "dumb":
        advice.append(
            "TERM is not set, or dumb: set it to your terminal's name, such as xterm-256color, for the screen."
        )
    if (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        advice.append(
            f"Output is encoded as {sys.stdout.encoding}; set LC_ALL=C.UTF-8 to see every character."
        )
    return advice
