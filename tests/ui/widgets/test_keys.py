"""Declaring a key."""

import pytest
from textual.binding import Binding

from lstmterm.ui.widgets.keys import are_keys, key


def test_a_key_has_a_name_for_the_settings_and_a_sentence_for_the_help() -> None:
    declared = key("ctrl+s", "start", "Start", "train.start", "Start training", show=False)
    assert declared == Binding(
        "ctrl+s", "start", "Start", show=False, id="train.start", tooltip="Start training"
    )
    assert key("f1", "help", "Help", "help", "Explain").show


@pytest.mark.parametrize(
    "name",
    ["f9", "ctrl+x", "?", "question_mark", "ctrl+shift+f2", "a,b", "plus", "+", "ctrl++", "alt+ä", "escape"],
)
def test_keys_that_exist(name: str) -> None:
    assert are_keys(name)


@pytest.mark.parametrize(
    "name", ["f99x", "", "f9,", "control+x", "ctrl+", "F9", "ctrl+nokey", "<any>", "a b"]
)
def test_keys_that_do_not_exist(name: str) -> None:
    assert not are_keys(name)
