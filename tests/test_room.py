"""What is left out where there is not room for all."""

from lstmterm.room import that_fit

NEEDED = {"name": 10, "size": 4, "when": 8, "why": 20}


def test_what_matters_least_is_left_out_first() -> None:
    assert that_fit(NEEDED, ["size", "when", "why"], 42) == ["name", "size", "when", "why"]
    assert that_fit(NEEDED, ["size", "when", "why"], 41) == ["name", "when", "why"]
    assert that_fit(NEEDED, ["size", "when", "why"], 30) == ["name", "why"]
    assert that_fit(NEEDED, ["other", "size"], 5) == ["name", "when", "why"], "no other may go"


def test_what_still_has_room_after_a_wide_one_went_comes_back() -> None:
    assert that_fit(NEEDED, ["size", "when", "why"], 29) == ["name", "size", "when"]
    assert that_fit(NEEDED, ["size", "when", "why"], 20) == ["name", "when"]
    assert that_fit(NEEDED, ["size", "when", "why"], 9) == ["name"]
