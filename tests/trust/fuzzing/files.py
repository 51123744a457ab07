"""Files that the program keeps besides: settings, measurements, records of texts."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from lstmterm import paths, settings
from lstmterm.corpora import cache, stored
from lstmterm.planning import machine
from tests.trust.fuzzing import a_sentence, target


def _settings() -> Iterator[bytes]:
    yield b'# mine\ntheme = "nord"  # dark\ntime = "2 epochs"\nbits = true\n\n[keys]\n"train.start" = "f9"\n'
    yield b'folder = "/tmp"\nkeys = {train.start = "f9"}\n[other]\nx = [1, 2]\n'


@target(
    _settings, *settings.SENTENCES, "[keys]", '"""', "'''", "\\u0000", "1979-05-27", "inf", "[[a]]", "\r\n"
)
def settings_files(folder: Path, data: bytes) -> None:
    path = folder / "settings.toml"
    path.write_bytes(data)
    with a_sentence():
        found = settings.load(path)
        changed = settings.Settings(
            "x", "5 steps", "y", not found.bits, not found.bell, not found.notify, "true", keys={"a.b": "f9"}
        )
        settings.save(changed, path)
        assert settings.load(path) == changed


def _measurements() -> Iterator[bytes]:
    entry = {
        "device": "cpu", "threads": 2, "precision": "float32", "chars_per_second": 50_000, "share_of_products": 0.6,
    }  # fmt: skip
    yield json.dumps({"x / cpu / 2 threads / torch 2": entry}).encode()


@target(_measurements, "device", "threads", "precision", "bfloat16", "chars_per_second", "share_of_products")
def measurements(folder: Path, data: bytes) -> None:
    path = paths.calibration()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    machine.newest()
    machine.mended()
    assert machine.mended() == ""


def _records() -> Iterator[bytes]:
    record = stored.Record("fetched", "text", "A title", "https://a.b/c.txt", {"c.txt": "0" * 64})
    facts = {"format": cache.FORMAT, "dtype": "|u1", "length": 10, "modified_ns": 10**9, "digest": "0" * 64}
    words = {"vocabulary": {"level": "char", "symbols": "abc"}, "encoding": "utf-8", "notes": ["x"]}
    yield json.dumps(record.__dict__).encode()
    yield json.dumps(facts | words).encode()


@target(
    _records, "origin", "fetched", "own", "sha256", "dtype", "<u2", "<u4", "length", "modified_ns", "..", "/"
)
def records(folder: Path, data: bytes) -> None:
    """The record of a stored text, and the facts of an encoded one."""
    text = paths.corpora() / "a"
    text.mkdir(parents=True, exist_ok=True)
    (text / "record.json").write_bytes(data)
    (text / "c.txt").write_bytes(b"text")
    stored.texts()
    paths.encoded().mkdir(parents=True, exist_ok=True)
    array = paths.encoded() / "k.ids"
    array.write_bytes(bytes(10))
    os.utime(array, ns=(10**9, 10**9))
    (paths.encoded() / "k.json").write_bytes(data)
    if found := cache.load("k"):
        found.facts.vocabulary.decode(found.ids)
