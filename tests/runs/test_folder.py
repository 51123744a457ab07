"""Runs on disk: one writer, honest statuses, signals, children that outlive their parents."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from lstmterm import paths
from lstmterm.errors import InputError, RunError
from lstmterm.models import library, model_file
from lstmterm.nn import state
from lstmterm.runs import launching, recording, storage
from lstmterm.runs.events import Event, Failed, Finished, Resumed, Saved, Started, Step, Stopped
from lstmterm.runs.folder import Run
from lstmterm.runs.journal import Journal
from tests import sitting
from tests.sitting import FAST, Process, Trouble
from tests.small import small_text

SLOW = Trouble(seconds_a_step=0.02, save_every=5)  # a run that others have time to deal with
LONG = (*FAST, "--steps", 100_000, "--evaluate-every", 1000)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(small_text(3000))
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def a_run(run_id: str, *events: Event) -> Run:
    """A run on disk with a journal."""
    run = storage.create(run_id, json.dumps({"name": run_id.split("-", 2)[-1]}))
    with Journal(run.journal) as journal:
        for event in events:
            journal.append(event)
    return run


def trains(name: str) -> bool:
    """Whether the latest run called `name` has made steps."""
    known = [run for run in storage.all_runs() if run.name == name]
    return bool(known) and any(isinstance(e, Step) for e in recording.history(known[0]))


def training(folder: Path, text: Path, name: str, *more: object) -> Process:
    """A run that trains now."""
    process = sitting.start(folder, "train", text, "--name", name, *LONG, *more, trouble=SLOW)
    sitting.until(lambda: trains(name) or process.process.exitcode is not None, "the first steps")
    assert process.process.exitcode is None, process.err
    return process


STEP = Step(
    step=1, time=0, steps=1, loss=1, epoch=0, chars_per_second=1, learning_rate=1, gradient_norm=1
)  # fmt: skip
FINISHED = Finished(
    step=1, time=0, model="m", val_loss=1, val_loss_reset=1, test_loss=None, steps=1, epochs=1, seconds=1,
    chars_per_second=1, parameters=1,
)  # fmt: skip


# Names and places


def test_runs_are_found_by_id_and_by_the_latest_of_a_name() -> None:
    for run_id in ("20250101-000000-bard", "20250102-000000-bard", "20250103-000000-hamlet-2"):
        a_run(run_id, STEP)
    assert [r.id[:8] for r in storage.all_runs()] == ["20250103", "20250102", "20250101"]
    assert storage.find("bard").id == "20250102-000000-bard"
    assert storage.find("20250101-000000-bard").id == "20250101-000000-bard"
    assert storage.find("hamlet-2").name == "hamlet-2"
    with pytest.raises(InputError, match="Did you mean 'bard'"):
        storage.find("brad")


def test_with_no_runs_it_is_said() -> None:
    assert storage.all_runs() == []
    with pytest.raises(InputError, match="nothing was trained here yet"):
        storage.find("bard")


def test_an_id_is_date_time_and_name() -> None:
    first = storage.new_id("my-text")
    assert Run(first, Path()).name == "my-text"
    time.strptime(first.removesuffix("-my-text"), "%Y%m%d-%H%M%S")
    (paths.runs() / first).mkdir(parents=True)
    assert storage.new_id("my-text") != first


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "-x", "x\n", ""])
def test_a_name_never_leaves_its_folder(name: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - its exit code is looked at
        storage.new_id(name)
    assert refused.value.exit_code == 2  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError):  # noqa: PT011
        storage.create(name, "{}")


def test_a_folder_that_is_no_run_harms_nothing() -> None:
    a_run("20250101-000000-bard", STEP)
    (paths.runs() / "odd").mkdir()
    (paths.runs() / "file").write_text("")
    (paths.runs() / "20250102-000000-broken").mkdir()
    (paths.runs() / "20250102-000000-broken" / "spec.json").write_text("{")
    assert {r.id: r.status() for r in storage.all_runs()} == {
        "20250101-000000-bard": "interrupted",
        "20250102-000000-broken": "failed",
        "odd": "failed",
    }
    with pytest.raises(RunError, match="damaged"):
        storage.find("broken").spec  # noqa: B018


# Statuses


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (FINISHED, "finished"),
        (Stopped(step=1, time=0, reason="SIGINT"), "stopped"),
        (Failed(step=1, time=0, message="m"), "failed"),
        (STEP, "interrupted"),
        (Resumed(step=0, time=0, steps=9), "interrupted"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind,
)
def test_a_status_is_how_the_journal_ends(end: Event, status: str) -> None:
    run = a_run("20250101-000000-a", STEP, end)
    assert run.status() == status
    with run.held():
        assert run.status() == "running"
    assert run.status() == status


def test_a_run_in_the_background_is_running_while_it_starts() -> None:
    run = Run("r", paths.runs() / "r")
    run.folder.mkdir(parents=True)
    run.log.touch()
    assert run.status() == "running"
    os.utime(run.log, (0, 0))
    assert run.status() == "failed"
    with launching.started("r"):  # it reads a long text, or measures a busy machine
        assert run.status() == "running"
        with pytest.raises(RunError, match="is starting"):
            storage.remove(run)
    assert run.status() == "failed"
    storage.remove(run)


# The one writer


def test_there_is_one_writer() -> None:
    run = a_run("20250101-000000-a", STEP)
    with run.held():
        with pytest.raises(RunError, match="another process") as refused, run.held():
            pass
        assert refused.value.exit_code == 1
        with pytest.raises(RunError, match="another process"):
            storage.remove(run)
    with run.held():
        pass


def test_listers_do_not_keep_a_writer_out() -> None:
    run = a_run("20250101-000000-a", STEP)
    over = threading.Event()

    def list_on() -> None:
        while not over.is_set():
            run.status()

    listers = [threading.Thread(target=list_on) for _ in range(3)]
    for lister in listers:
        lister.start()
    try:
        for _ in range(20):
            with run.held():
                pass
    finally:
        over.set()
        for lister in listers:
            lister.join()


def test_two_runs_of_a_name_are_refused() -> None:
    other, run = (a_run(f"2025010{day}-000000-a", STEP) for day in (1, 2))
    storage.refuse_running("a")
    with other.held():
        with pytest.raises(InputError, match="choose another --name") as refused:
            storage.refuse_running("a")
        assert refused.value.exit_code == 2
        storage.refuse_running("b")
        with run.held(), pytest.raises(InputError, match=other.id):
            # both may have begun at once, or one may be resumed beside the other
            list(recording.record(run, [STEP]))


# Recording


def test_recording_journals_each_event_before_it_is_passed_on() -> None:
    run = a_run("20250101-000000-a")
    for number, event in enumerate(recording.record(run, [STEP, FINISHED]), 1):
        assert recording.history(run)[-1] == event
        assert len(recording.history(run)) == number


def test_recording_publishes_the_best_model_as_it_improves() -> None:
    run = a_run("20250101-000000-a")
    published = paths.models() / "a.safetensors"
    events = recording.record(
        run, [STEP, *[Saved(step=1, time=0, what=w, seconds=0) for w in ("state", "model")]]
    )
    run.best.write_bytes(b"best")
    next(events)
    next(events)
    assert not published.exists()
    next(events)
    assert published.read_bytes() == b"best"


def test_an_error_is_kept_as_the_end() -> None:
    def failing() -> object:
        yield STEP
        raise OSError("the disk is full")

    run = a_run("20250101-000000-a")
    with pytest.raises(OSError, match="full"):
        list(recording.record(run, failing()))  # pyright: ignore[reportArgumentType]
    assert run.status() == "failed"
    last = recording.history(run)[-1]
    assert isinstance(last, Failed)
    assert last.message == "the disk is full"


def test_removing_takes_the_run_and_leaves_the_model() -> None:
    run = a_run("20250101-000000-a", FINISHED)
    run.best.write_bytes(b"best")
    recording.publish(run)
    storage.remove(run)
    assert not run.folder.exists()
    assert storage.all_runs() == []
    assert (paths.models() / "a.safetensors").exists()


def test_following_gives_all_and_ends_with_the_run() -> None:
    run = a_run("20250101-000000-a", STEP)
    seen: list[Event] = []

    def follow() -> None:
        seen.extend(recording.follow(run, poll=0.01))

    with run.held():
        follower = threading.Thread(target=follow)
        follower.start()
        time.sleep(0.1)
        with Journal(run.journal) as journal:
            journal.append(FINISHED)
    follower.join(10)
    assert not follower.is_alive()
    assert seen == [STEP, FINISHED]


# Processes


def test_a_whole_life(tmp_path: Path, text: Path, out: Path) -> None:
    """Trained, stopped by hand, resumed, finished, drawn out, listed, removed."""
    knobs = (*FAST, "--steps", 40)
    slow = sitting.start(out, "train", text, "--name", "life", *LONG, trouble=SLOW)
    sitting.until(lambda: trains("life"), "steps")
    stopping = sitting.run(out, "stop", "life")
    assert stopping.process.exitcode == 0
    assert "lstmterm resume" in stopping.err
    assert slow.wait() == 0, "stopped by request is no failure"
    assert storage.find("life").status() == "stopped"
    assert "everything is saved" in slow.err
    again = sitting.run(out, "stop", "life")
    assert (again.process.exitcode, "not running: it is stopped" in again.err) == (0, True)

    taken = sitting.run(out, "train", text, "--name", "done", *knobs, "--json")
    assert taken.process.exitcode == 0, taken.err
    finished = taken.events[-1]
    assert finished["event"] == "finished"
    promised = {"model", "val_loss", "val_loss_reset", "test_loss", "steps", "epochs", "seconds"}
    assert promised | {"chars_per_second", "parameters"} <= finished.keys()
    assert taken.err == "", "messages are not mixed into a machine's reading"
    assert model_file.describe(library.find("done").path).complete

    refused = sitting.run(out, "train", text, "--name", "done", *knobs)
    assert refused.process.exitcode == 2
    assert "--overwrite" in refused.err
    over = sitting.run(out, "resume", "done")
    assert over.process.exitcode == 1
    assert "--minutes" in over.err
    more = sitting.run(out, "resume", "done", "--minutes", 0.002, "--json")
    assert more.process.exitcode == 0, more.err
    assert (more.events[0]["event"], more.events[0]["step"]) == ("resumed", 40)
    assert more.events[-1]["steps"] == more.events[0]["steps"] > 40
    assert model_file.describe(library.find("done").path).complete
    replaced = sitting.run(out, "train", text, "--name", "done", *knobs, "--overwrite", "--quiet")
    assert (replaced.process.exitcode, replaced.out, replaced.err) == (0, "", "")

    listed = sitting.run(out, "runs", "--json")
    facts = [json.loads(line) for line in listed.out.splitlines()]
    assert sorted((f["name"], f["status"]) for f in facts) == [
        ("done", "finished"),
        ("done", "finished"),
        ("life", "stopped"),
    ]
    older = [f["run"] for f in facts if f["name"] == "done"][1]
    removed = sitting.run(out, "runs", "remove", "life", older)
    assert removed.process.exitcode == 0
    assert [r.name for r in storage.all_runs()] == ["done"]


def test_one_interrupt_saves_and_says_how_to_go_on(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    process.send(signal.SIGINT)
    assert process.wait() == 130
    run = storage.find("a")
    assert run.status() == "stopped"
    assert f"lstmterm resume {run.id}" in process.err
    last = recording.history(run)[-1]
    assert state.read(run.folder / "state.safetensors")[1]["step"] == last.step > 0


def test_a_second_interrupt_leaves_at_once(text: Path, out: Path) -> None:
    """In the middle of a step that takes long."""
    stuck = Trouble(seconds_a_step=30, save_every=1)
    process = sitting.start(out, "train", text, "--name", "a", *LONG, trouble=stuck)
    sitting.until(
        lambda: any(isinstance(e, Started) for r in storage.all_runs() for e in recording.history(r)),
        "a start",
    )
    time.sleep(0.5)
    process.send(signal.SIGINT)
    time.sleep(0.2)
    assert process.process.exitcode is None
    process.send(signal.SIGINT)
    begun = time.monotonic()
    assert process.wait() == 130
    assert time.monotonic() - begun < 5
    run = storage.find("a")
    assert run.status() == "interrupted"
    assert state.read(run.folder / "state.safetensors")[1]["step"] == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_save_too(text: Path, out: Path, number: signal.Signals, code: int) -> None:
    process = training(out, text, "a")
    process.send(number)
    assert process.wait() == code
    assert storage.find("a").status() == "stopped"


def test_kill_leaves_a_run_that_can_go_on(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    sitting.until(lambda: state.read(storage.find("a").folder / "state.safetensors")[1]["step"] > 0, "a save")
    process.send(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert storage.find("a").status() == "interrupted"
    followed = sitting.run(out, "attach", "a")
    assert followed.process.exitcode == 0
    assert "lstmterm resume" in followed.err
    resumed = sitting.start(out, "resume", "a", trouble=SLOW)
    sitting.until(lambda: storage.find("a").status() == "running", "going on")
    sitting.until(lambda: "Going on from step" in resumed.err, "saying so")
    resumed.send(signal.SIGTERM)
    assert resumed.wait() == 143


def test_a_second_process_is_refused(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    run = storage.find("a")
    resumed = sitting.run(out, "resume", "a")
    assert resumed.process.exitcode == 1
    assert "another process" in resumed.err
    named = sitting.run(out, "train", text, "--name", "a", "--overwrite", *LONG)
    assert named.process.exitcode == 2
    assert run.id in named.err
    removed = sitting.run(out, "runs", "remove", "a")
    assert removed.process.exitcode == 1
    assert run.status() == "running"
    process.send(signal.SIGTERM)
    process.wait()


def test_a_model_on_the_way_is_published_as_not_complete(text: Path, out: Path) -> None:
    knobs = (*FAST, "--steps", 10_000, "--evaluate-every", 3)
    process = sitting.start(out, "train", text, "--name", "a", *knobs, trouble=SLOW)
    published = paths.models() / "a.safetensors"
    sitting.until(published.exists, "a first model")
    assert not model_file.load(published).card.complete
    process.send(signal.SIGTERM)
    process.wait()


def test_attaching_follows_and_leaves(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    follower = sitting.start(out, "attach", "a", "--json")
    sitting.until(lambda: len(follower.out.splitlines()) > 3, "events")
    follower.send(signal.SIGINT)
    assert follower.wait() == 0
    assert follower.events[0]["event"] == "started"
    assert "the run goes on" in follower.err
    assert storage.find("a").status() == "running"
    until_the_end = sitting.start(out, "attach", "a", "--json")
    sitting.run(out, "stop", "a")
    process.wait()
    assert until_the_end.wait() == 0
    assert until_the_end.events[-1]["event"] == "stopped"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "lstmterm", *map(str, arguments)]


def test_a_run_in_the_background_outlives_all(text: Path, out: Path) -> None:
    """Started from a shell in a session of its own, all of which is then killed."""
    out.mkdir()
    words = command("train", text, "--detach", "--name", "bg", *LONG)
    shell = subprocess.Popen(
        ["sh", "-c", '"$@" > "$0"/id; sleep 100', str(out), *words], start_new_session=True
    )
    sitting.until(lambda: (out / "id").exists() and (out / "id").read_text().strip(), "an id")
    os.killpg(shell.pid, signal.SIGHUP)
    os.killpg(shell.pid, signal.SIGKILL)
    shell.wait()
    run = storage.find((out / "id").read_text().strip())
    sitting.until(lambda: trains("bg"), "steps")
    assert run.status() == "running"
    (child,) = [p for p in psutil.process_iter(["cmdline"]) if run.id in (p.info["cmdline"] or [])]
    assert os.getsid(child.pid) == child.pid
    assert sitting.run(out, "stop", run.id).process.exitcode == 0
    assert run.status() == "stopped"
    child.wait(30)


def test_nohup_is_kept(text: Path, out: Path) -> None:
    out.mkdir()
    log = open(out / "log", "wb")  # noqa: SIM115
    process = subprocess.Popen(
        ["nohup", *command("train", text, "--name", "a", *LONG)],
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    sitting.until(lambda: trains("a") or process.poll() is not None, "steps")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert process.poll() is None
    assert storage.find("a").status() == "running"
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 143
    log.close()


def test_a_failing_start_in_the_background_is_said(tmp_path: Path, out: Path) -> None:
    refused = sitting.run(out, "train", tmp_path / "nothing.txt", "--detach")
    assert refused.process.exitcode == 2
    assert "nothing.txt" in refused.err
    assert refused.err.count("lstmterm:") == 1, "one sentence"
    assert storage.all_runs() == [], "a run that never was is not listed"


def test_a_text_that_changed_is_not_gone_on_with(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    process.send(signal.SIGTERM)
    process.wait()
    before = storage.find("a").folder / "spec.json"
    spec = before.read_text()
    text.write_text(small_text(3000, seed=9))
    resumed = sitting.run(out, "resume", "a")
    assert resumed.process.exitcode == 2
    assert "not the text that it was" in resumed.err
    assert before.read_text() == spec, "and nothing is changed"
    assert storage.find("a").status() == "stopped"


def test_starting_from_a_model(text: Path, out: Path) -> None:
    assert sitting.run(out, "train", text, "--name", "a", *FAST, "--steps", 60).process.exitcode == 0
    unshaped = FAST[FAST.index("--batch-size") :]  # the shape is the earlier model's, without being said
    onward = sitting.run(out, "train", text, "--from", "a", "--name", "b", *unshaped, "--steps", 5, "--json")
    assert onward.process.exitcode == 0, onward.err
    losses = [e["loss"] for e in onward.events if e["event"] == "step"]
    card = model_file.describe(library.find("a").path)
    assert losses[0] == pytest.approx(card.metrics["val_loss"], abs=0.4)
    other = sitting.run(out, "train", text, "--from", "a", "--name", "c", "--hidden", 99, "--steps", 5)
    assert other.process.exitcode == 2
    assert "--hidden is 99" in other.err


def test_a_diverged_run_fails_with_code_1(text: Path, out: Path) -> None:
    failed = sitting.run(
        out, "train", text, "--name", "a", *FAST, "--steps", 20, trouble=Trouble(poison=True)
    )
    assert failed.process.exitcode == 1
    assert "lower --lr" in failed.err
    assert "Traceback" not in failed.err
    assert storage.find("a").status() == "failed"
