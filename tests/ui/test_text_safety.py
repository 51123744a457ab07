"""Text that is not ours, on every surface: seen as it is, never obeyed."""

import json

import pytest
from textual import events as ui_events

from lstmterm import paths
from lstmterm.infer.next_words import Ahead, Next
from lstmterm.runs import events
from lstmterm.ui.generate.next_characters import NextCharacters
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.generate.writer import Notice
from lstmterm.ui.library.item_list import ItemList
from lstmterm.ui.train.corpus_picker import folder_rows
from lstmterm.ui.train.timeline import Timeline
from lstmterm.ui.widgets.dialogs import Ask, Question, TextDialog
from lstmterm.ui.widgets.plain import plain_lines
from tests.ui.conftest import idle, keep_run, make_app, screen_text, settle, until
from tests.ui.journals import NOW, learning

HOSTILE = "[/ [red]x[/red] [@click=app.quit]q[/] \x1b[2J\x1b]0;t\x07 \x00 \u202eabc\u2066 \x9b31m 漢字 e\u0301 \u200b \\["
SHOWN = ("[/", "[red]x[/red]", "[@click=app.quit]q[/]", "␛[2J␛]0;t␇", "␀", "⇤abc⇥", "漢字")


def nothing_obeyed(app) -> str:
    """What is on the screen, in which no control or bidi character is left."""
    shown = screen_text(app)
    for bad in ("\x1b", "\x00", "\x07", "\x9b", "\u202e", "\u2066"):
        assert bad not in shown, repr(bad)
    return shown


def hostile_run() -> str:
    run_id = "20250131-142230-[red]x["
    found = learning(done=0.3)
    text = HOSTILE
    found.append(events.Sampled(step=2940, time=NOW, prompt=text, text=text, seed=1, temperature=1))
    found.append(events.Failed(step=2940, time=NOW, message=f"It failed: {text}"))
    run = keep_run(run_id, [*found], 5)
    run.log.write_text(f"lstmterm: {text}\n")
    return run_id


def hostile_journal() -> str:
    """A run whose journal names a hostile model and baseline, and has hostile samples."""
    run_id = "20250131-132230-x"
    found = learning(done=0.2)
    values = json.loads(events.to_json(found[0])) | {"baselines": {HOSTILE[:20]: 3.0}, "model": HOSTILE}
    hostile = events.from_json(json.dumps(values))
    assert hostile is not None
    sample = events.Sampled(step=1, time=NOW, prompt=HOSTILE, text=HOSTILE * 30, seed=1, temperature=1)
    keep_run(run_id, [hostile, *found[1:], sample, sample])
    return run_id


async def test_runs_samples_reasons_baselines_and_logs() -> None:
    run_id, other = hostile_run(), hostile_journal()
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        await settle(pilot)
        shown = nothing_obeyed(app)
        assert "✗ [red]x[" in shown
        for said in SHOWN:
            assert said in shown, said
        assert "It failed: [/ [red]x[/red]" in shown
        app.query_one("#train").show_log(run_id)  # type: ignore[attr-defined]
        await pilot.pause()
        assert "␛[2J" in nothing_obeyed(app)
        await pilot.press("escape")

        app.query_one("#train").choose(other)  # type: ignore[attr-defined]
        await settle(pilot)
        assert "[/ [red]x[/red]" in nothing_obeyed(app), "the name of a baseline"
        app.query_one(Timeline).focus()
        for size in ((80, 24), (160, 50)):
            await pilot.resize_terminal(*size)
            await pilot.press("left", "right", "home", "end", "y")
            nothing_obeyed(app)
        assert app.clipboard == HOSTILE * 31

        await pilot.press("f6")
        await until(pilot, lambda: app.query(ItemList) and app.query_one(ItemList).items)
        await pilot.pause()
        await idle(pilot)
        assert "[red]x[" in nothing_obeyed(app)
        await pilot.press("delete")
        await until(pilot, lambda: f"Delete the run {run_id}?" in nothing_obeyed(app))


async def test_notes_dialogs_facts_and_plans() -> None:
    app = make_app()
    async with app.run_test(size=(160, 50), notifications=True) as pilot:
        await settle(pilot)
        app.services.notify(HOSTILE, title=HOSTILE)
        await pilot.pause()
        for said in SHOWN:
            assert said in nothing_obeyed(app), said
        form = app.query_one("#form")
        form.set_facts(HOSTILE)  # type: ignore[attr-defined]
        form.set_plan(HOSTILE, HOSTILE, wrong=True)  # type: ignore[attr-defined]
        form.set_name_hint(HOSTILE)  # type: ignore[attr-defined]
        await pilot.pause()
        nothing_obeyed(app)
        name = app.query_one("#name")
        name.focus()
        name.post_message(ui_events.Paste("a\x1b[31m\u202eb"))
        await pilot.pause()
        assert name.value == "a␛[31m⇤b", "what is pasted"  # type: ignore[attr-defined]
        for dialog in (
            Question(HOSTILE, HOSTILE),
            Ask(HOSTILE, HOSTILE),
            TextDialog(HOSTILE, plain_lines(HOSTILE)),
        ):
            app.push_screen(dialog)
            await pilot.pause()
            assert "[red]x[/red]" in nothing_obeyed(app)
            app.pop_screen()


async def test_what_a_model_writes_and_what_may_come_next() -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f3")
        await until(pilot, lambda: app.query("#generate"))
        panel = app.query_one(GeneratePanel)
        page = panel.pages[0]
        page.add(HOSTILE)
        page.edit(HOSTILE + "!" + HOSTILE)
        panel.form.set_model(0, HOSTILE, HOSTILE)
        page.post_message(Notice(0, HOSTILE))
        await pilot.press("alt+t")
        bars = app.query_one(NextCharacters)
        bars.display = True
        characters = Ahead(tuple(Next(c, 0.01, 0.02) for c in sorted(HOSTILE, reverse=True)), 0.0)
        bars.show(characters, Ahead((Next(HOSTILE, 0.5, 0.5),), 0.0, HOSTILE))
        await pilot.pause()
        shown = nothing_obeyed(app)
        assert "[/ [red]x[/red]" in shown
        assert "U+202E" in "".join(o.prompt.plain for o in bars.options).split()  # type: ignore[union-attr]
        assert page.text.text == HOSTILE + "!" + HOSTILE  # what is saved is what was written


def test_file_names(tmp_path) -> None:
    (tmp_path / "a\x1b[2J[red]\u202e.txt").touch()
    (tmp_path / "[red]").mkdir()
    shown = [row.shown.plain for row in folder_rows(f"{tmp_path}/")]
    assert any("a␛[2J[red]⇤.txt" in line for line in shown)
    assert any("[red]/" in line for line in shown)
    assert not any("\x1b" in line for line in shown)


@pytest.fixture(autouse=True)
def folders() -> None:
    paths.models().mkdir(parents=True)
