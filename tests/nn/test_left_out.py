"""What n-grams expect of a character that they have not counted, and learning from it."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lstmterm.errors import InputError
from lstmterm.nn import left_out, saved_state
from lstmterm.nn.checkpoints import LATEST
from lstmterm.nn.left_out import DISCOUNT, LONGEST, LeftOut, refuse_ngrams
from lstmterm.nn.losses import Taught
from lstmterm.nn.streams import Streams
from lstmterm.nn.task import Session
from lstmterm.nn.training_state import TrainingState
from lstmterm.runs.events import Finished, Resumed
from tests.small import small_corpus, small_task, small_text, trained


def by_hand(ids: list[int], place: int, size: int, longest: int = LONGEST) -> list[float]:
    """The probabilities at a place, counted anew without it; number `size` is unknown."""
    n = len(ids)
    expected = [1 / size] * size
    for length in range(longest):
        context = tuple(ids[(place - k) % n] for k in range(1, length + 1))
        counts = Counter(
            ids[i]
            for i in range(n)
            if i != place
            and ids[i] < size
            and tuple(ids[(i - k) % n] for k in range(1, length + 1)) == context
        )
        total = sum(counts.values())
        if total:
            spread = DISCOUNT * len(counts) / total
            expected = [max(counts[v] - DISCOUNT, 0) / total + spread * expected[v] for v in range(size)]
    return expected


def text_of(n: int, size: int, seed: int = 0) -> np.ndarray:
    """Some numbers with an unknown one now and then, and something to expect."""
    random = np.random.default_rng(seed)
    ids = random.integers(size, size=n)
    ids[2::3] = ids[1::3][: len(ids[2::3])]
    ids[7::31] = size
    return ids.astype(np.uint8)


@pytest.mark.parametrize(("n", "size"), [(3, 2), (40, 2), (150, 5)])
def test_every_place_is_expected_as_counted_by_hand(n: int, size: int) -> None:
    ids = text_of(n, size)
    found = LeftOut(ids, size).read(np.arange(n)[:, None])[:, 0]
    for place in range(n):
        assert found[place].tolist() == pytest.approx(by_hand(ids.tolist(), place, size), abs=1e-6)


def test_probabilities_add_up_and_a_character_that_occurs_once_is_not_known() -> None:
    ids = np.array([0, 1] * 30 + [2] + [0, 1] * 30)
    expected = LeftOut(ids, 3).read(np.arange(len(ids))[None])[0]
    assert torch.allclose(expected.sum(1), torch.ones(len(ids)), atol=1e-6)
    assert expected[60, 2] < 0.02
    assert expected[30, 0] > 0.9


def test_a_table_that_would_be_too_large_has_shorter_ngrams(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = text_of(200, 5)
    assert LeftOut(ids, 5).longest == LONGEST
    monkeypatch.setattr(left_out, "MOST_NUMBERS", 5 * 60)
    shorter = LeftOut(ids, 5)
    assert shorter.longest == 2
    found = shorter.read(np.array([[17]]))[0, 0].tolist()
    assert found == pytest.approx(by_hand(ids.tolist(), 17, 5, longest=2), abs=1e-6)
    monkeypatch.setattr(left_out, "MOST_NUMBERS", 0)
    assert LeftOut(ids, 5).longest == 1


@pytest.mark.parametrize(
    ("chars", "size", "message"),
    [
        (3_000_001, 60, "of at most 3,000,000 characters .this one has 3,000,001 to train on.; leave it out"),
        (
            1000,
            5000,
            "small vocabularies, of at most 4,472 characters .this one has 5,000.; leave it out, or limit",
        ),
    ],
)
def test_what_is_too_much_is_refused(chars: int, size: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        refuse_ngrams(chars, size)
    refuse_ngrams(3_000_000, 4000)


@pytest.mark.parametrize("turning", [None, 5])
def test_the_places_of_a_step_are_those_of_its_targets(turning: int | None) -> None:
    ids = text_of(101, 5)
    streams = Streams(ids, 4, 7, turning)
    for _ in range(2 * streams.steps_per_epoch + 3):
        places = streams.places()
        assert np.array_equal(ids[places], streams.next()[1:])


def test_two_that_teach_share_what_is_learned() -> None:
    first, second = torch.rand(2, 3, 4), torch.rand(2, 3, 4)
    both = Taught(first, 0.5).with_another(Taught(second, 0.2))
    assert both.share == pytest.approx(0.6)
    torch.testing.assert_close(both.share * both.expected_TBV, 0.8 * 0.5 * first + 0.2 * second)
    assert torch.equal(both.of(slice(1, 3)).expected_TBV, both.expected_TBV[:, 1:3])


def test_the_share_falls_to_nothing_and_the_loss_stays_that_of_the_text() -> None:
    with_ngrams, without = small_task(ngram_share=0.5, steps=40), small_task(steps=40)
    gradients: list[float] = []
    for task in (with_ngrams, without):
        task.steps = 40
    for _ in range(40):
        (loss, _), (plain, _) = with_ngrams.next_loss(), without.next_loss()
        assert loss.item() == pytest.approx(plain.item(), abs=1e-5)
        difference = 0.0
        found = torch.autograd.grad(loss, list(with_ngrams.model.parameters()))
        wanted = torch.autograd.grad(plain, list(without.model.parameters()))
        for a, b in zip(found, wanted, strict=True):
            difference += (a - b).norm().item()
        gradients.append(difference)
    assert gradients[0] > 2 * gradients[20] > 4 * gradients[38] > 0


def test_a_trial_has_the_whole_share_and_so_the_whole_time() -> None:
    task = small_task(ngram_share=0.5, steps=1)
    for _ in range(5):
        taught = task._ngrams()
        assert taught is not None
        assert taught.share == 0.5
        task.next_loss()


def test_the_share_falls_to_nothing_by_the_end_of_a_shortened_run(tmp_path: Path) -> None:
    task = small_task(ngram_share=0.5, steps=40)
    state = TrainingState(task, task.spec.training, Session(tmp_path))
    assert task.steps == 40
    state.set_part(replace(state.part, steps=20))
    for _ in range(19):
        task.next_loss()
    taught = task._ngrams()
    assert taught is not None
    assert taught.share == pytest.approx(0.5 / 20)


def test_a_stopped_run_ends_as_one_that_was_not(tmp_path: Path) -> None:
    knobs = {"ngram_share": 0.5, "steps": 30, "stream_starts": "random"}
    trained(small_task(**knobs), tmp_path / "whole")
    stopped = small_task(**knobs)
    trained(
        stopped,
        tmp_path / "stopped",
        should_stop=lambda: "requested" if stopped.streams.epoch() > 0.2 else None,
    )
    resumed = trained(small_task(**knobs), tmp_path / "stopped", resume=True)
    assert any(isinstance(event, Resumed) and 0 < event.step < 30 for event in resumed)
    ends = [saved_state.read(tmp_path / name / LATEST)[0] for name in ("whole", "stopped")]
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_a_short_text_is_learned_better(tmp_path: Path) -> None:
    losses: dict[float, float] = {}
    for share in (0.0, 0.5):
        knobs = {
            "steps": 150,
            "evaluate_every": 150,
            "hidden": 48,
            "batch_size": 8,
            "stream_starts": "random",
        }
        task = small_task(small_corpus(small_text(3000)), ngram_share=share, **knobs)
        events = trained(task, tmp_path / str(share))
        assert isinstance(events[-1], Finished)
        assert events[-1].val_loss is not None
        losses[share] = events[-1].val_loss
    assert losses[0.5] < losses[0.0]
