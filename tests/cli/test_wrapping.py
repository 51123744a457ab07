"""Messages on a terminal break between words."""

import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from lstmterm.cli import doctor
from lstmterm.cli.wrapping import wrapped
from tests import processes
from tests.ui.terminal import Terminal

SENTENCE = "There is no run 'harbor'. Did you mean 'harbour'? `lstmterm runs --filter 'text:two words'` lists them all."


@pytest.mark.parametrize("width", range(1, 120))
def test_no_line_is_too_wide_and_no_word_is_broken(width: int) -> None:
    found = wrapped(SENTENCE, width)
    assert found.split() == SENTENCE.split()
    assert found.replace("\n", " ") == SENTENCE
    assert all(len(line) <= width or " " not in line for line in found.split("\n"))


def test_a_command_to_copy_stays_in_one_line_where_it_fits() -> None:
    command = "`lstmterm runs --filter 'text:two words'`"
    assert command in wrapped(SENTENCE, len(command)).split("\n")[-2]
    assert command not in wrapped(SENTENCE, len(command) - 1)
    said = "It was interrupted. Resume it: lstmterm resume 20250101-000000-harbour"
    assert wrapped(said, 60) == said.replace(": ", ":\n")
    said = "Stop it: lstmterm stop harbour-1. The same command continues the sweep."
    assert wrapped(said, 40) == "Stop it: lstmterm stop harbour-1. The\nsame command continues the sweep."


def test_wide_characters_take_two_columns() -> None:
    assert wrapped("潮が満ちる 港は 静か", 10) == "潮が満ちる\n港は 静か"
    assert max(map(cell_len, wrapped("潮が 満ちる 港は 静か", 9).split("\n"))) <= 9


def test_what_fits_and_what_stands_in_columns_stays_as_it_is() -> None:
    assert wrapped("step 10  val 1.5", 16) == "step 10  val 1.5"
    assert wrapped("  | one  two three", 12) == "  | one  two\n  | three", "a line of a sample"


def test_what_doctor_advises_breaks_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "_machine", lambda *_: {"torch": "none"})
    monkeypatch.setattr(doctor, "_display", lambda: [SENTENCE])
    monkeypatch.setenv("COLUMNS", "50")
    for is_terminal in (True, False):
        monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)  # noqa: B023
        doctor.doctor.main([], standalone_mode=False)
        assert capsys.readouterr().out.endswith(f"{wrapped(SENTENCE, 50) if is_terminal else SENTENCE}\n")


def test_a_terminal_shows_whole_words_and_a_pipe_one_line(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "lstmterm", "generate", "shakespeer"]
    terminal = Terminal(words, tmp_path, columns=40)
    assert terminal.wait_for_end() == 2
    shown = terminal.raw.decode().replace("\r", "").strip()
    terminal.close()
    piped = processes.run(tmp_path / "out", *words[3:])
    assert piped.err.count("\n") == 1, "one line"
    assert shown == wrapped(piped.err.strip(), 40) != piped.err.strip()
