"""The drafts folder, and drafts in other forms."""

import json
import os
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.drafts import export, file, store
from lstmterm.drafts.tree import Origin, Place, Tree
from lstmterm.errors import InputError, RunError

WRITTEN = Origin("written", "shake speare", "ab" * 32, 4, ("--seed", "5"), 8, 1.25)


def keep(name: str, text: str = "The sea", age: float = 0.0) -> None:
    with file.writing(store.path_of(name)) as draft:
        draft.add(text, Origin())
        draft.add(" is calm", WRITTEN)
    os.utime(store.path_of(name), (1_000_000 - age, 1_000_000 - age))


def test_drafts_are_listed_newest_first_with_damaged_ones() -> None:
    assert store.names() == []
    keep("one", age=5)
    keep("two")
    store.path_of("bad").write_text("[]\n")
    os.utime(store.path_of("bad"), (1, 1))
    assert store.names() == ["two", "one", "bad"]
    found = store.summary("one")
    assert (found.characters, found.stretches, found.beginning) == (15, 2, "The sea is calm")
    assert found.branches == 1
    assert "not a JSON object" in store.summary("bad").damaged


def test_new_names_are_free() -> None:
    assert store.new_name("a/b", 0.0) == "a-b-19700101-1"
    keep("a-b-19700101-1")
    assert store.new_name("a/b", 0.0) == "a-b-19700101-2"


def test_a_draft_is_renamed_and_removed_unless_it_is_open() -> None:
    keep("one")
    keep("two")
    with pytest.raises(InputError, match="There is a draft 'two' already"):
        store.rename("one", "two")
    store.rename("one", "three")
    assert sorted(store.names()) == ["three", "two"]
    with file.writing(store.path_of("two")):
        for change in (lambda: store.remove("two"), lambda: store.rename("two", "four")):
            with pytest.raises(RunError, match="'two' is open"):
                change()
    store.remove("two")
    assert store.names() == ["three"]
    with pytest.raises(InputError, match="Did you mean 'three'"):
        store.find("thre")
    with pytest.raises(paths.NameRejected):
        store.path_of("../x")


def test_branches_are_the_ways_in_which_a_draft_ends() -> None:
    keep("one")  # stretches 1 "The sea", 2 " is calm"
    with file.writing(store.path_of("one")) as draft:
        assert store.summary("one").branches == 1
        draft.add(" is wild", WRITTEN, Place(1))
        assert store.summary("one").branches == 2
        draft.add("n", Origin("edited"), Place(1, 3))
        assert store.summary("one").branches == 3
        draft.hide(2)
        assert store.summary("one").branches == 2


def test_stretches_are_found_by_their_text() -> None:
    keep("one", "The SEA\nat night")
    keep("two")
    store.path_of("bad").write_text("[]\n")

    def found(text: str) -> set[tuple[str, int, int, str]]:
        return {(hit.name, hit.stretch, hit.offset, hit.around) for hit in store.search(text)}

    assert found("sea") == {("one", 1, 4, "The SEA at night is calm"[:16]), ("two", 1, 4, "The sea")}
    assert found("sea at") == {("one", 1, 4, "The SEA at night")}, "a space is any white space"
    assert found("SEA is") == {("two", 2, -3, "The sea is calm")}, "over the end of a stretch"
    assert found("calm ") == {("one", 2, 4, "The SEA at night is calm"), ("two", 2, 4, "The sea is calm")}
    assert found(".") == found(" ") == found("") == set()


def test_a_text_is_found_in_every_branch_that_ends_it() -> None:
    keep("one", "Weißer St\u0130r in the seat")
    with file.writing(store.path_of("one")) as draft:
        draft.add("son", WRITTEN, Place(1, 22))  # after "the sea"
    (hit,) = store.search("the season")
    tree = file.read(store.path_of("one"))
    text = tree.text(Place(hit.stretch))
    start = len(text) - len(tree.stretches[hit.stretch].text) + hit.offset
    assert text[start:] == "the season"


@pytest.mark.parametrize("before", ["two\nlines", "-", "x" * 200])
def test_what_cannot_stand_in_a_command_is_piped_to_it(before: str) -> None:
    tree = Tree()
    tree.add(before, Origin())
    tree.add("!", Origin("written", model="bard", context=len(before)))
    assert export.command("one", tree, 2) == (
        "lstmterm drafts show one --before 2 | lstmterm generate bard --prompt - --length 1"
    )


def test_a_draft_in_other_forms() -> None:
    keep("one", "The ``` sea")
    tree = file.read(store.path_of("one"))
    assert export.exported("one", tree, "text") == "The ``` sea is calm"
    command = export.command("one", tree, 2)
    assert command == "lstmterm generate 'shake speare' --prompt ' sea' --length 8 --seed 5"
    assert export.command("one", tree, 1) is None
    assert export.context(tree, 2) == " sea"
    markdown = export.exported("one", tree, "markdown")
    assert "````text\nThe ``` sea is calm\n````" in markdown
    assert "characters 1 to 11: typed" in markdown
    assert command in markdown
    found = json.loads(export.exported("one", tree, "json"))
    assert found["text"] == "The ``` sea is calm"
    assert [s["made"] for s in found["stretches"]] == ["typed", "written"]
    assert found["stretches"][1]["command"] == command


@pytest.mark.parametrize(
    ("file", "form"),
    [("a.md", "markdown"), ("A.MD", "markdown"), ("a.json", "json"), ("a.txt", "text"), ("a", "text")],
)
def test_the_form_follows_from_the_suffix(file: str, form: str) -> None:
    assert export.form_of(Path(file)) == form
    assert export.form_of(None) == "text"


def test_hidden_stretches_are_not_exported() -> None:
    keep("one")
    with file.writing(store.path_of("one")) as draft:
        draft.add(" is wild", WRITTEN, Place(1))
        draft.hide(2)
    found = json.loads(export.exported("one", file.read(store.path_of("one")), "json"))
    assert [s["text"] for s in found["stretches"]] == ["The sea", " is wild"]
