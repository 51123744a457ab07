"""Tables on a terminal and in a pipe."""

import re

import pytest

from lstmterm.cli.table import print_columns, print_facts, print_table

ROWS = [("bard", "1.49"), ("a\tb\n[red]c\x1b", "")]


def test_a_pipe_gets_a_line_for_each_row_and_tabs_between_cells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("name", "loss"), ROWS)
    assert capsys.readouterr().out == "bard\t1.49\na␉b␊[red]c␛\t\n"


def test_only_a_terminal_gets_long_cells_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program reads names whole from a pipe."""
    print_table(("name", "loss"), ROWS, widest={"name": 3})
    assert capsys.readouterr().out.startswith("bard\t")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    print_table(("name", "loss"), ROWS, widest={"name": 3})
    assert capsys.readouterr().out.splitlines()[1].split() == ["ba…", "1.49"]


def test_a_terminal_shows_columns_with_headings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    print_table(("name", "loss"), ROWS, right=("loss",), dim=[False, True])
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["name", "loss"]
    assert first.startswith("bard ")
    assert first.rstrip().endswith(" 1.49")
    assert second.startswith("a␉b␊[red]c␛")


def test_a_terminal_leaves_out_empty_columns_and_those_without_room_and_shows_the_others_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    rows = [("shakespeare", "charlm", "", "shipped"), ("港の港の", "tagger", "", "yours")]
    for width, left in (
        (60, "name kind place"),
        (28, "name kind place"),
        (27, "name kind"),
        (11, "name"),
    ):
        monkeypatch.setenv("COLUMNS", str(width))
        print_table(("name", "kind", "note", "place"), rows, least_first=("place", "kind"))
        shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
        heading, first, second = shown.splitlines()
        assert heading.split() == left.split(), width
        assert first.startswith("shakespeare")
        assert second.startswith("港の港の")
        assert "…" not in shown


def test_a_folded_column_keeps_room_for_some_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    rows = [("tides", "to fetch", "a text about the tides in a harbour by the sea")]
    for width, left in ((45, "name where about"), (44, "name about"), (35, "name about")):
        monkeypatch.setenv("COLUMNS", str(width))
        print_table(("name", "where", "about"), rows, folded="about", least_first=("where",))
        shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
        assert shown.splitlines()[0].split() == left.split(), width
        assert shown.split()[-1] == "sea"


def test_facts_are_a_line_each_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts([("name", "bard\x1b"), ("vocabulary", "x" * 3000)])
    name, vocabulary = capsys.readouterr().out.splitlines()
    assert name == "name\tbard␛"
    assert vocabulary.endswith("x…")
    assert len(vocabulary) < 2100


def test_a_long_fact_is_folded_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    print_facts([("name", "[bold]bard"), ("vocabulary", "x" * 150)])
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.split() == ["name", "[bold]bard"]
    assert len(rest) == 3
    assert sum(line.count("x") for line in rest) == 150


def test_a_column_is_cut_to_what_is_left_of_the_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("b" * 46 + " b" * 22, "1.49", "[x]" * 5), ("\x1b", "12", "")]
    print_table(("name", "loss", "more"), rows, cut="name")
    assert capsys.readouterr().out.startswith(rows[0][0])
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    print_table(("name", "loss", "more"), rows, cut="name", right=("loss",))
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["name", "loss", "more"]
    assert first == f"{rows[0][0][:56]}…  1.49  {'[x]' * 5}"
    assert len(first) == 80  # of a dumb terminal
    assert second.startswith("␛ ")


def test_texts_stand_side_by_side_where_there_is_room(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [("bard[b]", "to be\n[red]or\x1b"), ("python", "def " * 20)]
    below = "--- bard[b] ---\nto be\n[red]or␛\n--- python ---\n" + "def " * 20 + "\n"
    print_columns(texts)
    assert capsys.readouterr().out == below
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    print_columns([*texts, ("more", "")])  # a dumb terminal has 80 columns
    assert capsys.readouterr().out == f"{below}--- more ---\n\n"
    print_columns(texts)
    titles, first, second = capsys.readouterr().out.splitlines()
    assert titles.split() == ["bard[b]", "python"]
    assert first.split()[:3] == ["to", "be", "def"]
    assert second.split()[:2] == ["[red]or␛", "def"]
    assert max(map(len, (titles, first, second))) <= 80
