"""A session: a request becomes a run, and a run that was stopped ends with the same bits as one that was not."""

import dataclasses
import json
import random
import re
import shutil
import signal
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch

from lstmterm import paths
from lstmterm.errors import InputError, RunError
from lstmterm.models import library, model_file
from lstmterm.nn import calibrate, char_recipe, meter, saved_state, session, train
from lstmterm.nn.checkpoints import BEST, GOOD, LATEST
from lstmterm.nn.device import precisions
from lstmterm.nn.train import Session
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import storage
from lstmterm.runs.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Resumed,
    Saved,
    Started,
    Step,
    Stopped,
    Warned,
)
from lstmterm.runs.journal import last_event
from lstmterm.runs.summary import summaries
from lstmterm.spec.character import CharSpec
from tests import processes
from tests.character_models import TorchModel
from tests.nn.resuming import resume_run
from tests.processes import FAST, Trouble
from tests.recorded import steps_in, still_counted
from tests.small import CPU, small_task, small_text
from tests.ui.tagger_models import WORDS, keep_tagger

Tensors = dict[str, np.ndarray]


def same_bits(a: Tensors, b: Tensors) -> bool:
    """Whether two sets of tensors are the same to the last bit."""
    return a.keys() == b.keys() and all(a[k].tobytes() == b[k].tobytes() for k in a)


# Through the command line, with true signals

STEPS = 60
TRAIN = (*FAST, "--steps", STEPS, "--layers", 2, "--dropout", 0.3, "--average", 0.9, "--warmup", 5)


def final_tensors(name: str) -> tuple[Tensors, Tensors]:
    """The published model's tensors and the last state's, of the latest run called `name`."""
    run = storage.find(name)
    published = model_file.load(library.find(name).path).tensors
    tensors, _ = saved_state.read(run.folder / LATEST)
    return dict(published), {key: value.numpy() for key, value in tensors.items()}


def busy() -> None:
    """Journal every step, as on a machine so busy that a step takes as long as a few do elsewhere."""
    meter.READ_EVERY = 0.0


def test_stopped_at_ten_random_steps_and_resumed(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(small_text(3000))
    choose = random.Random(2)
    steps = sorted(choose.sample(range(1, STEPS), 10))
    kinds = [signal.SIGKILL] * 5 + [signal.SIGINT] * 3 + [signal.SIGTERM] * 2
    choose.shuffle(kinds)
    codes = {signal.SIGKILL: -9, signal.SIGINT: 130, signal.SIGTERM: 143}

    whole = processes.run(tmp_path / "whole", "train", text, "--name", "whole", *TRAIN, "--json")
    assert whole.process.exitcode == 0, whole.err

    command: tuple[Any, ...] = ("train", text, "--name", "interrupted", *TRAIN, "--json")
    for step, kind in zip(steps, kinds, strict=True):
        # killed work since the last save is lost and done again
        trouble = Trouble(signals={step: kind}, save_every=4, broken=busy if step % 2 else None)
        stopped = processes.run(tmp_path / "interrupted", *command, trouble=trouble)
        assert stopped.process.exitcode == codes[kind], stopped.err
        command = ("resume", "interrupted", "--json")
    last = processes.run(tmp_path / "interrupted", *command)
    assert last.process.exitcode == 0, last.err

    for of_whole, of_interrupted in zip(final_tensors("whole"), final_tensors("interrupted"), strict=True):
        assert same_bits(of_whole, of_interrupted)
    ends = [process.events[-1] for process in (whole, last)]
    assert ends[0]["val_loss"] == ends[1]["val_loss"]

    history = [*storage.find("interrupted").events()]
    assert sum(isinstance(e, Started) for e in history) == 1
    assert sum(e.steps for e in history if isinstance(e, Step)) > STEPS, "no kill undid a step in the journal"
    counted = still_counted(history)
    evaluated = [e.step for e in counted if isinstance(e, Evaluated)]
    assert evaluated == sorted(set(evaluated))
    assert steps_in(counted) == [*range(1, STEPS + 1)], "each step is in the journal once"


# In this process, for everything that a state has to hold


def events(folder: Path, resume: bool = False, **knobs: Any) -> Generator[Event]:
    task = small_task(**knobs)
    yield from train.train(task, task.spec.training, Session(folder, resume))


def saved(folder: Path) -> Tensors:
    """The final state and the best model, without the clock's share of their headers."""
    tensors, numbers = saved_state.read(folder / LATEST)
    assert numbers["step"] > 0
    best = safetensors.numpy.load((folder / BEST).read_bytes())
    return {k: v.numpy() for k, v in tensors.items()} | {f"best.{k}": v for k, v in best.items()}


def interrupt(folder: Path, after: int, **knobs: Any) -> None:
    """Train, and vanish after the save of step `after` or a later one."""
    folder.mkdir(exist_ok=True)
    for event in events(folder, **knobs):
        if isinstance(event, Saved) and event.what == "state" and event.step >= after:
            return
    raise AssertionError("the run ended before it was interrupted")


def whole(folder: Path, **knobs: Any) -> Tensors:
    folder.mkdir(exist_ok=True)
    *_, last = events(folder, **knobs)
    assert isinstance(last, Finished)
    return saved(folder)


@pytest.fixture(autouse=True)
def frequent_saves(monkeypatch: pytest.MonkeyPatch) -> None:
    done = train.Trainer.step

    def step(self: train.Trainer) -> None:
        monkeypatch.setattr(self.checkpoints, "due", lambda: self.counters.step % 2 == 0)
        done(self)

    monkeypatch.setattr(train.Trainer, "step", step)


KNOBS: list[dict[str, Any]] = [
    {"optimizer": "adamw", "weight_decay": 0.1, "average": 0.95},
    {"optimizer": "muon", "layers": 2, "average": 0.9, "weight_decay": 0.01},
    {"optimizer": "adam", "initial_state": "learned", "schedule": "step"},
    {"optimizer": "sgd", "learning_rate": 0.1, "embedding": 0},
    {"optimizer": "rmsprop", "schedule": "constant", "clip": 0.0},
    {"dropout": 0.4, "token_dropout": 0.1, "layers": 2, "initial_state": "random", "loss": "nll"},
    {"precision": "bfloat16", "seq_length": 7},
    {"val": 0.0, "test": 0.0, "average": 0.5},
]


@pytest.mark.parametrize("knobs", KNOBS, ids=lambda knobs: "-".join(map(str, knobs.values())))
def test_every_knob_resumes_exactly(tmp_path: Path, knobs: dict[str, Any]) -> None:
    if knobs.get("precision", "float32") not in precisions(CPU):
        pytest.skip("this processor has no bfloat16")
    knobs = {"steps": 45, "evaluate_every": 10} | knobs  # more than an epoch
    expected = whole(tmp_path / "whole", **knobs)
    interrupted = tmp_path / "interrupted"
    interrupt(interrupted, 7, **knobs)
    interrupt(interrupted, 37, resume=True, **knobs)
    *_, last = events(interrupted, resume=True, **knobs)
    assert isinstance(last, Finished)
    assert same_bits(saved(interrupted), expected)


def test_interruption_at_any_event_changes_nothing(tmp_path: Path) -> None:
    knobs = {"steps": 7, "evaluate_every": 3}
    expected = whole(tmp_path / "whole", **knobs)
    number = 0
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        ongoing = events(folder, **knobs)  # pyright: ignore[reportArgumentType]
        for _ in range(number + 1):
            if next(ongoing, None) is None:
                return  # every event had its turn
        ongoing.close()
        if (folder / LATEST).exists():
            *_, last = events(folder, resume=True, **knobs)
            assert isinstance(last, Finished)
            assert same_bits(saved(folder), expected), f"interrupted after event {number}"
        number += 1


def rewritten(folder: Path, change: dict[str, Any]) -> None:
    """Change tensors of the saved state."""
    tensors, numbers = saved_state.read(folder / LATEST)
    numbers = {k: v for k, v in numbers.items() if k not in ("format", "torch")}
    saved_state.write(folder / LATEST, tensors | {k: f(tensors[k]) for k, f in change.items()}, numbers)


@pytest.mark.parametrize(
    "lost",
    [
        ["position.h", "position.c"],
        ["position.h"],
        ["position.place"],
        ["optimizer.output.weight.exp_avg"],
        ["optimizer.output.weight.step"],
        ["average.output.bias"],
    ],
    ids=lambda lost: lost[0],
)
def test_a_state_that_lost_something_ends_differently(tmp_path: Path, lost: list[str]) -> None:
    knobs = {"average": 0.9, "steps": 20}
    expected = whole(tmp_path / "whole", **knobs)
    interrupted = tmp_path / "interrupted"
    interrupt(interrupted, 7, **knobs)
    rewritten(interrupted, dict.fromkeys(lost, torch.zeros_like))
    list(events(interrupted, resume=True, **knobs))
    assert not same_bits(saved(interrupted), expected)


def test_a_state_that_lost_its_random_numbers_ends_differently(tmp_path: Path) -> None:
    knobs = {"dropout": 0.3, "steps": 20}
    expected = whole(tmp_path / "whole", **knobs)
    interrupted = tmp_path / "interrupted"
    interrupt(interrupted, 7, **knobs)
    rewritten(interrupted, {"random.cpu": lambda _: torch.Generator().manual_seed(99).get_state()})
    list(events(interrupted, resume=True, **knobs))
    assert not same_bits(saved(interrupted), expected)


def test_a_request_stops_between_steps_and_saves(tmp_path: Path) -> None:
    task = small_task()
    asked = iter([None, None, None, "requested"])
    *_, last = train.train(task, task.spec.training, Session(tmp_path, should_stop=lambda: next(asked)))
    assert isinstance(last, Stopped)
    assert (last.step, last.reason) == (3, "requested")
    first, *_, last = events(tmp_path, resume=True)
    assert isinstance(first, Resumed)
    assert first.step == 3
    assert isinstance(last, Finished)


def test_a_request_during_the_final_evaluation_stops(tmp_path: Path) -> None:
    expected = whole(tmp_path / "whole")
    interrupted = tmp_path / "interrupted"
    interrupted.mkdir()
    task = small_task()

    def at_the_end() -> str | None:
        return "SIGTERM" if task.streams.epoch() * task.streams.steps_per_epoch >= 12 else None

    *_, last = train.train(task, task.spec.training, Session(interrupted, should_stop=at_the_end))
    assert isinstance(last, Stopped)
    assert last.step == 12
    *_, last = events(interrupted, resume=True)
    assert isinstance(last, Finished)
    assert same_bits(saved(interrupted), expected)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff" * 100, None], ids=["empty", "short", "noise", "cut"])
def test_a_damaged_state_is_reported(tmp_path: Path, damage: bytes | None) -> None:
    interrupt(tmp_path, 4)
    path = tmp_path / LATEST
    path.write_bytes(path.read_bytes()[:-50] if damage is None else damage)
    (tmp_path / GOOD).unlink()
    (failed,) = events(tmp_path, resume=True)
    assert failed.kind == "failed"
    assert "damaged" in str(failed)


def test_a_run_continues_from_the_last_good_state_where_the_last_one_is_damaged(tmp_path: Path) -> None:
    expected = whole(tmp_path / "whole")
    broken = tmp_path / "broken"
    interrupt(broken, 8)  # after an evaluation at step 5
    content = bytearray((broken / LATEST).read_bytes())
    content[len(content) // 2] ^= 1
    (broken / LATEST).write_bytes(content)
    resumed, warned, *_, last = events(broken, resume=True)
    assert isinstance(resumed, Resumed)
    assert isinstance(warned, Warned)
    assert resumed.step == 5
    assert "is damaged" in warned.message
    assert "continues from the last good one, at step 5" in warned.message
    assert isinstance(last, Finished)
    assert same_bits(saved(broken), expected)


def test_a_missing_state_is_reported(tmp_path: Path) -> None:
    (failed,) = events(tmp_path, resume=True)
    assert "no saved state" in str(failed)


def test_a_state_of_another_shape_is_reported(tmp_path: Path) -> None:
    interrupt(tmp_path, 4)
    (failed,) = events(tmp_path, resume=True, hidden=13)
    assert "do not match" in str(failed)


def test_a_newer_state_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(tmp_path, 4)
    monkeypatch.setattr(saved_state, "FORMAT", 0)
    (failed,) = events(tmp_path, resume=True)
    assert "newer lstmterm" in str(failed)


# The session itself


def prepared(source: Path, name: str = "small", steps: int = 6, **given: Any) -> session.Prepared:
    return planned(source, Length("steps", steps), name, **given)


def planned(source: Path, length: Length, name: str = "small", **given: Any) -> session.Prepared:
    knobs = {"hidden": 12, "embedding": 8, "batch_size": 4, "seq_length": 10, "threads": 1} | given
    request = TrainRequest("charlm", str(source), name, length, {**knobs, "precision": "float32"})
    return session.prepare(request, time.monotonic())


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small text, on a machine that was measured."""
    machine = Machine("cpu", 1, "float32", 60_000)
    monkeypatch.setattr(calibrate, "machine", lambda *_, **__: machine)
    path = tmp_path / "small.txt"
    path.write_text(small_text(2000))
    return path


def never() -> str | None:
    return None


def trained(made: session.Prepared, run_id: str | None = None) -> list[Event]:
    return list(session.train_run(session.begin(made, run_id), made, never, time.monotonic()))


def test_a_request_becomes_a_model_of_its_name(source: Path) -> None:
    found = trained(prepared(source, "tides"))
    assert isinstance(found[0], Started)
    assert isinstance(found[-1], Finished)
    assert library.find("tides").path.exists()
    with pytest.raises(InputError, match="tides"):
        prepared(source, "tides")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "There is not enough memory. .* Then start the run again"),
        (InputError("It needs a larger batch."), "It needs a larger batch"),
        (AssertionError(), "AssertionError"),
    ],
)
def test_a_run_whose_model_cannot_be_made_says_why_it_failed(
    source: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    made = prepared(source, "tides")

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(char_recipe, "CharTask", refuse)
    with pytest.raises((type(error), RunError)):
        trained(made)
    [found] = summaries()
    assert found.status == "failed"
    assert re.match(reason, found.reason)
    assert isinstance(last_event(storage.find("tides").journal), Failed)


def test_steps_decide_evaluations_and_warmup_unless_they_are_given(source: Path) -> None:
    training = prepared(source, steps=200).spec.training
    assert (training.steps, training.evaluate_every, training.warmup) == (200, 10, 20)
    training = prepared(source, steps=200, evaluate_every=7, warmup=3).spec.training
    assert (training.evaluate_every, training.warmup) == (7, 3)


def test_a_time_too_short_for_the_fewest_steps_is_said_before_and_planned_for(source: Path) -> None:
    made = planned(source, Length("minutes", 1e-3))
    training = made.spec.training
    assert training.steps == 100
    assert made.pace is not None
    least = made.pace.seconds_of(training.steps, training.evaluate_every)
    assert training.minutes is not None
    assert 60 * training.minutes >= least
    started, warned, *_ = trained(made)
    assert isinstance(started, Started)
    assert isinstance(warned, Warned)
    assert warned.message.startswith("100 steps, the fewest that teach a model anything, take about ")
    assert ", more than 0 seconds. " in warned.message
    assert warned.message.endswith("; --deadline ends in time, with fewer steps.")


def test_a_time_too_short_for_several_models_does_not_speak_of_a_deadline(source: Path) -> None:
    (note,) = planned(source, Length("minutes", 1e-3), ensemble=1).notes
    assert note.startswith("100 steps for each of 2 models, ")
    assert note.endswith(". A smaller model takes less time.")


def test_with_a_deadline_a_short_time_is_kept_with_fewer_steps(source: Path) -> None:
    made = planned(source, Length("minutes", 1e-3), deadline=True)
    assert (made.spec.training.minutes, made.notes) == (1e-3, ())
    assert made.spec.training.steps < 100


def test_a_time_that_suffices_stays_as_given(source: Path) -> None:
    made = planned(source, Length("minutes", 1))
    assert (made.spec.training.minutes, made.notes) == (1, ())
    assert made.spec.training.steps > 100


def test_notes_on_the_data_follow_the_start(source: Path) -> None:
    source.write_bytes(small_text(2000).replace("\n", "\r\n").encode())
    found = trained(prepared(source))
    assert [type(event) for event in found[:2]] == [Started, Warned]


def test_a_run_asked_to_stop_while_it_starts_stops(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "STOP_LOOKS_EVERY", -1.0)
    made = prepared(source)
    run = session.begin(made)
    run.request_stop()
    *_, last = session.train_run(run, made, never, time.monotonic())
    assert isinstance(last, Stopped)
    assert last.reason == "requested"
    with run.started():
        *_, last = resume_run(run, never, time.monotonic())
    assert isinstance(last, Finished)
    with pytest.raises(RunError, match="--minutes 5"):
        list(resume_run(run, never, time.monotonic()))


def test_a_deadline_needs_a_time(source: Path) -> None:
    made = prepared(source)
    run = session.begin(made)
    list(session.train_run(run, made, lambda: "asked", time.monotonic()))
    with pytest.raises(InputError, match=r"started without --minutes; leave out --deadline\.$"):
        list(resume_run(run, never, time.monotonic(), deadline=True))
    timed = {**run.spec, "training": {**run.spec["training"], "minutes": 1.0}}
    (run.folder / "spec.json").write_text(json.dumps(timed))
    *_, last = resume_run(storage.find(run.id), never, time.monotonic(), deadline=True)
    assert isinstance(last, Finished)
    assert storage.find(run.id).spec["training"]["deadline"] is True


def test_more_minutes_stretch_a_finished_run(source: Path) -> None:
    made = prepared(source)
    run = session.begin(made)
    list(session.train_run(run, made, never, time.monotonic()))
    *_, last = resume_run(run, never, time.monotonic(), Length("minutes", 0.001))
    assert isinstance(last, Finished)
    assert last.step > 6
    assert run.spec["training"]["steps"] == last.step


def test_a_run_that_gives_way_to_another_of_its_name_leaves_nothing(source: Path) -> None:
    made = prepared(source)
    other, run = session.begin(made), session.begin(made)
    with storage.writing(other), pytest.raises(InputError, match=other.id):
        list(session.train_run(run, made, never, time.monotonic()))
    assert storage.all_runs() == [other]


def test_a_name_taken_by_another_run_is_not_replaced(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "STOP_LOOKS_EVERY", -1.0)
    made = prepared(source)
    run = session.begin(made, "20250101-000000-small")
    run.request_stop()
    list(session.train_run(run, made, never, time.monotonic()))
    trained(dataclasses.replace(made), "20250101-000001-small")
    with pytest.raises(InputError, match="would replace it"):
        list(resume_run(run, never, time.monotonic()))


def test_a_run_whose_best_model_was_lost_ends_with_the_latest(tmp_path: Path) -> None:
    task = small_task()

    def at_the_end() -> str | None:
        return "SIGTERM" if task.streams.epoch() * task.streams.steps_per_epoch >= 12 else None

    list(train.train(task, task.spec.training, Session(tmp_path, should_stop=at_the_end)))
    (tmp_path / BEST).unlink()
    *_, last = events(tmp_path, resume=True)
    assert isinstance(last, Finished)
    assert model_file.load(tmp_path / BEST).card.complete


def test_a_run_that_took_longer_than_its_minutes_says_so(tmp_path: Path) -> None:
    warned = [event.message for event in events(tmp_path, minutes=1e-9) if isinstance(event, Warned)]
    assert len(warned) == 1
    assert "longer than planned: the machine was slower than measured" in warned[0]


def test_a_run_that_ended_before_it_trained_cannot_be_resumed() -> None:
    run = storage.new_run("a")
    with pytest.raises(RunError, match="ended before its training started; its log says why"):
        list(resume_run(run, never, time.monotonic()))


def test_a_model_to_start_from_is_a_character_model_and_keeps_its_initial_state(source: Path) -> None:
    keep_tagger("tags", WORDS)
    TorchModel(1, 12, 8, learned=True).publish("old")
    given = {"precision": "float32", "threads": 1}

    def starting_from(model: str) -> session.Prepared:
        request = TrainRequest("charlm", str(source), "new", Length("steps", 6), given, start_from=model)
        return session.prepare(request, time.monotonic())

    with pytest.raises(InputError, match="tags is a tagger; --from takes a character model"):
        starting_from("tags")
    spec = starting_from("old").spec
    assert isinstance(spec, CharSpec)
    assert (spec.model.hidden, spec.model.initial_state) == (12, "learned")


def test_a_text_that_was_moved_is_asked_for_and_found(source: Path) -> None:
    trained(prepared(source))
    run = storage.find("small")

    def resumed(**moved: str) -> list[Event]:
        more = Length("minutes", 0.001)
        return list(resume_run(run, never, time.monotonic(), more, moved=moved))

    elsewhere = source.rename(source.with_name("elsewhere.txt"))
    shutil.rmtree(paths.encoded())  # which would do without it
    with pytest.raises(InputError, match=rf"If it was moved: `lstmterm resume {run.id} --text FILE`"):
        resumed()
    with pytest.raises(InputError, match="uses no --dev file; leave out --dev"):
        resumed(dev=str(elsewhere))
    (other := source.with_name("other.txt")).write_text("another text\n" * 100)
    with pytest.raises(InputError) as refused:
        resumed(text=str(other))
    assert "If it was moved" not in str(refused.value), "it was said where it is"
    assert isinstance(resumed(text=str(elsewhere))[-1], Finished)
    assert run.spec["text"]["source"] == str(elsewhere), "the run keeps the new place"


def test_a_run_that_ended_before_it_had_a_spec_cannot_be_resumed() -> None:
    run = storage.new_run("early")
    with pytest.raises(RunError, match="ended before its training started; its log says why"):
        list(resume_run(run, never, time.monotonic()))
