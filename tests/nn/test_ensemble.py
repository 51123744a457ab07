"""An ensemble, by the command that a user types: its last model learns from the others, and it resumes exactly."""

import re
import signal
import time
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.models import model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.nn import calibrate, char_task, saved_state, session
from lstmterm.nn.checkpoints import states
from lstmterm.nn.ensemble import step_costs
from lstmterm.nn.task import StopCheck
from lstmterm.planning import forecast
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.steps import Pace
from lstmterm.planning.teaching import teachers_step
from lstmterm.runs import storage
from lstmterm.spec.character import CharBatchPart, CharModelPart, CharSpec, EnsemblePart
from tests import processes
from tests.processes import FAST, Trouble

ENSEMBLE = ("train", "harbour", "--ensemble", 2, "--steps", 6, "--evaluate-every", 3, "--dropout", 0.4, "--cooldown", 0.5,
            *FAST)  # fmt: skip
SMALL_TEACHER = ("train", "harbour", "--ensemble", 1, "--teacher-hidden", 8)


def model(file: Path) -> tuple[ModelCard, dict[str, bytes]]:
    """Its header and its weights."""
    loaded = model_file.load(file)
    return loaded.card, {name: tensor.tobytes() for name, tensor in loaded.tensors.items()}


def members(name: str) -> list[tuple[ModelCard, dict[str, bytes]]]:
    """The last model of a run, and its teachers."""
    return [model(path) for path in sorted(storage.find(name).folder.glob("*/best.safetensors"))]


def test_an_ensemble_trains_resumes_exactly_and_takes_more_minutes(tmp_path: Path) -> None:
    whole = processes.run(tmp_path / "whole", *ENSEMBLE, "--name", "whole")
    assert whole.process.exitcode == 0, whole.err
    assert re.search(r"Teacher 2 of 2 is trained, with a validation loss of \d\.\d{4}", whole.err)
    trained = members("whole")
    assert [card.metadata["seed"] for card, _ in trained] == [1, 2, 3]
    assert [card.spec["training"]["cooldown"] for card, _ in trained] == [0.5, 0, 0]
    assert [card.spec["ensemble"]["ensemble"] for card, _ in trained] == [2, 0, 0], (
        "each can be trained again"
    )
    card, weights = model(paths.model("whole"))
    assert card.complete
    best, same = min(trained, key=lambda one: one[0].metrics["val_loss"])
    assert (card.metrics, weights) == (best.metrics, same)

    trouble = Trouble(signals={4: signal.SIGKILL}, save_every=1)
    killed = processes.run(tmp_path / "broken", *ENSEMBLE, "--name", "broken", trouble=trouble)
    for _ in range(3):  # in the first teacher, the second, and the last model
        assert killed.process.exitcode == -9, killed.err
        killed = processes.run(tmp_path / "broken", "resume", "broken", trouble=trouble)
    last = processes.run(tmp_path / "broken", "resume", "broken", "--json")
    assert last.process.exitcode == 0, last.err
    assert [weights for _, weights in members("broken")] == [weights for _, weights in trained]

    refused = processes.run(tmp_path / "whole", "resume", "whole", "--minutes", 0.05, "--deadline")
    assert refused.process.exitcode == 2
    assert "several models" in refused.err
    more = processes.run(tmp_path / "whole", "resume", "whole", "--minutes", 0.05, "--json")
    assert more.process.exitcode == 0, more.err
    run = storage.find("whole")
    after = [saved_state.read_numbers(p)["step"] for p in sorted(run.folder.glob("*/state.safetensors"))]
    assert len(set(after)) == 1
    assert after[0] > 6
    assert more.events[-1]["steps"] == 3 * after[0]


def test_teachers_may_be_smaller_than_the_model_that_learns_from_them(tmp_path: Path) -> None:
    command = (*SMALL_TEACHER, "--steps", 6, "--evaluate-every", 3)
    whole = processes.run(tmp_path / "whole", *command, *FAST, "--name", "whole", "--json")
    assert whole.process.exitcode == 0, whole.err
    trained = members("whole")
    hidden = [card.sizes["hidden"] for card, _ in trained]
    assert hidden == [12, 8]
    assert [card.spec["model"]["hidden"] for card, _ in trained] == hidden, "each can be trained again"
    started, ended = whole.events[0], whole.events[-1]
    assert (started["event"], ended["event"]) == ("started", "finished")
    assert started["costs"][0] < 1 < started["costs"][1]
    assert started["parameters"] == ended["parameters"], "those of the last model"
    assert started["summary"].startswith("1x12, batch ")
    assert started["summary"].endswith(", with a teacher (1x8)")

    trouble = Trouble(signals={4: signal.SIGKILL}, save_every=1)
    killed = processes.run(tmp_path / "broken", *command, *FAST, "--name", "broken", trouble=trouble)
    for _ in range(2):  # in the teacher, and in the model that learns from it
        assert killed.process.exitcode == -9, killed.err
        killed = processes.run(tmp_path / "broken", "resume", "broken", trouble=trouble)
    processes.run(tmp_path / "broken", "resume", "broken")
    assert [weights for _, weights in members("broken")] == [weights for _, weights in trained]


def test_more_minutes_know_that_the_steps_of_teachers_take_less_time(tmp_path: Path) -> None:
    command = (*SMALL_TEACHER, "--steps", 40, "--evaluate-every", 40)
    trouble = Trouble(signals={20: signal.SIGTERM})
    stopped = processes.run(tmp_path, *command, *FAST, "--name", "stopped", trouble=trouble)
    assert stopped.process.exitcode == 143, stopped.err
    run = storage.find("stopped")
    ((folder, made),) = states(run.folder).items()
    costs = step_costs(CharSpec.from_dict({**run.spec}))
    assert costs[folder] < 1 < costs["student"]
    added = int(3 / (made.seconds / (made.step * costs[folder])) / sum(costs.values()))
    more = processes.run(tmp_path, "resume", "stopped", "--minutes", 0.05, "--json")
    assert more.process.exitcode == 0, more.err
    assert more.events[-1]["steps"] == 2 * (40 + max(1, added))


def test_the_best_model_so_far_is_published_while_the_others_train(tmp_path: Path) -> None:
    command = (*ENSEMBLE[:4], "--steps", 40, "--evaluate-every", 20, *FAST, "--name", "early")
    stopped = processes.run(tmp_path, *command, trouble=Trouble(signals={23: signal.SIGTERM}))
    assert stopped.process.exitcode == 143, stopped.err
    card = model_file.describe(paths.model("early"))
    assert not card.complete
    first = card.metrics["val_loss"]
    trouble = Trouble(signals={23: signal.SIGTERM})
    for _ in range(2):  # the second teacher and the last model are stopped at their first evaluation
        processes.run(tmp_path, "resume", "early", trouble=trouble)
    card = model_file.describe(paths.model("early"))
    assert not card.complete
    assert card.metrics["val_loss"] < first
    assert card.metrics["val_loss"] == min(one.metrics["val_loss"] for one, _ in members("early"))


def test_a_teacher_that_stays_better_is_the_model_of_the_run(tmp_path: Path) -> None:
    command = (
        "train",
        "harbour",
        "--ensemble",
        1,
        "--steps",
        60,
        "--evaluate-every",
        60,
        "--teacher-share",
        1,
        "--teacher-hidden",
        16,
        *FAST,
    )
    trouble = Trouble(broken=forget_what_teachers_say)
    ended = processes.run(tmp_path, *command, "--name", "taught-badly", "--json", trouble=trouble)
    assert ended.process.exitcode == 0, ended.err
    last = ended.events[-1]
    (student, _), (teacher, _) = members("taught-badly")
    assert teacher.metrics["val_loss"] < student.metrics["val_loss"]
    card = model_file.describe(paths.model("taught-badly"))
    assert card.complete
    assert card.metrics == teacher.metrics
    assert last["parameters"] == teacher.sizes["parameters"] > student.sizes["parameters"]
    assert (last["val_loss"], last["test_loss"]) == (card.metrics["val_loss"], card.metrics["test_loss"])


def forget_what_teachers_say() -> None:
    """Let a model learn that each character is as likely as any other."""
    char_task.distilled_nll = lambda logits, *rest: -logits.log_softmax(-1).mean()


def test_a_run_of_several_models_says_early_that_it_will_be_late(tmp_path: Path) -> None:
    command = ("train", "harbour", "--ensemble", 1, "--minutes", 0.05, *FAST, "--name", "late")
    ended = processes.run(tmp_path, *command, "--json", trouble=Trouble(seconds_a_step=0.03))
    assert ended.process.exitcode == 0, ended.err
    said = [(e["step"], e["message"]) for e in ended.events if e["event"] == "warned"]
    steps = ended.events[-1]["steps"]
    first = next(step for step, message in said if "this run will end" in message)
    assert first < steps / 2, "while the first model is trained"
    assert sum("this run will end" in message for _, message in said) < 6
    assert [step for step, message in said if "longer than planned" in message] == [steps]


def test_the_final_figures_of_a_teacher_make_no_run_seem_late(tmp_path: Path) -> None:
    command = ("train", "harbour", "--ensemble", 1, "--minutes", 0.1, *FAST, "--name", "in-time")
    ended = processes.run(tmp_path, *command, "--json", trouble=Trouble(broken=take_long_for_final_figures))
    assert ended.process.exitcode == 0, ended.err
    each = ended.events[-1]["steps"] // 2
    warned = [
        e["step"] for e in ended.events if e["event"] == "warned" and "this run will end" in e["message"]
    ]
    assert not any(each <= step < 1.1 * each for step in warned), "just after the teacher"


def take_long_for_final_figures() -> None:
    """Let a second pass before a model's final figures are known, and foresee the end by the last half second."""
    forecast.WATCHED = 0.5
    figures = char_task.CharTask.final_metrics

    def slow(self: char_task.CharTask, path: Path, should_stop: StopCheck) -> dict[str, float | None]:
        time.sleep(1)
        return figures(self, path, should_stop)

    char_task.CharTask.final_metrics = slow


@pytest.mark.parametrize("teacher_hidden", [None, 8, 4])
def test_the_steps_of_all_its_models_take_time(
    teacher_hidden: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate, "machine", lambda *_, **__: Machine("cpu", 1, "float32", 60_000))
    pace = Pace(1, 40, step=0.5, evaluation=1.0, finish=0.0)
    monkeypatch.setattr(calibrate, "pace", lambda _, candidates, *__, **___: (candidates[0], pace))
    knobs = {"ensemble": 2, "hidden": 8, "embedding": 8, "teacher_hidden": teacher_hidden}
    request = TrainRequest("charlm", "harbour", length=Length("steps", 100), given=knobs)
    facts = session.planned(request, time.monotonic()).facts
    cut = CharBatchPart.from_dict(facts["spec"]["batches"])
    share = teachers_step(CharModelPart.from_dict(knobs), EnsemblePart.from_dict(knobs), cut, "muon")
    assert (share < 1) == (teacher_hidden == 4)
    assert facts["seconds_of_steps"] == pytest.approx(100 * 0.5 * (1 + 2 * share * 1.31), abs=0.05)
    assert facts["seconds"] > facts["seconds_of_steps"]


def test_the_processes_of_torchrun_train_no_ensemble(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "RANK": 0,
        "WORLD_SIZE": 2,
        "LOCAL_RANK": 0,
        "MASTER_ADDR": "localhost",
        "MASTER_PORT": 1,
    }.items():
        monkeypatch.setenv(name, str(value))
    request = TrainRequest("charlm", "harbour", given={"ensemble": 2})
    with pytest.raises(InputError, match="An ensemble is trained by one process; start it without torchrun"):
        session.prepare(request, time.monotonic())
