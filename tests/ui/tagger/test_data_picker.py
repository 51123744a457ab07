"""Choosing tagged data."""

from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import OptionList

from lstmterm import paths
from lstmterm.ui.tagger.data_picker import DataPicker, name_of
from tests.tagging.treebank.fetched import fetched
from tests.ui.conftest import until


def rows(pilot: Pilot[None]) -> str:
    """All rows of the list."""
    options = next(iter(pilot.app.screen.query("#choices").results(OptionList)), OptionList())
    return "\n".join(str(options.get_option_at_index(i).prompt) for i in range(options.option_count))


async def test_built_in_data_the_users_own_and_ciphers_are_listed(tmp_path: Path) -> None:
    paths.corpora().mkdir(parents=True)
    own = paths.corpora() / "mine.conllu"
    own.write_text("1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n\n")
    (paths.corpora() / "novel.txt").write_text("not tagged")
    fetched("ud-made", {"xx_made-ud-train.conllu": 2, "xx_made-ud-dev.conllu": 1})
    app = App[None]()
    chosen: list[str | None] = []
    async with app.run_test() as pilot:
        app.push_screen(DataPicker("", str(tmp_path)), chosen.append)
        await until(pilot, lambda: "rot13" in rows(pilot))
        listed = rows(pilot)
        assert "harbour-tags" in listed
        assert "mine.conllu" in listed
        assert "with its own parts for validation and test" in listed
        assert "xx_made-ud-dev.conllu" in listed
        assert "novel" not in listed
        await pilot.press(*"mine")
        await until(pilot, lambda: "rot13" not in rows(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: bool(chosen))
        assert chosen == [str(own)]


@pytest.mark.parametrize(("typed", "chosen"), [("caesar:7", "caesar:7"), ("caesar:x", None)])
async def test_a_cipher_can_be_typed(tmp_path: Path, typed: str, chosen: str | None) -> None:
    app = App[None]()
    results: list[str | None] = []
    async with app.run_test() as pilot:
        app.push_screen(DataPicker("", str(tmp_path)), results.append)
        await until(pilot, lambda: "rot13" in rows(pilot))
        await pilot.press(*typed)
        await until(pilot, lambda: ("this cipher" if chosen else "not a cipher yet") in rows(pilot))
        await pilot.press("enter", "escape")
        await until(pilot, lambda: bool(results))
        assert results == [chosen]


def test_the_short_name_of_a_source() -> None:
    assert [name_of(s) for s in ("/a/b/gold.csv", "harbour", "caesar:3")] == [
        "gold.csv",
        "harbour",
        "caesar:3",
    ]
