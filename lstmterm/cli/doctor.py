"""`doctor`: this machine's devices and speed, and the paths of all folders."""

import dataclasses
import json
import os
import platform
import shutil
import sys

import click

from lstmterm import __version__, paths
from lstmterm.cli.notes import note_damaged_measurements
from lstmterm.planning import processors
from lstmterm.planning.machine import Machine
from lstmterm.visible import visible


@click.command()
@click.option("--renew", is_flag=True, help="Measure this machine again.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.option("--machine", is_flag=True, hidden=True, help="Print only how fast this machine is, as JSON.")
def doctor(renew: bool, as_json: bool, machine: bool) -> None:
    """Show versions, the device, the fastest precision and number of threads, folders, and the terminal."""
    if machine:
        click.echo(json.dumps(dataclasses.asdict(_measured(renew))))
        return
    note_damaged_measurements()
    findings = _program() | _machine(renew) | _folders() | _terminal()
    if as_json:
        click.echo(json.dumps({title: str(finding) for title, finding in findings.items()}))
        return
    width = max(map(len, findings))
    for title, finding in findings.items():
        click.echo(f"{title:{width}}  {visible(str(finding))}")


def _program() -> dict[str, object]:
    import numpy as np

    return {
        "lstmterm": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": platform.platform(),
        "numpy": np.__version__,
    }


def _machine(renew: bool) -> dict[str, object]:
    from lstmterm.nn import calibrate
    from lstmterm.nn.device import TORCH_VERSION, choose_device

    machine = _measured(renew)
    return {
        "torch": TORCH_VERSION,
        "processor": calibrate.processor(choose_device("auto")),
        "device": machine.device,
        "threads": machine.threads,
        "precision": machine.precision,
        "reference characters/s": f"{machine.chars_per_second:,.0f} (1x384, batch size 32, sequence length 48, {machine.precision})",
    }


def _measured(renew: bool) -> Machine:
    from lstmterm.nn import calibrate
    from lstmterm.nn.device import choose_device

    return calibrate.machine(choose_device("auto"), processors.usable(), renew=renew)


def _folders() -> dict[str, object]:
    return {
        "models": paths.models(),
        "corpora": paths.corpora(),
        "runs": paths.runs(),
        "cache": paths.encoded(),
        "settings": paths.settings(),
        "shipped models": paths.shipped_models(),
        "shipped corpora": paths.shipped_corpora(),
    }


def _terminal() -> dict[str, object]:
    size = shutil.get_terminal_size()
    return {
        "terminal": f"{os.environ.get('TERM', 'unknown')}, {size.columns}x{size.lines}, "
        f"colours {os.environ.get('COLORTERM', 'by TERM')}, output {'a terminal' if sys.stdout.isatty() else 'a pipe'}",
        "encoding": f"{sys.stdout.encoding} (file names: {sys.getfilesystemencoding()})",
    }
