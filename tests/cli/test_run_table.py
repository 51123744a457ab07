"""`runs` as a table: columns, order, filter, tags, notes, the archive, the reference and the difference of two."""

import json
import re

import pytest
from click.testing import CliRunner

from lstmterm import settings
from lstmterm.cli import lstmterm, run_marks
from lstmterm.errors import InputError, RunError
from lstmterm.runs import marks, storage
from tests.recorded import FINISHED, STARTED, a_run

A, B = "20250101-000000-alpha", "20250101-000001-beta"


@pytest.fixture(autouse=True)
def two_runs() -> None:
    a_run(A, STARTED, FINISHED)
    a_run(B, STARTED)


def run(*words: str) -> str:
    result = CliRunner().invoke(lstmterm, ["runs", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_columns_order_and_filter() -> None:
    assert [line.split("\t")[:2] for line in run().splitlines()] == [[B, "interrupted"], [A, "finished"]]
    assert run("--columns", "name,val", "--sort", "val") == "alpha\t1.0000\nbeta\t\n"
    assert run("--columns", "name", "--filter", "state:fin val<2") == "alpha\n"
    assert run("--columns", "name", "--sort", "-name") == "beta\nalpha\n"
    assert len(run("--columns", "all").splitlines()[0].split("\t")) > 15
    for words in (("--columns", "nothing"), ("--sort", "x"), ("--filter", "x<1")):
        with pytest.raises(InputError, match="no column"):
            run(*words)


def test_the_settings_choose_the_columns() -> None:
    settings.save(settings.Settings(columns="state name"))
    assert run() == "interrupted\tbeta\nfinished\talpha\n"
    assert run("--columns", "name") == "beta\nalpha\n"


def test_a_terminal_shows_the_first_of_the_chosen_columns_whole(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """And of the usual ones the more important ones, if they are not empty."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")

    def headings(columns: int, *words: str) -> tuple[list[str], str]:
        monkeypatch.setenv("COLUMNS", str(columns))
        lstmterm.main(["runs", *words], standalone_mode=False)
        found = capfd.readouterr()
        return re.sub(r"\x1b\[[0-9;]*m", "", found.out.splitlines()[0]).split(), found.err

    shown, said = headings(50, "--columns", "all")
    assert shown[:3] == ["run", "name", "state"]
    assert "There is no room for kind, " in " ".join(said.split())
    assert headings(50, "--columns", "name tags") == (["name", "tags"], ""), "though nothing has a tag"
    shown, said = headings(150)
    assert {"tags", "reason"}.isdisjoint(shown)
    assert said == ""


def test_tags_and_notes_are_kept_shown_and_filtered_by() -> None:
    run("tag", "good,new", "alpha", "beta")
    run("untag", "new", "beta")
    run("note", "beta", "a second try")
    assert run("--columns", "name tags note") == "beta\tgood\ta second try\nalpha\tgood new\t\n"
    assert run("--columns", "name", "--filter", "tag:new") == "alpha\n"
    facts = [json.loads(line) for line in run("--json").splitlines()]
    assert [(f["tags"], f["note"]) for f in facts] == [(["good"], "a second try"), (["good", "new"], "")]


def test_archived_runs_are_listed_where_they_are_asked_for() -> None:
    run("archive", "alpha", "beta")
    result = CliRunner().invoke(lstmterm, ["runs"])
    assert (result.stdout, "All runs are archived" in result.stderr) == ("", True)
    assert run("--columns", "name", "--filter", "archived") == "beta\nalpha\n"
    run("unarchive", "beta")
    assert run("--columns", "name") == "beta\n"


def test_nothing_is_done_to_any_run_if_one_is_unknown() -> None:
    for command in (("remove",), ("archive",), ("tag", "good")):
        with pytest.raises(InputError, match="no run 'gamma'"):
            run(*command, "alpha", "gamma")
    assert len(storage.known_runs()) == 2
    assert marks.read(storage.find("alpha")) == marks.Marks()
    run("remove", "alpha", A)
    assert [each.id for each in storage.known_runs()] == [B]


@pytest.mark.parametrize("words", [("alpha", "beta"), ("--filter", "when<9999d", "--yes")])
def test_nothing_is_removed_if_one_is_running(words: tuple[str, ...]) -> None:
    with (
        storage.find("beta").held(),
        pytest.raises(RunError, match=f"Nothing was done: {B} is running") as refused,
    ):
        run("remove", *words)
    assert f"`lstmterm stop {B}` stops it" in str(refused.value)
    assert len(storage.known_runs()) == 2
    if "--yes" in words:
        assert "--filter 'when<9999d -state:running' leaves out" in str(refused.value)
        with storage.find("beta").held():
            run("remove", "--filter", "when<9999d -state:running", "--yes")
        assert [each.id for each in storage.known_runs()] == [B]


def test_several_that_are_running_are_counted_and_can_be_archived() -> None:
    with storage.find("alpha").held(), storage.find("beta").held():
        with pytest.raises(RunError, match="and 1 other run are running"):
            run("remove", "alpha", "beta")
        run("archive", "--filter", "state:running", "--yes")
    assert [marks.read(each).archived for each in storage.known_runs()] == [True, True]


def test_the_reference_is_pinned_and_compared_with() -> None:
    with pytest.raises(InputError, match="no reference run"):
        run("pin")
    with pytest.raises(InputError, match="Name a second run"):
        run("diff", "alpha")
    run("pin", "alpha")
    assert run("pin") == f"{A}\n"
    assert run("--columns", "name", "--filter", "tag:reference") == "alpha\n"
    assert run("diff", "beta").splitlines()[:2] == [f"{A} -> {B}", "The settings are the same."]
    run("pin", "--none")
    assert run("--columns", "tags") == "\n\n"


@pytest.mark.parametrize(("command", "left"), [("remove", ["beta"]), ("archive", ["beta"])])
def test_a_query_names_runs_too(command: str, left: list[str]) -> None:
    with pytest.raises(InputError, match=r"1 run would match.*--yes"):
        run(command, "--filter", "state:fin val<2")  # nobody can be asked here
    assert len(run().splitlines()) == 2
    run(command, "--filter", "state:fin val<2", "--yes")
    assert run("--columns", "name").split() == left


def test_a_query_asks_first_and_names_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, left in (("n", 2), ("y", 0)):
        monkeypatch.setattr(run_marks, "can_ask", lambda: True)
        result = CliRunner().invoke(
            lstmterm, ["runs", "remove", "--filter", "when<9999d"], input=f"{answer}\n"
        )
        assert "Delete 2 runs?" in result.stderr
        assert A in result.stderr
        assert len(storage.all_runs()) == left


def test_an_archived_run_is_listed_again_by_a_query() -> None:
    run("archive", "alpha")
    run("unarchive", "--filter", "archived", "--yes")
    assert len(run().splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name runs or give --filter"),
        (("alpha", "--filter", "beta"), "but not both"),
        (("--filter", " "), "query is empty"),
        (("--filter", "nothing-like-this", "--yes"), "No run matches"),
    ],
)
def test_a_selection_that_says_nothing_is_refused(words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(lstmterm, ["runs", "remove", *words])
    assert said in f"{result.exception} {result.stderr}"
    assert len(storage.all_runs()) == 2
