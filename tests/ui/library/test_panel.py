"""The Library tab: what is listed, its cards, and every action."""

import re
from pathlib import Path

import pytest
from textual.widgets import Static

from lstmterm import paths
from lstmterm.models import library, model_file
from lstmterm.runs import storage
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.following import RunsListed
from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.library.panel import LibraryPanel
from lstmterm.ui.tagger.form import TaggerForm
from lstmterm.ui.train.form import TrainForm
from lstmterm.ui.widgets.dialogs import Question
from tests.damaged import one_of_each
from tests.ui.conftest import idle, keep_model, make_app, screen_text, settle, until
from tests.ui.journals import NOW
from tests.ui.tagger_models import SPEC, WORDS, keep_tagger


async def opened(app: LstmTerm, pilot, item: str = "") -> LibraryPanel:
    """The tab, gathered, its cursor on an item."""
    await settle(pilot)
    await pilot.press("f6")
    await until(pilot, lambda: app.query("#library") and app.query_one(LibraryPanel).item_list.items)
    await idle(pilot)
    panel = app.query_one(LibraryPanel)
    if item:
        await under(pilot, panel, item)
    return panel


async def under(pilot, panel: LibraryPanel, item: str) -> None:
    """Put the cursor on an item."""
    kind, name = item.split(":", 1)
    found = next(i for i, each in enumerate(panel.item_list.items) if (each.kind, each.name) == (kind, name))
    panel.item_list.highlighted = panel.item_list.get_option_index(str(found))
    await pilot.pause()


async def answer(app: LstmTerm, pilot, text: str) -> None:
    """Type into the dialog that is open."""
    await until(pilot, lambda: app.screen.query("#answer"))
    app.screen.query_one("#answer").value = text  # type: ignore[attr-defined]
    await pilot.press("enter")
    await pilot.pause()
    await idle(pilot)


async def pick(app: LstmTerm, pilot, path: Path) -> None:
    """Choose a file to import."""
    await until(pilot, lambda: app.screen.query("#filter"))
    app.screen.query_one("#filter").value = str(path)  # type: ignore[attr-defined]
    await pilot.press("enter")


def question(app: LstmTerm) -> str:
    """What the dialog that is open asks."""
    return str(app.screen.query(".dialog Static").first(Static).content)


async def test_everything_is_listed_with_its_facts_opened_and_deleted(recorded: None) -> None:
    keep_model("bard", loss=1.466)
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await opened(app, pilot, "model:bard")
        shown = screen_text(app)
        for line in ("Models  1", "◆ bard", "val 1.466", "Runs  5", "● harbour", "Texts", "python-docs"):
            assert line in shown, line
        assert "1.4660 nats" in shown, "the card"
        assert "harbour, 72,507 characters" in shown
        assert str(paths.models())[:20] in shown

        await under(pilot, panel, "run:20250131-120000-evil[red]")
        await pilot.press("enter")
        await settle(pilot)
        assert app.query_one("#panels").current == "train"  # type: ignore[attr-defined]
        assert app.query_one("#train").chosen == "20250131-120000-evil[red]"  # type: ignore[attr-defined]
        await pilot.press("f6")
        await pilot.pause()
        await under(pilot, panel, "text:reber")
        await pilot.press("enter")
        await pilot.pause()
        assert app.query_one("#form").values.source == "reber"  # type: ignore[attr-defined]
        await pilot.press("f6")
        await pilot.pause()
        await under(pilot, panel, "model:bard")
        await pilot.press("enter")
        await idle(pilot)
        assert app.query_one("#generate").pages[0].writer.reference == "bard"  # type: ignore[attr-defined]

        await pilot.press("f6")
        await idle(pilot)
        await under(pilot, panel, "run:20250131-142230-harbour")
        await pilot.press("delete")
        await pilot.pause()
        assert len(storage.all_runs()) == 5, "the running one stays"
        await under(pilot, panel, "run:20250131-130000-bard")
        await pilot.press("delete")
        await pilot.pause()
        await pilot.press("y")
        await idle(pilot)
        assert len(storage.all_runs()) == 4


async def test_damaged_runs_and_models_are_rows_among_the_good_ones(recorded: None) -> None:
    bad = one_of_each()
    keep_model("bard")
    (paths.models() / "broken.safetensors").write_bytes(b"no model")
    app = make_app()
    async with app.run_test(size=(120, 60)) as pilot:
        panel = await opened(app, pilot, "model:broken")
        shown = screen_text(app)
        assert "not a model" in shown
        assert "◆ bard" in shown
        for run in bad:
            await under(pilot, panel, f"run:{run.id}")
            assert "damaged: " in screen_text(app), run.id
        await pilot.press("f2")
        await settle(pilot)
        for run in bad:
            app.services.follower.watch(frozenset({run.id}))
            app.services.runs_listed.publish(RunsListed(app.services.runs.summaries))
            await settle(pilot, 1)
        assert {row.status for row in app.services.runs.summaries} > {"damaged", "running"}


async def test_a_model_is_renamed_copied_exported_and_deleted(tmp_path: Path) -> None:
    keep_model("bard")
    (paths.models() / "broken.safetensors").write_bytes(b"x" * 100)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        panel = await opened(app, pilot, "model:broken")
        assert "✗ broken" in screen_text(app)
        assert "is not a model" in " ".join(screen_text(app).split())
        await under(pilot, panel, "model:bard")
        await pilot.press("r")
        await answer(app, pilot, "poet")
        assert library.find("poet").place == "own"
        await until(pilot, lambda: any(item.name == "poet" for item in panel.item_list.items))
        await under(pilot, panel, "model:poet")
        await pilot.press("d")
        await answer(app, pilot, "poet-too")
        assert {"poet", "poet-too"} <= {entry.name for entry in library.library()}
        await pilot.press("x")
        await answer(app, pilot, str(tmp_path / "out.safetensors"))
        assert model_file.describe(tmp_path / "out.safetensors").name == "poet"
        (tmp_path / "poet.safetensors").write_text("old")
        for key, kept in (("n", True), ("y", False)):
            await pilot.press("x")
            await answer(app, pilot, str(tmp_path))
            await until(pilot, lambda: isinstance(app.screen, Question))
            await pilot.press(key)
            if kept:
                await until(pilot, lambda: app.screen.query("#answer"))
                await pilot.press("escape")
            await until(pilot, lambda: not app.screen.is_modal)
            await idle(pilot)
            assert ((tmp_path / "poet.safetensors").read_bytes() == b"old") is kept
        await pilot.press("p")
        assert app.clipboard.endswith("poet.safetensors")
        await pilot.press("y")
        assert "name: poet" in app.clipboard

        await pilot.press("r")
        await answer(app, pilot, "poet-too")
        assert "There is already a model named 'poet-too'" in " ".join(screen_text(app).split())
        await pilot.press("escape")
        await pilot.pause()
        assert {"poet", "poet-too"} <= {entry.name for entry in library.library()}

        for key in ("escape", "y"):
            await pilot.press("delete")
            await pilot.pause()
            assert "Delete the model poet?" in screen_text(app)
            await pilot.press(key)
            await idle(pilot)
            assert (paths.models() / "poet.safetensors").exists() is (key == "escape")


async def test_a_name_of_a_shipped_model_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_model("shakespeare")
    library.export("shakespeare", tmp_path / "import.safetensors")
    library.remove("shakespeare")
    keep_model("bard")
    keep_model("poet")
    for shipped in ("shakespeare", "english-upos"):
        (tmp_path / f"{shipped}.safetensors").write_bytes(paths.model("poet").read_bytes())
    monkeypatch.setattr(paths, "shipped_models", lambda: tmp_path)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        panel = await opened(app, pilot, "model:bard")

        async def asked(action: str, name: str, key: str) -> None:
            await under(pilot, panel, "model:bard")
            await pilot.press(action)
            if action == "i":
                await pick(app, pilot, tmp_path / "import.safetensors")
                await until(pilot, lambda: app.screen.query("#answer"))
                assert f"The model '{name}' ships with lstmterm" in question(app)
            await answer(app, pilot, name)
            await until(pilot, lambda: isinstance(app.screen, Question))
            assert f"The model {name} ships with lstmterm. Hide it" in " ".join(screen_text(app).split())
            await pilot.press(key)
            await until(pilot, lambda: not app.screen.is_modal)
            await idle(pilot)

        for action, name in (("i", "shakespeare"), ("d", "shakespeare"), ("r", "english-upos")):
            await asked(action, name, "escape")
            assert not library.is_taken(name)
            await asked(action, name, "y")
            await until(pilot, lambda name=name: library.is_taken(name))
            if action == "i":
                library.remove(name)
        assert not library.is_taken("bard")
        await under(pilot, panel, "model:poet")
        await pilot.press("r")
        await answer(app, pilot, "shakespeare")  # which is one of the user's own now
        shown = " ".join(screen_text(app).split())
        assert "There is already a model named 'shakespeare'" in shown
        assert "--overwrite" not in shown


async def test_a_model_file_and_a_text_are_imported(tmp_path: Path) -> None:
    keep_model("bard")
    library.export("bard", tmp_path / "other.safetensors")
    library.remove("bard")
    for text in ("novel", "harbour"):
        (tmp_path / f"{text}.txt").write_text("It was a dark and stormy night.\n" * 40)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        panel = await opened(app, pilot)
        for file, item in (("other.safetensors", "bard"), ("novel.txt", "novel")):
            await pilot.press("i")
            await pick(app, pilot, tmp_path / file)
            await until(pilot, lambda name=item: any(i.name == name for i in panel.item_list.items))
        for file, said, typed in (
            ("other.safetensors", "There is already a model named 'bard'; choose another name.", "poet"),
            ("novel.txt", "There is already a corpus named 'novel'; choose another name.", "story"),
            ("harbour.txt", "'harbour' is the name of a built-in or catalogue text", "quay"),
        ):
            await pilot.press("i")
            await pick(app, pilot, tmp_path / file)
            await until(pilot, lambda: app.screen.query("#answer"))
            assert said in question(app)
            suggested = app.screen.query_one("#answer").value  # type: ignore[attr-defined]
            assert suggested.endswith("-2")
            await answer(app, pilot, typed)
            await until(pilot, lambda name=typed: any(i.name == name for i in panel.item_list.items))


async def test_the_cursor_stays_with_what_was_renamed_and_goes_next_to_what_was_deleted(
    recorded: None,
) -> None:
    for name in ("alba", "bard", "cato", "dora"):
        keep_model(name)
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        panel = await opened(app, pilot, "model:bard")
        await pilot.press("r")
        await answer(app, pilot, "zeno")
        await until(pilot, lambda: any(item.name == "zeno" for item in panel.item_list.items))
        await pilot.pause()
        assert under_cursor(panel) == ("model", "zeno")
        await delete(app, pilot, panel)
        assert under_cursor(panel) == ("model", "dora"), "the last one's neighbour stands before it"
        await under(pilot, panel, "model:alba")
        await delete(app, pilot, panel)
        assert under_cursor(panel) == ("model", "cato"), "the next one"
        await under(pilot, panel, "run:20250131-130000-bard")
        await delete(app, pilot, panel)
        assert under_cursor(panel) == ("run", "20250131-120000-evil[red]")
        await under(pilot, panel, "run:20250130-110000-tides")
        await delete(app, pilot, panel)
        assert under_cursor(panel) == ("run", "20250131-110000-python"), "the same kind before the next one"


def under_cursor(panel: LibraryPanel) -> tuple[str, str]:
    """Kind and name of what the next key acts on."""
    item = panel.item_list.item
    assert item is not None
    return item.kind, item.name


async def delete(app: LstmTerm, pilot, panel: LibraryPanel) -> None:
    """Delete what is under the cursor, and wait until it is gone from the list."""
    gone = under_cursor(panel)
    await pilot.press("delete")
    await pilot.pause()
    await pilot.press("y")
    await settle(pilot)
    await until(pilot, lambda: gone not in {(item.kind, item.name) for item in panel.item_list.items})
    await idle(pilot)


async def test_ages_go_on_while_nothing_else_happens(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await opened(app, pilot, "run:20250131-130000-bard")
        assert screen_text(app).count("1 h ago") == 2, "in the list and on the card"
        app.services.clock = lambda: NOW + 3600
        panel.look()
        await pilot.pause()
        shown = screen_text(app)
        assert "1.491 2 h ago" in shown
        assert re.search("changed +2 h ago", shown)


async def test_a_card_gives_most_of_its_width_to_the_values() -> None:
    keep_tagger("english-upos", WORDS, metrics={"dev_accuracy": 0.95, "dev_accuracy_unknown": 0.81})
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "model:english-upos")
        shown = screen_text(app)
        assert re.search("name +english-upos ", shown)
        assert re.search(r"dev accuracy +95\.00%", shown)


async def test_help_names_also_the_keys_that_do_nothing_just_now(monkeypatch) -> None:
    keep_model("bard")
    monkeypatch.setattr(paths, "shipped_models", paths.models)
    monkeypatch.setattr(paths, "models", lambda: Path("/nowhere"))
    app = make_app()
    async with app.run_test(size=(100, 80)) as pilot:
        panel = await opened(app, pilot, "model:bard")
        assert not panel.check_action("rename", ())
        await pilot.press("f1")
        await pilot.pause()
        shown = screen_text(app)
        for name in ("library.rename", "library.delete", "library.duplicate", "library.path"):
            assert name in shown, name


async def test_a_character_model_is_inspected_and_a_tagger_is_not() -> None:
    keep_model("bard")
    keep_tagger("tags", WORDS)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot, "model:tags")
        await pilot.press("f10")
        assert panel.display
        assert not panel.check_action("inspect", ())
        await under(pilot, panel, "model:bard")
        await pilot.press("f10")
        await until(pilot, lambda: app.query(InspectPanel) and app.query_one(InspectPanel).reading)
        assert app.query_one(InspectPanel).model == "bard"
        await idle(pilot)


async def test_a_new_model_is_started_from_a_model_a_tagger_or_a_run_in_the_form_of_its_kind(
    recorded: None,
) -> None:
    keep_model("bard")
    keep_model("harbour")
    keep_tagger("tags", WORDS, spec=SPEC)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot, "model:bard")
        await pilot.press("f")
        await until(pilot, lambda: app.query_one("#train").display)
        assert app.query_one(TrainForm).values.start_from == "bard"
        await pilot.press("f6")
        await under(pilot, panel, "model:tags")
        await pilot.press("f")
        await until(pilot, lambda: app.query("#training"))
        form = app.query_one(TaggerForm)
        assert form.values.start_from == "tags"
        await until(pilot, lambda: "Learns" in str(form.query_one("#plan", Static).content))
        assert "tags ▾" in screen_text(app)
        await pilot.press("f6")
        run = next(item for item in panel.item_list.items if item.kind == "run" and item.title == "harbour")
        await under(pilot, panel, f"run:{run.name}")
        await pilot.press("f")
        await until(pilot, lambda: app.query_one("#train").display)
        assert app.query_one(TrainForm).values.start_from == "harbour"
        await pilot.press("f6")
        await under(pilot, panel, "text:harbour")
        assert not panel.check_action("from", ()), "a text has no weights"
        await idle(pilot)


async def test_a_click_shows_a_card_and_a_second_one_opens_the_item(recorded: None) -> None:
    keep_model("a")
    keep_model("b")
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(app, pilot, "model:a")
        lines = screen_text(app).splitlines()
        place = next((line.index("◆ b"), y) for y, line in enumerate(lines) if "◆ b " in line)
        await pilot.click(offset=place)
        await until(pilot, lambda: panel.item_list.item is not None and panel.item_list.item.name == "b")
        await until(pilot, lambda: "Model · b" in screen_text(app))
        assert panel.display
        await pilot.click(offset=place)
        await until(pilot, lambda: not panel.display)
