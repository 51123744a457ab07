"""Keys that come at once."""

import pytest
from textual import events
from textual.app import App
from textual.command import CommandPalette
from textual.widgets import Input

from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate.presets import PresetPicker
from lstmterm.ui.services import Panel
from lstmterm.ui.train.corpus_picker import CorpusPicker
from lstmterm.ui.train.form import TrainForm
from lstmterm.ui.train.knob_screen import KnobScreen
from lstmterm.ui.widgets.help_screen import HelpScreen
from lstmterm.ui.widgets.text_box import TextBox
from tests.ui.conftest import until

BACKSPACES = ["backspace"] * len("3 minutes")


def _type(app: App[None], *keys: str) -> None:
    """Let keys arrive together, as a terminal's driver sends what it reads at once."""
    for key in keys:
        app.post_message(events.Key("space" if key == " " else key, key if len(key) == 1 else None))


async def test_letters_do_not_overtake_keys_with_a_binding() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        time = app.query_one("#time", Input)
        time.focus()
        await pilot.pause()
        _type(app, *BACKSPACES, *"20 s", "home", *"1", "end", "left", "delete", *"minutes")
        await until(pilot, lambda: time.value == "120 minutes")


async def test_keys_after_one_that_moves_the_focus_go_to_the_next_field() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        name, time = app.query_one("#name", Input), app.query_one("#time", Input)
        name.focus()
        await pilot.pause()
        _type(app, *"tides", "tab", "ctrl+u", *"2 epochs", "shift+tab", *"x")
        await until(pilot, lambda: (name.value, time.value) == ("tidesx", "2 epochs"))


async def test_a_text_area_takes_keys_in_their_order() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.focused, TextBox))
        box = app.query_one(TextBox)
        box.focus()
        await pilot.pause()
        _type(app, *"boats", "backspace", *"y", "enter", *"z", "left", "left", *"!")
        await until(pilot, lambda: box.text == "boaty!\nz")


async def test_a_letter_with_alt_is_not_typed_and_does_what_it_is_bound_to() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        name = app.query_one("#name", Input)
        name.focus()
        await pilot.pause()
        for key in (events.Key("a", "a"), events.Key("alt+p", "p"), events.Key("b", "b")):
            app.post_message(key)
        await until(pilot, lambda: name.value == "ab")
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.focused, TextBox))
        box = app.query_one("#prompt", TextBox)
        for key in (events.Key("a", "a"), events.Key("alt+m", "m"), events.Key("alt+p", "p")):
            app.post_message(key)
        await until(pilot, lambda: isinstance(app.screen, PresetPicker))
        assert box.text == "a"


@pytest.mark.parametrize(
    ("keys", "hidden", "name"),
    [
        ([*"64", "ctrl+s", *"xy"], "64", "harbourxy"),
        ([*"64", "escape", *"xy"], "", "harbourxy"),
        ([*"99999", "ctrl+s", *"xy"], "", "harbour"),  # which is not possible, so that the dialog stays
        ([*"64", "down", *"3", "ctrl+s", "backspace", *"x"], "64", "harboux"),
        ([*"64", "ctrl+s", "tab", "ctrl+u", *"9 s"], "64", "harbour"),
    ],
)
async def test_keys_after_the_one_that_closes_a_dialog_go_to_the_field_below(
    keys: list[str], hidden: str, name: str
) -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        form = app.query_one(TrainForm)
        await until(pilot, lambda: form.query_one("#name", Input).placeholder)
        field = form.query_one("#name", Input)
        field.value = "harbour"
        field.focus()
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, KnobScreen) and app.focused)
        assert isinstance(app.screen, KnobScreen)
        app.screen.go_to("hidden")
        await pilot.pause()
        _type(app, *keys)
        await until(pilot, lambda: isinstance(app.screen, KnobScreen) is ("".join(keys[:5]) == "99999"))
        await until(pilot, lambda: (form.values.knobs.get("hidden", ""), field.value) == (hidden, name))
        if keys[-1] == "s":
            await until(pilot, lambda: form.values.time == "9 s")
        if isinstance(app.screen, KnobScreen):
            value = app.screen.query_one("#knob-value", Input)
            await until(pilot, lambda: value.value == "99999xy")


@pytest.mark.parametrize("start", ["#corpus", "#name", "RunsList", "TabsLine"])
async def test_keys_after_the_one_that_opens_a_tab_go_to_its_first_field(start: str) -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        app.query_one(start).focus()
        await pilot.pause()
        _type(app, "f4", *"boats", "f3", *"GULL", "f4", *"!", "f2", "down", "down", *"-2")
        await until(pilot, lambda: app.query_one("#name", Input).value.endswith("-2"))
        assert app.query_one("#prompt", TextBox).text == "GULL"
        assert app.query_one("#tagger", Panel).query_one(TextBox).text == "boats!"


async def test_what_is_typed_after_the_palette_s_key_is_searched_for() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        app.query_one("#corpus").focus()
        await pilot.pause()
        _type(app, "ctrl+p", *"theme", "escape", "down", "down", *"tide")
        await until(pilot, lambda: app.query_one("#name", Input).value.endswith("tide"))


async def test_the_palette_opens_right_after_help_was_closed() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        _type(app, "escape", "alt+x", *"theme")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        assert len(app.screen_stack) == 2
        await until(pilot, lambda: app.screen.query_one(Input).value == "theme")


async def test_letters_after_the_key_that_opens_a_list_filter_it() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        app.query_one("#corpus").focus()
        await pilot.pause()
        _type(app, "enter", *"reb")
        await until(pilot, lambda: isinstance(app.screen, CorpusPicker) and app.screen.focused)
        picker = app.screen
        assert isinstance(picker, CorpusPicker)
        await until(pilot, lambda: picker.line.value == "reb" and picker.choices.option_count > 2)
        await pilot.press("enter")
        await until(pilot, lambda: app.query_one(TrainForm).values.source == "reber")
