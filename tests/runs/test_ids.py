"""Runs' ids."""

import time
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.runs import ids, storage
from lstmterm.runs.folder import Run


def test_an_id_is_date_time_and_name() -> None:
    first = ids.new_id("my-text")
    assert Run(first, Path()).name == "my-text"
    time.strptime(first.removesuffix("-my-text"), "%Y%m%d-%H%M%S")
    (paths.runs() / first).mkdir(parents=True)
    assert ids.new_id("my-text") != first


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "-x", "x\n", ""])
def test_a_name_cannot_lead_out_of_the_runs_folder(name: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - its exit code is looked at
        ids.new_id(name)
    assert refused.value.exit_code == 2  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError):  # noqa: PT011
        storage.create(name, "{}")
