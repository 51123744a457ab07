"""A model adapts in a process of its own: the figures are those of `score`, and the process ends with its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lstmterm.errors import InputError, RunError
from lstmterm.infer.adapt import AdaptingLibraryModel
from lstmterm.infer.adapting_process import AdaptingProcess, Figures, Step
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.model_text import own_text, training_text
from lstmterm.infer.score import score
from lstmterm.models import library, model_file
from lstmterm.models.model_file import LoadedModel
from lstmterm.spec.character import AdaptPart
from tests.character_models import TorchModel, trained_on

LINES = "".join(f"{i % 7} gulls over the harbour, {i % 3} boats below them.\n" for i in range(60))


@pytest.fixture
def process() -> Iterator[AdaptingProcess]:
    started = AdaptingProcess()
    yield started
    started.close()


def bits(model: LoadedModel, ids: np.ndarray) -> float:
    return score(CharLSTM.from_tensors(model.tensors), ids).bits_per_char


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.02)


def test_the_figures_are_those_of_score_and_the_model_is_saved(
    tmp_path: Path, process: AdaptingProcess
) -> None:
    text = tmp_path / "gulls.txt"
    text.write_text(LINES, encoding="utf-8")
    trained_on(text, (len(LINES) - 1000, len(LINES) - 500, len(LINES)), val=0.1)
    passage = "5 gulls over the boats.\r\n" * 20 + "\u20ac"
    told = list(process.adapt("own", passage))
    figures = told[-1]
    assert isinstance(figures, Figures)

    model = model_file.load(library.find("own").path)
    ids = model.card.vocabulary.encode(passage.replace("\r\n", "\n"))
    adapting = AdaptingLibraryModel(model, AdaptPart(), training_text(model.card))
    while_adapting = np.concatenate(list(adapting.surprisals(ids)))
    adapted = LoadedModel(model.card, adapting.tensors())
    own = own_text(model.card, "val").ids
    expected = (bits(model, ids), bits(adapted, ids), bits(model, own), bits(adapted, own))
    found = (figures.before, figures.after, figures.own_before, figures.own_after)
    assert found == pytest.approx(expected, abs=1e-3)
    assert figures.while_adapting == pytest.approx(np.nanmean(while_adapting) / np.log(2), abs=1e-3)
    assert figures.after is not None
    assert figures.after < figures.before - 0.2
    assert (figures.model, figures.chars, figures.unknown, figures.own_chars) == ("own", 479, 1, 499)
    assert figures.rule.startswith("Adapting with rms, scaled by gradients on gulls")
    assert any(isinstance(each, Step) for each in told)

    for taken, sentence in (("own", "There is already a model named 'own'"), ("a/b", "a/b")):
        with pytest.raises(InputError, match=sentence):
            process.save(taken, overwrite=False)
    process.save("terns", overwrite=False)
    saved = model_file.load(library.find("terns").path)
    assert bits(saved, ids) == pytest.approx(figures.after, abs=1e-4)
    record = saved.card.part("adapted")
    assert (record["from"], record["text"], record["chars"]) == ("own", "a passage", len(ids))


@pytest.mark.parametrize(
    ("model", "text", "sentence"),
    [
        ("bard", "x", "fewer than two characters"),
        ("bard", "\u20ac" * 9, "knows no character of this text"),
        ("nobody", "the sea", "There is no model named 'nobody'"),
    ],
)
def test_what_cannot_be_learned_is_refused(
    model: str, text: str, sentence: str, process: AdaptingProcess
) -> None:
    TorchModel().publish("bard")
    with pytest.raises(InputError, match=sentence):
        list(process.adapt(model, text))


def test_it_ends_when_it_is_closed_and_says_why_it_ended_early(process: AdaptingProcess) -> None:
    TorchModel(hidden=256).publish("bard")
    learning = process.adapt("bard", LINES * 30)
    next(learning)
    process._process.send_signal(signal.SIGTERM)
    with pytest.raises(RunError, match=r"ended early: Ended by SIGTERM\."):
        list(learning)
    process.close()
    assert process._process.poll() is not None


_PARENT = """
import sys
from lstmterm.infer.adapting_process import AdaptingProcess
process = AdaptingProcess()
for told in process.adapt("bard", sys.argv[1] * 300):
    print(process._process.pid, flush=True)
"""


def test_it_ends_with_the_process_that_started_it() -> None:
    """Also while it works, and after a signal that nobody can handle."""
    TorchModel(hidden=256).publish("bard")
    with subprocess.Popen([sys.executable, "-c", _PARENT, LINES], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    until(lambda: not _runs(child), 30)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    found = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], check=False, capture_output=True, text=True
    )
    return found.stdout.strip()[:1] not in ("", "Z")  # nobody may have waited for it
