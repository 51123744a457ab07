"""What the Library says about a draft."""

import json
import os
from pathlib import Path

from lstmterm.drafts import file, store
from lstmterm.drafts.tree import Origin, Place
from lstmterm.ui.library.draft_item import DraftItem, draft_items
from tests.ui.journals import NOW

WRITTEN = Origin("written", "bard", "ab" * 32, 7, ("--seed", "5", "--top-k", "3"), 8, 1.25)


def keep_draft(name: str, age: float = 60.0) -> None:
    """A draft of three stretches in two branches, last written to `age` seconds before the clock."""
    with file.writing(store.path_of(name)) as draft:
        draft.add("The [red]sea[/]\n", Origin())
        draft.add("is\x1b calm", WRITTEN)
        draft.add("is wild and wide", WRITTEN, Place(1))
    os.utime(store.path_of(name), (NOW - age, NOW - age))


def test_a_draft_shows_its_text_its_branches_and_how_to_write_it_again() -> None:
    keep_draft("night", 7200)
    (item,) = draft_items()
    assert (item.kind, item.name, item.figures(NOW)) == ("draft", "night", "2 h ago")
    assert item.second_line == "32 chars, 2 branches  The [red]sea[/] is wild and wide"
    card = dict(item.card(NOW))
    assert (card["characters"], card["branches"], card["models"]) == ("32", "2", "bard")
    assert card["file"] == str(store.path_of("night"))
    sections = {title: [text.plain for text in texts] for title, texts in item.sections()}
    assert sections["How the text ends"] == ["The [red]sea[/]\nis wild and wide"]
    assert sections["Branches"] == [
        "The [red]sea[/]", "typed",
        "  is␛ calm", "  bard --seed 5 --top-k 3, 1.80 bits",
        "  is wild and wide", "  bard --seed 5 --top-k 3, 1.80 bits",
    ]  # fmt: skip
    (command,) = sections["To write its last stretch again"]
    assert "lstmterm generate bard --prompt" in command
    assert "--seed 5 --top-k 3" in command
    bold = [text.plain.strip() for text in dict(item.sections())["Branches"] if text.style == "bold"]
    assert bold == ["The [red]sea[/]", "is wild and wide"], "what the text has"


def test_a_draft_is_read_again_when_it_has_changed() -> None:
    keep_draft("night")
    (before,) = draft_items()
    assert draft_items()[0] is before
    with file.writing(store.path_of("night")) as draft:
        draft.add("!", Origin())
    assert draft_items()[0].draft.characters == before.draft.characters + 1


def test_a_damaged_draft_is_listed_with_its_reason() -> None:
    keep_draft("night")
    store.path_of("bad").write_text("[]\n")
    item = next(item for item in draft_items() if item.name == "bad")
    assert (item.sign[0], item.figures(NOW), item.second_line, item.sections()) == ("✗", "damaged", "", [])
    assert "not a JSON object" in dict(item.card(NOW))["problem"]


def test_files_with_names_that_no_draft_can_have_are_left_out() -> None:
    keep_draft("night")
    for name in (".hidden.jsonl", "a\x1b.jsonl", " a.jsonl"):
        (store.path_of("night").parent / name).write_text("x")
    assert [item.name for item in draft_items()] == ["night"]


def test_the_form_of_an_export_follows_from_its_file() -> None:
    keep_draft("night")
    item: DraftItem = draft_items()[0]
    assert item.exported(Path("a.txt")) == "The [red]sea[/]\nis wild and wide"
    assert item.exported(Path("a.md")).startswith("# night\n")
    assert len(json.loads(item.exported(Path("a.json")))["stretches"]) == 3
