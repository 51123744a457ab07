"""Tags, notes, the archive and the reference: kept with the run, and changed by several processes at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lstmterm.errors import InputError, RunError
from lstmterm.runs import marks, storage
from lstmterm.runs.marks import Marks
from tests.recorded import FINISHED, a_run

RUN = "20250101-000000-harbour"


def test_what_is_marked_is_read_back_and_the_rest_stays() -> None:
    run = a_run(RUN, FINISHED)
    assert marks.read(run) == Marks()
    marks.write(run, Marks(group="sweep-1", cell={"hidden": "256"}))
    marks.change(run, add=["good", " first "])
    marks.change(run, note="two\n lines", archived=True)
    after = marks.change(run, remove=["first", "never-there"], add=["good"])
    expected = Marks(("good",), "two lines", archived=True, group="sweep-1", cell={"hidden": "256"})
    assert after == marks.read(run) == expected
    assert run.status() == "finished"


def test_changes_at_once_all_count() -> None:
    run = a_run(RUN)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: marks.change(run, add=[f"t{i:02}"]), range(24)))
    assert marks.read(run).tags == tuple(f"t{i:02}" for i in range(24))


@pytest.mark.parametrize("bad", ["", " ", "two words", "a,b", 'a"b', "x" * 41])
def test_an_impossible_tag_is_refused_and_nothing_changes(bad: str) -> None:
    run = a_run(RUN)
    with pytest.raises(InputError, match="A tag is one word"):
        marks.change(run, add=["fine", bad])
    assert marks.read(run) == Marks()


def test_a_damaged_file_is_no_marks_and_the_run_stays_whole() -> None:
    run = a_run(RUN, FINISHED)
    run.marks.write_text('{"tags": 3}')
    assert marks.read(run) == Marks()
    assert run.status() == "finished"


def test_a_removed_run_is_refused_in_a_sentence() -> None:
    run = a_run(RUN)
    storage.remove(run)
    with pytest.raises(RunError, match="has been removed"):
        marks.change(run, add=["good"])


def test_one_run_is_the_reference() -> None:
    assert marks.reference() == ""
    marks.pin(a_run(RUN))
    marks.pin(a_run("20250101-000001-other"))
    assert marks.reference() == "20250101-000001-other"
    assert len(storage.known_runs()) == 2
    marks.pin(None)
    assert marks.reference() == ""
