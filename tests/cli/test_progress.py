"""Progress appears on a terminal only."""

import sys

import pytest

from lstmterm.cli.progress import download_bars, progress_bar, reading, stages_bar
from lstmterm.cli.reporting import Bar, show
from tests.ui.journals import learning


def pretend_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def test_nothing_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with reading(quiet=False) as progress:
        assert progress is None
    with progress_bar("scoring", quiet=False) as show:
        show(1, 2)
    assert capsys.readouterr() == ("", "")


def test_nothing_when_quiet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_terminal(monkeypatch)
    with reading(quiet=True) as progress:
        assert progress is None
    with progress_bar("scoring", quiet=True) as show:
        show(1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_stage_and_share(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    with reading(quiet=False) as progress:
        assert progress is not None
        progress("decoding [bold]", 1, 4)
    with progress_bar("scoring", quiet=False) as show:
        show(1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "scoring" in err
    assert "50%" in err


def test_a_terminal_shows_a_bar_for_each_download(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with download_bars(quiet=False) as show:
        assert show is None
    pretend_terminal(monkeypatch)
    with download_bars(quiet=True) as show:
        assert show is None
    with download_bars(quiet=False) as show:
        assert show is not None
        show("ar[t]\x1b.txt", 500, 1000)
        show("band.txt", 1000, 1000)
    out, err = capsys.readouterr()
    assert out == ""
    assert "ar[t]␛.txt" in err
    assert "1.0/1.0 kB" in err


def test_a_terminal_shows_the_stage_of_the_work_on_something(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with stages_bar("bard", quiet=False) as show:
        show("scoring", 1, 2)
    assert capsys.readouterr() == ("", "")
    pretend_terminal(monkeypatch)
    with stages_bar("bar[d]\x1b", quiet=False) as show:
        show("scoring", 1, 2)
        show("writing", 1, 4)
    out, err = capsys.readouterr()
    assert out == ""
    assert "bar[d]␛: writing" in err
    assert "25%" in err


def test_progress_starts_no_thread_and_survives_the_end_of_memory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python waits without end for a thread that has too little memory to begin."""

    def start(*_: object) -> None:
        raise AssertionError("a thread was started")

    def full(*_: object) -> None:
        raise MemoryError

    pretend_terminal(monkeypatch)
    monkeypatch.setattr("threading.Thread.start", start)
    monkeypatch.setattr("lstmterm.cli.progress._REDRAW", 0.0)
    found = learning(done=0.1)
    with reading(quiet=False) as stage, progress_bar("scoring", quiet=False) as bar:
        assert stage is not None
        for done in range(3):
            stage("decoding", done, 3)
            bar(done, 3)
    with download_bars(quiet=False) as download:
        assert download is not None
        download("a.txt", 500, 1000)
    assert show(found, Bar()) == found[-1]
    assert "step 972 of 9,800" in capsys.readouterr().err
    with reading(quiet=False) as stage, monkeypatch.context() as exhausted:
        exhausted.setattr("rich.live.Live.refresh", full)
        assert stage is not None
        stage("decoding", 1, 3)


def test_a_reading_that_is_not_shown_at_once_shows_nothing_before_a_stage(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    with reading(quiet=False, at_once=False):
        pass
    assert "reading" not in capsys.readouterr().err
    with reading(quiet=False, at_once=False) as stage:
        assert stage is not None
        stage("reading the journal of a", 1, 4)
    assert "reading the journal of a 25%" in capsys.readouterr().err
