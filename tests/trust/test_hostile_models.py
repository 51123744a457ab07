"""Hostile model files are refused: cut, changed and made-up files, read by everything that reads models."""

import copy
import functools
import json
import random
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmterm.cli.models import _facts, _row
from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.tag import Tagger
from lstmterm.infer.text_stream import write_text
from lstmterm.models import library, model_file
from lstmterm.models.card_rows import card_rows
from lstmterm.models.library import ModelEntry
from lstmterm.spec.character import CharBatchPart, CharModelPart, CharSpec, TextPart
from lstmterm.spec.sampling import DEFAULT
from lstmterm.spec.training import TrainingPart
from lstmterm.visible import visible
from tests.character_models import TorchModel
from tests.ui.tagger_models import WORDS, keep_tagger

PROMISE = "Hostile model files are refused"
LONG = 10_000
_SECONDS, _MEGABYTES = 2.0, 100
_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 10**18, 10**30, "", "a", "\x1b]0;PWN\x07", "[red]x[/]", "\u202e", "\ud800", "n" * 1_000_000,
    [], [1], [[]], {}, {"a": 1}, "9" * 400, [0] * 1000, [None, None], -0.0, 1e308,
)  # fmt: skip


@functools.cache
def good_models() -> list[bytes]:
    """A character model and a tagger with all that a header holds."""
    spec = CharSpec(
        text=TextPart(source="plays.txt", name="plays"),
        model=CharModelPart(hidden=6, embedding=4),
        batches=CharBatchPart(),
        training=TrainingPart(steps=100, evaluate_every=10, minutes=3.0),
        name="bard",
    )
    whole = {
        "spec": spec.to_dict(),
        "corpus": {"name": "plays", "chars": 1000, "source": "plays.txt", "sha256": "0" * 64},
        "split": {"train": [0, 90], "val": [90, 100]},
        "metrics": {"val_loss": 1.5},
        "seconds": 3.5,
        "steps": 100,
        "seed": 1,
        "created": "2025-01-31T14:20:00+00:00",
        "versions": {"lstmterm": "0.2.0"},
        "complete": True,
    }
    characters = TorchModel(1, 6, 4).publish("bard", **whole)
    return [characters.read_bytes(), keep_tagger("tags", WORDS, **whole).read_bytes()]


def parts_of(raw: bytes) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    return header, json.loads(header["__metadata__"]["lstmterm"]), raw[8 + length :]


def joined(header: dict[str, Any], metadata: Any, data: bytes) -> bytes:
    header["__metadata__"]["lstmterm"] = json.dumps(metadata)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places in plain data, its lists by some of their entries."""
    items = (
        value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    )
    for key, inside in items:
        yield (*place, key)
        yield from _places(inside, (*place, key))


def _mutated(raw: bytes, chance: random.Random) -> bytes:
    """The file with one or a few things changed: bytes, values of its header, or its length."""
    match chance.randrange(6):
        case 0:
            changed = bytearray(raw)
            for _ in range(chance.choice((1, 1, 3, 30))):
                changed[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            return bytes(changed)
        case 1:
            a, b = sorted(chance.randrange(len(raw)) for _ in "ab")
            return raw[:a] + chance.choice((b"", raw[a:b] * 2, bytes(b - a), b"[" * (b - a))) + raw[b:]
        case 2:
            length = chance.choice((0, 1, 2**63, 2**64 - 1, 10**7, chance.randrange(len(raw))))
            return struct.pack("<Q", length) + raw[8:]
    header, metadata, data = parts_of(raw)
    target = chance.choice((metadata, metadata, header))
    for _ in range(chance.choice((1, 1, 2, 4))):
        *place, last = chance.choice([p for p in _places(target) if p[0] != "__metadata__"])
        inside: Any = target
        for key in place:
            inside = inside[key]
        if isinstance(inside, dict) and chance.random() < 0.2:
            del inside[last]
        else:
            inside[last] = copy.deepcopy(chance.choice(_ODD))
    return joined(header, metadata, data)


def _made_up(raw: bytes) -> Iterator[bytes]:
    """Files that somebody would make to do harm."""
    header, metadata, data = parts_of(raw)
    name = next(name for name in header if name != "__metadata__")

    def with_tensor(**entry: Any) -> bytes:
        return joined({**header, name: {**header[name], **entry}}, metadata, data)

    yield with_tensor(shape=[10**12], data_offsets=[0, 4 * 10**12])  # terabytes
    yield with_tensor(shape=[2**62, 4], data_offsets=[0, 2**66])
    yield with_tensor(shape=[0] * 100_000)
    yield joined(header, metadata | {"sizes": metadata["sizes"] | {"hidden": 65_536, "layers": 64}}, data)
    yield joined({**header, **{f"t{i}": header[name] for i in range(100_000)}}, metadata, data)
    yield joined(header, metadata | {"name": "\x1b[2J" * 250_000}, data)
    yield struct.pack("<Q", 15_000_000) + b"{" + b"[" * 14_999_999
    yield struct.pack("<Q", 15_000_002) + b'{"a":"' + b"x" * 14_999_994 + b'"}'
    yield struct.pack("<Q", 95_000_000) + b"{" + b"[" * 94_999_999


def used(path: Path) -> None:
    """Do with a file what commands and the screen do. Raises `InputError` where it is refused."""
    entry = ModelEntry("bad", path, "own")
    card = model_file.describe(path)
    for value in (*_row(entry, card), *(v for _, v in card_rows(entry, card))):
        assert visible(value).isprintable() or value == "", value[:80]
    json.dumps(_facts(card), allow_nan=False)
    loaded = model_file.load(path)
    with np.errstate(all="ignore"):
        if card.kind == "tagger":
            Tagger.from_model(loaded).tag(["the", "sea", "X1"])
        else:
            write_text(CharLSTM.from_tensors(loaded.tensors), card.vocabulary, "A", 3, DEFAULT, 1)


def _used(path: Path) -> tuple[InputError | None, float]:
    """Why a file is refused, if it is, and the seconds that this or its use took."""
    refused, begun = None, time.thread_time()
    try:
        used(path)
    except InputError as error:
        refused = error
    return refused, time.thread_time() - begun


def _check_sentence(refused: InputError, path: Path) -> None:
    said = str(refused)
    assert said.startswith(str(path)), said[:600]
    assert len(said) < 500, said[:600]
    assert "\n" not in said, said
    assert 0 < len(library.brief(refused)) < 300


def _forget_peak() -> float:
    """Count the peak of this process's memory anew; how much it has now, in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(which: str) -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(which))
    return int(line.split()[1]) / 1024


def _tried(path: Path) -> tuple[bool, float]:
    """Whether a file was refused, and the seconds of the processor that it took."""
    begun, is_refused = time.thread_time(), False
    try:
        used(path)
    except InputError as refused:
        is_refused = True
        _check_sentence(refused, path)
    return is_refused, time.thread_time() - begun


def check(rounds: int) -> str:
    """Mutate `rounds` files, cut files at every (of few rounds: some) length, and try those made to do harm."""
    chance = random.Random(rounds)
    goods = good_models()
    step = 1 if rounds >= LONG else max(1, 20_000 // rounds)
    tries: dict[str, Iterator[Callable[[], bytes]]] = {
        "made up": ((lambda made=made: made) for raw in goods for made in _made_up(raw)),
        "cut": ((lambda raw=raw, n=n: raw[:n]) for raw in goods for n in range(0, len(raw), step)),
        "mutated": ((lambda: _mutated(chance.choice(goods), chance)) for _ in range(rounds)),
    }
    path = Path(tempfile.mkdtemp()) / "bad.safetensors"
    seen = {kind: [0, 0] for kind in tries}  # refused, of
    slowest = largest = 0.0
    for kind, files in tries.items():
        for make in files:
            path.write_bytes(make())
            before = _forget_peak()
            is_refused, seconds = _tried(path)
            if seconds >= _SECONDS:  # perhaps another program slowed the processor
                seconds = min(_tried(path)[1] for _ in range(3))
            seen[kind][0] += is_refused
            seen[kind][1] += 1
            slowest = max(slowest, seconds)
            assert slowest < _SECONDS, f"{slowest:.1f} s for a {kind} file"
            largest = max(largest, _memory("VmHWM") - before)
            assert largest < _MEGABYTES, f"{largest:.0f} MB for a {kind} file"
    counts = ", ".join(f"{refused:,} of {of:,} {kind}" for kind, (refused, of) in seen.items())
    return (
        f"refused in a sentence: {counts} files; the others were models still, and worked; at most {slowest:.2f} s "
        f"and {largest:.0f} MB for a file"
    )


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="memory is measured as Linux counts it"
)
def test_some_of_each() -> None:
    assert "refused in a sentence" in check(150)
