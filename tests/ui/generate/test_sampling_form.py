"""The sampling form: a field for every setting that is declared."""

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Label

from lstmterm import settings
from lstmterm.spec.knobs import Knob, knobs
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.ui.generate.presets import PresetPicker
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.sampling_form import SamplingForm, SettingInput
from lstmterm.ui.generate.writer import PageSettings
from lstmterm.ui.messages import explanation
from lstmterm.ui.widgets.explained import Explained
from lstmterm.ui.widgets.pick import Pick
from tests.ui.conftest import keep_model, make_app, screen_text, until
from tests.ui.generate.tab import generating, text, wrote
from tests.ui.textual_private import notices


class Form(App[None]):
    def compose(self) -> ComposeResult:
        yield SamplingForm()


ALL = [*knobs(Sampling), *knobs(Generation)]


@pytest.mark.parametrize("knob", ALL, ids=lambda knob: knob.name)
async def test_every_setting_is_a_field_with_its_default_help_bounds_and_step(knob: Knob) -> None:
    app = Form()
    async with app.run_test(size=(40, 40)) as pilot:
        field = app.query_one(f"#{knob.name}", SettingInput)
        assert field.read() == knob.default
        assert field.has_class("-default")
        assert str(field.tooltip) == explanation(knob.sentence)
        if knob.beside is None:
            assert knob.label in [str(label.content) for label in app.query(Label)]
            assert len(knob.label) <= 6, "the column of labels is 7 wide"
        if knob.choices:
            field.focus()
            await pilot.press(*["up"] * 5)
            assert field.read() == knob.choices[-1]
            assert not field.has_class("-default")
            await pilot.press(*["down"] * 5)
            assert field.read() == knob.choices[0]
            field.value = "no such word"
            await pilot.pause()
            assert field.error.startswith(f"{knob.label} must be {knob.choices[0]}, ")
        if knob.type is str:
            return
        for wrong, bound in ((knob.low - 1, f"at least {knob.low:g}"), (knob.high * 2, "at most")):
            field.value = f"{wrong:.0f}"
            await pilot.pause()
            assert field.error.startswith(f"{knob.label} must be {bound}")
            assert field.has_class("-wrong")
        field.value = str(knob.type(knob.low))
        field.focus()
        await pilot.press("up")
        assert field.read() == pytest.approx(min((round(knob.low / knob.step) + 1) * knob.step, knob.high))
        await pilot.press(*["down"] * 3)
        assert field.read() == knob.low
        assert not field.error


async def test_valid_settings_are_posted_and_invalid_ones_are_not() -> None:
    posted: list[PageSettings] = []

    class Listening(Form):
        def on_sampling_form_changed(self, message: SamplingForm.Changed) -> None:
            posted[:] = message.settings

    app = Listening()
    async with app.run_test(size=(40, 40)) as pilot:
        form = app.query_one(SamplingForm)
        for name, value in {"top_k": "40", "stop": "\\n|a\\|b", "length": "", "speed": "reading"}.items():
            form.field(name).value = value
        await pilot.pause()
        assert posted == [PageSettings(Sampling(top_k=40), Generation(length=None, stop=("\n", "a|b")), 30.0)]
        form.field("top_k").value = "many"
        await pilot.pause()
        assert form.error == "Top-k must be a whole number (got 'many')."
        assert posted[0].sampling.top_k == 40
        form.field("top_k").value = "0"
        form.show_compare(True)
        await pilot.pause()
        assert [settings.sampling.temperature for settings in posted] == [0.8, 1.2]
        speed = form.field("speed")
        speed.focus()
        await pilot.press("up", "up", "up", "up")
        assert speed.value == "full"
        assert posted[0].speed is None


@pytest.mark.parametrize(
    ("name", "typed", "moved"),
    [
        ("length", "1,000", "1100"),
        ("temperature", "0,8", "0,8"),
        ("top_p", "0.001", "0.05"),
        ("top_p", "0.9", "0.95"),
        ("temperature", "0.83", "0.85"),
    ],
)
async def test_the_arrow_keys_read_a_comma_as_the_field_does_and_move_to_a_whole_step(
    name: str, typed: str, moved: str
) -> None:
    app = Form()
    async with app.run_test(size=(40, 40)) as pilot:
        field = app.query_one(SamplingForm).field(name)
        field.value = typed
        field.focus()
        await pilot.press("up")
        assert field.value == moved
        assert bool(field.error) == (typed == moved)


async def test_what_is_typed_after_the_arrow_keys_comes_at_the_end() -> None:
    app = Form()
    async with app.run_test(size=(40, 40)) as pilot:
        for name, typed, moved in (
            ("top_k", "9", "10"),
            ("temperature", "0.8", "0.85"),
            ("speed", "slow", "reading"),
        ):
            field = app.query_one(SamplingForm).field(name)
            field.value = typed
            field.focus()
            await pilot.press("end", "up")
            assert (field.value, field.cursor_position) == (moved, len(moved))
            await pilot.press(*["backspace"] * len(moved), "0")
            assert field.value == "0"


WRONG = [
    {},
    {"top_p": "7"},
    {"speed": "quicker"},
    {"temperature2": "20"},
    {"unit": "words"},
    {"ban": "z-a"},
    {"ban": "e", "line_start": "the "},
]


@pytest.mark.parametrize("compared", [True, False])
@pytest.mark.parametrize("entered", WRONG, ids=lambda entered: " ".join(entered) or "nothing")
async def test_all_fields_stay_in_view_while_one_is_wrong(entered: dict[str, str], compared: bool) -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f3")
        await until(pilot, lambda: app.query(SamplingForm))
        form = app.query_one(SamplingForm)
        if compared:
            await pilot.press("ctrl+g")
            await until(pilot, lambda: form.has_class("-comparing"))
        for name, value in entered.items():
            form.field(name).value = value
        wrong = bool(entered) and (compared or "temperature2" not in entered)
        await until(pilot, lambda: form.has_class("-wrong") == wrong)
        side = "\n".join(line[56:] for line in screen_text(app).splitlines())
        assert form.outer_size.width <= 24
        assert all(knob.label in side for knob in ALL if knob.beside is None)
        assert all(knob.beside in side for knob in ALL if knob.beside)
        assert "Speed" in side
        assert side.count("Temp.  ") == 1 + compared
        assert ("vs. " in side) == compared
        shown = " ".join(line.strip(" │") for line in side.splitlines())
        assert form.error in " ".join(shown.split())
        assert bool(form.error) == wrong


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20)])
async def test_the_focused_setting_is_explained(size: tuple[int, int]) -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f3")
        await until(pilot, lambda: app.query(SamplingForm))
        form = app.query_one(SamplingForm)
        said = form.query_one(Explained)

        def shown() -> str:
            lines = screen_text(app).splitlines()[said.region.y : said.region.bottom]
            return " ".join(" ".join(line[said.region.x :].strip(" │") for line in lines).split())

        for name, words in (("top_p", "probability of p; 1 is off."), ("speed", "characters a second.")):
            form.field(name).focus()
            await until(pilot, lambda words=words: said.region.area and words in shown())
            assert not said.region.overlaps(form.field(name).region)
        app.query_one("#prompt").focus()
        await until(pilot, lambda: not said.region.area)


# Presets


async def _opened(pilot: Pilot[None]) -> SamplingForm:
    app = pilot.app
    await pilot.press("f3")
    await until(pilot, lambda: app.query(SamplingForm))
    return app.query_one(SamplingForm)


def _preset(form: SamplingForm) -> str:
    return form.query_one("#preset", Pick).chosen


async def test_a_preset_sets_all_fields_and_is_named() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        form = await _opened(pilot)
        assert _preset(form) == "default"
        form.field("top_k").value = "7"
        form.field("seed").value = "3"
        await until(pilot, lambda: _preset(form) == "own")
        await pilot.press("alt+p")
        await until(pilot, lambda: isinstance(app.screen, PresetPicker))
        await pilot.press(*"wild", "enter")
        await until(pilot, lambda: _preset(form) == "wild")
        assert form.field("top_k").value == "0"
        assert form.field("temperature").value == "1.2"
        assert form.field("seed").value == "3", "a seed belongs to a text"


async def test_settings_are_saved_under_a_name_used_replaced_and_deleted() -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        form = await _opened(pilot)
        form.field("ban").value = r"eE\n"
        form.field("stop").value = r"\n|a\|b"
        form.query_one("#preset", Pick).press()
        await until(pilot, lambda: isinstance(app.screen, PresetPicker))
        await pilot.press(*"no e", "enter")
        await until(pilot, lambda: _preset(form) == "no e")
        assert settings.load().presets == {"no e": r"--ban 'eE\n' --stop '" + "\n' --stop 'a|b'"}
        form.field("ban").value = ""
        await until(pilot, lambda: _preset(form) == "own")
        await pilot.press("alt+p")
        await until(pilot, lambda: isinstance(app.screen, PresetPicker))
        await pilot.press(*"no e", "enter")
        await until(pilot, lambda: _preset(form) == "no e")
        assert form.field("ban").value == r"eE\n"
        await pilot.press("alt+p")
        await until(pilot, lambda: isinstance(app.screen, PresetPicker))
        await pilot.press(*"no e", "up", "enter")
        await until(pilot, lambda: _preset(form) == "own")
        assert settings.load().presets == {}


async def test_what_an_empty_field_means_can_be_read_beside_another_one() -> None:
    async with generating(length="") as (app, _, _panel):
        rows = screen_text(app).split("\n")
        assert any("Length  none beam 0" in row for row in rows)


async def test_settings_take_effect_at_once_also_during_writing() -> None:
    async with generating((120, 36), length="", speed="200") as (app, pilot, panel):
        await pilot.press(*"The", "enter")
        await until(pilot, lambda: len(text(panel)) > 20)
        panel.form.field("temperature").value = "0"
        await pilot.pause()
        assert panel.pages[0].writer.settings.sampling.temperature == 0
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        length = len(text(panel))
        await pilot.pause(0.1)
        assert len(text(panel)) == length, "it stops at once"

        for name, value in {"speed": "full", "length": "5000", "stop": "\\n", "temperature": "0.8"}.items():
            panel.form.field(name).value = value
        await pilot.press("ctrl+n", *"The", "enter")
        await wrote(app, pilot, panel)
        assert "\n" not in text(panel), "a stop text ends it and is left out"
        assert len(text(panel)) < 5000

        panel.form.field("top_p").value = "3"
        await pilot.pause()
        assert panel.form.error == "Top-p must be at most 1 (got 3)."
        assert "Top-p must be at most 1" in screen_text(app)
        assert panel.pages[0].writer.settings.sampling.top_p == 1, "the last valid value holds"
        panel.form.field("top_p").value = "0.5"
        await pilot.pause()
        assert panel.pages[0].writer.settings.sampling.top_p == 0.5
        panel.form.query_one("#temperature").focus()
        await pilot.press("up", "up", "down")
        assert panel.pages[0].writer.settings.sampling.temperature == pytest.approx(0.85)


async def test_an_invalid_field_is_named_and_marked_and_keeps_the_prompt() -> None:
    async with generating() as (app, pilot, panel):
        for field, value, said in (
            ("seed", "abc", "Seed must be a whole number (got 'abc')."),
            ("seed", "-1", "Seed must be at least 0 (got -1)."),
            ("min_p", "5000", "Min-p must be at most 1 (got 5000)."),
            ("temperature", "nan", "Temp. must be a finite number (got nan)."),
            ("speed", "1e-300", "Speed must be at least 0.01 (got 1e-300)."),
            (
                "speed",
                "slowly",
                "Speed must be a number, or a word such as quick.",
            ),
        ):
            entry = panel.form.query_one(f"#{field}", SettingInput)
            right, entry.value = entry.value, value
            await pilot.press(*"The", "enter")
            assert app.query_one(PromptArea).text == "The", "it can be sent once the field is right"
            assert panel.form.error == said
            assert said in notices(app)
            await pilot.press("ctrl+r", "f8")
            panel.form.field("stop").value = "a"
            await pilot.pause()
            assert [one.id for one in panel.form.query("SettingInput.-wrong")] == [field]
            panel.form.field("stop").value = ""
            entry.value = right
            await pilot.press(*["backspace"] * 3)
            assert not panel.form.query("SettingInput.-wrong")
        assert text(panel) == ""
        panel.form.field("seed").value = "12345678901"
        panel.form.query_one("#seed").focus()
        await pilot.press("up")
        assert panel.form.field("seed").value == "12345678902"

        await pilot.press("ctrl+g")
        panel.form.field("temperature2").value = "hot"
        await pilot.pause()
        assert panel.form.error == "Temp. 2 must be a finite number (got 'hot')."
        await pilot.press("ctrl+g")
        assert not panel.form.error, "a hidden field does not prevent writing"
