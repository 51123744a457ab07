"""That dialogs close once, and what the keys of the small ones return."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Static

from lstmterm.corpora.turns import Turns
from lstmterm.errors import InputError
from lstmterm.ui.action_names import action_names
from lstmterm.ui.generate.editor import Editor
from lstmterm.ui.generate.presets import PresetPicker
from lstmterm.ui.generate.several import SeveralDialog
from lstmterm.ui.generate.talk_bar import PatternQuestion, SpeakerPicker
from lstmterm.ui.generate.unit_picker import UnitPicker
from lstmterm.ui.inspect.other_picker import OtherPicker
from lstmterm.ui.inspect.similar_places import SimilarPlaces
from lstmterm.ui.library.comparison import ComparisonScreen
from lstmterm.ui.library.draft_search import DraftSearch
from lstmterm.ui.tagger.data_picker import DataPicker
from lstmterm.ui.tagger.further import NextTraining
from lstmterm.ui.tagger.probabilities import TagPicker
from lstmterm.ui.train.corpus_picker import CorpusPicker
from lstmterm.ui.train.form import FormValues
from lstmterm.ui.train.knob_screen import KnobScreen
from lstmterm.ui.train.runs_table import RunsTable
from lstmterm.ui.train.start_picker import StartPicker
from lstmterm.ui.widgets.adapt_dialog import AdaptDialog
from lstmterm.ui.widgets.dialogs import Ask, Dialog, FactsDialog, Question, TextDialog, delete_question
from lstmterm.ui.widgets.help_screen import HelpScreen
from lstmterm.ui.widgets.model_picker import ModelPicker
from lstmterm.ui.widgets.picker import Picker
from lstmterm.ui.widgets.text_entry import TextEntry
from tests.ui.widgets.alone import Alone, result_of

VALUES = FormValues("charlm", "harbour", "harbour", "3 minutes")
RANKED = [("NOUN", 0.9), ("VERB", 0.1)]
TURNS = Turns("{name}:\n{text}\n\n", {"TIDE": 600, "GULL": 400})
# Each dialog, and the keys that close it.
CLOSING: dict[type[Dialog[Any]], tuple[Callable[[], Dialog[Any]], str]] = {
    Question: (lambda: Question("Delete it?", "Delete"), "y n enter escape"),
    Ask: (lambda: Ask("Name?", "a", str.strip), "enter escape"),
    FactsDialog: (lambda: FactsDialog("Check", [("size", "72 kB")]), "q escape"),
    TextDialog: (lambda: TextDialog("Log", Content("step 1")), "q escape"),
    HelpScreen: (lambda: HelpScreen(Screen()), "q escape"),
    KnobScreen: (lambda: KnobScreen(VALUES), "ctrl+s escape"),
    CorpusPicker: (lambda: CorpusPicker("", ""), "escape"),
    DataPicker: (lambda: DataPicker("", ""), "escape"),
    ModelPicker: (lambda: ModelPicker("", frozenset()), "escape"),
    StartPicker: (lambda: StartPicker("", frozenset(), "charlm"), "escape"),
    OtherPicker: (lambda: OtherPicker("", frozenset()), "escape"),
    TextEntry: (lambda: TextEntry("Which text?", "Show", "tide"), "ctrl+s escape"),
    Editor: (lambda: Editor("tide"), "ctrl+s escape"),
    SpeakerPicker: (lambda: SpeakerPicker("You", TURNS, "TIDE"), "escape"),
    PatternQuestion: (lambda: PatternQuestion(r"{name}: {text}\n"), "enter escape"),
    PresetPicker: (lambda: PresetPicker({}, None, ""), "escape"),
    DraftSearch: (DraftSearch, "escape"),
    AdaptDialog: (lambda: AdaptDialog("nobody", "tide"), "escape"),
    NextTraining: (lambda: NextTraining("Saved"), "f y n enter escape"),
    TagPicker: (lambda: TagPicker("tide", "NOUN", RANKED), "enter escape"),
}
ELSEWHERE = {
    ComparisonScreen,
    RunsTable,
    SeveralDialog,
    SimilarPlaces,
    UnitPicker,
}  # they need a model or runs


@pytest.mark.parametrize("dialog", CLOSING, ids=lambda dialog: dialog.__name__)
async def test_a_dialog_closes_once_however_fast_the_keys_come(dialog: type[Dialog[Any]]) -> None:
    """A second key may overtake the first one, as Enter is a message of the focused widget; one of them counts."""
    make, keys = CLOSING[dialog]
    results = {key: await result_of(make(), key) for key in keys.split()}
    for first, second in product(results, results):
        result = await result_of(make(), first, second, quickly=True)
        assert result in (results[first], results[second]), (first, second)


def test_every_dialog_is_among_them() -> None:
    def below(cls: type) -> Iterator[type]:
        for child in cls.__subclasses__():
            yield from (child, *below(child))

    action_names()  # imports all dialogs
    dialogs = {cls for cls in below(Dialog) if cls.__module__.startswith("lstmterm.")}
    assert dialogs - {Picker} == {*ELSEWHERE, *CLOSING}


async def test_a_dialog_under_the_help_closes_after_it() -> None:
    answers: list[bool | None] = []
    app = Alone(Static)
    async with app.run_test() as pilot:
        app.push_screen(question := Question("Delete it?", "Delete"), answers.append)
        await pilot.pause()
        app.push_screen(HelpScreen(question))
        await pilot.pause()
        question.leave(True)
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert answers == []
        await pilot.press("escape")
        await pilot.pause()
        assert answers == [True]
        assert not isinstance(app.screen, Dialog)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["y"], True), (["shift+tab", "enter"], True), (["n"], False), (["escape"], False), (["enter"], False)],
)
async def test_a_question_is_confirmed_only_on_purpose(keys: list[str], answer: bool) -> None:
    """Enter presses the button that has the focus, which is No."""
    assert await result_of(Question("Delete it?", "Delete"), *keys) is answer


async def test_a_question_is_plain_text() -> None:
    app = Alone(Static)
    async with app.run_test() as pilot:
        app.push_screen(delete_question("run", "[red]x"))
        await pilot.pause()
        assert "Delete the run [red]x?" in str(app.screen.query(Static).first().content)
        assert str(app.screen.query_one("#yes", Button).label) == "Delete"


async def test_a_line_is_returned_once_its_check_accepts_it() -> None:
    def check(text: str) -> None:
        if len(text) < 3:
            raise InputError("It is too short.")

    assert await result_of(Ask("Name?", "a", check), *"b", "enter", *"c", "enter") == "abc"
    assert await result_of(Ask("Name?", "abc", check), "escape") is None
    assert await result_of(Ask("Name?", "abc", check), "tab", "tab", "enter") is None, "Cancel"
    assert await result_of(Ask("Name?", "abc", check), "tab", "enter") == "abc", "OK"


async def test_a_text_can_be_copied() -> None:
    app = Alone(Static)
    async with app.run_test() as pilot:
        app.push_screen(TextDialog("Log", Content("step 1\nstep 2")))
        await pilot.pause()
        await pilot.press("y")
        assert app.clipboard == "step 1\nstep 2"
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, TextDialog)
