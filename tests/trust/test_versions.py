"""What older versions wrote opens and resumes; what newer ones write is refused in words, by every command."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors.numpy import load_file, save_file

from lstmterm import paths
from lstmterm.models import model_file
from lstmterm.runs import storage
from tests import processes
from tests.processes import Trouble

PROMISE = "Two versions meet: models and runs of 0.1.0 open and resume; those of a newer version are refused in words"
LONG = 1

KEPT = Path(__file__).parent.parent / "data" / "0.1.0"


def check(rounds: int) -> str:
    """Open what is kept of older versions, and what a newer one could write, `rounds` times."""
    opened = refused = 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            before = os.environ.get("LSTMTERM_HOME", "")
            os.environ["LSTMTERM_HOME"] = home
            try:
                shutil.copytree(KEPT / "models", paths.models())
                shutil.copytree(KEPT / "runs", paths.runs())
                opened += open_old(Path(home))
                refused += refuse_new(Path(home))
            finally:
                os.environ["LSTMTERM_HOME"] = before
    return f"{opened} models and runs of 0.1.0 opened or resumed, {refused} of a newer version refused in a sentence"


def open_old(home: Path) -> int:
    models = sorted(paths.models().glob("*.safetensors"))
    for path in models:
        model_file.load(path)
        shown = processes.run(home / "out", "show", path.stem)
        assert shown.process.exitcode == 0, shown.err
    runs = storage.all_runs()
    for run in runs:
        step = [*run.events()][-1].step
        stop = Trouble(signals={step + 2: signal.SIGINT})
        resumed = processes.run(home / "out", "resume", run.id, "--json", trouble=stop)
        assert resumed.process.exitcode == 130, resumed.err
        assert resumed.events[0]["step"] == step
    return len(models) + len(runs)


def refuse_new(home: Path) -> int:
    """Raise the format of every file by a hundred, and use it."""
    newer: list[tuple[str, ...]] = []
    for path in paths.models().glob("*.safetensors"):
        rewrite(path, "lstmterm", lambda value: value | {"format": 100})
        newer += [("show", path.stem), ("export", path.stem, str(home / "copy.safetensors"))]
    char, *others = storage.all_runs()
    rewrite(char.folder / "state.safetensors", "state", lambda value: value | {"format": 100})
    for run in others:
        spec = run.folder / "spec.json"
        spec.write_text(json.dumps(json.loads(spec.read_text()) | {"format": 100}))
    for run in (char, *others):
        (paths.models() / f"{run.name}.safetensors").unlink(missing_ok=True)
        newer.append(("resume", run.id))
    for command in newer:
        process = processes.run(home / "out", *command)
        assert process.process.exitcode in (1, 2), (command, process.err)
        assert "newer lstmterm" in process.err, (command, process.err)
        assert "bug" not in process.err
    return len(newer)


def rewrite(path: Path, key: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change the JSON object `key` in the metadata of a safetensors file."""
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    metadata = header["__metadata__"]
    metadata[key] = json.dumps(change(json.loads(metadata[key])))
    save_file(load_file(path), path, metadata)


def test_versions() -> None:
    assert "refused in a sentence" in check(1)
