"""What the Units page computes in a thread comes as soon as it is known, and serves the other pages."""

from dataclasses import dataclass

import numpy as np
import pytest
from textual.message import Message

from lstmterm.infer import streams
from lstmterm.infer.surprise import Surprise
from lstmterm.ui.inspect import unit_work
from lstmterm.ui.inspect.unit_work import MoreKnown, UnitSilenced, UnitWork
from tests.ui.inspect.models import random_reading

TEXT = "the sea owes us a bucket\n" * 800


@dataclass(frozen=True)
class Known:
    """What is known when a message comes."""

    characters: int
    right: bool
    ranked: bool
    counted: bool
    all_known: bool


def test_a_layer_comes_part_after_part_and_again_when_it_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = random_reading(TEXT)
    half, whole = 10_000, 20_000
    monkeypatch.setattr(streams, "_MOST_VALUES", half * reading.model.hidden)
    seen: list[Known] = []

    def post(message: Message) -> None:
        if isinstance(message, MoreKnown):
            trace = work.trace(0, "tanh_c")
            assert trace is not None
            values = trace.unit(3, "tanh_c")
            assert np.isfinite(values[: trace.known]).all()
            assert np.isnan(values[trace.known :]).all()
            ranked, counted = "tanh_c" in work.rankings, work.saturation is not None
            seen.append(Known(trace.known, trace.right, ranked, counted, message.all_known))

    work = UnitWork(reading, post)
    work.look("tanh_c", lambda: False)
    assert seen[0] == Known(half, False, False, False, False)
    assert [now.characters for now in seen] == sorted(now.characters for now in seen)
    assert [now.right for now in seen] == sorted(now.right for now in seen)
    assert Known(whole, False, False, False, False) in seen, (
        "the last part, too, comes before its joints are right"
    )
    *before, ranked, last = seen
    assert ranked == Known(whole, True, True, False, False), "what is seen first does not wait for the gates"
    assert last == Known(whole, True, True, True, True)
    assert not any(now.ranked for now in before)


@pytest.mark.parametrize("why", ["long", "predicted before"])
def test_a_text_whose_traces_are_not_seen_first_is_read_once(
    monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    reading, counted = random_reading(TEXT), list[bool]()
    if why == "long":
        monkeypatch.setattr(unit_work, "_LONG", len(TEXT))
    else:
        reading.surprise.compute(lambda surprise, done: None)

    def post(message: Message) -> None:
        counted.append(work.saturation is not None)

    work = UnitWork(reading, post)
    work.look("tanh_c", lambda: False)
    assert counted[-2:] == [True, True], "as soon as the units are ranked"
    assert reading.surprise.computed


def test_what_was_left_before_the_gates_were_counted_goes_on_there() -> None:
    reading, left = random_reading(TEXT), False

    def post(message: Message) -> None:
        nonlocal left
        left = left or "tanh_c" in work.rankings

    work = UnitWork(reading, post)
    work.look("tanh_c", lambda: left)
    assert work.saturation is None
    assert not work.knows("tanh_c")
    ranking = work.rankings["tanh_c"]
    left = False
    work.look("tanh_c", lambda: False)
    assert work.knows("tanh_c")
    assert work.rankings["tanh_c"] is ranking


def test_looking_at_the_units_predicts_the_text() -> None:
    reading, posted = random_reading(TEXT), []
    work = UnitWork(reading, posted.append)
    assert not reading.surprise.computed
    work.look("tanh_c", lambda: False)
    assert reading.surprise.computed
    kept = reading.surprise.compute(lambda surprise, done: pytest.fail("something is predicted again"))
    expected = Surprise.of(reading.model, reading.ids)
    np.testing.assert_allclose(kept.nats, expected.nats, atol=2e-3)
    assert kept.nats.mean(dtype=np.float64) == pytest.approx(expected.nats.mean(dtype=np.float64), rel=1e-6)


def test_the_losses_without_a_unit_come_when_all_are_known_then_exactly_and_then_at_zero() -> None:
    reading, posted = random_reading(TEXT), list[Message]()
    work = UnitWork(reading, posted.append)
    work.silence(0, 3, lambda: False)
    first, exact, last = (m.silenced for m in posted if isinstance(m, UnitSilenced))
    assert len(first) == len(exact) == 1
    assert np.isfinite(first[0].after).all()
    assert first[0].rise == pytest.approx(exact[0].rise, abs=0.01)
    assert last[0] is exact[0]
    assert last[1].value == 0 != exact[0].value
