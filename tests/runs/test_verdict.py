"""The sentence that says what a run's figures mean."""

import dataclasses
import math

import pytest

from lstmterm.runs import events
from lstmterm.runs.folder import Status
from lstmterm.runs.progress import Progress
from lstmterm.runs.verdict import not_learned, verdict
from tests.recorded import FINISHED
from tests.ui.journals import NOW, learning


def evaluations(*losses: float) -> list[events.Event]:
    """A run whose validation losses are these, one every hundred steps."""
    began = learning(done=0)
    return began + [
        events.Evaluated(step=100 * (i + 1), time=NOW, val_loss=loss, train_loss=loss - 0.1 * i, best=False)
        for i, loss in enumerate(losses)
    ]


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ((2.0, 1.9), "Still improving; the best so far is saved. It beats the trigram baseline."),
        ((2.0, 1.9, 1.901), "About as good as the best, at step 200, which is saved."),
        ((2.0, 1.9, 1.95), "No improvement since step 200; the best model is saved."),
        ((2.0, 1.9, 1.95, 1.93), "No improvement since step 200; the best model is saved."),
        ((2.0, 1.9, 1.901, 1.902, 1.901, 1.903), "No improvement since step 200; the best model is saved."),
        ((2.0, 1.9, 1.95, 1.96, 1.97), "Overfitting since step 200; the best model is saved."),
        ((2.0, 1.9, 1.95, 1.89), "Still improving; the best so far is saved. It beats the trigram baseline."),
        ((1.5, 1.4999, 1.4998, 1.4997, 1.4996), "Levelling off; more training would change little. The best model is saved."),
    ],
)  # fmt: skip
def test_the_verdict_compares_the_latest_with_the_best(losses: tuple[float, ...], expected: str) -> None:
    assert verdict(Progress.of(evaluations(*losses)), "running", "^r") == expected


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("finished", "Finished at 1."),
        ("stopped", "Stopped at step 4,900; resume it with ^r."),
        ("failed", "The loss was not finite"),
    ],
)
def test_an_ended_run_says_how_it_ended(ending: Status, expected: str) -> None:
    assert verdict(Progress.of(learning(done=0.5, ending=ending)), ending, "^r").startswith(expected)


def test_a_run_without_validation_text_has_a_verdict() -> None:
    found = [e for e in learning(done=0.1) if not isinstance(e, events.Evaluated)]
    found.append(events.Evaluated(step=900, time=NOW, val_loss=None, train_loss=1.0, best=True))
    assert "no validation text" in verdict(Progress.of(found), "running", "^r")


def test_an_interrupted_run_says_how_to_resume_it() -> None:
    sentence = verdict(Progress.of(learning()), "interrupted", "`lstmterm resume harbour`")
    assert sentence == "Interrupted at step 4,116; resume it with `lstmterm resume harbour`."
    sentence = verdict(Progress.of(learning(done=0)), "interrupted", "")
    assert sentence == "Interrupted at step 0; nothing was saved yet, so start it again."


def test_a_failed_run_says_how_to_resume_it_if_it_can_be() -> None:
    failed = Progress.of([*learning(done=0.5), events.Failed(step=9, time=NOW, message="The disk is full.")])
    assert verdict(failed, "failed", "^r") == "The disk is full. ^r resumes it from its last save."
    assert verdict(failed, "failed", "") == "The disk is full."
    message = "Halve it again: `lstmterm resume 20250131-142230-harbour` continues from step 5."
    failed = Progress.of([*learning(done=0.5), events.Failed(step=9, time=NOW, message=message)])
    assert verdict(failed, "failed", "^r") == "Halve it again: ^r continues from step 5."


def test_a_run_that_failed_before_its_first_event_gives_its_reason() -> None:
    assert verdict(Progress(), "failed", "^r", "There is no file a.txt.") == "There is no file a.txt."
    assert "Starting" in verdict(Progress(), "running", "^r")


def test_a_recent_warning_comes_first() -> None:
    found = learning()
    warning = events.Warned(step=4000, time=found[-1].time, message="The loss was not finite.")
    assert verdict(Progress.of([*found, warning]), "running", "^r").startswith(
        "The loss was not finite. Still"
    )
    old = events.Warned(step=4000, time=found[-1].time - 60, message="The loss was not finite.")
    assert verdict(Progress.of([*found, old]), "running", "^r").startswith("Still")


def test_a_model_worse_than_the_weakest_baseline_has_not_learned() -> None:
    began = learning(done=0)[0]
    assert isinstance(began, events.Started)
    for loss, said in ((1.77e8, "1.77e+08"), (3.5, "3.500"), (1.5, "")):
        end = dataclasses.replace(FINISHED, val_loss=loss)
        progress = Progress.of([dataclasses.replace(began, baselines={"unigram": 3.25, "trigram": 2.0}), end])
        sentence = verdict(progress, "finished", "^r")
        assert not_learned(progress) in sentence
        assert ("It has not learned" in sentence) is bool(said)
        assert said in sentence
        assert bool(said) is ("than the 3.250 of the unigram baseline" in sentence)
        assert not not_learned(Progress.of([began, dataclasses.replace(end, val_loss=None)]))


def test_a_damaged_run_can_only_be_removed() -> None:
    said = verdict(Progress(), "damaged", "^r", "spec.json is not a file")
    assert said == "This run is damaged: spec.json is not a file. It can only be removed."


def test_losses_that_are_not_numbers_have_a_verdict() -> None:
    progress = Progress.of(evaluations(math.nan, math.nan))
    assert "is not a number; training returns to its last good state" in verdict(progress, "running", "^r")
    progress.take(dataclasses.replace(FINISHED, val_loss=None))
    assert verdict(progress, "finished", "^r") == "Finished: saved as m."


def test_a_finished_run_that_overfitted_says_from_when_on() -> None:
    found = [
        events.Evaluated(step=step, time=NOW, val_loss=val, train_loss=train, best=False)
        for step, val, train in (
            (10, 2.0, 2.0),
            (20, 1.5, 1.5),
            (30, 1.6, 1.3),
            (40, 1.7, 1.2),
            (50, 1.8, 1.1),
        )
    ]
    progress = Progress.of([*found, dataclasses.replace(FINISHED, val_loss=1.5)])
    assert verdict(progress, "finished", "^r").endswith(
        "It overfitted after step 20; the model of that step is saved."
    )


def test_a_model_below_all_ngrams_is_better_than_any() -> None:
    began = learning(done=0)[0]
    assert isinstance(began, events.Started)
    found = {"unigram": 3.25, "trigram": 2.0, "6-gram": 1.6, "xz": 1.2, "floor": 1.0}
    compared = events.Compared(step=10, time=NOW, baselines=found)
    for counted, where in ((0, ""), (4_000_000, " of the last 4,000,000 characters")):
        begun = dataclasses.replace(began, counted=counted)
        end = dataclasses.replace(FINISHED, val_loss=1.4)
        sentence = verdict(Progress.of([begun, compared, end]), "finished", "^r")
        better = f"It is better than any n-gram{where} by 0.29 bits per character and is 0.58 bits above the exact entropy."
        assert better in sentence
    end = dataclasses.replace(FINISHED, val_loss=1.7)
    assert "It beats the trigram baseline" in verdict(Progress.of([began, compared, end]), "finished", "^r")
    end = dataclasses.replace(FINISHED, val_loss=1.001)
    assert "and reaches the exact entropy." in verdict(Progress.of([began, compared, end]), "finished", "^r")
