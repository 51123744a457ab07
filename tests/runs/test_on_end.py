"""The facts of a run that ended, for the user's command."""

import dataclasses

import pytest

from lstmterm.errors import InputError
from lstmterm.runs import on_end
from lstmterm.runs.events import NOT_FINITE, Failed
from tests.recorded import FINISHED, STARTED, STEP, a_run
from tests.runs.rows import a_row

RUN = "20250101-000000-harbour"


def test_a_command_is_divided_into_words_and_its_program_must_exist() -> None:
    assert on_end.words("sh -c 'a; b' \"c d\"") == ["sh", "-c", "a; b", "c d"]
    assert on_end.words("  ") == []
    with pytest.raises(InputError, match="not a program that can be run"):
        on_end.words("no-such-program-here 1")
    with pytest.raises(InputError, match="has an error"):
        on_end.words("sh 'open")


def test_the_facts_of_a_finished_run() -> None:
    end = dataclasses.replace(FINISHED, val_loss=1.5, seconds=90.0, metrics={"dev_accuracy": 0.5, "a=b": 1.0})
    facts = on_end.environment(a_run(RUN, STARTED, STEP, end))
    assert facts["LSTMTERM_STATE"] == "finished"
    assert (facts["LSTMTERM_RUN"], facts["LSTMTERM_NAME"], facts["LSTMTERM_TEXT"]) == (RUN, "harbour", "c")
    assert (facts["LSTMTERM_VAL_LOSS"], facts["LSTMTERM_TEST_LOSS"]) == ("1.5", "")
    assert (facts["LSTMTERM_MINUTES"], facts["LSTMTERM_DEV_ACCURACY"]) == ("1.50", "0.5")
    assert not any("=" in name for name in facts)
    assert facts["LSTMTERM_MODEL"] == "", "no model was published"


@pytest.mark.parametrize(
    ("message", "state"),
    [(f"{NOT_FINITE} at step 7, although ...", "diverged"), ("The disk is full.", "failed")],
)
def test_a_run_that_diverged_is_told_from_one_that_failed(message: str, state: str) -> None:
    facts = on_end.environment(a_run(RUN, STARTED, Failed(step=1, time=0, message=message)))
    assert (facts["LSTMTERM_STATE"], facts["LSTMTERM_REASON"]) == (state, message)
    assert facts["LSTMTERM_VAL_LOSS"] == ""


def test_how_a_run_ended_in_a_few_words() -> None:
    finished = a_row(val_loss=1.5).summary
    assert on_end.sentence(finished) == "finished after 850 steps, validation loss 1.500"
    diverged = dataclasses.replace(finished, status="failed", reason=f"{NOT_FINITE} at step 7, although ...")
    assert on_end.sentence(diverged) == f"diverged after 850 steps: {NOT_FINITE} at step 7, although ..."
