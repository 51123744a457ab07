"""Talking with a model in the Generate tab: a dialogue is a draft."""

import contextlib
import shlex
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from textual.pilot import Pilot
from textual.widgets import Input, Label, Static

from lstmterm import paths
from lstmterm.cli import lstmterm
from lstmterm.corpora.turns import PLAIN, QUOTED, Turns
from lstmterm.drafts import export, store
from lstmterm.infer import speakers
from lstmterm.infer.dialogue import LONGEST
from lstmterm.models import library
from lstmterm.ui import session
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.several import SeveralDialog
from lstmterm.ui.generate.talk_bar import SpeakerPicker, TalkBar
from lstmterm.ui.session import Session
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.pick import Pick
from tests.ui.conftest import idle, keep_model, make_app, screen_text, until
from tests.ui.generate.tab import generating, opened, text, wrote
from tests.ui.textual_private import notices

PLAY = Turns("{name}\n{text}\n\n", {"gull": 9, "clerk": 5, "pirate": 2})
TALK = Turns("{name} x {text}\n", {"ann": 3, "bob": 2})


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> dict[str, Turns | None]:
    """Who speaks in the models by their patterns: what a small random model writes has no speakers."""
    found: dict[str, Turns | None] = {"": PLAY}

    def turns_of(model: object, vocabulary: object, pattern: str | None = None, **_: Any) -> Turns | None:
        return found[pattern or ""]

    monkeypatch.setattr(speakers, "turns_of", turns_of)
    keep_model()
    return found


@contextlib.asynccontextmanager
async def talking(
    size: tuple[int, int] = (120, 36), **fields: str
) -> AsyncIterator[tuple[LstmTerm, Pilot[None], GeneratePanel]]:
    """A screen of `size` that shows the tab, in which the user talks."""
    async with generating(size, model=None, **fields) as (app, pilot, panel):
        await pilot.press("alt+k")
        await until(pilot, lambda: panel.scene is not None)
        await idle(pilot)
        yield app, pilot, panel


def chosen(app: LstmTerm) -> list[str]:
    return [app.query_one(f"#talk-{part}", Pick).chosen for part in ("me", "you", "turn")]


def missing(app: LstmTerm) -> str:
    """What the tab says of why nobody can speak."""
    return "".join(str(said.content) for said in app.query("#talk-missing").results(Static) if said.display)


def who(app: LstmTerm) -> list[str]:
    return chosen(app)[:2]


async def say(app: LstmTerm, pilot, panel: GeneratePanel, words: str) -> None:
    app.query_one(PromptArea).text = words
    await pilot.press("enter")
    await wrote(app, pilot, panel)


@pytest.mark.usefixtures("plays")
async def test_what_is_said_is_answered_up_to_the_next_turn() -> None:
    async with talking(seed="7") as (app, pilot, panel):
        assert chosen(app) == ["clerk", "gull", r"{name}\n{text}\n\n"]
        assert str(app.query_one("#speaker", Label).content) == "clerk"
        assert "You clerk ▾" in screen_text(app).replace("  ", " ")
        assert "(empty: listen)" in screen_text(app)
        assert "The model answers as its speaker." in screen_text(app)
        await say(app, pilot, panel, "the sea")
        first = text(panel)
        assert first.startswith("clerk\nthe sea\n\ngull\n")
        answer = first.removeprefix("clerk\nthe sea\n\ngull\n")
        assert answer
        assert "\n\n" not in answer
        assert len(answer) <= LONGEST
        await say(app, pilot, panel, "no\n\n\nyes")
        assert text(panel).startswith(f"{first}\n\nclerk\nno\nyes\n\ngull\n")
        second = text(panel)
        await say(app, pilot, panel, "")
        assert text(panel).startswith(f"{second}\n\ngull\n"), "an empty line lets the model speak"
        stretches = panel.pages[0].draft.tree.stretches[1:]
        assert [stretch.origin.made for stretch in stretches] == ["typed", "written"] * 3
        assert panel.pages[0].draft.name in store.names()


async def test_an_answer_can_be_written_again_by_its_command(plays: dict[str, Turns | None]) -> None:
    plays[""] = TALK
    async with talking() as (app, pilot, panel):
        await say(app, pilot, panel, "the sea")
        await say(app, pilot, panel, "no")
        name, tree = panel.pages[0].draft.name, panel.pages[0].draft.tree
        await pilot.press("ctrl+n")
        await idle(pilot)
    for stretch in tree.stretches[1:]:
        if stretch.origin.made != "written":
            continue
        command, printed = export.command(name, tree, stretch.number), ""
        assert command is not None
        for part in command.split(" | "):
            printed = CliRunner().invoke(lstmterm, shlex.split(part)[1:], input=printed).stdout
        assert printed.removesuffix("\n") == stretch.text.removesuffix("\n")
        assert stretch.text.count("\n") == 0, "it ended with its turn"


@pytest.mark.usefixtures("plays")
async def test_the_same_words_and_seeds_have_the_same_answers_in_a_plain_terminal(tmp_path: Path) -> None:
    async with talking() as (app, pilot, panel):
        for seed, words in (("7", "the sea"), ("8", ""), ("9", " no\n")):
            panel.form.field("seed").value = seed
            await say(app, pilot, panel, words)
        dialogue = text(panel)
    target = tmp_path / "dialogue.txt"
    said = f"the sea\n\n no\n/save {target}\n"
    assert CliRunner().invoke(lstmterm, ["chat", "tiny", "--seed", "7"], input=said).exit_code == 0
    assert target.read_text().rstrip("\n") == dialogue.rstrip("\n")


@pytest.mark.usefixtures("plays")
async def test_another_answer_is_a_branch_and_undo_takes_turns_back() -> None:
    async with talking() as (app, pilot, panel):
        await say(app, pilot, panel, "the sea")
        first = text(panel)
        await pilot.press("ctrl+r")
        await wrote(app, pilot, panel)
        second = text(panel)
        assert first != second
        assert second.startswith("clerk\nthe sea\n\ngull\n")
        await pilot.press("alt+left")
        await until(pilot, lambda: text(panel) == first)
        for left in (second, first, "clerk\nthe sea\n\ngull\n", ""):
            await pilot.press("alt+z")
            await until(pilot, lambda left=left: text(panel) == left)
        while panel.pages[0].draft.tree.can_redo:
            await pilot.press("alt+y")
            await idle(pilot)
        assert text(panel) == first


@pytest.mark.usefixtures("plays")
async def test_words_after_an_answer_was_undone_stand_in_a_branch() -> None:
    async with talking() as (app, pilot, panel):
        await say(app, pilot, panel, "the sea")
        await pilot.press("alt+z")
        await until(pilot, lambda: text(panel) == "clerk\nthe sea\n\ngull\n")
        await say(app, pilot, panel, "")
        assert text(panel).count("gull\n") == 1, "the turn that was begun is used"
        await pilot.press("alt+z")
        await until(pilot, lambda: text(panel) == "clerk\nthe sea\n\ngull\n")
        await say(app, pilot, panel, "no")
        assert text(panel).startswith("clerk\nthe sea\n\nclerk\nno\n\ngull\n")


@pytest.mark.usefixtures("plays")
async def test_both_speak_on_until_they_are_stopped() -> None:
    async with talking() as (app, pilot, panel):
        await say(app, pilot, panel, "the sea")
        await pilot.press("alt+l")
        await until(pilot, lambda: text(panel).count("clerk\n") > 3)
        assert "Stop" in screen_text(app)
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        names = [line for line in text(panel).split("\n") if line in ("clerk", "gull")]
        assert names == (["clerk", "gull"] * len(names))[: len(names)], "each in turn"
        heard = text(panel)
        await idle(pilot)
        assert text(panel) == heard
        assert "Speak on" in screen_text(app)


async def test_they_end_by_themselves(plays: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstmterm.ui.generate.talk._OVERHEARD", 3)
    async with generating(size=(120, 36), model=None, seed="7") as (app, pilot, panel):
        await pilot.press("alt+l")  # begins to talk, too
        await until(pilot, lambda: text(panel).count("gull\n") + text(panel).count("clerk\n") == 3)
        await wrote(app, pilot, panel)
        assert panel.talking
        assert text(panel).startswith("clerk\n")
        assert text(panel).count("gull\n") + text(panel).count("clerk\n") == 3
        written = [s for s in panel.pages[0].draft.tree.stretches if s.origin.made == "written"]
        assert [s.origin.seed for s in written] == [7, 8, 9], "or both might say the same again and again"


@pytest.mark.usefixtures("plays")
async def test_leaving_changes_no_text_and_writes_on_as_before() -> None:
    async with talking() as (app, pilot, panel):
        await say(app, pilot, panel, "the sea")
        before = text(panel)
        await pilot.press("alt+k")
        await idle(pilot)
        assert text(panel) == before
        assert not app.query_one(TalkBar).display
        assert not app.query_one("#speaker").display
        assert "(empty: continue)" in screen_text(app)
        await say(app, pilot, panel, "xx")
        assert text(panel).startswith(before + "xx")
        assert len(text(panel)) == len(before) + 2 + 60


@pytest.mark.usefixtures("plays")
async def test_escape_stops_the_model_and_then_ends_the_talk() -> None:
    async with talking() as (app, pilot, panel):
        await until(pilot, lambda: "esc End talk" in screen_text(app))
        await pilot.press("alt+l")
        await until(pilot, lambda: text(panel).count("clerk\n") > 1)
        assert "esc Stop" in screen_text(app)
        await pilot.press("escape")
        await wrote(app, pilot, panel)
        assert panel.talking
        await until(pilot, lambda: "esc End talk" in screen_text(app))
        heard = text(panel)
        await pilot.press("escape")
        await until(pilot, lambda: not panel.talking)
        await until(pilot, lambda: "esc" not in screen_text(app).splitlines()[-1])
        assert text(panel) == heard
        assert not app.query_one(TalkBar).display


@pytest.mark.usefixtures("plays")
async def test_the_keys_of_the_settings_are_named() -> None:
    paths.settings().parent.mkdir(parents=True, exist_ok=True)
    paths.settings().write_text('[keys]\n"write.speak_on" = "alt+u"\n"write.end_talk" = "f11"\n')
    async with talking() as (app, pilot, panel):
        assert "alt+u lets both speak; F11 ends the talk." in screen_text(app)
        await pilot.press("f11")
        await until(pilot, lambda: not panel.talking)


@pytest.mark.usefixtures("plays")
async def test_speakers_are_chosen_and_change_places() -> None:
    async with talking((80, 24)) as (app, pilot, panel):
        await pilot.click("#talk-you")
        await until(pilot, lambda: isinstance(app.screen, SpeakerPicker))
        assert "gull" in screen_text(app)
        assert "9" in screen_text(app)
        await pilot.press(*"pir", "enter")
        await until(pilot, lambda: who(app) == ["clerk", "pirate"])
        await pilot.click("#talk-me")
        await until(pilot, lambda: isinstance(app.screen, SpeakerPicker))
        await pilot.press(*"PIRATE", "enter")
        await until(pilot, lambda: who(app) == ["pirate", "clerk"])
        assert not notices(app)
        await pilot.click("#talk-me")
        await until(pilot, lambda: isinstance(app.screen, SpeakerPicker))
        app.screen.query_one(Input).value = "ne[red]m\x1bo: x"
        await pilot.pause()
        assert "was not found" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: notices(app))
        assert "ne[red]m␛o: x is not one of the speakers" in notices(app)[0]
        await say(app, pilot, panel, "the sea")
        assert text(panel).startswith("ne[red]m\x1bo: x\nthe sea\n\nclerk\n")
        assert isinstance(app.focused, PromptArea)


@pytest.mark.usefixtures("plays")
async def test_a_talk_begins_with_the_speaker_of_the_last_prompt() -> None:
    async with generating(model=None) as (app, pilot, panel):
        await say(app, pilot, panel, "pirate")
        await pilot.press("alt+k")
        await until(pilot, lambda: panel.scene is not None)
        assert who(app) == ["clerk", "pirate"]
        panel.choose_speakers(you="gull")
        await say(app, pilot, panel, "ahoy")
        await pilot.press("alt+k", "alt+k")
        assert who(app) == ["clerk", "gull"], "the talk is continued"
        await pilot.press("alt+k")
        await say(app, pilot, panel, "\n\npirate\n")
        await pilot.press("alt+k")
        assert who(app) == ["gull", "pirate"]


async def test_a_model_without_speakers_can_be_given_a_pattern(plays: dict[str, Turns | None]) -> None:
    plays[""], plays["{name} x {text}\n"] = None, TALK
    async with generating(size=(80, 24), model=None) as (app, pilot, panel):
        await pilot.press("alt+k")
        await until(pilot, lambda: "No speakers were found" in missing(app))
        assert (
            missing(app)
            == "No speakers were found in what tiny writes. Press 'Turns' to say what a turn looks like."
        )
        await pilot.press("a", "enter")
        await pilot.pause()
        assert not notices(app), "one would cover the button that is needed"
        assert app.query_one("#talk-missing").region.bottom == app.query_one(TalkBar).region.y
        assert text(panel) == ""
        assert app.query_one(PromptArea).text == "a", "what was typed is still there"
        await pilot.click("#talk-turn")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press(*"{name}", "enter")
        assert isinstance(app.screen, Ask), "it is no pattern"
        app.screen.query_one("#answer", Input).value = r"{name} x {text}\n"
        await pilot.press("enter")
        await until(pilot, lambda: who(app) == ["bob", "ann"])
        assert not app.query_one("#talk-missing").display
        await say(app, pilot, panel, "the sea\nno")
        assert text(panel).startswith("bob x the sea no\nann x ")
        assert text(panel).count("\n") == 1


async def test_names_that_no_speaker_has_can_be_given_to_both(plays: dict[str, Turns | None]) -> None:
    plays[""] = Turns("{name} x {text}\n", {})
    async with talking((80, 24)) as (app, pilot, panel):
        await pilot.press("a", "enter")
        await until(pilot, lambda: "Choose who speaks" in screen_text(app))
        for part, name in (("me", "ann"), ("you", "bob")):
            await pilot.click(f"#talk-{part}")
            await until(pilot, lambda: isinstance(app.screen, SpeakerPicker))
            await pilot.press(*name, "enter")
            await until(pilot, lambda name=name: name in who(app))
        await say(app, pilot, panel, "the sea")
        assert text(panel).startswith("ann x the sea\nbob x ")


async def test_quoted_mail(plays: dict[str, Turns | None]) -> None:
    plays[""] = Turns("> {text}\n", {QUOTED: 3, PLAIN: 3})
    async with talking((80, 24)) as (app, pilot, panel):
        assert who(app) == [PLAIN, QUOTED]
        await say(app, pilot, panel, "> the sea")
        assert text(panel).startswith("the sea\n> ")
        assert text(panel).count("\n") == 1, "what is quoted is one line"


@pytest.mark.usefixtures("plays")
async def test_who_speaks_is_there_at_the_next_start() -> None:
    async with talking((80, 24)) as (_app, pilot, panel):
        assert panel.scene is not None
        panel.choose_speakers("nemo")
        await until(pilot, lambda: session.load().talk == {"on": "yes", "me": "nemo", "you": "gull"})
    again = make_app()
    async with again.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: again.query("#talk-me") and who(again) == ["nemo", "gull"])
        panel = again.query_one(GeneratePanel)
        await pilot.press("alt+k")
        await until(pilot, lambda: session.load().talk == {"me": "nemo", "you": "gull"})
        assert not panel.talking


@pytest.mark.usefixtures("plays")
async def test_a_pattern_of_a_session_that_is_none_is_left_out() -> None:
    session.save(Session("generate", talk={"on": "yes", "turn": "{text}"}))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.query("#talk-me") and chosen(app)[0])
        assert chosen(app) == ["clerk", "gull", "Turns"]


async def test_another_model_has_other_speakers(plays: dict[str, Turns | None]) -> None:
    keep_model("other")
    async with generating(size=(80, 24), model=None) as (app, pilot, panel):
        panel.open_model("tiny")
        await pilot.press("alt+k")
        await until(pilot, lambda: chosen(app)[0] == "clerk")
        plays[""] = Turns("{name}\n{text}\n\n", {"ann": 3, "gull": 2, "bob": 2})
        panel.open_model("other")
        await until(pilot, lambda: who(app) == ["ann", "gull"])
        assert not notices(app)


async def test_nobody_speaks_before_the_speakers_are_found(
    plays: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = threading.Event()

    def turns_of(*_: object, **__: object) -> Turns:
        may_end.wait(60)
        return PLAY

    monkeypatch.setattr(speakers, "turns_of", turns_of)
    async with generating(size=(80, 24), model=None) as (app, pilot, panel):
        await pilot.press("alt+k", "a", "enter")
        await until(pilot, lambda: "one moment" in missing(app))
        assert text(panel) == ""
        may_end.set()
        await until(pilot, lambda: panel.scene is not None)
        await pilot.press("enter")
        await wrote(app, pilot, panel)
        assert text(panel).startswith("clerk\na\n\ngull\n")


async def test_newer_weights_are_looked_at_until_somebody_speaks(plays: dict[str, Turns | None]) -> None:
    plays[""] = None
    session.save(Session("generate", models=("tiny",), talk={"on": "yes", "me": "pirate"}))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No speakers were found" in missing(app))
        panel = app.query_one(GeneratePanel)
        assert panel.talking
        keep_model(seed=2)
        panel.pages[0].read_model()
        await idle(pilot)
        assert "No speakers were found" in missing(app)
        plays[""] = PLAY
        keep_model(seed=3)
        panel.pages[0].read_model()
        await until(pilot, lambda: who(app) == ["pirate", "gull"])
        plays[""] = None
        keep_model(seed=4)
        panel.pages[0].read_model()
        await idle(pilot)
        assert who(app) == ["pirate", "gull"], "who speaks is found once"


@pytest.mark.usefixtures("plays")
async def test_a_model_that_cannot_be_read() -> None:
    keep_model("other")
    async with talking((80, 24)) as (app, pilot, panel):
        panel.open_model("other")
        await until(pilot, lambda: panel.pages[0].card and panel.pages[0].card.name == "other")
        library.find("tiny").path.write_bytes(b"damaged")
        panel.open_model("tiny")
        await idle(pilot)
        await pilot.press("a", "enter")
        await until(pilot, lambda: "still loading" in missing(app))
        keep_model(seed=2)
        panel.pages[0].read_model()
        await until(pilot, lambda: panel.scene is not None)


async def test_without_a_model_it_says_so() -> None:
    async with generating(size=(80, 24), model=None) as (app, pilot, panel):
        await pilot.press("alt+k", "a", "enter")
        await until(pilot, lambda: notices(app))
        assert "There is no model to write with yet." in notices(app)[-1]
        assert panel.scene is None


@pytest.mark.usefixtures("plays")
async def test_several_answers_and_two_models() -> None:
    keep_model("other", seed=2)
    async with talking() as (app, pilot, panel):
        app.query_one(PromptArea).text = "the sea"
        await pilot.press("alt+s")
        await until(pilot, lambda: isinstance(app.screen, SeveralDialog))
        await idle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, SeveralDialog))
        await idle(pilot)
        answer = text(panel).removeprefix("clerk\nthe sea\n\ngull\n")
        assert answer != text(panel)
        assert "\n\n" not in answer
        await pilot.press("ctrl+g")
        panel.open_model("other", 1)
        await idle(pilot)
        await say(app, pilot, panel, "no")
        assert "clerk\nno\n\ngull\n" in text(panel)
        assert text(panel, 1).startswith("clerk\nno\n\ngull\n")
        assert text(panel).rpartition("gull\n")[2] != text(panel, 1).rpartition("gull\n")[2]


@pytest.mark.usefixtures("plays")
async def test_it_is_in_the_palette_and_in_help() -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(app, pilot)
        found = {binding.binding.tooltip for binding in app.screen.active_bindings.values()}
        assert "Talk with the model, as one of the speakers of its text" in found
        assert "Let both speakers speak while you listen" in found


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize(
    "names", [("a", "b"), ("", ""), ("clerk of the harbour", "a"), ("the duke of everywhere", "nobody" * 5)]
)
async def test_the_names_fit_beside_the_buttons(
    plays: dict[str, Turns | None], names: tuple[str, str], width: int
) -> None:
    plays[""] = Turns("{name}\n{text}\n\n", {name: 3 for name in reversed(names) if name})
    async with talking((width, 24)) as (app, _pilot, _panel):
        bar = app.query_one(TalkBar)
        assert bar.query_one("#talk-on").region.right <= bar.region.right
        for name, pick in zip(names, who(app), strict=True):
            assert pick == name or (pick.endswith("…") and len(pick) > 7)
        assert pick_is_whole(app)


def pick_is_whole(app: LstmTerm) -> bool:
    return all(
        str(pick.render()) == f"{pick.chosen or 'choose…'} ▾" for pick in app.query_one(TalkBar).query(Pick)
    )


@pytest.mark.usefixtures("plays")
async def test_both_names_can_be_read_on_the_smallest_screen() -> None:
    async with talking((40, 10), seed="7") as (app, pilot, _):
        assert who(app) == ["clerk", "gull"]
        assert not app.query_one("#talk-turn").display
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.query_one("#talk-turn").display)
        assert who(app) == ["clerk", "gull"]


async def test_the_pattern_can_be_asked_for_where_no_names_have_room(plays: dict[str, Turns | None]) -> None:
    plays[""] = None
    async with generating(size=(80, 24), model=None) as (app, pilot, _):
        await pilot.press("alt+k")
        bar = app.query_one(TalkBar)
        await until(pilot, lambda: "No speakers were found" in missing(app))
        await pilot.press("ctrl+b")
        await until(pilot, lambda: not app.query_one("#talk-me").display)
        assert bar.query_one("#talk-on").region.right <= bar.region.right
        assert pick_is_whole_of(app, "#talk-turn")
        await pilot.press("escape")
        await until(pilot, lambda: bool(app.query_one("#talk-me").display))


def pick_is_whole_of(app: LstmTerm, name: str) -> bool:
    pick = app.query_one(name, Pick)
    return str(pick.render()) == f"{pick.chosen or 'Turns'} ▾"
