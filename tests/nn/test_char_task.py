"""The character task: carried states, validation, and what it reads."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from lstmterm.corpora import aside
from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score
from lstmterm.models import model_file
from lstmterm.nn import validation
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.initial import State
from lstmterm.nn.losses import mean_nll
from lstmterm.nn.train import Session, train
from lstmterm.runs.events import Compared, Evaluated, Event, Finished, Sampled, Started
from tests.small import small_corpus, small_task, small_text


def logits_of_steps(task: CharTask, steps: int) -> Tensor:
    """The logits (T, B, V) of consecutive training steps."""
    seen: list[Tensor] = []
    hook = task.model.register_forward_hook(lambda _m, _a, result: seen.append(result[0].detach()))
    for _ in range(steps):
        task.next_loss()
    hook.remove()
    return torch.cat(seen)


def check_steps_continue_each_other(task: CharTask) -> None:
    """In two epochs, the logits of the steps are those of one long call for each stream."""
    streams = task.streams
    streams_LB = np.stack([streams.ids[a : a + streams.length] for a in streams.starts], axis=1)
    with torch.no_grad():
        expected, _ = task.model(
            torch.from_numpy(streams_LB.astype(np.int64)), task.model.first_state(streams.count)
        )
    for _ in range(2):
        logits = logits_of_steps(task, streams.steps_per_epoch)
        assert torch.allclose(logits, expected, atol=1e-5, rtol=0)


def check_no_gradient_crosses(task: CharTask) -> None:
    """The loss of a step gives no gradient to the inputs of the step before."""
    embedded: list[Tensor] = []

    def keep(_module: object, _arguments: object, result: Tensor) -> None:
        result.retain_grad()
        embedded.append(result)

    assert task.model.embedding is not None
    hook = task.model.embedding.register_forward_hook(keep)
    task.next_loss()
    loss, _ = task.next_loss()
    hook.remove()
    loss.backward()
    before, within = embedded
    assert within.grad is not None
    assert within.grad.abs().sum() > 0
    assert before.grad is None or not before.grad.any()


class StateDropped(CharTask):
    """Broken: every step starts from the initial state."""

    def next_loss(self) -> tuple[Tensor, int]:
        self.state = self.model.first_state(self.streams.count)
        return super().next_loss()


class StateNeverReset(CharTask):
    """Broken: the state after the end of the text is carried to its start."""

    def next_loss(self) -> tuple[Tensor, int]:
        carried, first_state = self.state, self.model.first_state
        self.model.first_state = lambda streams: carried
        try:
            return super().next_loss()
        finally:
            self.model.first_state = first_state


class StreamsShuffled(CharTask):
    """Broken: the text of every step goes to another stream."""

    def next_loss(self) -> tuple[Tensor, int]:
        self.state = tuple(s.roll(1, dims=1) for s in self.state)  # pyright: ignore[reportAttributeAccessIssue]
        return super().next_loss()


class StateAttached(CharTask):
    """Broken: the state is carried with its graph."""

    attached: State | None = None

    def next_loss(self) -> tuple[Tensor, int]:
        block = torch.from_numpy(self.streams.next())
        logits, self.attached = self.model(block[:-1], self.attached or self.state)
        return mean_nll(logits, block[1:], "cross-entropy", logits.shape[-1]), block[1:].numel()


@pytest.mark.parametrize(
    "knobs", [{}, {"layers": 2, "initial_state": "learned"}, {"embedding": 0, "seq_length": 7}]
)
def test_steps_continue_each_other(knobs: dict[str, Any]) -> None:
    task = small_task(**knobs)
    if task.model.initial.kind == "learned":
        torch.nn.init.normal_(task.model.initial.h)
    check_steps_continue_each_other(task)


@pytest.mark.parametrize("broken", [StateDropped, StateNeverReset, StreamsShuffled])
def test_broken_carrying_fails_the_check(broken: type[CharTask]) -> None:
    with pytest.raises(AssertionError):
        check_steps_continue_each_other(small_task(kind=broken))


def test_no_gradient_crosses_a_step() -> None:
    check_no_gradient_crosses(small_task())
    check_no_gradient_crosses(small_task(layers=2, dropout=0.3))


def test_an_attached_state_fails_the_check() -> None:
    with pytest.raises(AssertionError):
        check_no_gradient_crosses(small_task(kind=StateAttached))


def test_a_learned_state_learns_in_the_first_step_of_an_epoch_only() -> None:
    task = small_task(initial_state="learned")
    assert task.model.initial.kind == "learned"
    for epoch in range(2):
        for step in range(task.streams.steps_per_epoch):
            task.model.zero_grad(set_to_none=True)
            task.next_loss()[0].backward()
            for learned in (task.model.initial.h, task.model.initial.c):
                got_any = learned.grad is not None and bool(learned.grad.any())
                assert got_any == (step == 0), (epoch, step)


@pytest.mark.parametrize("val_chars", [200, 700, 5000])
@pytest.mark.parametrize("initial", ["zero", "learned", "random"])
def test_validation_during_training_is_close_to_the_final_figure(
    tmp_path: Path, val_chars: int, initial: str
) -> None:
    chars = 11_000
    task = small_task(
        small_corpus(small_text(chars)),
        val=val_chars / chars, test=0.0, steps=60, evaluate_every=60, initial_state=initial,
    )  # fmt: skip
    events = list(train(task, task.spec.training, Session(tmp_path)))
    (evaluated,) = (e for e in events if isinstance(e, Evaluated))
    assert isinstance(events[-1], Finished)
    assert events[-1].val_loss is not None
    assert events[-1].val_loss < 3.0
    assert evaluated.val_loss == pytest.approx(events[-1].val_loss, abs=0.01)


def test_the_validation_scores_every_character_once() -> None:
    """Where a character does not depend on those before it, any number of streams gives the same mean."""
    for val_chars in (2, 3, 255, 256, 257, 1023, 3000):
        task = small_task(small_corpus(small_text(6100)), val=val_chars / 6100 + 1e-9, test=0.0)
        start, stop = task.split.val
        assert stop - start == val_chars
        model = task.model.eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.zero_()  # a unigram model: its bias alone
            model.output.bias.copy_(torch.randn(len(task.vocabulary)))
            ids = torch.from_numpy(np.asarray(task.corpus.ids[start:stop], dtype=np.int64))
            evaluation = task.evaluate()
            losses = {
                t: -(model.output.bias / t).log_softmax(0)[ids[1:]].mean().item()
                for t in validation.TEMPERATURES
            }
            assert evaluation.temperature == (
                min(losses, key=losses.__getitem__) if val_chars > 1000 else 1.0
            )
            assert evaluation.loss == pytest.approx(losses[evaluation.temperature], abs=1e-5)


def test_the_model_is_written_with_the_temperature_of_the_lowest_loss(tmp_path: Path) -> None:
    """A model that is too sure: the loss of its file is that of the evaluation, and its training goes on as it was."""
    corpus = small_corpus(small_text(20_000))
    task = small_task(corpus, val=0.2, test=0.0)
    with torch.no_grad():
        task.model.output.weight.mul_(40)
        before = task.model.output.weight.clone()
    task.model.eval()
    with torch.no_grad():
        evaluation = task.evaluate()
    assert evaluation.temperature == validation.TEMPERATURES[-1]
    weights, header = task.as_file({}, evaluation.temperature)
    model_file.write(tmp_path / "x.safetensors", weights, header)
    loaded = model_file.load(tmp_path / "x.safetensors")
    model = CharLSTM.from_tensors(loaded.tensors)
    found = score(model, corpus.ids[slice(*task.split.val)]).nats_per_char
    assert found == pytest.approx(evaluation.loss, rel=0.02)
    plain, _ = task.as_file({})
    sharp = score(CharLSTM.from_tensors(plain), corpus.ids[slice(*task.split.val)]).nats_per_char
    assert found < sharp
    assert loaded.card.metadata["output_temperature"] == evaluation.temperature
    torch.testing.assert_close(task.model.output.weight, before, rtol=0, atol=0)


def test_a_validation_of_a_large_vocabulary_is_read_in_shorter_stretches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = small_task(small_corpus(small_text(6000)))
    task.model.eval()
    called: list[int] = []
    task.model.register_forward_hook(lambda _module, _inputs, output: called.append(output[0].numel()))
    with torch.no_grad():
        whole = task.evaluate().loss
        monkeypatch.setattr(validation, "_MOST_LOGITS", 2_000)
        called.clear()
        parts = task.evaluate().loss
    assert max(called) <= 2_000
    assert parts == pytest.approx(whole, abs=1e-5)


def test_the_unknown_character_is_read_and_never_generated() -> None:
    vocabulary = Vocabulary("abcdehilnort uy")
    corpus = small_corpus(small_text(2000), vocabulary)
    assert (corpus.ids == vocabulary.unknown).any()
    task = small_task(corpus)
    loss, _ = task.next_loss()
    assert math.isfinite(loss.item())
    logits, _ = task.model(torch.tensor([[vocabulary.unknown]]), task.model.first_state(1))
    assert logits.shape[-1] == len(vocabulary)
    sample = task.sample()
    assert "\ufffd" not in sample.text


def test_streams_are_read_from_the_training_split_only() -> None:
    task = small_task()
    last = task.streams.starts[-1] + task.streams.length
    assert last == task.split.train[1] - 1


def ran(folder: Path, *, resume: bool = False, steps: int = 4) -> list[Event]:
    """The events of a small run on a text in a file."""
    path = folder / "text.txt"
    path.write_text(small_text(30_000))
    task = small_task(open_corpus(str(path)), steps=steps, evaluate_every=2)
    (folder / "run").mkdir(exist_ok=True)
    return list(train(task, task.spec.training, Session(folder / "run", resume)))


def of(kind: type[Event], found: list[Event]) -> list[Any]:
    return [event for event in found if isinstance(event, kind)]


def test_the_baselines_of_a_short_text_are_there_from_the_start(tmp_path: Path) -> None:
    found = ran(tmp_path)
    (begun,) = of(Started, found)
    assert {"unigram", "6-gram", "xz", "bzip2"} <= begun.baselines.keys()
    assert begun.counted == 0
    assert not of(Compared, found)
    assert all(sample.copied["longest"] >= 1 for sample in of(Sampled, found))
    assert all(
        max((end - start for start, end in sample.stretches), default=0) in (0, sample.copied["longest"])
        for sample in of(Sampled, found)
    )
    again = ran(tmp_path, resume=True, steps=8)
    assert [event.baselines for event in of(Compared, again)] == [begun.baselines]


def test_those_of_a_longer_text_follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "_AT_ONCE", 10)
    found = ran(tmp_path)
    (begun,) = of(Started, found)
    (compared,) = of(Compared, found)
    assert "xz" not in begun.baselines
    assert begun.baselines.items() < compared.baselines.items()
    assert "xz" in compared.baselines
