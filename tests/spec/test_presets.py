"""Presets: settings under a name, as options."""

import dataclasses

import pytest

from lstmterm.errors import InputError
from lstmterm.spec import presets
from lstmterm.spec.sampling import Generation, Sampling


@pytest.mark.parametrize("name", [presets.DEFAULT, *presets.SHIPPED])
def test_a_preset_that_ships_can_be_used(name: str) -> None:
    values = presets.named(name, {})
    assert presets.options(Sampling.from_dict(values), Generation.from_dict(values)) == presets.every({}).get(
        name, ""
    )
    assert "seed" not in values


def test_settings_come_back_from_their_options() -> None:
    sampling = Sampling(0.3, temperature_end=1.5, ban="it's\\-\\n", loops="push", line_start="> ")
    generation = Generation(3, unit="lines", stop=("a b", "--", "\n"), seed=7)
    values = presets.values(presets.options(sampling, generation))
    assert Sampling.from_dict(values) == sampling
    assert Generation.from_dict(values) == dataclasses.replace(generation, seed=None)


def test_a_preset_of_the_user_replaces_one_that_ships() -> None:
    assert presets.named("wild", {"wild": "--top-k 3"})["temperature"] == 0.8
    assert list(presets.every({"mine": "", "default": "--top-k 3"})) == [*presets.SHIPPED, "mine"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--top-q 3", "There is no setting '--top-q'. Did you mean '--top-p'"),
        ("--top-k", "--top-k needs a value"),
        ("--top-k x", "--top-k must be a whole number"),
        ("--ban 'e", "quotation mark"),
        ("--ban z-a", "ends before it begins"),
        ("--unit words", "--unit must be one of"),
    ],
)
def test_a_preset_that_cannot_be_used_is_a_sentence(options: str, said: str) -> None:
    with pytest.raises(InputError, match="The preset 'mine' cannot be used: ") as error:
        presets.named("mine", {"mine": options})
    assert said in str(error.value)


def test_a_name_that_is_not_known_is_answered_with_those_that_are() -> None:
    with pytest.raises(
        InputError, match=r"no preset 'sobre'. Did you mean 'sober'\? Presets: default, sober, wild"
    ):
        presets.named("sobre", {})
