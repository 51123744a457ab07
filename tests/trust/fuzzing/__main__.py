"""`python -m tests.trust.fuzzing [NAME ...]`: fuzz the parsers one after the other, and print what was found.

Each target is a process of its own. A finding is an error that is not one of the project's own, an input that
takes more than 2 seconds of processor time or 500 MB, or the end of the process. Findings are kept in
FOLDER/findings, the input beside the traceback; what covers new code is kept in FOLDER/corpus for the next time.
"""

import hashlib
import importlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from tests.trust.fuzzing import MODULES, TARGETS

_SECONDS, _MEGABYTES = 2, 500  # at most, for an input
_LONGEST = 20_000  # bytes of an input
_MOST_MEMORY = 4_000  # MB of a process, after which it is ended
_MOST_RESTARTS = 5  # of a target that ends its process
_FOLDER = Path(tempfile.gettempdir()) / "lstmterm-fuzzing"


def atheris() -> Any:
    """The fuzzer, which need not be installed."""
    try:
        return importlib.import_module("atheris")
    except ImportError:
        raise click.ClickException("Fuzzing needs atheris; install it with `pip install atheris`.") from None


@click.command()
@click.argument("names", nargs=-1)
@click.option("--minutes", default=60.0, help="Time for all targets together.")
@click.option("--folder", type=Path, default=_FOLDER, help="Where findings and inputs are kept.")
@click.option("--module", hidden=True, help="Fuzz a target of this module in this process.")
def main(names: Sequence[str], minutes: float, folder: Path, module: str) -> None:
    """Fuzz the targets NAMES, or all of them."""
    atheris()
    if module:
        _fuzz(names[0], module, folder, round(60 * minutes))
        return
    for module in MODULES:
        importlib.import_module(f"tests.trust.fuzzing.{module}")
    names = names or list(TARGETS)
    if unknown := set(names) - TARGETS.keys():
        raise click.UsageError(f"There is no target {', '.join(unknown)}; there are {', '.join(TARGETS)}.")
    click.echo("| target | seconds | inputs | code covered | findings |\n| --- | ---: | ---: | ---: | ---: |")
    for name in names:
        runs, covered, seconds = _run(name, folder, 60 * minutes / len(names))
        findings = len(list((folder / "findings").glob(f"{name}-*.txt")))
        click.echo(f"| `{name}` | {seconds:.0f} | {runs:,} | {covered:,} | {findings} |")


def _run(name: str, folder: Path, seconds: float) -> tuple[int, int, float]:
    """Fuzz a target in processes of its own: the inputs tried, the edges covered, and the seconds taken."""
    begun, runs, covered = time.monotonic(), 0, 0
    (folder / "findings").mkdir(parents=True, exist_ok=True)
    for _ in range(_MOST_RESTARTS):
        left = begun + seconds - time.monotonic()
        if left < 5:
            break
        words = [
            name,
            "--folder",
            str(folder),
            "--minutes",
            str(left / 60),
            "--module",
            TARGETS[name].attempt.__module__,
        ]
        command = [sys.executable, "-m", "tests.trust.fuzzing", *words]
        with tempfile.TemporaryDirectory() as home:
            said = subprocess.run(
                command, env=os.environ | {"LSTMTERM_HOME": home}, stderr=subprocess.PIPE, check=False
            ).stderr.decode("utf-8", "replace")
        tried = [
            int(count)
            for count in re.findall(r"^#(\d+)\t|^Done (\d+) runs", said, re.MULTILINE)
            for count in count
            if count
        ]
        runs += max(tried, default=0)
        covered = max([covered, *map(int, re.findall(r"\bcov: (\d+)", said))])
        if "Done " not in said:
            number = hashlib.sha256(said[-2000:].encode()).hexdigest()[:8]
            (folder / "findings" / f"{name}-ended-{number}.txt").write_text(said[-20_000:])
    return runs, covered, time.monotonic() - begun


def _fuzz(name: str, module: str, folder: Path, seconds: int) -> None:
    """Fuzz a target until the time is over, which ends this process."""
    fuzzer = atheris()
    with fuzzer.instrument_imports(include=["lstmterm", "tomllib", "zipfile", "gzip", "csv"]):
        importlib.import_module(module)
    target = TARGETS[name]
    corpus, words = folder / "corpus" / name, folder / f"{name}.words"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    words.write_text(
        "".join(f'"{_escaped(word.encode("utf-8", "surrogatepass"))}"\n' for word in target.words)
    )
    place = Path(tempfile.mkdtemp())

    def tried(data: bytes) -> None:
        _try(lambda: target.attempt(place, data), data, folder / "findings", name)

    limits = [f"-max_len={_LONGEST}", "-timeout=120", f"-rss_limit_mb={_MOST_MEMORY}", f"-dict={words}"]
    kept = [f"-artifact_prefix={folder}/findings/{name}-", f"-max_total_time={seconds}", str(corpus)]
    fuzzer.Setup([sys.argv[0], *limits, *kept], tried)
    fuzzer.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(chr(b) if 32 < b < 127 and b not in b'"\\' else f"\\x{b:02x}" for b in word)


def _try(attempt: Callable[[], None], data: bytes, findings: Path, name: str) -> None:
    """Try an input; keep it if it is a finding, once for each place in the code."""
    begun, before = time.process_time(), _largest()
    try:
        attempt()
    except (Exception, SystemExit) as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "lstmterm/" in f.filename]
        where = ", ".join(f"{Path(f.filename).name} {f.name}" for f in frames[-2:])
        _keep(f"{type(error).__name__} in {where}", data, findings, name, traceback.format_exc())
    if (seconds := time.process_time() - begun) > _SECONDS:
        _keep("slow", data, findings, name, f"{seconds:.1f} seconds for {len(data):,} bytes")
    if (megabytes := _largest() - before) > _MEGABYTES:
        _keep("large", data, findings, name, f"{megabytes:.0f} MB for {len(data):,} bytes")


def _largest() -> float:
    """The most memory that this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _keep(what: str, data: bytes, findings: Path, name: str, said: str) -> None:
    """Keep a finding, unless an input as short was found before."""
    path = findings / f"{name}-{hashlib.sha256(what.encode()).hexdigest()[:8]}.bin"
    if not path.exists() or len(data) < path.stat().st_size:
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(f"{what}\n\n{said}\n{data!r}\n")


if __name__ == "__main__":
    main()
