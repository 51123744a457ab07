"""Training a tagger: it learns, resumes exactly, folds, replaces rare words, writes its file."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lstmterm.infer.tag import Tagger as NumpyTagger
from lstmterm.models import library, model_file
from lstmterm.nn import saved_state
from lstmterm.nn.checkpoints import BEST, GOOD, LATEST
from lstmterm.nn.saved_state import read
from lstmterm.nn.tagger_recipe import TaggerRecipe
from lstmterm.nn.tagger_task import TaggerTask
from lstmterm.nn.train import Session
from lstmterm.runs.events import Event, Finished, Resumed, Sampled, Saved, Started, Stopped, Warned
from lstmterm.spec.kinds import spec_from_dict
from lstmterm.spec.tagger import TaggerSpec
from tests import processes
from tests.processes import Trouble
from tests.taggers import data_of, spec_of


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run(
    folder: Path, spec: TaggerSpec, *, resume: bool = False, stop_at: int | None = None, **data: Any
) -> list[Event]:
    """Train to the end, or stop before step `stop_at`, counted over all models."""
    folder.mkdir(exist_ok=True)
    made: list[Event] = []
    asked = 0

    def should_stop() -> str | None:
        nonlocal asked
        asked += 1
        return "enough" if stop_at is not None and asked > stop_at else None

    recipe = TaggerRecipe(spec.data, data_of(**data), {}, torch.device("cpu"))
    made.extend(recipe.train(spec, Session(folder, resume, should_stop, started=0.0))[0])
    return made


def finished(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def tensors(path: Path) -> dict[str, bytes]:
    return {name: t.tobytes() for name, t in model_file.load(path).tensors.items()}


def test_it_learns_and_reports_what_numpy_finds(tmp_path: Path) -> None:
    events = run(tmp_path, spec_of(steps=150, dropout=0.1, rare=1.0))
    end = finished(events)
    assert end.metrics["test_accuracy"] > 0.95
    assert end.metrics["test_accuracy_unknown"] > 0.9
    assert end.val_loss is not None and end.val_loss < 0.3  # noqa: PT018
    assert isinstance(events[0], Started)
    assert events[0].task == "tagger"
    assert any(isinstance(e, Sampled) and "/" in e.text for e in events)
    model = model_file.load(tmp_path / BEST)
    data = data_of()
    tagged = NumpyTagger.from_model(model).tag_all(s.words for s in data.test)
    right = [
        a == b for t, s in zip(tagged, data.test, strict=True) for a, b in zip(t.tags, s.tags, strict=True)
    ]
    assert np.mean(right) == pytest.approx(end.metrics["test_accuracy"])
    assert isinstance(spec_from_dict(dict(model.card.spec)), TaggerSpec)
    assert model.card.complete


@pytest.mark.parametrize(
    "knobs", [{"average": 0.9}, {"initial_state": "random", "characters": "lstm", "layers": 1}]
)
def test_resumed_at_any_step_it_ends_with_the_same_bits(tmp_path: Path, knobs: dict[str, Any]) -> None:
    spec = spec_of(steps=26, dropout=0.3, rare=3.0, **knobs)
    run(tmp_path / "whole", spec)
    for stop_at in (3, 11, 25):
        folder = tmp_path / str(stop_at)
        assert isinstance(run(folder, spec, stop_at=stop_at)[-1], Stopped)
        run(folder, spec, resume=True)
        assert tensors(folder / BEST) == tensors(tmp_path / "whole" / BEST)
        states = [read(f / LATEST)[0] for f in (folder, tmp_path / "whole")]
        assert all(torch.equal(states[0][name], states[1][name]) for name in states[1])


def test_another_position_ends_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(steps=26)
    run(tmp_path / "whole", spec)
    run(tmp_path / "lost", spec, stop_at=11)
    monkeypatch.setattr(TaggerTask, "go_to", lambda *_: None)
    run(tmp_path / "lost", spec, resume=True)
    assert tensors(tmp_path / "lost" / BEST) != tensors(tmp_path / "whole" / BEST)


def test_folds_are_one_run_with_one_report(tmp_path: Path) -> None:
    spec = spec_of(steps=20, folds=3)
    events = run(tmp_path, spec, train=90, dev=0, test=0)
    end = finished(events)
    assert sum(isinstance(e, Started) for e in events) == 1
    assert [e.message[:11] for e in events if isinstance(e, Warned)] == [f"Fold {k} of 3" for k in (1, 2, 3)]
    steps = [e.step for e in events]
    assert steps == sorted(steps)
    assert steps[-1] == end.steps == 80
    cards = [model_file.describe(tmp_path / f"fold-{k}" / BEST) for k in (1, 2, 3)]
    accuracies = [card.metrics["test_accuracy"] for card in cards]
    assert end.metrics["test_accuracy"] == pytest.approx(np.mean(accuracies))
    assert end.metrics["test_accuracy_deviation"] == pytest.approx(np.std(accuracies, ddof=1))
    last = model_file.describe(tmp_path / BEST)
    assert last.corpus["sentences"]["train"] == 90
    assert last.metrics["test_accuracy"] == pytest.approx(np.mean(accuracies))
    saved = [e for e in events if isinstance(e, Saved) and e.what == "model"]
    assert all(e.step >= 60 for e in saved), "only the last model is the run's"


def test_folds_resume_exactly(tmp_path: Path) -> None:
    spec = spec_of(steps=12, folds=3)
    run(tmp_path / "whole", spec, train=90, dev=0, test=0)
    run(tmp_path / "broken", spec, train=90, dev=0, test=0, stop_at=17)
    events = run(tmp_path / "broken", spec, resume=True, train=90, dev=0, test=0)
    assert isinstance(events[0], Resumed)
    assert tensors(tmp_path / "broken" / BEST) == tensors(tmp_path / "whole" / BEST)
    metrics = [model_file.describe(tmp_path / name / BEST).metrics for name in ("whole", "broken")]
    assert metrics[0] == metrics[1]


def test_rare_words_are_replaced_by_the_unknown_one_as_often_as_set() -> None:
    task = TaggerTask(spec_of(rare=3.0), data_of(), torch.device("cpu"))
    counts = {w: sum(s.words.count(w) for s in task.data.train) for w in task.vocabulary.words}
    expected = [3 / (3 + counts[word]) for word in task.vocabulary.words]
    assert task.unknown_chance[:-1].tolist() == pytest.approx(expected)
    seen: list[torch.Tensor] = []
    forward = task.model.forward
    task.model.forward = lambda batch, words: (seen.append(words), forward(batch, words))[1]  # type: ignore[method-assign,assignment]
    for _ in range(40):
        task.next_loss()
    unknown = torch.cat(seen) == task.model.unknown
    chances = [3 / (3 + counts[w]) * counts[w] for w in task.vocabulary.words]
    assert unknown.float().mean().item() == pytest.approx(sum(chances) / sum(counts.values()), abs=0.05)


def test_the_same_seed_gives_the_same_vocabulary_and_weights() -> None:
    first, second = (TaggerTask(spec_of(seed=5), data_of(), torch.device("cpu")) for _ in range(2))
    assert first.vocabulary == second.vocabulary
    assert all(
        torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True)
    )


def test_killed_and_resumed_from_the_command_line_it_ends_with_the_same_bits(tmp_path: Path) -> None:
    knobs = (
        "--threads",
        1,
        "--hidden",
        12,
        "--words",
        8,
        "--layers",
        1,
        "--steps",
        30,
        "--warmup",
        3,
        "--json",
    )
    whole = processes.run(tmp_path / "whole", "train-tagger", "harbour", "--name", "whole", *knobs)
    assert whole.process.exitcode == 0, whole.err
    killed = processes.run(
        tmp_path / "broken",
        *("train-tagger", "harbour", "--name", "broken", *knobs),
        trouble=Trouble(signals={17: signal.SIGKILL}, save_every=5),
    )
    assert killed.process.exitcode == -9
    last = processes.run(tmp_path / "broken", "resume", "broken", "--json")
    assert last.process.exitcode == 0, last.err
    assert tensors(library.find("whole").path) == tensors(library.find("broken").path)
    assert last.events[-1]["test_accuracy"] == whole.events[-1]["test_accuracy"]


def test_folds_that_are_trained_are_not_trained_again(tmp_path: Path) -> None:
    spec = spec_of(steps=4, folds=2, evaluate_every=2)
    whole = finished(run(tmp_path, spec))
    expected = tensors(tmp_path / BEST)
    for folder in ("fold-2", "all"):  # as after a kill between two models
        shutil.rmtree(tmp_path / folder)
    found = run(tmp_path, spec, resume=True)
    assert isinstance(found[0], Resumed)
    assert (found[0].step, found[0].steps) == (4, 12)
    assert finished(found).metrics == whole.metrics
    assert tensors(tmp_path / BEST) == expected


def test_a_position_that_the_data_do_not_have_is_refused(tmp_path: Path) -> None:
    spec = spec_of(steps=4)
    run(tmp_path, spec, stop_at=2)
    whole, numbers = read(tmp_path / LATEST)
    saved_state.write(tmp_path / LATEST, whole | {"position.place": torch.tensor([0, 10**6])}, {"step": 2})
    (tmp_path / GOOD).unlink()
    assert numbers["step"] == 2
    assert "has a position, 1000000 of" in str(run(tmp_path, spec, resume=True)[-1])
