"""K-fold validation, by the command that a user types: it trains to the end, resumes, and takes more minutes."""

import signal
from pathlib import Path

from lstmterm.models import library, model_file
from lstmterm.nn import saved_state
from lstmterm.runs import storage
from tests import processes
from tests.processes import Trouble

FOLDS = (
    "train-tagger", "harbour-tags", "--folds", 3, "--steps", 6, "--evaluate-every", 3,
    "--threads", 1, "--hidden", 8, "--words", 8, "--layers", 1,
)  # fmt: skip


def model_of(name: str) -> tuple[model_file.ModelCard, dict[str, bytes]]:
    model = model_file.load(library.find(name).path)
    return model.card, {key: tensor.tobytes() for key, tensor in model.tensors.items()}


def test_folds_train_resume_exactly_and_take_more_minutes(tmp_path: Path) -> None:
    whole = processes.run(tmp_path / "whole", *FOLDS, "--name", "whole")
    assert whole.process.exitcode == 0, whole.err
    assert "Try it: lstmterm tag whole" in whole.err
    run = storage.find("whole")
    card, tensors = model_of("whole")
    assert card.complete
    assert card.metadata["run"] == run.id
    assert {"test_accuracy", "test_accuracy_deviation"} <= card.metrics.keys()

    trouble = Trouble(signals={4: signal.SIGKILL}, save_every=1)
    killed = processes.run(tmp_path / "broken", *FOLDS, "--name", "broken", trouble=trouble)
    for _ in range(3):  # in the first fold, the second and the third
        assert killed.process.exitcode == -9, killed.err
        killed = processes.run(tmp_path / "broken", "resume", "broken", trouble=trouble)
    last = processes.run(tmp_path / "broken", "resume", "broken", "--json")
    assert last.process.exitcode == 0, last.err
    resumed, same = model_of("broken")
    assert same == tensors
    assert resumed.metrics == card.metrics

    before = [saved_state.read_numbers(p)["step"] for p in sorted(run.folder.glob("*/state.safetensors"))]
    more = processes.run(tmp_path / "whole", "resume", "whole", "--minutes", 0.05, "--json")
    assert more.process.exitcode == 0, more.err
    after = [saved_state.read_numbers(p)["step"] for p in sorted(run.folder.glob("*/state.safetensors"))]
    assert before == [6] * 4
    assert len(set(after)) == 1
    assert after[0] > 6
    assert more.events[-1]["steps"] == 4 * after[0]
    assert model_of("whole")[0].complete
