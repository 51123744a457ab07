"""Declaring a key."""

from textual.binding import Binding

from lstmterm.ui.widgets.keys import key


def test_a_key_has_a_name_for_the_settings_and_a_sentence_for_the_help() -> None:
    declared = key("ctrl+s", "start", "Start", "train.start", "Start training", show=False)
    assert declared == Binding(
        "ctrl+s", "start", "Start", show=False, id="train.start", tooltip="Start training"
    )
    assert key("f1", "help", "Help", "help", "Explain").show
