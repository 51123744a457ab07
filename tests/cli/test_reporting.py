"""A run's events, printed."""

import io
import json
import sys
from collections.abc import Iterator

import pytest
from rich.console import Console

from lstmterm.cli import reporting
from lstmterm.cli.reporting import Bar, JsonLines, Lines, Quiet, announcement, reporter, result, show, status
from lstmterm.cli.wrapping import wrapped
from lstmterm.runs.events import (
    Compared,
    Evaluated,
    Event,
    Failed,
    Finished,
    Resumed,
    Started,
    Step,
    Stopped,
    Warned,
)
from lstmterm.runs.progress import Progress
from tests.recorded import FINISHED
from tests.ui.journals import NOW, learning


def started(found: list[Event]) -> Started:
    assert isinstance(found[0], Started)
    return found[0]


def finished(found: list[Event]) -> Finished:
    assert isinstance(found[-1], Finished)
    return found[-1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_reporter_suits_the_options_and_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(reporter(True, True), JsonLines)
    assert isinstance(reporter(False, True), Quiet)
    assert type(reporter(False, False)) is Lines
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert isinstance(reporter(False, False), Bar)


def test_json_is_every_event_on_stdout_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    found = learning(done=0.1)
    assert show(found, JsonLines()) == found[-1]
    out, err = capsys.readouterr()
    assert [json.loads(line)["event"] for line in out.splitlines()] == [e.kind for e in found]
    assert err == ""


def test_quiet_prints_only_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    show([*learning(done=0.1), Failed(step=1, time=NOW, message="The disk is full.\x1b")], Quiet())
    out, err = capsys.readouterr()
    assert (out, err) == ("", "lstmterm: The disk is full.␛\n")


def test_lines_are_printed_for_important_events_and_every_few_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = learning(done=1, ending="finished")
    show(found, Lines())
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert "\n".join(lines[:2]) == announcement(found[0])
    assert sum("val " in line and "mean train " in line for line in lines) == 20, "one for each evaluation"
    assert sum("steps/s" in line or "characters/s" in line for line in lines) == 1, "not one for each step"
    assert any(line.startswith("  | The harbour") for line in lines), "the last sample"
    assert any(line.startswith("A sample at step ") for line in lines)
    assert out == result(finished(found), "character") + "\n"
    monkeypatch.setattr(reporting, "LINE_EVERY", 0.0)
    show(found[:50], Lines())
    assert capsys.readouterr().err.count("characters/s") > 30


def test_a_validation_that_measures_the_same_again_has_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    values = [(0.5, 0.9), (0.00004, 1.0), (0.00003, 1.0), (0.00002, 1.0), (0.00003, 0.9999)]
    show(
        [
            Evaluated(
                step=step, time=0, train_loss=1 / step, val_loss=loss, best=False, metrics={"accuracy": right}
            )
            for step, (loss, right) in enumerate(values, 1)
        ],
        Lines(),
    )
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in lines] == ["1", "2", "5"]


def test_a_bar_shows_progress_and_the_latest_sample_in_less_than_the_width() -> None:
    bar = Bar()
    console = Console(file=io.StringIO(), width=70, markup=False)
    bar.console = console
    console.print(bar.render())
    for event in learning():
        bar.progress.take(event)
    console.print(bar.render())
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "starting" in shown
    assert "42%" in shown
    assert "The harbour" in shown
    assert max(map(len, shown.splitlines())) < 70


def test_lines_above_a_bar_break_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("COLUMNS", "40")
    bar = Bar()
    bar.console = Console(file=io.StringIO(), width=40, markup=False)
    warning = "Publishing the model is tried again at the next validation."
    bar.take(Warned(step=1, time=0.0, message=warning))
    assert isinstance(bar.console.file, io.StringIO)
    assert bar.console.file.getvalue() == wrapped(warning, 40) + "\n"
    assert "\n" in wrapped(warning, 40)


def test_events_are_consumed_after_the_output_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(JsonLines):
        def take(self, event: Event) -> None:
            raise BrokenPipeError

        def __exit__(self, *_: object) -> None:
            raise BrokenPipeError

    taken: list[Event] = []
    closed: list[bool] = []

    def events() -> Iterator[Event]:
        for event in learning(done=0.1):
            taken.append(event)
            yield event

    last = show(events(), Gone(), lambda: closed.append(True))
    assert closed == [True], "called once"
    assert len(taken) == len(learning(done=0.1))
    assert last == taken[-1]


def test_the_first_line_says_what_is_trained_and_with_what_to_compare_it() -> None:
    line = announcement(started(learning(model="evil\x1b[31m")))
    assert line is not None
    assert line.startswith("Training the model evil␛[31m on harbour: 1x384")
    assert line.endswith("\nN-gram baselines in nats: unigram 3.310, bigram 2.460, trigram 2.020.")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Resumed(step=1000, time=0, steps=9800), "Resuming at step 1,000 of 9,800."),
        (Warned(step=1, time=0, message="Slow\x07."), "Slow␇."),
        (Stopped(step=1000, time=0, reason="SIGINT"), "Stopped at step 1,000 (SIGINT); everything is saved."),
        (Failed(step=1, time=0, message="It diverged."), "Failed: It diverged."),
        (
            Compared(step=1, time=0, baselines={"6-gram": 1.5, "xz\x07": 1.7}),
            "Baselines in nats: 6-gram 1.500, xz␇ 1.700.",
        ),
        (FINISHED, None),
    ],
    ids=lambda value: value.kind if isinstance(value, Event) else "",
)
def test_important_events_have_a_line(event: Event, expected: str | None) -> None:
    assert announcement(event) == expected


def test_the_status_is_one_line() -> None:
    progress = Progress()
    assert status(progress) == ""
    for event in learning():
        progress.take(event)
    line = status(progress)
    assert line.startswith(" 42%  step 4,116 of 9,800  train 1.")
    assert "best val 1." in line
    assert "characters/s" in line
    assert line.endswith("left")
    assert isinstance(progress.latest, Step)


def test_the_result_has_every_figure_in_nats_and_bits() -> None:
    text = result(finished(learning(done=1, ending="finished")), "token")
    assert text.startswith("Trained harbour: 9,800 steps")
    assert "tokens/s, " in text
    for name in ("val_loss", "val_loss_reset", "test_loss"):
        assert name in text
    assert text.count(" nats ") == text.count(" bits") == 3
