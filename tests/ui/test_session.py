"""The last session: kept as it changes, restored at the next start, and refused when it is not one."""

import pytest

from lstmterm import paths
from lstmterm.drafts import file, store
from lstmterm.drafts.tree import Origin
from lstmterm.errors import RunError
from lstmterm.ui import session
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate.held_unit import HeldUnit
from lstmterm.ui.generate.held_units import HeldUnits
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.session import Session
from tests.ui.conftest import idle, keep_model, make_app, until
from tests.ui.library.test_draft_item import keep_draft
from tests.ui.textual_private import notices

LAST = Session(
    "generate",
    True,
    ("bard", "poet"),
    ("night", ""),
    {"temperature": "0.3", "seed": "7"},
    ("The\n", "\udcff"),
    "typed\n",
    (("0:3=2.5 quotes", "-0:1=1.0"), ()),
)


def test_a_session_is_saved_and_loaded() -> None:
    assert session.load() == Session()
    session.save(LAST)
    assert session.load() == LAST
    assert paths.session().stat().st_mode & 0o077 == 0


def test_the_newest_prompts_are_kept() -> None:
    session.save(Session(prompts=tuple(map(str, range(1_000)))))
    assert session.load().prompts[0] == "800"
    session.save(Session(prompts=("a", "x" * 150_000, "y" * 150_000)))
    assert session.load().prompts == ("y" * 150_000,)
    session.save(Session(prompts=("x" * 5_000_000,)))
    assert session.load().prompts == ()


def test_an_unsent_prompt_of_a_million_characters_is_kept_and_a_book_is_not() -> None:
    session.save(Session(unsent="\u2028" * 1_000_000))
    assert len(session.load().unsent) == 1_000_000
    session.save(Session(unsent="x" * 1_000_001))
    assert session.load().unsent == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"lstmterm": "draft", "format": 1}',
        b'{"lstmterm": "session", "format": 9}',
        b'{"lstmterm": "session", "format": 1, "tab": 3}',
        b'{"lstmterm": "session", "format": 1, "settings": {"temperature": 1}}',
        b'{"lstmterm": "session", "format": 1, "drafts": "night"}',
        b"x" * 3_000_000,
    ],
)
async def test_what_is_no_session_is_said_once_and_written_anew(content: bytes) -> None:
    keep_model("bard")
    paths.session().parent.mkdir(parents=True, exist_ok=True)
    paths.session().write_bytes(content)
    with pytest.raises(RunError, match=r"The last session cannot be restored: session\.json"):
        session.load()
    if len(content) > 40:
        return
    app = make_app()
    async with app.run_test() as pilot:
        await until(pilot, lambda: notices(app))
        assert ["The last session cannot be restored" in notice for notice in notices(app)] == [True]
        await pilot.press("f6")
        await until(pilot, lambda: paths.session().read_bytes() != content)
    assert session.load().tab == "library"


async def generate(app: LstmTerm, pilot) -> GeneratePanel:
    await until(pilot, lambda: app.query("#generate"))
    await idle(pilot)
    return app.query_one(GeneratePanel)


async def test_model_draft_settings_prompts_and_tab_are_there_at_the_next_start() -> None:
    for name in ("bard", "poet", "zeno"):
        keep_model(name)
    keep_draft("night")
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f3")
        panel = await generate(app, pilot)
        panel.open_model("bard")
        panel.open_draft("night")
        panel.form.field("temperature").value = "0.3"
        panel.form.field("length").value = "5"
        await pilot.press("ctrl+g")
        panel.open_model("poet", 1)
        await idle(pilot)
        await pilot.press(*"The end", "enter")
        await until(pilot, lambda: not panel.busy and len(panel.pages[0].text.text) > 40)
        await until(pilot, lambda: "The end" in session.load().prompts)  # while the screen is open
        await idle(pilot)
        text, second = panel.pages[0].text.text, panel.pages[1].draft.name
        assert second
        await until(pilot, lambda: session.load().drafts == ("night", second))
    again = make_app()
    async with again.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: again.query_one("#panels").current == "generate")  # type: ignore[attr-defined]
        panel = await generate(again, pilot)
        assert [page.model for page in panel.pages] == ["bard", "poet"]
        assert [page.draft.name for page in panel.pages] == ["night", second]
        assert panel.pages[0].text.text == text
        assert panel.comparing
        assert panel.form.field("temperature").value == "0.3"
        assert panel.query_one(PromptArea).prompts == ["The end"]
        assert notices(again) == []


async def test_an_unsent_prompt_and_held_units_are_there_at_the_next_start() -> None:
    for name in ("bard", "poet"):
        keep_model(name)
    app = make_app()
    units = [HeldUnit(0, 3, 2.5, "quotes"), HeldUnit(0, 1, on=False)], [HeldUnit(0, 5, -1.0)]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f3")
        panel = await generate(app, pilot)
        await pilot.press("ctrl+g")
        for number, of_page in enumerate(units):
            for unit in of_page:
                panel.query_one(HeldUnits).add(number, unit)
        await pilot.press(*"To b", "ctrl+j", "e")
        await until(pilot, lambda: session.load().unsent == "To b\ne")  # while the screen is open
        panel.query_one(PromptArea).prompts.append("before")
        await pilot.press("up", "up")
        assert panel.query_one(PromptArea).text == "before"
        await until(pilot, lambda: session.load().prompts == ("before",))
        assert session.load().unsent == "To b\ne", "an earlier prompt is only looked at"
    again = make_app()
    async with again.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: again.query_one("#panels").current == "generate")  # type: ignore[attr-defined]
        panel = await generate(again, pilot)
        area = panel.query_one(PromptArea)
        assert (area.text, area.cursor_location) == ("To b\ne", (1, 1))
        assert [list(panel.query_one(HeldUnits).of(number)) for number in (0, 1)] == [*units]
        assert [page.writer.held for page in panel.pages] == [{(0, 3): 2.5}, {(0, 5): -1.0}]
        assert notices(again) == []


async def test_what_cannot_be_restored_is_said_and_the_rest_is() -> None:
    keep_model("poet")
    session.save(LAST)
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await generate(app, pilot)
        assert any("'bard'" in notice for notice in notices(app))
        assert any("There is no draft 'night'" in notice for notice in notices(app))
        assert panel.pages[0].model == "poet", "the newest"
        assert panel.form.field("seed").value == "7"
    assert store.names() == [], "none was begun instead"


async def test_a_draft_that_another_screen_has_open_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_model("bard")
    keep_draft("night")
    monkeypatch.setattr(file, "PATIENCE", 0.01)
    session.save(Session("generate", models=("bard",), drafts=("night",)))
    app = make_app()
    with file.writing(store.path_of("night")) as draft:
        draft.add("!", Origin())
        async with app.run_test(size=(120, 40)) as pilot:
            panel = await generate(app, pilot)
            assert ["open elsewhere" in notice for notice in notices(app)] == [True]
            assert panel.pages[0].draft.name == ""


async def test_wrong_settings_are_not_restored() -> None:
    keep_model("bard")
    session.save(Session("generate", settings={"temperature": "hot", "top_k": "4", "nothing": "1"}))
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await generate(app, pilot)
        assert panel.form.field("temperature").value == "0.8"
        assert panel.form.field("top_k").value == "4"


async def test_a_session_that_cannot_be_written_is_said_once() -> None:
    paths.session().mkdir(parents=True)
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("f6")
        await idle(pilot)
        await pilot.press("f2")
        await idle(pilot)
        assert len(notices(app)) == 1
