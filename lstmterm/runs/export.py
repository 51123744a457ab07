"""A run for other programs: JSON, TensorBoard's event files, and an offline run of Weights & Biases.

The libraries that own the last two formats write them, so they must be installed; CSV is written by
`lstmterm.runs.curve_files`. Losses are in nats.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lstmterm import atomic
from lstmterm.errors import InputError
from lstmterm.installed import adding
from lstmterm.runs import marks
from lstmterm.runs.events import Finished
from lstmterm.runs.folder import Run
from lstmterm.runs.progress import Progress
from lstmterm.runs.summary import summarize

PROJECT = "lstmterm"  # of the offline runs


@dataclass(frozen=True)
class Point:
    """A figure at a step; `time` is seconds since the epoch."""

    series: str
    step: int
    time: float
    value: float


def points(progress: Progress) -> Iterator[Point]:
    """The figures of a run in the order of their steps: while it trained, at its evaluations, and in the end."""
    found = [
        Point(f"train/{name}", step, time, value)
        for name, values in (
            ("loss", progress.losses),
            ("learning_rate", progress.rates),
            ("gradient_norm", progress.norms),
            ("speed", progress.speeds),
        )
        for step, time, value in zip(progress.steps, progress.times, values, strict=True)
    ]
    for each in progress.evaluated:
        if each.val_loss is not None:
            found.append(Point("val/loss", each.step, each.time, each.val_loss))
        found += [Point(f"val/{name}", each.step, each.time, value) for name, value in each.metrics.items()]
    if isinstance(end := progress.end, Finished):
        final = {"val_loss": end.val_loss, "val_loss_reset": end.val_loss_reset, "test_loss": end.test_loss}
        found += [
            Point(f"final/{name}", end.step, end.time, value)
            for name, value in ({**end.metrics, **final}).items()
            if value is not None
        ]
    yield from sorted(found, key=lambda point: point.step)


def as_json(run: Run) -> str:
    """The run as a JSON object: its facts, settings and figures; what is not finite is null."""
    series: dict[str, list[dict[str, Any]]] = {}
    for point in points(_whole(run)):
        value = point.value if math.isfinite(point.value) else None
        row = {"step": point.step, "time": round(point.time, 3), "value": value}
        series.setdefault(point.series, []).append(row)
    summary = summarize(run)
    facts = {name: value for name, value in asdict(summary).items() if name != "is_read"}
    facts = {name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in facts.items()}
    content = facts | {"marks": asdict(marks.read(run)), "settings": dict(run.spec), "series": series}
    return json.dumps(content, indent=1, allow_nan=False)


def to_tensorboard(run: Run, folder: Path) -> Path:
    """Write a folder that TensorBoard reads, named by the run; returns it. Raises `InputError` where it exists."""
    try:
        from tensorboard.summary import Writer
    except ImportError:
        raise _missing("TensorBoard", "tensorboard") from None
    target = _new_folder(folder / run.id)
    writer = Writer(str(target))
    try:
        for point in points(_whole(run)):
            writer.add_scalar(point.series, point.value, point.step, wall_time=point.time)
    finally:
        writer.close()
    return target


def to_wandb(run: Run, folder: Path) -> Path:
    """Write an offline run of Weights & Biases below `folder`; returns what `wandb sync` takes."""
    try:
        import wandb  # pyright: ignore[reportMissingImports] - too large to be installed where types are checked
    except ImportError:
        raise _missing("Weights & Biases", "wandb") from None
    atomic.make_folder(folder, shared=True)
    marked = marks.read(run)
    quiet = wandb.Settings(
        silent=True, console="off", disable_git=True, disable_code=True, x_disable_stats=True
    )
    with wandb.init(
        mode="offline", project=PROJECT, dir=folder, name=run.id, config=dict(run.spec), tags=marked.tags or None,
        notes=marked.note or None, group=marked.group or None, settings=quiet,
    ) as written:  # fmt: skip
        rows: dict[int, dict[str, float]] = {}
        for point in points(_whole(run)):
            rows.setdefault(point.step, {"_timestamp": point.time})[point.series] = point.value
        for step, row in rows.items():
            written.log(row, step=step)
        target = Path(written.dir).parent
    wandb.teardown()  # waits for its process, which writes the file
    return target


def _whole(run: Run) -> Progress:
    """The progress with every point. Raises `InputError` for a run without figures."""
    progress = Progress.of(run.events(), whole=True)
    if not progress.steps and not progress.evaluated:
        raise InputError(f"The run {run.id} has no figures yet: it has not made a step.")
    return progress


def _new_folder(folder: Path) -> Path:
    if folder.exists():
        raise InputError(f"{folder} exists already; delete it, or export into another folder.")
    atomic.make_folder(folder, shared=True)
    return folder


def _missing(program: str, package: str) -> InputError:
    return InputError(f"Writing for {program} needs the package {package}; `{adding(package)}` adds it.")
