"""What a plan says first: how long, how good, how large."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.models.shapes import charlm_shapes
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.outlook import Outlook, outlook, parameters
from lstmterm.planning.steps import Pace
from lstmterm.planning.text_size import TextFacts
from lstmterm.runs.earlier import Earlier
from lstmterm.spec.character import CharModelPart

MACHINE = Machine("cpu", 2, "float32", 60_000)


def of(length: Length, chars: int = 10**7, **given: Any) -> Outlook:
    return outlook(length, TextFacts(chars, 60), MACHINE, given)[0]


@given(st.integers(1, 4), st.integers(1, 600), st.integers(0, 90), st.integers(1, 300), st.booleans())
def test_the_parameters_are_those_of_the_model(
    layers: int, hidden: int, embedding: int, symbols: int, learned: bool
) -> None:
    model = CharModelPart(
        layers=layers, hidden=hidden, embedding=embedding, initial_state="learned" if learned else "zero"
    )
    shapes = charlm_shapes(layers, hidden, embedding, symbols, learned=learned)
    count = 0
    for shape in shapes.values():
        product = 1
        for size in shape:
            product *= size
        count += product
    assert parameters(model, symbols) == count


def test_a_time_is_filled_or_ends_early_or_is_too_short() -> None:
    assert of(Length("minutes", 3)).how_long.startswith("about 3 minutes: ")
    early = of(Length("minutes", 300), chars=70_000)
    assert early.how_long.startswith("about 2:")
    assert " of 5 hours: " in early.how_long
    assert early.how_long.endswith(" 40.0 epochs for each of 2 models")
    assert ", more than 1 second: 100 steps" in of(Length("minutes", 0.02), hidden=384).how_long
    assert of(Length("minutes", 0.02), hidden=384, deadline=True).steps < 100


@pytest.mark.parametrize("length", [Length("epochs", 20), Length("steps", 5_000)])
def test_epochs_and_steps_are_given_a_time(length: Length) -> None:
    found = of(length, chars=70_000)
    assert found.how_long.startswith("about ")
    assert "minutes" not in found.how_long + found.why
    assert f"{length.amount:,g} steps" in found.how_long or f"{length.amount:.1f} epochs" in found.how_long


def test_the_models_of_an_ensemble_share_the_time() -> None:
    size = {"hidden": 384, "layers": 1, "batch_size": 64, "seq_length": 64}
    one, three = of(Length("minutes", 10), **size), of(Length("minutes", 10), **size, ensemble=2)
    assert one.how_long.startswith("about 10 minutes: ")
    assert three.how_long.startswith("about 10 minutes: ")
    assert three.how_long.endswith(" epochs for each of 3 models")
    assert one.steps / three.steps == pytest.approx(1 + 2 + 2 * 0.31, rel=0.01)
    assert of(Length("steps", 100), **size, ensemble=2).seconds > 3 * of(Length("steps", 100), **size).seconds
    planned = of(Length("minutes", 3)), of(Length("minutes", 3), ensemble=2)
    assert planned[0].model.hidden > planned[1].model.hidden, "which has less time"
    assert "3 models are trained in turn" in planned[1].why


def test_there_is_a_teacher_where_the_time_allows_one() -> None:
    short, long = (
        of(Length("minutes", minutes), chars=200_000, hidden=256, layers=1) for minutes in (0.9, 2)
    )
    assert short.models == 1
    assert 20 < short.epochs < 40
    assert long.models == 2
    assert 20 < long.epochs <= 41
    assert "the second one also learns what the first one predicts" in long.why
    for without in ({"deadline": True}, {"ensemble": 0}):
        assert of(Length("minutes", 3), chars=200_000, hidden=256, layers=1, **without).models == 1
    text, size = TextFacts(200_000, 60), {"hidden": 256, "layers": 1}
    assert outlook(Length("minutes", 3), text, MACHINE, size, further=True)[0].models == 1
    assert outlook(Length("epochs", 50), text, MACHINE, size)[0].models == 1


def test_two_layers_make_all_their_epochs_before_another_model_learns_from_them() -> None:
    def planned(minutes: float) -> Outlook:
        return of(Length("minutes", minutes), chars=150_000, hidden=384, layers=2)

    alone, taught = planned(6), planned(12)
    assert (alone.models, taught.models) == (1, 2)
    assert 30 < alone.epochs <= 41
    assert taught.epochs == pytest.approx(40, rel=0.02)


def test_the_file_is_as_large_as_its_parameters() -> None:
    found = of(Length("minutes", 3), hidden=40, layers=1)
    assert found.how_large == "1x40 LSTM, 22.4k parameters, a file of about 89.8 kB"
    assert found.card[1] == "1x40 LSTM, 89.8 kB file"


def test_an_earlier_run_of_the_text_is_named_first() -> None:
    found = of(Length("minutes", 3))
    assert found.how_good.startswith("A large text")
    again = replace(found, earlier=Earlier("tides", "1x384", 180, 1.4))
    assert again.how_good.startswith(
        "The earlier run tides reached 1.400 nats (2.020 bits) per character on this text in 3:00 with 1x384. A large"
    )
    assert again.card[2] == "1.400 nats in 3:00 before"


def test_the_card_fits_into_a_narrow_form() -> None:
    for minutes in (0.01, 0.5, 3, 59, 500):
        for chars in (1_000, 70_000, 10**6, 10**8):
            assert max(map(len, of(Length("minutes", minutes), chars=chars).card)) <= 56, (
                "two lines of the form"
            )


def test_a_run_takes_its_steps_its_evaluations_and_its_end() -> None:
    assert Pace(1, 100, step=0.5, evaluation=2.0, finish=3.0).seconds_of(10, 4) == 5 + 3 * 2 + 3
