"""Declaring a key."""

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.library.panel import LibraryPanel
from lstmterm.ui.tagger.panel import TaggerPanel
from lstmterm.ui.train.panel import TrainPanel
from lstmterm.ui.widgets.keys import are_keys, key


def test_a_key_has_a_name_for_the_settings_and_a_sentence_for_the_help() -> None:
    declared = key("ctrl+s", "start", "Start", "train.start", "Start training", show=False)
    assert declared == Binding(
        "ctrl+s", "start", "Start", show=False, id="train.start", tooltip="Start training"
    )
    assert key("f1", "help", "Help", "help", "Explain").show


def test_an_f_key_has_alt_and_its_digit_as_a_second_way() -> None:
    assert key("f1", "help", "Help", "help", "Explain").key == "f1,alt+1"
    assert key("ctrl+t", "stop", "Stop", "stop", "Stop").key == "ctrl+t,alt+h"  # opens a tab of a browser
    assert key("f10,x", "inspect", "Inspect", "train.inspect", "Look").key == "f10,x,alt+0"
    assert key("f11", "more", "More", "train.more", "All").key == "f11"


@pytest.mark.parametrize(
    "name",
    [
        "f9",
        "ctrl+x",
        "?",
        "question_mark",
        "ctrl+shift+f2",
        "a,b",
        "plus",
        "+",
        "ctrl++",
        "alt+ä",
        "escape",
        "A",
    ],
)
def test_keys_that_exist(name: str) -> None:
    assert are_keys(name)


@pytest.mark.parametrize(
    "name",
    [
        *("f99x", "", "f9,", "control+x", "ctrl+", "F9", "ctrl+nokey", "<any>", "a b"),
        *("ctrl+X", "alt+A", "shift+a", "shift+ctrl+f2", "ctrl+ctrl+x", "ctrl+h", "vt100-mouse-event"),
    ],
)
def test_keys_that_do_not_exist(name: str) -> None:
    assert not are_keys(name)


def test_no_second_way_of_a_key_is_another_key_of_the_same_screen() -> None:
    app = _names(LstmTerm)
    for panel in (GeneratePanel, TrainPanel, TaggerPanel, LibraryPanel, InspectPanel):
        names = [*app, *_names(panel)]
        if panel is GeneratePanel:
            names.remove("escape")  # stops the model; where there is nothing to stop it ends the talk
        assert sorted(names) == sorted(set(names)), panel


def _names(node: type[DOMNode]) -> list[str]:
    """All keys of an application or a panel, with those that it inherits from classes of the project."""
    project = [base for base in node.mro() if base.__module__.startswith("lstmterm.")]
    bindings = [binding for base in project for binding in vars(base).get("BINDINGS", ())]
    return [name for binding in bindings if isinstance(binding, Binding) for name in binding.key.split(",")]
