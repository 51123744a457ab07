"""The screen as a whole: tabs, help, palette, keys, settings, and what it does not import."""

import subprocess
import sys
from dataclasses import replace

import pytest
from textual.command import CommandPalette
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Input

from lstmterm import paths
from lstmterm.cli import main
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.help_screen import HelpScreen
from lstmterm.ui.widgets.keys_line import KeysLine
from tests.ui.conftest import keep_model, make_app, screen_text, settle, until
from tests.ui.textual_private import filtered_strips, notices


async def test_every_tab_can_be_reached_and_every_action_has_a_name_and_a_tooltip() -> None:
    """Tabs by their keys, by next and previous, and by the mouse."""
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        switcher = app.query_one("#panels", ContentSwitcher)
        for tab in (*TABS[1:], TABS[0]):
            await pilot.press(tab.key)
            await until(pilot, lambda tab=tab: switcher.current == tab.id)
        await pilot.press("ctrl+pagedown")
        await until(pilot, lambda: switcher.current == TABS[1].id)
        await pilot.press("ctrl+pageup", "ctrl+pageup")
        await until(pilot, lambda: switcher.current == TABS[-1].id)
        await pilot.click("#tab-train")
        await until(pilot, lambda: switcher.current == "train")

        seen: set[str] = set()
        classes = {type(widget) for widget in (app, *app.query("*"))}
        for cls in sorted(classes, key=lambda cls: cls.__name__):
            if not cls.__module__.startswith("lstmterm."):
                continue
            inherited = [binding for base in cls.__bases__ for binding in getattr(base, "BINDINGS", ())]
            for binding in cls.__dict__.get("BINDINGS", ()):
                if binding in inherited:
                    continue
                assert binding.id, binding
                assert binding.tooltip, binding
                assert binding.id not in seen, binding
                seen.add(binding.id)
        assert len(seen) > 40


async def test_the_key_of_a_tab_enters_it_from_the_list_of_tabs() -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("f4")
        await settle(pilot)
        app.query_one("#tabs").focus()
        await pilot.pause()
        await pilot.press("f2")
        await until(pilot, lambda: app.query_one("#train").has_focus_within)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "Choose a text" in screen_text(app))


async def test_the_keys_line_follows_the_focus_fits_and_can_be_clicked(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)

        def line() -> str:
            return screen_text(app).splitlines()[-1]

        assert line().strip().startswith("⏎ Choose ^s Start")
        assert line().endswith("f1 Help ^p Palette ")
        app.query_one("#loss-chart").focus()
        await pilot.pause()
        assert "+ Zoom in" in line()
        await pilot.resize_terminal(40, 24)
        await until(pilot, lambda: len(line()) == 40)
        assert line().endswith("f1 Help ^p Palette "), "help and palette are there down to the smallest width"
        await pilot.click(KeysLine, offset=(line().index("Help"), 0))
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_help_explains_the_open_tab_and_all_of_its_keys(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 100)) as pilot:
        await settle(pilot)
        app.query_one("#loss-chart").focus()
        await pilot.pause()
        await pilot.press("f1")
        await pilot.pause()
        shown = screen_text(app)
        for said in (
            "Train a character model on your own text",
            "train.start",
            "^s",
            "chart.zoom_in",
            "Show fewer steps",
            "tab.library",
        ):
            assert said in shown, said
        await pilot.press("f1")
        await pilot.pause()
        assert not isinstance(app.screen, HelpScreen)
        await pilot.press("f6")
        await pilot.pause()
        await pilot.press("f1")
        await pilot.pause()
        assert "Models, drafts, runs and texts on this machine" in screen_text(app)


async def search_palette(app: LstmTerm, pilot: Pilot[None], typed: str) -> None:
    """Open the palette and, once it is ready, search for this."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen.focused)
    app.screen.query_one(Input).value = typed


async def test_the_palette_finds_actions_models_runs_and_texts(recorded: None) -> None:
    keep_model("[evil]x")
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        for typed, found in (
            ("generate with", "Generate with [evil]x"),
            ("show run evil", "Show run 20250131-120000-evil[red]"),
            ("train on reb", "Train on reber"),
        ):
            await search_palette(app, pilot, typed)
            await until(pilot, lambda found=found: found in screen_text(app))
            await pilot.press("escape")
            await pilot.pause()
        await search_palette(app, pilot, "generatewithevil")
        await until(pilot, lambda: "Generate with [evil]x" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.query(GeneratePanel))
        await until(pilot, lambda: app.query_one(GeneratePanel).pages[0].writer.reference == "[evil]x")


async def test_keys_and_theme_are_saved_in_the_settings_and_comments_stay() -> None:
    paths.settings().parent.mkdir(parents=True)
    paths.settings().write_text('# mine\nbell = true\n[keys]\ntab.library = "f9"\n')
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f9")
        await until(pilot, lambda: app.query_one("#panels", ContentSwitcher).current == "library")
        app.theme = "lstmterm-light"
        await until(pilot, lambda: 'theme = "lstmterm-light"' in paths.settings().read_text())
    assert "# mine" in paths.settings().read_text()
    assert make_app().theme == "lstmterm-light"


async def test_a_key_for_an_unknown_action_is_reported() -> None:
    paths.settings().parent.mkdir(parents=True)
    paths.settings().write_text('[keys]\ntab.libary = "f9"\ntab.library = "f12"\n')
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: any("tab.libary" in note for note in notices(app)))
        assert "Did you mean 'tab.library'?" in notices(app)[0]
        await pilot.press("f12")
        await until(pilot, lambda: app.query_one("#panels", ContentSwitcher).current == "library")


async def test_an_unknown_key_is_reported_and_the_usual_one_stays() -> None:
    paths.settings().parent.mkdir(parents=True)
    paths.settings().write_text('[keys]\nhelp = "f99x"\ntab.library = "f12"\n')
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: any("no terminal sends 'f99x' of help" in note for note in notices(app)))
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("f1", "f12")
        await until(pilot, lambda: app.query_one("#panels", ContentSwitcher).current == "library")


async def test_damaged_settings_are_reported_with_the_line_and_left_untouched() -> None:
    paths.settings().parent.mkdir(parents=True)
    broken = 'theme = "lstmterm-light"\nbell = [red]\n'
    paths.settings().write_text(broken)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert any("line 2" in note for note in notices(app))
        app.theme = "nord"
        await pilot.pause()
        app.services.change_settings(replace(app.services.settings, bits=True))
    assert paths.settings().read_text() == broken


async def test_every_tab_is_drawn_in_every_kind_of_theme_and_without_colour(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        colours = {
            style.color.name
            for strip in filtered_strips(app)
            for _, style, _ in strip
            if style is not None and style.color is not None and style.color.triplet is not None
            and len(set(style.color.triplet)) > 1
        }  # fmt: skip
        assert not colours
        assert "interrupted" in screen_text(app)
        for theme in ("ansi-dark", "ansi-light", "nord"):  # ours are in the snapshots
            app.theme = theme
            for tab in TABS:
                await app.show_tab(tab.id)
                await pilot.pause()
                assert app.export_screenshot()


def test_the_screen_imports_neither_torch_nor_numpy_nor_training() -> None:
    code = "import lstmterm.ui.app, lstmterm.ui.train.panel, sys; print([m for m in sys.modules if m.split('.')[0] in ('torch', 'numpy') or m.startswith('lstmterm.nn')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_tab_and_no_widget_imports_torch() -> None:
    code = """
import pkgutil, sys
from lstmterm.ui.action_names import action_names
from lstmterm.ui.tabs import TABS
panels = [pkgutil.resolve_name(tab.panel) for tab in TABS]
action_names()  # imports every module of the tabs and the widgets
print(len(panels), [m for m in sys.modules if m.split(".")[0] == "torch" or m.startswith("lstmterm.nn")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{len(TABS)} []"


def test_a_screen_that_broke_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LstmTerm, "get_driver_class", lambda app: HeadlessDriver)
    monkeypatch.setenv("TEXTUAL_DRIVER", "none of ours")
    for end, code in ((lambda app: app.exit(), 0), (lambda app: 1 / 0, 1)):
        monkeypatch.setattr(LstmTerm, "on_mount", end)
        with pytest.raises(SystemExit) as ended:
            main([])
        assert ended.value.code == code


async def test_two_tabs_that_are_asked_for_at_once_end_at_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    shown: list[str] = []
    show_tab = app.show_tab

    async def show(tab: str) -> None:
        shown.append(tab)
        assert len(shown) < 20, "it switches between them without end"
        await show_tab(tab)

    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        for tab in ("library", "train"):  # so that both are made
            await app.show_tab(tab)
            await settle(pilot)
        monkeypatch.setattr(app, "show_tab", show)
        await app.show_tab("library")
        await app.show_tab("train")
        await settle(pilot)
        assert shown == ["library", "train"]
        assert app.query_one("#panels", ContentSwitcher).current == "train"
