"""Appending lines: what cannot be written waits, and nothing is lost without a count."""

from pathlib import Path

import pytest

from lstmterm import atomic
from lstmterm.lines import Appending, complete_lines
from tests.drafts.test_file import refused


def write(
    path: Path, monkeypatch: pytest.MonkeyPatch, count: int, most: int | None
) -> tuple[list[bytes], int]:
    """Append `count` lines to a full disk and one when there is room again; what is there, and how many are lost."""
    with Appending(path, most) as lines:
        with monkeypatch.context() as full:
            full.setattr(atomic._File, "write", refused)
            for number in range(count):
                lines.append(str(number))
            assert lines.is_behind
            assert lines.taken_losses() == 0, "they are counted when all others are written"
        lines.append("last")
        assert not lines.is_behind
        lost = lines.taken_losses()
        assert lines.taken_losses() == 0
    return list(complete_lines(path)), lost


def test_all_lines_wait_for_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, lost = write(tmp_path / "a", monkeypatch, 20_000, None)
    assert lost == 0
    assert found == [b"%d\n" % number for number in range(20_000)] + [b"last\n"]


def test_the_newest_lines_wait_where_there_is_a_limit_and_the_others_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, lost = write(tmp_path / "a", monkeypatch, 5, 3)
    assert (found, lost) == ([b"3\n", b"4\n", b"last\n"], 3)


def test_a_torn_line_is_removed_by_the_next_writer(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one\n" + b"x" * 200_000)
    assert list(complete_lines(path)) == [b"one\n"]
    with Appending(path) as lines:
        lines.append("two")
    assert path.read_bytes() == b"one\ntwo\n"
