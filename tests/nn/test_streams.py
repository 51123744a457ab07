"""A text in streams: every prediction, each in its order, and nothing skipped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.nn.streams import Streams


def check_streams(streams: Streams, chars: int) -> None:
    """Read one epoch of a text whose numbers are its positions, and check what streams promise."""
    inputs: list[np.ndarray] = []
    targets: list[np.ndarray] = []
    for step in range(streams.steps_per_epoch):
        assert streams.at_start == (step == 0)
        block = streams.next()
        assert block.shape[1] == streams.count
        assert 2 <= len(block) <= streams.seq_length + 1
        inputs.append(block[:-1])
        targets.append(block[1:])
    assert streams.at_start, "an epoch ends where the next one starts"
    inputs_LB, targets_LB = np.concatenate(inputs), np.concatenate(targets)
    assert (np.diff(inputs_LB, axis=0) == 1).all(), "a stream is one contiguous part of the text"
    assert (targets_LB == inputs_LB + 1).all(), "a target is the character after its input"
    made = np.bincount(targets_LB.ravel(), minlength=chars)
    assert made[0] == 0
    assert (made[1:] >= 1).all(), "no prediction is skipped"
    assert made.sum() - (chars - 1) <= streams.count - 1, "at most B-1 predictions are made twice"
    assert made.max() <= 2


class ShuffledStreams(Streams):
    """Broken: the streams change places from step to step."""

    def next(self) -> np.ndarray:
        return np.roll(super().next(), self.offset, axis=1)


class WholeStepsOnly(Streams):
    """Broken: what does not fill a step is left out."""

    @property
    def steps_per_epoch(self) -> int:
        return max(1, self.length // self.seq_length)


class OverlappingSteps(Streams):
    """Broken: a step starts with the last character of the step before."""

    def next(self) -> np.ndarray:
        block = super().next()
        self.offset = max(0, self.offset - 1)
        return block


cuts = st.tuples(st.integers(2, 300), st.integers(1, 40), st.integers(1, 40))


@given(cuts)
def test_every_prediction_is_made_in_the_order_of_the_text(cut: tuple[int, int, int]) -> None:
    chars, batch_size, seq_length = cut
    streams = Streams(np.arange(chars), batch_size, seq_length)
    check_streams(streams, chars)
    check_streams(streams, chars)  # and again in the second epoch
    assert streams.epoch() == 2


@given(cuts, st.integers(0, 2**63 - 1))
def test_a_ring_is_turned_after_every_epoch_and_skips_nothing(cut: tuple[int, int, int], seed: int) -> None:
    chars, batch_size, seq_length = cut
    streams, turns = Streams(np.arange(chars), batch_size, seq_length, seed), []
    for _ in range(3):
        turns.append(streams.turn)
        blocks = [streams.next() for _ in range(streams.steps_per_epoch)]
        assert streams.at_start
        inputs, targets = (
            np.concatenate(part) for part in zip(*((b[:-1], b[1:]) for b in blocks), strict=True)
        )
        assert inputs[0, 0] == turns[-1]
        assert (targets == (inputs + 1) % chars).all(), (
            "a target is the character after its input, around the ring"
        )
        assert (np.diff(inputs, axis=0) % chars == 1 % chars).all(), (
            "a stream is one contiguous part of the ring"
        )
        assert (np.bincount(targets.ravel(), minlength=chars) >= 1).all()
    again = Streams(np.arange(chars), batch_size, seq_length, seed)
    assert [at_epoch(again, epoch).turn for epoch in range(3)] == turns, "they depend on nothing else"


def at_epoch(streams: Streams, epoch: int) -> Streams:
    streams.go_to(0, epoch)
    return streams


def test_turns_differ() -> None:
    streams = Streams(np.arange(100_000), 4, 1000, 7)
    assert len({at_epoch(streams, epoch).turn for epoch in range(20)}) == 20
    assert at_epoch(Streams(np.arange(100_000), 4, 1000, 8), 1).turn != at_epoch(streams, 1).turn


def test_every_seed_reads_the_same_in_the_first_epoch() -> None:
    ids = np.arange(100_000)
    first, other, unturned = (Streams(ids, 4, 1000, turning) for turning in (7, 8, None))
    for _ in range(24):
        block = first.next()
        assert (block == other.next()).all()
        assert (np.abs(block - unturned.next()) <= 1).all(), "a ring has one prediction more"


@pytest.mark.parametrize("broken", [ShuffledStreams, WholeStepsOnly, OverlappingSteps])
def test_broken_streams_fail_the_check(broken: type[Streams]) -> None:
    with pytest.raises(AssertionError):
        check_streams(broken(np.arange(100), 3, 10), 100)


def test_the_position_alone_decides_what_comes_next() -> None:
    first, second = (Streams(np.arange(50), 3, 4) for _ in range(2))
    for _ in range(6):
        first.next()
    second.offset, second.epochs = first.offset, first.epochs
    assert (first.next() == second.next()).all()
    assert first.epoch() == second.epoch()


def test_more_streams_than_predictions_are_cut() -> None:
    streams = Streams(np.arange(4), 100, 100)
    assert streams.count == 3
    assert streams.next().tolist() == [[0, 1, 2], [1, 2, 3]]


def test_one_character_is_no_stream() -> None:
    with pytest.raises(ValueError, match="two characters"):
        Streams(np.arange(1), 1, 1)
