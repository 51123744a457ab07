"""The saved state that a run resumes from."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import torch

from lstmterm.nn import optim
from lstmterm.nn.checkpoints import LATEST, Checkpoints, Counters, states
from lstmterm.nn.ranks import ALONE
from tests.small import small_task
from tests.trust.fuzzing import a_sentence, as_object, target

_OPTIMIZERS = ("adamw", "muon", "sgd", "rmsprop")


@cache
def _kept(optimizer: str) -> Checkpoints:
    """The checkpoints of a small model, of which one is saved after a step."""
    folder = Path(os.environ["LSTMTERM_HOME"]) / optimizer
    folder.mkdir(parents=True)
    task = small_task(optimizer=optimizer)
    rule = optim.make_optimizer(task.model, task.spec.training)
    kept = Checkpoints(folder, task, rule, optim.MovingAverage(task.model, 0.9), ALONE, "a")
    _step(kept)
    kept.save(Counters(step=1))
    return kept


@cache
def _saved(optimizer: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Its tensors, its numbers, its data."""
    raw = (_kept(optimizer).folder / LATEST).read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    return header, json.loads(header.pop("__metadata__")["state"]), raw[8 + length :]


def _step(kept: Checkpoints) -> None:
    loss, _ = kept.task.next_loss()
    kept.optimizer.forget_gradients()
    loss.backward()
    optim.guarded_step(kept.optimizer, torch.isfinite(loss.detach()))


def _states() -> Iterator[bytes]:
    for number, optimizer in enumerate(_OPTIMIZERS):
        header, numbers, _ = _saved(optimizer)
        changed = {name: header[name] for name in ("position.place", "random.cpu", "model.output.bias")}
        yield bytes([number, 0]) + json.dumps(numbers).encode() + b"\n\n" + json.dumps(changed).encode()
        yield bytes([number, 1]) + json.dumps(numbers | {"format": 1, "best": None}).encode() + b"\n\n{}"


_WORDS = (
    "position.place", "position.h", "random.cpu", "optimizer.output.bias.exp_avg", "model.output.bias", "average.output.bias",
    "I64", "F64", "F32", "BF16", "U8", "BOOL", "step", "format", "best", "Infinity", "NaN", "1e999", "null", "dtype", "shape",
)  # fmt: skip


@target(_states, *_WORDS)
def saved_states(folder: Path, data: bytes) -> None:
    """A state of which numbers and entries of tensors are changed (null deletes one); its checksum is right."""
    kept = _kept(_OPTIMIZERS[data[0] % 4] if data else "adamw")
    header, _, tensors = _saved(_OPTIMIZERS[data[0] % 4] if data else "adamw")
    numbers, _, changes = data[2:].partition(b"\n\n")
    entries = {name: entry for name, entry in (header | as_object(changes)).items() if entry is not None}
    entries["__metadata__"] = {"sha256": "0" * 64, "state": numbers.decode("utf-8", "replace")}
    text = json.dumps(entries).encode()
    path = folder / LATEST
    content = len(text).to_bytes(8, "little") + text + tensors
    made = hashlib.sha256(content).hexdigest().encode()
    path.write_bytes(re.sub(b"0{64}", made, content, count=1))
    with a_sentence():
        states(folder)
    kept.folder = folder
    with a_sentence():
        kept.resume(1)
        for _ in range(2):
            _step(kept)
        kept.task.epoch()
        kept.save(Counters.read(path))
