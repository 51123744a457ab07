"""Runs that are damaged in the ways that files get damaged, or that somebody could make."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lstmterm.runs.folder import Run
from tests.recorded import STEP, a_run

SPEC: dict[str, Any] = {
    "task": "charlm",
    "name": "bard",
    "text": {"source": "harbour", "name": "harbour"},
    "model": {"layers": 1, "hidden": 16},
    "batches": {"batch_size": 4, "seq_length": 8},
    "training": {"steps": 100, "evaluate_every": 10, "minutes": 3.0},
}


def _written(name: str, text: str) -> Callable[[Path], None]:
    return _bytes(name, text.encode())


def _bytes(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return damage


def _spec(part: str, **values: Any) -> Callable[[Path], None]:
    return _written("spec.json", json.dumps(SPEC | {part: {**SPEC[part], **values}}))


def _folder(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()

    return damage


def _pipe(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return damage


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "deeply nested": (_written("spec.json", '{"a":' * 5000 + "1" + "}" * 5000), "is nested too deeply"),
    "nested a little": (_written("spec.json", '{"a":' * 50 + "1" + "}" * 50), "is nested too deeply"),
    "a list": (_written("spec.json", "[1, 2]"), "is not a JSON object"),
    "no JSON": (_written("spec.json", "{"), "is not a JSON object"),
    "no text": (_bytes("spec.json", b"\xff{}"), "is not UTF-8"),
    "empty": (_bytes("spec.json", b""), "is not a JSON object"),
    "too large": (lambda folder: os.truncate(folder / "spec.json", 10**12), "more than 16,000,000"),
    "steps as a text": (
        _spec("training", steps="many"),
        "has 'many' where 'steps' of 'training' should be a whole number",
    ),
    "steps of 4,000 digits": (
        _written("spec.json", f'{{"training": {{"steps": {"9" * 4000}}}}}'),
        "a number of 4,000 digits",
    ),
    "steps below zero": (
        _spec("training", steps=-5),
        "has a wrong value in 'training': --steps must be at least 1",
    ),
    "minutes as a text": (_spec("training", minutes="3"), "'minutes' of 'training' should be a number"),
    "an infinite rate": (
        _written("spec.json", '{"training": {"learning_rate": 1e999}}'),
        "has a number that is not finite",
    ),
    "a part as a list": (
        _written("spec.json", '{"model": [1]}'),
        "has [1] where 'model' should be an object",
    ),
    "a name as a number": (_written("spec.json", '{"name": 3}'), "has 3 where 'name' should be text"),
    "a spec as a folder": (_folder("spec.json"), "spec.json is not a file"),
    "a journal as a folder": (_folder("events.jsonl"), "events.jsonl is not a file"),
    "a journal as a pipe": (_pipe("events.jsonl"), "events.jsonl is not a file"),
    "a lock as a folder": (_folder("lock"), "lock is not a file"),
    "a lock as a pipe": (_pipe("lock"), "lock is not a file"),
    "a summary as a folder": (_folder("summary.json"), "summary.json is not a file"),
    "a log as a folder": (_folder("log"), "log is not a file"),
}


def damaged_run(run_id: str, damage: str) -> Run:
    """A run with the damage of this name."""
    run = a_run(run_id, STEP)
    (run.folder / "spec.json").write_text(json.dumps(SPEC))
    DAMAGES[damage][0](run.folder)
    return run


def one_of_each() -> list[Run]:
    """A run with each damage."""
    return [damaged_run(f"20240101-0000{i:02d}-damaged", damage) for i, damage in enumerate(DAMAGES)]
