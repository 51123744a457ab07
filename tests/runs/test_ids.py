"""Runs' ids."""

import math
import time

import pytest

from lstmterm.runs import ids, storage

NOON = 1_764_331_200.0  # 28 November 2025, 12:00 UTC


def test_an_id_is_date_and_time_in_utc_and_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for zone in ("UTC", "Pacific/Kiritimati", "America/Los_Angeles"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert ids.new_id("my-text", 0.0, NOON) == "20251128-120000-my-text"
    assert ids.name_in("20251128-120000-my-text") == "my-text"


def test_an_id_is_later_than_the_latest_run_whatever_the_clock_says() -> None:
    latest = NOON + 0.7
    assert ids.new_id("d", latest, NOON) == "20251128-120001-d"
    assert ids.new_id("d", latest, NOON - 86_400) == "20251128-120001-d", "the clock was set back"
    assert ids.new_id("d", latest, NOON + 86_400) == "20251129-120000-d"


def test_an_id_says_when_its_run_began() -> None:
    assert ids.began("20251128-120000-my-text") == NOON
    for other in ("odd", "20251399-990000-b", "99991231-235959-c", "00010101-000000-d"):
        assert ids.began(other) == 0.0


def test_no_run_can_have_begun_at_an_impossible_time() -> None:
    assert ids.possible(NOON) == NOON
    for wrong in (math.nan, math.inf, -1.0, 1e300):
        assert ids.possible(wrong) == 0.0


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "-x", "x\n", ""])
def test_a_name_cannot_lead_out_of_the_runs_folder(name: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - its exit code is looked at
        ids.new_id(name, 0.0, NOON)
    assert refused.value.exit_code == 2  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError):  # noqa: PT011
        storage.create(name, "{}")
