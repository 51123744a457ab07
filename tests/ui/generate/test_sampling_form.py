"""The sampling form: a field for every setting that is declared."""

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Label

from lstmterm.spec.knobs import Knob, knobs
from lstmterm.spec.sampling import Generation, Sampling
from lstmterm.ui.generate.sampling_form import SamplingForm, SettingInput
from lstmterm.ui.generate.writer import PageSettings
from tests.ui.conftest import keep_model, make_app, screen_text, until


class Form(App[None]):
    def compose(self) -> ComposeResult:
        yield SamplingForm()


@pytest.mark.parametrize("knob", [*knobs(Sampling), *knobs(Generation)], ids=lambda knob: knob.name)
async def test_every_setting_is_a_field_with_its_default_help_bounds_and_step(knob: Knob) -> None:
    app = Form()
    async with app.run_test(size=(40, 40)) as pilot:
        field = app.query_one(f"#{knob.name}", SettingInput)
        assert field.read() == knob.default
        assert str(field.tooltip) == knob.sentence
        assert knob.label in [str(label.content) for label in app.query(Label)]
        assert len(knob.label) <= 11, "the column of labels is 12 wide"
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
        for name, value in {"top_k": "40", "stop": "\\n", "length": "", "speed": "reading"}.items():
            form.field(name).value = value
        await pilot.pause()
        assert posted == [PageSettings(Sampling(top_k=40), Generation(length=None, stop="\n"), 30.0)]
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


@pytest.mark.parametrize("typed", [{}, {"top_p": "7"}, {"speed": "quicker"}, {"temperature2": "20"}])
async def test_all_fields_stay_in_view_while_one_is_wrong(typed: dict[str, str]) -> None:
    keep_model()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f3")
        await until(pilot, lambda: app.query(SamplingForm))
        await pilot.press("ctrl+g")
        form = app.query_one(SamplingForm)
        for name, value in typed.items():
            form.field(name).value = value
        await pilot.pause()
        shown = screen_text(app)
        labels = [knob.label for knob in (*knobs(Sampling), *knobs(Generation))]
        assert all(label in shown for label in (*labels, "Speed", "Compare with"))
        assert shown.count("Temperature") == 2
        side = " ".join(line[55:].strip(" │") for line in shown.splitlines())
        assert form.error in " ".join(side.split())
        assert bool(form.error) == bool(typed)
