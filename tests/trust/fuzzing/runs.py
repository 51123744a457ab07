"""Files of a run: its spec, its journal, its summary, its log."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lstmterm import plain_data
from lstmterm.errors import error_of
from lstmterm.runs.events import from_json
from lstmterm.runs.folder import Run
from lstmterm.runs.summary import summarize
from lstmterm.spec.kinds import upgraded
from tests.trust.fuzzing import OLD_RUNS, a_sentence, target
from tests.trust.test_parsers import RUN, show_run, show_spec

JOURNAL = b"".join((folder / "events.jsonl").read_bytes() for folder in OLD_RUNS)


def _journals() -> Iterator[bytes]:
    yield JOURNAL[:6000]
    yield from JOURNAL.splitlines(keepends=True)[::9]


@target(
    _journals, "event", "null", "step", "time", "resumed", "finished", "failed", "metrics", "NaN", "1e999"
)
def journals(folder: Path, data: bytes) -> None:
    for line in data.splitlines():
        assert len(error_of(from_json, line.decode("utf-8", "replace"))) < 300
    (folder / "events.jsonl").write_bytes(data)
    show_run(Run(RUN, folder))


def _specs() -> Iterator[bytes]:
    for folder in OLD_RUNS:
        spec = (folder / "spec.json").read_bytes()
        yield spec
        yield json.dumps(upgraded(json.loads(spec))).encode()


@target(
    _specs, "format", "task", "charlm", "tagger", "text", "data", "source", "steps", "start_from", "minutes"
)
def specs(folder: Path, data: bytes) -> None:
    (folder / "spec.json").write_bytes(data)
    run = Run(RUN, folder)
    summarize(run)
    with a_sentence():
        show_spec(dict(run.spec))
    with suppress(plain_data.Damaged):  # a model's spec is not checked beforehand
        show_spec(plain_data.parsed(data))


def _summaries() -> Iterator[bytes]:
    lines = [json.loads(line) for line in JOURNAL.splitlines()]
    yield json.dumps({"journal_bytes": 100, "events": [lines[0], *lines[-3:]]}).encode()
    yield b"lstmterm: There is no file x.\n"


@target(_summaries, "journal_bytes", "events", "event", "evaluated", "finished", "val_loss", "null")
def summaries(folder: Path, data: bytes) -> None:
    (folder / "summary.json").write_bytes(data)
    (folder / "log").write_bytes(data)
    (folder / "events.jsonl").write_bytes(JOURNAL[:3000])
    summarize(Run(RUN, folder))
    (folder / "events.jsonl").unlink()
    summarize(Run(RUN, folder))
