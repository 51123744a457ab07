"""What is stored of a sweep beside its runs."""

import pytest

from lstmterm.runs import marks, storage, sweeps
from lstmterm.runs.folder import Run
from lstmterm.runs.marks import Marks
from lstmterm.runs.sweeps import SweepProcess


@pytest.fixture
def sweep() -> SweepProcess:
    """A sweep that has been made."""
    found = SweepProcess("sizes")
    with found.held():
        found.log.touch()
    return found


def member(name: str) -> Run:
    run = storage.new_run(name)
    marks.write(run, Marks(group="sizes"))
    return run


def test_it_goes_with_its_last_run(sweep: SweepProcess) -> None:
    first, second, other = member("a"), member("b"), storage.new_run("c")
    sweeps.remove(first)
    sweeps.remove(other)
    assert sweeps.find("sizes") == sweep
    sweeps.remove(second)
    assert sweeps.find("sizes") is None
    assert not [*sweep.folder.parent.iterdir()]


def test_it_stays_while_a_process_makes_its_runs(sweep: SweepProcess) -> None:
    with sweep.held():
        sweeps.remove(member("a"))
        assert sweep.is_held()
    sweep.forget()
    sweep.forget()
    assert not sweep.folder.exists()


def test_a_run_of_a_sweep_without_such_files_is_removed() -> None:
    sweeps.remove(member("a"))
    assert storage.known_runs() == []
