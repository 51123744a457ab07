"""Whatever a file holds, reading it ends in a value or in a sentence.

`hypothesis` makes up journals, specs, headers of models and settings: valid ones with a few wrong values,
and anything else. What is read is then used, by what lists, draws and sums up runs and models.
"""

import json
import struct
import tempfile
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from lstmterm import settings
from lstmterm.cli.reporting import announcement, result, status
from lstmterm.errors import InputError, RunError, error_of
from lstmterm.models import model_file
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import curve_files
from lstmterm.runs.chart import draw
from lstmterm.runs.curves import whole_chart
from lstmterm.runs.events import KINDS, Finished, from_json
from lstmterm.runs.folder import Run
from lstmterm.runs.progress import Progress
from lstmterm.runs.summary import summarize
from lstmterm.runs.verdict import verdict
from lstmterm.settings import SENTENCES, Settings
from lstmterm.spec.kinds import SPECS, knobs_of, spec_from_dict

PROMISE = "Whatever a file holds, reading it ends in a value or a sentence"
LONG = 2_000
RUN = "20250101-000000-a"

T = TypeVar("T")

NUMBERS = st.integers() | st.integers(0, 5000) | st.integers(2**62, 2**64) | st.floats() | st.floats(0, 10)
PLAIN = (
    st.none() | st.booleans() | NUMBERS | st.text(max_size=20) | st.sampled_from(["\x1b[2J", "\ud800", "[b]"])
)
JSON = st.recursive(
    PLAIN,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)


def _of_type(hint: Any) -> SearchStrategy[Any]:
    """Values of a field's type as JSON has them, and a few of any other type."""
    if typing.get_origin(hint) is Mapping:
        right = st.dictionaries(st.text(max_size=8), NUMBERS, max_size=3)
    elif hint is str:
        right = st.text(max_size=20)
    elif hint is bool:
        right = st.booleans()
    elif hint is int:
        right = st.integers(0, 5000) | st.integers()
    else:
        right = st.none() | st.floats(0, 10) | st.floats()
    return st.integers(0, 19).flatmap(lambda n: JSON if n == 0 else right)


def _events() -> SearchStrategy[Any]:
    kinds = []
    for name, cls in KINDS.items():
        hints = typing.get_type_hints(cls)
        kinds.append(
            st.fixed_dictionaries(
                {"event": st.just(name)}, optional={n: _of_type(h) for n, h in hints.items()}
            )
        )
        kinds.append(
            st.fixed_dictionaries({"event": st.just(name)} | {n: _of_type(h) for n, h in hints.items()})
        )
    return st.one_of(*kinds, JSON)


def _specs() -> SearchStrategy[Any]:
    kinds = []
    for kind, cls in SPECS.items():
        parts = {
            name: JSON
            | st.dictionaries(st.sampled_from([*knobs_of(kind), "source", "name", "minutes"]), PLAIN)
            for name in cls.parts()
        }
        rest = {"format": PLAIN, "name": PLAIN, "start_from": PLAIN, "task": st.just(kind) | PLAIN}
        kinds.append(st.fixed_dictionaries({}, optional=parts | rest))
        kinds.append(st.fixed_dictionaries(parts | rest))
    return st.one_of(*kinds, JSON)


def _headers() -> SearchStrategy[Any]:
    tensor = st.fixed_dictionaries(
        {
            "dtype": st.sampled_from(["F32", "F16"]) | PLAIN,
            "shape": st.lists(st.integers(0, 4) | NUMBERS, max_size=3) | PLAIN,
            "data_offsets": st.lists(st.integers(0, 64) | NUMBERS, max_size=3) | PLAIN,
        }
    )
    names = ("format", "kind", "name", "sizes", "vocabulary", "level", "scheme", "metrics", "split", "spec")
    words = st.sampled_from([1, "charlm", "tagger", "word", "bio", "x"])
    sizes = st.dictionaries(st.sampled_from(["layers", "hidden", "embedding", "vocabulary"]), NUMBERS)
    vocabulary = st.fixed_dictionaries(
        {"level": st.sampled_from(["char", "byte"]) | PLAIN, "symbols": st.text() | PLAIN}
    )
    metadata = st.fixed_dictionaries({}, optional=dict.fromkeys(names, words | sizes | vocabulary | JSON))
    places = st.sampled_from(["output.weight", "output.bias", "embedding.weight", "lstm.weight_hh_l0", "x"])
    return st.tuples(st.dictionaries(places, tensor | JSON, max_size=4), metadata | JSON)


def _tomls() -> SearchStrategy[str]:
    values = st.sampled_from(
        ['"a"', "true", "3", "1e999", "[1]", "{a = 1}", "nan", "[[", "9" * 5000, '"\\u0000"', "'''"]
    )
    lines = st.tuples(st.sampled_from([*SENTENCES, "[keys]", "[keys.a]", "a.b.c"]), values).map(" = ".join)
    return st.lists(lines | st.text(max_size=20), max_size=6).map("\n".join)


def _try_journal(folder: Path, events: list[Any]) -> None:
    lines = [json.dumps(event) for event in events]
    for line in lines:
        assert len(error_of(from_json, line)) < 300
    (folder / "events.jsonl").write_text("\n".join([*lines, ""]))
    show_run(Run(RUN, folder))


def show_run(run: Run) -> None:
    """Read a run's journal, and show what it says in every way."""
    summary = summarize(run)
    progress = Progress.of(run.events())
    verdict(progress, summary.status, "^r", summary.reason)
    status(progress)
    progress.seconds_left(1e9)
    for event in run.events():
        announcement(event)
        if isinstance(event, Finished):
            result(event, "character")
    for log in (False, True):
        draw(*whole_chart(progress, 60, 12, log=log, bits=log))
    curve_files.encoded(progress, ".csv", title="a")


def _try_spec(folder: Path, spec: Any) -> None:
    (folder / "spec.json").write_text(json.dumps(spec))
    run = Run(RUN, folder)
    in_a_sentence(lambda: run.spec)
    summarize(run)
    if isinstance(spec, dict):
        show_spec(spec)


def show_spec(spec: dict[str, Any]) -> None:
    """Make a stored spec, and the request that trains it again."""
    in_a_sentence(lambda: spec_from_dict(spec))
    for kind in SPECS:
        if request := TrainRequest.from_spec(kind, spec):
            request.to_arguments()


def _try_header(folder: Path, parts: tuple[dict[str, Any], Any]) -> None:
    tensors, metadata = parts
    header = json.dumps({**tensors, "__metadata__": {"lstmterm": json.dumps(metadata)}}).encode()
    path = folder / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(64))
    in_a_sentence(lambda: model_file.load(path))


def _try_settings(folder: Path, text: str) -> None:
    path = folder / "settings.toml"
    path.write_text(text, "utf-8", "surrogatepass")
    in_a_sentence(lambda: settings.load(path))
    in_a_sentence(lambda: settings.save(Settings(theme="x"), path))


def in_a_sentence(read: Callable[[], T]) -> T | None:
    """What is read; None where it is refused, which takes a sentence."""
    try:
        return read()
    except (InputError, RunError) as refused:
        sentence = str(refused)
    assert 0 < len(sentence) < 600, sentence[:800]
    return None


PARSERS: dict[str, tuple[SearchStrategy[Any], Callable[[Path, Any], None]]] = {
    "journals": (st.lists(_events(), min_size=1, max_size=8), _try_journal),
    "specs": (_specs(), _try_spec),
    "headers of models": (_headers(), _try_header),
    "settings": (_tomls(), _try_settings),
}


def check(rounds: int) -> str:
    """Make up `rounds` files of each kind."""
    for values, attempt in PARSERS.values():
        with tempfile.TemporaryDirectory() as folder:
            try:
                _each(values, attempt, Path(folder), rounds)
            except Exception as error:
                notes = "; ".join(getattr(error, "__notes__", ()))
                raise AssertionError(f"{type(error).__name__}: {error} ({notes})") from error
    return f"{rounds:,} each of {', '.join(PARSERS)}: all read, or refused in a sentence"


def _each(
    values: SearchStrategy[Any], attempt: Callable[[Path, Any], None], folder: Path, rounds: int
) -> None:
    @hypothesis.settings(
        max_examples=rounds, deadline=None, database=None, derandomize=rounds < LONG,
        suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
    )  # fmt: skip
    @hypothesis.given(values)
    def tried(value: Any) -> None:
        for file in folder.iterdir():
            file.unlink()
        attempt(folder, value)

    tried()


def test_some_of_each() -> None:
    check(60)
