"""Events and the journal: every event is read back as it was written, whatever happens to the file."""

import json
import math
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.runs.events import (
    KINDS,
    Evaluated,
    Event,
    Finished,
    Resumed,
    Step,
    Warned,
    from_json,
    to_json,
)
from lstmterm.runs.journal import Journal, JournalReader, last_event

VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(0, 2**60),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    str: st.text(st.characters(exclude_categories=[])),
}


def strategy(hint: Any) -> st.SearchStrategy[Any]:
    if hint in VALUES:
        return VALUES[hint]
    if get_origin(hint) is Mapping:
        return st.dictionaries(st.text(max_size=5), VALUES[get_args(hint)[1]], max_size=3)
    if get_origin(hint) is tuple:
        return st.lists(strategy(get_args(hint)[0]), max_size=3).map(tuple)
    (inner,) = (h for h in get_args(hint) if h is not type(None))
    return st.none() | VALUES[inner]


def events_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = {name: h for name, h in get_type_hints(kind).items() if name != "kind"}
    fields = {name: strategy(h) for name, h in hints.items()} | {"time": st.integers(0, 2**31).map(float)}
    return st.builds(kind, **fields)


any_event = st.sampled_from([KINDS[kind] for kind in sorted(KINDS)]).flatmap(events_of)


def step(number: int) -> Step:
    """A step event that stands for ten steps."""
    return Step(
        step=number, time=float(number), steps=10, loss=2.0, epoch=0.1,
        chars_per_second=1e5, learning_rate=1e-3, gradient_norm=0.5,
    )  # fmt: skip


# The codec


@given(any_event)
def test_an_event_is_read_back_unchanged(event: Event) -> None:
    line = to_json(event)
    assert line.isascii()
    assert "\n" not in line
    assert from_json(line) == event


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_written_as_null_and_read_as_nan(number: float) -> None:
    event = Step(
        step=1,
        time=0,
        steps=1,
        loss=number,
        epoch=0,
        chars_per_second=1,
        learning_rate=1,
        gradient_norm=number,
    )
    record = json.loads(to_json(event))
    assert record["loss"] is None
    back = from_json(to_json(event))
    assert isinstance(back, Step)
    assert math.isnan(back.loss)
    assert math.isnan(back.gradient_norm)


def test_so_are_those_in_a_mapping() -> None:
    event = Evaluated(step=1, time=0, val_loss=1.0, train_loss=1.0, best=True, metrics={"f1": math.nan})
    back = from_json(to_json(event))
    assert isinstance(back, Evaluated)
    assert math.isnan(back.metrics["f1"])


def test_absent_figures_stay_absent() -> None:
    event = Evaluated(step=1, time=0, val_loss=None, train_loss=1.0, best=True)
    assert from_json(to_json(event)) == event


def test_an_unknown_kind_is_none() -> None:
    assert from_json('{"event": "dreamt", "step": 1, "time": 2}') is None


def test_an_unknown_field_is_skipped() -> None:
    line = to_json(Warned(step=1, time=2.0, message="m"))
    assert from_json(line[:-1] + ', "colour": "red"}') == Warned(step=1, time=2.0, message="m")


NOT_EVENTS = [
    "", "3", "[]", "null", "{}", "{", '{"event": "warned"}', '{"event": ["warned"]}', '{"event": {}}', '{"event": null}',
    '{"event": "warned", "step": "one", "time": 2, "message": "m"}',
    '{"event": "warned", "step": 1, "time": 2, "message": 3}',
    '{"event": "stopped", "step": 1.5, "time": 2, "reason": "r"}',
    '{"event": "stopped", "step": -1, "time": 2, "reason": "r"}',
    '{"event": "stopped", "step": 9223372036854775808, "time": 2, "reason": "r"}',
    '{"event": "evaluated", "step": 1, "time": 2, "val_loss": "low", "train_loss": 1, "best": true}',
    '{"event": "evaluated", "step": 1, "time": 2, "val_loss": 1, "train_loss": 1, "best": true, "metrics": 3}',
    '{"event": "evaluated", "step": 1, "time": 2, "val_loss": 1, "train_loss": 1, "best": true, "metrics": {"a": "b"}}',
    "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("line", NOT_EVENTS, ids=lambda line: line[:40])
def test_a_line_that_is_not_an_event_raises_a_value_error(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own among them
        from_json(line)


# The file


def test_a_reader_gets_each_event_once(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    reader = JournalReader(path)
    assert [*reader.read()] == []
    with Journal(path) as journal:
        for number in (10, 20):
            journal.append(step(number))
        assert [*reader.read()] == [step(10), step(20)]
        assert [*reader.read()] == []
        journal.append(step(30))
    assert [*reader.read()] == [step(30)]
    assert last_event(path) == step(30)


@given(st.data())
def test_a_line_is_read_once_it_is_complete(data: st.DataObject) -> None:
    whole = "".join(to_json(step(n)) + "\n" for n in (10, 20, 30)).encode()
    cut = data.draw(st.integers(0, len(whole)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.write_bytes(whole[:cut])
        reader = JournalReader(path)
        first = [*reader.read()]
        assert len(first) == whole[:cut].count(b"\n")
        path.write_bytes(whole)
        assert [*first, *reader.read()] == [step(10), step(20), step(30)]


@pytest.mark.parametrize("torn", [b'{"event": "st', b"{", b"\xe2\x82"])
def test_the_next_writer_drops_a_torn_line(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(to_json(step(10)).encode() + b"\n" + torn)
    reader = JournalReader(path)
    assert [*reader.read()] == [step(10)]
    assert last_event(path) == step(10)
    with Journal(path) as journal:
        journal.append(Resumed(step=10, time=11.0, steps=50))
    assert [*reader.read()] == [Resumed(step=10, time=11.0, steps=50)]
    assert len(path.read_bytes().splitlines()) == 2


def test_a_journal_of_one_torn_line_starts_again(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"event"')
    with Journal(path) as journal:
        journal.append(step(10))
    assert [*JournalReader(path).read()] == [step(10)]


def test_lines_that_are_not_events_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = [to_json(step(10)), *NOT_EVENTS, '{"event": "dreamt"}', to_json(step(20))]
    path.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\x00\n")
    assert [*JournalReader(path).read()] == [step(10), step(20)]
    assert last_event(path) == step(20)


def test_a_reader_misses_nothing_while_a_writer_appends(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    count = 2000

    def write() -> None:
        with Journal(path) as journal:
            for number in range(count):
                journal.append(Warned(step=number, time=0.0, message="x" * (number % 300)))

    writer = threading.Thread(target=write)
    writer.start()
    reader, seen = JournalReader(path), []
    while writer.is_alive():
        seen += reader.read()
    seen += reader.read()
    writer.join()
    assert [event.step for event in seen] == list(range(count))


def test_a_finished_event_has_every_promised_figure() -> None:
    names = {"model", "val_loss", "val_loss_reset", "test_loss", "steps", "epochs", "seconds"}
    names |= {"chars_per_second", "parameters"}
    assert names <= get_type_hints(Finished).keys()


def test_a_journal_that_is_removed_while_it_is_read_has_no_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_file", lambda _: True)
    assert [*JournalReader(tmp_path / "events.jsonl").read()] == []
    assert last_event(tmp_path / "events.jsonl") is None


def test_an_outline_has_every_event_but_of_training_losses_only_the_last_in_a_row(tmp_path: Path) -> None:
    path, warned = tmp_path / "events.jsonl", Warned(step=3, time=3, message="hot")
    resumed = Resumed(step=2, time=9, steps=90)
    with Journal(path) as journal:
        for event in (step(1), step(2), step(3), warned, resumed, step(3), step(4)):
            journal.append(event)
    assert [*JournalReader(path).outline()] == [step(3), warned, resumed, step(4)]


def test_an_outline_passes_over_damaged_losses_and_an_unfinished_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = [to_json(step(1)), to_json(step(2)), '{"event": "step", "step": -1}', '{"event": "step", 3}']
    path.write_text("\n".join([*lines, to_json(step(5))]))
    reader = JournalReader(path)
    assert [*reader.outline()] == [step(2)]
    assert reader.offset == path.read_bytes().rfind(b"\n") + 1


def test_an_outline_decodes_few_of_many_losses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(to_json(step(number)) + "\n" for number in range(5000)))
    decoded: list[str] = []
    monkeypatch.setattr(
        "lstmterm.runs.journal.from_json", lambda line: decoded.append(line) or from_json(line)
    )
    assert [*JournalReader(path).outline()] == [step(4999)]
    assert len(decoded) == 1
