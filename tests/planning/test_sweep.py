"""A grid of runs."""

import dataclasses

import pytest

from lstmterm.errors import InputError
from lstmterm.planning.length import Length
from lstmterm.planning.sweep import Sweep, mean_and_spread, parse_grid

WORDS = ("hidden=256,512", "dropout=0,0.3", "batch-size=8")


def a_sweep(*words: str, seeds: int = 1) -> Sweep:
    return Sweep(
        "charlm", "harbour", "harbour", Length("minutes", 2), parse_grid("charlm", words or WORDS), seeds
    )


def test_every_combination_is_a_run_for_every_seed() -> None:
    asked = a_sweep(seeds=2)
    assert [str(cell) for cell in asked.cells()] == [
        f"hidden {hidden}, dropout {dropout}, seed {seed}"
        for seed in (1, 2) for hidden in (256, 512) for dropout in ("0", "0.3")
    ]  # fmt: skip
    request = asked.request([*asked.cells()][-1])
    assert request.given == {"hidden": 512, "dropout": 0.3, "batch_size": 8, "seed": 2}
    assert (request.name, str(request.length)) == ("harbour-hidden512-dropout0_3-s2", "2 minutes")
    assert len({asked.request(cell).name for cell in asked.cells()}) == 8


def test_a_larger_grid_and_more_seeds_continue_the_same_sweep_and_other_settings_do_not() -> None:
    group = a_sweep().group
    assert a_sweep("dropout=0,0.1,0.3", "hidden=512,256,1024", "batch-size=8", seeds=3).group == group
    assert a_sweep("hidden=256,512", "dropout=0,0.3", "batch-size=16").group != group
    assert a_sweep("hidden=256,512", "batch-size=8").group != group
    assert dataclasses.replace(a_sweep(), length=Length("minutes", 3)).group != group


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["hiden=1"], "no setting 'hiden' to vary. Did you mean 'hidden'"),
        (["hidden"], "needs a setting and its values"),
        (["hidden=1", "hidden=2"], "given twice"),
        (["hidden=x"], "must be a whole number"),
        (["seed=1,2"], "--seeds 3"),
        (["steps=1,2"], "no setting 'steps'"),
    ],
)
def test_a_wrong_setting_is_one_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse_grid("charlm", words)


def test_too_many_runs_are_refused() -> None:
    with pytest.raises(InputError, match="at most 1,000"):
        a_sweep("hidden=" + ",".join(str(n) for n in range(1, 700)), seeds=2)


def test_the_spread_is_the_sample_standard_deviation() -> None:
    assert mean_and_spread([1.0, 2.0, 3.0]) == (2.0, 1.0)
    assert mean_and_spread([1.0, None]) == (1.0, None)
    assert mean_and_spread([None]) == (None, None)
