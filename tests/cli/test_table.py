"""Tables on a terminal and in a pipe."""

import pytest

from lstmterm.cli.table import print_table

ROWS = [("bard", "1.49"), ("a\tb\n[red]c\x1b", "")]


def test_a_pipe_gets_a_line_for_each_row_and_tabs_between_cells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("name", "loss"), ROWS)
    assert capsys.readouterr().out == "bard\t1.49\na␉b␊[red]c␛\t\n"


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
