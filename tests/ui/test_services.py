"""What panels share."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lstmterm import paths, settings
from lstmterm.errors import InputError, RunError
from tests.ui.conftest import idle, make_app, screen_text
from tests.ui.textual_private import notices


async def test_settings_are_saved_when_they_change() -> None:
    app = make_app()
    async with app.run_test():
        services = app.services
        services.change_settings(services.settings)
        assert not paths.settings().exists(), "nothing changed"
        services.change_settings(replace(services.settings, time="7 minutes"))
        assert settings.load().time == services.settings.time == "7 minutes"


async def test_settings_that_cannot_be_saved_hold_until_the_screen_is_closed() -> None:
    paths.settings().mkdir(parents=True)
    app = make_app()
    async with app.run_test() as pilot:
        app.services.change_settings(replace(app.services.settings, time="7 minutes"))
        await pilot.pause()
        assert app.services.settings.time == "7 minutes"
        assert len(notices(app)) == 1, "it can be neither read nor written, which is said once"
        assert all(str(paths.settings()) in notice for notice in notices(app))


@pytest.mark.parametrize(
    "error", [InputError("It is wrong."), RunError("It is wrong."), OSError("It is wrong.")]
)
async def test_an_error_is_shown_to_the_user(error: Exception) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        with app.services.reporting():
            raise error
        await pilot.pause()
        assert notices(app) == ["It is wrong."]


async def test_a_mistake_of_the_program_is_not_hidden() -> None:
    app = make_app()
    async with app.run_test():
        with pytest.raises(KeyError), app.services.reporting():
            raise KeyError


async def test_notifications_are_plain_text() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        app.services.notify("[red]x\x1b", title="[b]y")
        await pilot.pause()
        assert notices(app) == ["[red]x␛"], "and `test_text_safety.py` looks at the screen"


@pytest.mark.parametrize("kind", ["data", "state", "config", "cache"])
async def test_a_file_in_the_place_of_a_folder_is_no_crash(kind: str, home: Path) -> None:
    shutil.rmtree(home / kind, ignore_errors=True)
    (home / kind).write_text("a file where the folder should be")
    app = make_app()
    async with app.run_test() as pilot:
        await idle(pilot)
        for key in ("f3", "f4", "f5", "f6", "f2"):
            await pilot.press(key)
            await idle(pilot)
        assert "New model" in screen_text(app)


async def test_texts_name_the_keys_that_are_set() -> None:
    paths.settings().parent.mkdir(parents=True)
    paths.settings().write_text(
        '[keys]\n"tagger.train" = "ctrl+l"\n"tab.library" = "f12"\n"train.check" = "f11"\n'
    )
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        assert app.services.with_keys("{train.start:ctrl+s}, {tab.library:f6} {x}") == "^s, F12 {x}"
        await app.show_tab("tagger")
        await idle(pilot)
        assert "Train ^l" in screen_text(app), "the button of the page"
        await app.show_tab("train")
        await pilot.press("f1")
        await idle(pilot)
        assert "the model becomes; F11 says why" in " ".join(screen_text(app).split())
