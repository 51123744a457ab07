"""The difference of two runs' settings in words."""

import dataclasses
from typing import Any

from lstmterm.runs.differences import differences, in_words
from lstmterm.runs.rows import Row
from tests.runs.rows import a_row


def with_spec(row: Row, **parts: Any) -> Row:
    return dataclasses.replace(row, spec={**row.spec, **parts})


def test_settings_that_differ_are_named_as_their_options_with_both_values() -> None:
    first, second = a_row(), a_row(hidden=512)
    second = with_spec(second, batches={"batch_size": 64, "seq_length": 48}, start_from="other")
    found = [(each.name, each.first, each.second) for each in differences(first.spec, second.spec)]
    assert found == [("from", "", "other"), ("hidden", "256", "512"), ("batch-size", "32", "64")]


def test_a_setting_that_an_older_run_lacks_has_its_default() -> None:
    first, second = (
        a_row().spec,
        with_spec(a_row(), model={"layers": 2, "hidden": 256, "dropout": 0.1, "init": "orthogonal"}),
    )
    assert differences(first, second.spec) == []
    other = with_spec(a_row(), model={"layers": 2, "hidden": 256, "dropout": 0.1, "init": "default"})
    assert [str(each) for each in differences(first, other.spec)] == ["init: orthogonal -> default"]


def test_a_text_that_has_changed_is_said() -> None:
    first = with_spec(a_row(), text={"source": "/a", "name": "a", "sha256": "1", "digest": "2"})
    second = with_spec(a_row(), text={"source": "/a", "name": "a", "sha256": "3", "digest": "4"})
    assert [each.name for each in differences(first.spec, second.spec)] == ["content"]


def test_a_tagger_and_a_character_model_are_not_compared_setting_by_setting() -> None:
    found = differences(a_row().spec, {"task": "tagger", "model": {"hidden": 3}})
    assert [str(each) for each in found] == ["kind: a character model -> a tagger"]
    said = in_words(a_row(), dataclasses.replace(a_row(val_loss=0.2), spec={"task": "tagger"}))
    assert not any("validation loss" in sentence for sentence in said), "they are not of the same thing"


def test_in_words_it_says_what_came_of_it() -> None:
    second = a_row(hidden=512, val_loss=1.35, seconds=60)
    said = in_words(a_row(val_loss=1.39), second)
    assert said == [
        "hidden: 256 -> 512  (Hidden units in each layer)",
        "The validation loss of the second is 0.0400 nats lower: 1.3900 -> 1.3500.",
        "They trained for 3:03 and 1:00.",
    ]
    assert in_words(a_row(), a_row())[:2] == [
        "The settings are the same.",
        "The validation loss of the second is the same: 1.3900 -> 1.3900.",
    ]
