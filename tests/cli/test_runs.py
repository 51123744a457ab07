"""`runs`, `attach`, `stop` and `resume`, over runs in processes of their own."""

import itertools
import json
import shutil
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lstmterm import paths
from lstmterm.cli import lstmterm
from lstmterm.errors import RunError
from lstmterm.models import library, model_file
from lstmterm.nn import saved_state
from lstmterm.nn.char_recipe import CharRecipe
from lstmterm.nn.checkpoints import states
from lstmterm.runs import storage
from lstmterm.runs.events import Event
from lstmterm.runs.getting_ready import INTERRUPTED, INTERRUPTED_AGAIN, NOTHING_KEPT, UNCHANGED
from lstmterm.runs.journal import Journal
from tests import processes
from tests.cli.training import LONG, SLOW, training, trains
from tests.damaged import one_of_each
from tests.processes import FAST, Trouble
from tests.recorded import FINISHED, a_run
from tests.small import small_text
from tests.trust.test_full_disk import journal_stays_short


def test_damaged_runs_are_rows_among_the_good_ones_and_refused_in_a_sentence() -> None:
    def run(*words: str) -> Result:
        return CliRunner().invoke(lstmterm, words)

    a_run("20250101-000000-good", FINISHED)
    bad = one_of_each()
    listed = run("runs").stdout.splitlines()
    assert len(listed) == len(bad) + 1
    assert listed[0].startswith("20250101-000000-good\tfinished\t")
    assert all(line.split("\t")[1] == "damaged" for line in listed[1:])
    whys = {"20250101-000000-good": "", **{each.id: each.damage() for each in bad}}
    assert {line.split("\t")[0]: line.split("\t")[-1] for line in listed} == whys
    records = [json.loads(line) for line in run("runs", "--json").stdout.splitlines()]
    assert {record["run"]: record["reason"] for record in records} == whys
    for each in bad:
        for command in ("attach", "stop", "resume", "plot"):
            error = run(command, each.id).exception
            assert isinstance(error, RunError), (each.id, command, error)
            assert f"The run {each.id} is damaged: " in str(error)
    assert run("runs", "remove", *(each.id for each in bad)).exit_code == 0
    assert [r.id for r in storage.all_runs()] == ["20250101-000000-good"]


def test_the_life_of_a_run(tmp_path: Path, text: Path, out: Path) -> None:
    """Trained, stopped, trained again, trained for longer, replaced, listed, removed."""
    knobs = (*FAST, "--steps", 40)
    slow = processes.start(out, "train", text, "--name", "life", *LONG, trouble=SLOW)
    processes.until(lambda: trains("life"), "steps")
    stopping = processes.run(out, "stop", "life")
    assert stopping.process.exitcode == 0
    assert "lstmterm resume" in stopping.err
    assert slow.wait() == 0, "a requested stop is not a failure"
    assert storage.find("life").status() == "stopped"
    assert "everything is saved" in slow.err
    again = processes.run(out, "stop", "life")
    assert (again.process.exitcode, "not running: it is stopped" in again.err) == (0, True)

    taken = processes.run(out, "train", text, "--name", "done", *knobs, "--json")
    assert taken.process.exitcode == 0, taken.err
    finished = taken.events[-1]
    assert finished["event"] == "finished"
    promised = {"model", "val_loss", "val_loss_reset", "test_loss", "steps", "epochs", "seconds"}
    assert promised | {"chars_per_second", "parameters"} <= finished.keys()
    assert taken.err == "", "no messages beside the JSON"
    assert model_file.describe(library.find("done").path).complete

    refused = processes.run(out, "train", text, "--name", "done", *knobs)
    assert refused.process.exitcode == 2
    assert "--overwrite" in refused.err
    over = processes.run(out, "resume", "done")
    assert over.process.exitcode == 1
    assert "--minutes" in over.err
    more = processes.run(out, "resume", "done", "--minutes", 0.002, "--json")
    assert more.process.exitcode == 0, more.err
    assert (more.events[0]["event"], more.events[0]["step"]) == ("resumed", 40)
    assert more.events[-1]["steps"] == more.events[0]["steps"] > 40
    assert model_file.describe(library.find("done").path).complete
    replaced = processes.run(out, "train", text, "--name", "done", *knobs, "--overwrite", "--quiet")
    assert (replaced.process.exitcode, replaced.out, replaced.err) == (0, "", "")

    listed = processes.run(out, "runs", "--json")
    facts = [json.loads(line) for line in listed.out.splitlines()]
    assert sorted((f["name"], f["status"]) for f in facts) == [
        ("done", "finished"),
        ("done", "finished"),
        ("life", "stopped"),
    ]
    older = [f["run"] for f in facts if f["name"] == "done"][1]
    removed = processes.run(out, "runs", "remove", "life", older)
    assert removed.process.exitcode == 0
    assert [r.name for r in storage.all_runs()] == ["done"]


def test_added_minutes_are_counted_from_the_steps_made_at_the_pace_so_far(text: Path, out: Path) -> None:
    """Those of a run that ended early count from its end, those of a stopped run from its planned one."""

    def resumed(name: str, minutes: float) -> tuple[int, int]:
        """The steps that minutes add, and those that the run then has."""
        (made,) = states(storage.find(name).folder).values()
        added = max(1, int(60 * minutes / (made.seconds / made.step)))
        process = processes.run(out, "resume", name, "--minutes", minutes, "--json")
        assert process.process.exitcode == 0, process.err
        assert process.events[0]["step"] == made.step
        return added, process.events[0]["steps"]

    early = (
        *FAST,
        "--steps",
        40,
        "--evaluate-every",
        4,
        "--optimizer",
        "sgd",
        "--lr",
        1e-9,
        "--patience",
        1,
    )
    processes.run(out, "train", text, "--name", "early", *early)
    assert [*storage.find("early").events()][-1].step == 8, "the second evaluation is no better"
    added, steps = resumed("early", 0.01)
    assert steps == 8 + added > 8
    before = [*storage.find("early").events()][-1].step
    added, steps = resumed("early", 0.005)
    assert steps == before + added > before

    stop = Trouble(signals={10: signal.SIGTERM})
    processes.run(out, "train", text, "--name", "stopped", *FAST, "--steps", 40, trouble=stop)
    added, steps = resumed("stopped", 0.005)
    assert steps == 40 + added > 40


def test_a_killed_run_can_be_resumed(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    processes.until(
        lambda: saved_state.read(storage.find("a").folder / "state.safetensors")[1]["step"] > 0, "a save"
    )
    process.send(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert storage.find("a").status() == "interrupted"
    followed = processes.run(out, "attach", "a")
    assert followed.process.exitcode == 0
    assert "lstmterm resume" in followed.err
    resumed = processes.start(out, "resume", "a", trouble=SLOW)
    processes.until(lambda: storage.find("a").status() == "running", "the resumed run")
    processes.until(lambda: "Resuming at step" in resumed.err, "the message")
    resumed.send(signal.SIGTERM)
    assert resumed.wait() == 143


def test_a_run_that_was_only_just_started_can_be_stopped(text: Path, out: Path) -> None:
    for kind, source in (("train", text), ("train-tagger", "rot13")):
        sizes = FAST if kind == "train" else ("--hidden", 8, "--threads", 1)
        command = (kind, source, "--name", kind, *sizes, "--steps", 100_000, "--patience", 0)
        for _ in range(2):
            process = processes.start(out, *command)
            processes.until(lambda: "running" in [run.status() for run in storage.all_runs()], "its start")
            stopping = processes.run(out, "stop", kind)
            assert (stopping.process.exitcode, process.wait()) == (0, 0), process.err
            assert stopping.err.startswith("Stopped")
            assert "Resume it: lstmterm resume" in stopping.err
            command = ("resume", kind)


READING = "It reads."


def reads_for_ever() -> None:
    """The text of a run, as of one that is huge, or lies on a network disk that does not answer."""

    def wait(*_: object) -> None:
        print(READING, file=sys.stderr, flush=True)
        while True:
            time.sleep(1)

    for name in ("of_request", "of_spec"):
        setattr(CharRecipe, name, wait)


def test_a_run_that_gets_ready_is_stopped_at_once_and_leaves_nothing(text: Path, out: Path) -> None:
    run = storage.new_run("a")
    starting = ("train", text, "--name", "a", "--run-id", run.id, *LONG)
    process = processes.start(out, *starting, trouble=Trouble(broken=reads_for_ever))
    processes.until(lambda: run.status() == "running", "its start")
    following = processes.start(out, "attach", "a")
    stopping = processes.run(out, "stop", "a")
    assert (stopping.process.exitcode, stopping.err) == (0, f"{NOTHING_KEPT}\n")
    assert (process.wait(), process.err.splitlines()[-1]) == (0, f"lstmterm: {NOTHING_KEPT}")
    assert following.wait() == 0
    assert [entry.name for entry in paths.runs().iterdir()] == []
    assert not paths.model("a").exists()


def test_a_run_that_gets_ready_again_is_stopped_at_once_and_stays_as_it_was(text: Path, out: Path) -> None:
    stop = Trouble(signals={3: signal.SIGTERM})
    processes.run(out, "train", text, "--name", "a", "--steps", 6, *FAST, trouble=stop)
    run = storage.find("a")
    kept = ("spec.json", "events.jsonl", "state.safetensors")
    before = [(run.folder / name).read_bytes() for name in kept]
    again = processes.start(out, "resume", "a", trouble=Trouble(broken=reads_for_ever))
    processes.until(run.is_held, "the process that resumes it")
    stopping = processes.run(out, "stop", "a")
    assert (stopping.process.exitcode, again.wait()) == (0, 0)
    assert stopping.err.startswith(f"{UNCHANGED} Resume it: lstmterm resume ")
    assert [(run.folder / name).read_bytes() for name in kept] == before
    assert processes.run(out, "resume", "a").process.exitcode == 0
    assert run.status() == "finished"


def test_a_stop_on_a_full_disk_says_that_the_end_could_not_be_written(
    text: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a run in its first session, and of one whose journal ends with the stop of an earlier session."""
    full = shutil.disk_usage("/")._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)

    def stop() -> Result:
        return CliRunner().invoke(lstmterm, ["stop", "a"])

    def stopped_when_full(process: processes.Process) -> None:
        processes.until(lambda: LOST in process.err, "an event that cannot be written")
        said = str(stop().exception)
        assert process.wait() == 1, process.err
        assert said.startswith(f"The run {run.id} has ended, but its disk is full"), said
        assert said.endswith(f"Free some space; `lstmterm resume {run.id}` continues from its last save.")

    trouble = Trouble(seconds_a_step=0.01, save_every=5, broken=partial(journal_fills, 12))
    process = processes.start(out, "train", text, "--name", "a", *LONG, trouble=trouble)
    processes.until(lambda: trains("a"), "steps")
    run = storage.find("a")
    stopped_when_full(process)
    again = processes.start(out, "resume", "a", trouble=SLOW)
    processes.until(lambda: "Resuming at step" in again.err, "training")
    assert stop().stderr.startswith("Stopped. Resume it:")
    assert again.wait() == 0
    trouble = Trouble(seconds_a_step=0.01, broken=partial(journal_fills, 1))
    stopped_when_full(processes.start(out, "resume", "a", trouble=trouble))


LOST = "An event was not written."


def journal_fills(after: int) -> None:
    """As `journal_stays_short`, and it is printed when the first event was not written."""
    journal_stays_short(after)
    appending, calls = Journal.append, itertools.count(1)

    def append(self: Journal, event: Event) -> None:
        appending(self, event)
        if next(calls) == after:
            print(LOST, file=sys.stderr, flush=True)

    Journal.append = append


def test_ctrl_c_before_training_begins_ends_it_at_once_and_says_what_is_kept(text: Path, out: Path) -> None:
    starting = processes.start(out, "train", text, *LONG, trouble=Trouble(broken=reads_for_ever))
    assert interrupted_while_it_reads(starting) == f"lstmterm: {INTERRUPTED}"
    assert storage.known_runs() == []

    stop = Trouble(signals={3: signal.SIGTERM})
    processes.run(out, "train", text, "--name", "a", "--steps", 6, *FAST, trouble=stop)
    run = storage.find("a")
    kept = ("spec.json", "events.jsonl", "state.safetensors")
    before = [(run.folder / name).read_bytes() for name in kept]
    again = processes.start(out, "resume", "a", trouble=Trouble(broken=reads_for_ever))
    resume = f"Resume it: lstmterm resume {run.id}"
    assert interrupted_while_it_reads(again) == f"lstmterm: {INTERRUPTED_AGAIN} {resume}"
    assert [(run.folder / name).read_bytes() for name in kept] == before
    assert run.status() == "stopped"
    assert processes.run(out, "resume", "a").process.exitcode == 0


def interrupted_while_it_reads(process: processes.Process) -> str:
    """Press Ctrl-C once `reads_for_ever` reads; what is said of it."""
    processes.until(lambda: READING in process.err, "reading")
    process.send(signal.SIGINT)
    assert process.wait() == 130
    return process.err.splitlines()[-1]


def test_a_second_process_for_a_run_is_refused(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    run = storage.find("a")
    resumed = processes.run(out, "resume", "a")
    assert resumed.process.exitcode == 1
    assert "another process" in resumed.err
    named = processes.run(out, "train", text, "--name", "a", "--overwrite", *LONG)
    assert named.process.exitcode == 2
    assert run.id in named.err
    removed = processes.run(out, "runs", "remove", "a")
    assert removed.process.exitcode == 1
    assert run.status() == "running"
    process.send(signal.SIGTERM)
    process.wait()


def test_a_model_in_training_is_published_as_incomplete(text: Path, out: Path) -> None:
    knobs = (*FAST, "--steps", 10_000, "--evaluate-every", 3)
    process = processes.start(out, "train", text, "--name", "a", *knobs, trouble=SLOW)
    published = paths.models() / "a.safetensors"
    processes.until(published.exists, "a first model")
    assert not model_file.load(published).card.complete
    process.send(signal.SIGTERM)
    process.wait()


def test_attaching_follows_a_run_and_detaching_leaves_it_running(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    follower = processes.start(out, "attach", "a", "--json")
    processes.until(lambda: len(follower.out.splitlines()) > 3, "events")
    follower.send(signal.SIGINT)
    assert follower.wait() == 0
    assert follower.events[0]["event"] == "started"
    assert "The run continues" in follower.err
    assert storage.find("a").status() == "running"
    until_the_end = processes.start(out, "attach", "a", "--json")
    processes.run(out, "stop", "a")
    process.wait()
    assert until_the_end.wait() == 0
    assert until_the_end.events[-1]["event"] == "stopped"


def test_a_run_whose_text_was_moved_is_resumed_from_there(text: Path, out: Path) -> None:
    tagged = text.with_name("tagged.csv")
    tagged.write_text("text,tag\n" + "".join(f"the tide {i},DET NOUN NUM\n" for i in range(40)))
    for kind, source in (("train", text), ("train-tagger", tagged)):
        knobs = FAST if kind == "train" else ("--hidden", 8, "--words", 8, "--threads", 1)
        stop = Trouble(signals={3: signal.SIGTERM})
        processes.run(out, kind, source, "--name", kind, "--steps", 6, *knobs, trouble=stop)
        moved = text.parent / "elsewhere" / source.name
        moved.parent.mkdir(exist_ok=True)
        source.rename(moved)
        shutil.rmtree(paths.encoded(), ignore_errors=True)
        lost = processes.run(out, "resume", kind)
        assert lost.process.exitcode == 2
        run = storage.find(kind)
        assert f"If it was moved: `lstmterm resume {run.id} --text FILE`." in lost.err
        source.write_text("something else")
        other = processes.run(out, "resume", kind, "--text", source)
        assert other.process.exitcode == 2, other.err
        found = processes.run(out, "resume", kind, "--text", moved)
        assert found.process.exitcode == 0, found.err
        assert str(moved) in (run.folder / "spec.json").read_text()


def test_each_file_of_a_tagger_that_was_moved_is_named(tmp_path: Path, out: Path) -> None:
    files = {role: tmp_path / f"{role}.csv" for role in ("text", "dev", "test")}
    for role, file in files.items():
        file.write_text("text,tag\n" + "".join(f"{role} tide {i},DET NOUN NUM\n" for i in range(40)))
    knobs = ("--hidden", 8, "--words", 8, "--threads", 1, "--steps", 6)
    held_out = ("--dev", files["dev"], "--test", files["test"])
    stop = Trouble(signals={3: signal.SIGTERM})
    processes.run(out, "train-tagger", files["text"], *held_out, "--name", "t", *knobs, trouble=stop)
    run, named = storage.find("t"), list[object]()
    for role, file in files.items():
        moved = tmp_path / f"moved-{role}.csv"
        file.rename(moved)
        for wrong in (None, b"\0\0", moved.read_bytes() + b"more,X Y\n"):
            if wrong is not None:
                file.write_bytes(wrong)
            lost = processes.run(out, "resume", "t", *named)
            assert lost.process.exitcode == 2, lost.err
            assert str(file) in lost.err
            assert f"If it was moved: `lstmterm resume {run.id} --{role} FILE`." in lost.err
            other = processes.run(out, "resume", "t", *named, f"--{role}", file)
            assert (other.process.exitcode, "If it was moved" in other.err) == (2, False), other.err
        named += [f"--{role}", moved]
    done = processes.run(out, "resume", "t", *named)
    assert done.process.exitcode == 0, done.err
    assert all(str(file) in (run.folder / "spec.json").read_text() for file in named[1::2])


def test_a_file_that_a_run_does_not_have_cannot_be_named(text: Path, out: Path) -> None:
    """It would change what the run is trained on."""
    stop = Trouble(signals={3: signal.SIGTERM})
    processes.run(out, "train", text, "--name", "c", "--steps", 6, *FAST, trouble=stop)
    tagger = ("train-tagger", "harbour-tags", "--name", "t", "--hidden", 8, "--threads", 1, "--steps", 6)
    processes.run(out, *tagger, trouble=stop)
    for name, option in (("c", "--dev"), ("c", "--test"), ("t", "--dev")):
        refused = processes.run(out, "resume", name, option, text)
        assert refused.process.exitcode == 2, refused.err
        assert f"uses no {option} file" in refused.err


def test_a_run_whose_text_changed_is_not_resumed(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    process.send(signal.SIGTERM)
    process.wait()
    before = storage.find("a").folder / "spec.json"
    spec = before.read_text()
    text.write_text(small_text(3000, seed=9))
    resumed = processes.run(out, "resume", "a")
    assert resumed.process.exitcode == 2
    assert "has changed" in resumed.err
    assert before.read_text() == spec, "and nothing is changed"
    assert storage.find("a").status() == "stopped"


def test_a_run_whose_text_is_read_differently_now_is_not_resumed(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    process.send(signal.SIGTERM)
    process.wait()
    spec = storage.find("a").folder / "spec.json"
    recorded = json.loads(spec.read_text())
    recorded["text"]["digest"] = "of what another version read"
    spec.write_text(json.dumps(recorded))
    resumed = processes.run(out, "resume", "a")
    assert resumed.process.exitcode == 2
    assert "reads another text from it" in resumed.err
    assert storage.find("a").status() == "stopped"
