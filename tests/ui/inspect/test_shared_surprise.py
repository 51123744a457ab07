"""A surprise that several pages need: computed once, and continued where it was left."""

import numpy as np
import pytest

from lstmterm.errors import InputError
from lstmterm.infer.surprise import Surprise
from lstmterm.ui.inspect.shared_surprise import SharedSurprise
from tests.random_models import random_model
from tests.ui.inspect.models import LETTERS

IDS = LETTERS.encode("the sea owes us a bucket\n" * 800)


class Left(Exception):
    """The page is left."""


@pytest.fixture
def shared() -> SharedSurprise:
    return SharedSurprise(random_model(LETTERS), IDS)


def test_what_was_left_is_continued_and_what_is_finished_is_kept(shared: SharedSurprise) -> None:
    seen: list[int] = []

    def leave(surprise: Surprise, done: int) -> None:
        seen.append(done)
        if len(seen) in (2, 5):
            raise Left

    for _ in range(2):
        with pytest.raises(Left):
            shared.compute(leave)
    found = shared.compute(leave)
    assert seen == sorted(set(seen[: seen.index(len(IDS) - 1)])) + seen[seen.index(len(IDS) - 1) :]
    expected = Surprise.of(found.model, IDS)
    np.testing.assert_array_equal(found.nats, expected.nats)
    np.testing.assert_array_equal(found.ranks, expected.ranks)
    steps = len(seen)
    assert shared.compute(leave) is found
    assert len(seen) == steps


def test_after_an_error_it_begins_again(shared: SharedSurprise, monkeypatch: pytest.MonkeyPatch) -> None:
    compute = Surprise.compute

    def failing(self: Surprise):
        for done in compute(self):
            yield done
            raise InputError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(Surprise, "compute", failing)
        with pytest.raises(InputError):
            shared.compute(lambda surprise, done: None)
    found = shared.compute(lambda surprise, done: None)
    assert not np.isnan(found.nats).any()
