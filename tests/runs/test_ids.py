"""Runs' ids."""

import time

import pytest

from lstmterm.runs import ids, storage

NOON = 1_764_331_200.0  # 28 November 2025, 12:00 UTC


def test_an_id_is_date_and_time_in_utc_and_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for zone in ("UTC", "Pacific/Kiritimati", "America/Los_Angeles"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert ids.new_id("my-text", (), NOON) == "20251128-120000-my-text"
    assert ids.name_in("20251128-120000-my-text") == "my-text"


def test_an_id_is_later_than_all_others_whatever_the_clock_says() -> None:
    known = ["20251128-120000-a", "odd", "20251399-990000-b", "20251127-120000-c"]
    assert ids.new_id("d", known, NOON) == "20251128-120001-d"
    assert ids.new_id("d", known, NOON - 86_400) == "20251128-120001-d", "the clock was set back"
    assert ids.new_id("d", known, NOON + 86_400) == "20251129-120000-d"


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "-x", "x\n", ""])
def test_a_name_cannot_lead_out_of_the_runs_folder(name: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - its exit code is looked at
        ids.new_id(name, (), NOON)
    assert refused.value.exit_code == 2  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError):  # noqa: PT011
        storage.create(name, "{}")
