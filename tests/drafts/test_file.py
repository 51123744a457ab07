"""A draft on disk: the same tree after reading, whatever was done, and wherever the writer was killed."""

import contextlib
import errno
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmterm import atomic
from lstmterm.drafts.file import DraftFile, read, writing
from lstmterm.drafts.tree import Origin, Place, Tree
from lstmterm.errors import RunError

WRITTEN = Origin("written", "shakespeare", "ab" * 32, 120, ("--seed", "5"), None, 1.25)


def seen(tree: Tree) -> Any:
    """All that a tree is."""
    stretches = [(s.number, s.parent, s.origin, s.text, s.children) for s in tree.stretches]
    return stretches, tree.place, tree.hidden, tree.can_undo, tree.can_redo, [*tree._seen]


def write(draft: DraftFile, data: Any) -> None:
    """Any change."""
    tree = draft.tree
    stretch = data.draw(st.integers(0, len(tree.stretches) - 1))
    offset = data.draw(st.none() | st.integers(0, len(tree.stretches[stretch].text)))
    joined = data.draw(st.booleans())
    match data.draw(st.sampled_from(["add", "grow", "finish", "go", "hide", "undo", "redo"])):
        case "add":
            text = data.draw(st.text(st.characters(exclude_categories=[]), max_size=5))
            draft.add(
                text, data.draw(st.sampled_from([Origin(), WRITTEN])), Place(stretch, offset), joined=joined
            )
        case "grow" if len(tree.stretches) > 1:
            draft.grow(data.draw(st.text(max_size=5)))
        case "finish" if len(tree.stretches) > 1:
            draft.finish(WRITTEN)
        case "go":
            draft.go(Place(stretch, offset), joined=joined)
        case "hide" if stretch:
            draft.hide(stretch, joined=joined)
        case "undo":
            draft.undo()
        case "redo":
            draft.redo()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_reading_gives_the_same_tree_also_after_any_crash(data: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.jsonl"
        trees, sizes = [], []
        with writing(path) as draft:
            for _ in range(data.draw(st.integers(0, 12))):
                trees.append(seen(read(path)))
                sizes.append(path.stat().st_size)
                write(draft, data)
            assert seen(read(path)) == seen(draft.tree)
            trees.append(seen(draft.tree))
            sizes.append(path.stat().st_size)
        whole = path.read_bytes()
        cut = data.draw(st.integers(sizes[0], len(whole)))
        path.write_bytes(whole[:cut])
        kept = max(i for i, size in enumerate(sizes) if size <= cut)
        with writing(path) as draft:
            assert seen(draft.tree) == trees[kept]
        assert path.stat().st_size == sizes[kept]


def test_a_crash_at_any_byte_loses_the_last_change_at_most(tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.jsonl", tmp_path / "d.jsonl"
    history = []  # the size of the file and the tree after each change
    with writing(whole) as draft:
        draft.add("The sea\n", Origin())
        history.append((whole.stat().st_size, seen(read(whole))))
        draft.add(" iś", WRITTEN)
        history.append((whole.stat().st_size, seen(read(whole))))
        for change in (
            lambda: draft.grow(" calm"),
            lambda: draft.finish(WRITTEN),
            lambda: draft.go(Place(1)),
            lambda: draft.add(" is wild", WRITTEN),
            lambda: draft.add("n", Origin("edited"), Place(1, 3)),
            lambda: draft.hide(2),
            draft.undo,
            draft.undo,
            draft.redo,
        ):
            change()
            history.append((whole.stat().st_size, seen(read(whole))))
    content = whole.read_bytes()
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        kept = [tree for size, tree in history if size <= cut]
        found = seen(read(path))
        assert found == (kept[-1] if kept else seen(Tree())), cut
        with writing(path) as draft:  # and one goes on from there
            assert seen(draft.tree) == found
            draft.add("!", Origin())
            expected = seen(draft.tree)
        assert seen(read(path)) == expected


def test_what_a_full_disk_does_not_take_waits_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "d.jsonl"
    with closing_fails(), writing(path) as draft:
        draft.add("The sea", Origin())
        with monkeypatch.context() as full:
            full.setattr(atomic._File, "write", refused)
            for _ in range(12_000):
                draft.add(".", Origin())
        draft.add("!", Origin())
        assert seen(read(path)) == seen(draft.tree), "all of it once there is room"
        monkeypatch.setattr(atomic._File, "write", refused)
        draft.add("?", Origin())


@contextlib.contextmanager
def closing_fails() -> Iterator[None]:
    """What is in the block ends with the news that something could not be written."""
    with pytest.raises(atomic.WriteError, match="Free some space"):
        yield


def refused(file: atomic._File, data: object) -> int:
    """What writing to a full disk does."""
    with file._explaining():
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_draft_is_opened_once(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    with writing(path) as draft:
        draft.add("The sea", Origin())
        with pytest.raises(RunError, match="'d' is open elsewhere"), writing(path):
            pass
        assert read(path).text() == "The sea"
    with writing(path) as draft:
        draft.add(" is calm", Origin())
    assert read(path).text() == "The sea is calm"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([""], "not a JSON object"),
        (['{"event": "step"}'], "is not a draft"),
        (['{"lstmterm": "draft", "format": 7}'], "format 7; this version reads 1"),
        (["[" * 9999], "nested too deeply"),
        ([None, '{"add": "x"}'], "line 2: it is not a change"),
        ([None, '{"add": "x", "at": [0, 1], "origin": {}}'], "line 2: it stretch 0 has no character 1"),
        ([None, '{"add": "x", "at": [true, 0], "origin": {}}'], "names no place"),
        ([None, '{"add": "x", "at": [0, 0], "origin": {"made": "stolen"}}'], "made"),
        ([None, '{"go": [5, null]}'], "there is no stretch 5"),
        ([None, '{"hide": 0}'], "is not a change"),
        ([None, '{"hide": true}'], "is not a change"),
        ([None, "\xff"], "line 2"),
    ],
)
def test_a_damaged_file_is_said(tmp_path: Path, lines: list[str | None], said: str) -> None:
    path = tmp_path / "d.jsonl"
    header = json.dumps({"lstmterm": "draft", "format": 1})
    path.write_bytes("".join(f"{header if line is None else line}\n" for line in lines).encode("latin-1"))
    before = path.read_bytes()
    with pytest.raises(RunError, match=r"d\.jsonl") as raised:
        read(path)
    assert said in str(raised.value)
    with pytest.raises(RunError), writing(path):
        pass
    assert path.read_bytes() == before
