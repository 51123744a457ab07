"""JSON from disk: an object of known types, or a sentence about what is damaged."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm import plain_data
from lstmterm.errors import error_of
from lstmterm.plain_data import Damaged, restored

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)


@dataclass(frozen=True)
class Thing:
    """Something with a field of every kind."""

    name: str
    size: int
    share: float
    here: bool = True
    level: Literal["word", "char"] = "word"
    limit: int | None = None
    parts: tuple[str, ...] = ()
    pairs: tuple[tuple[int, ...], ...] = ()
    figures: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("has a size below zero")


WHOLE: dict[str, Any] = {
    "name": "a", "size": 3, "share": 1, "here": False, "level": "char", "limit": 4, "parts": ["b"],
    "pairs": [[1, 2], []], "figures": {"x": 2},
}  # fmt: skip


def test_values_of_the_right_types_come_back() -> None:
    thing = restored(Thing, WHOLE | {"newer": 1})
    assert thing == Thing("a", 3, 1.0, False, "char", 4, ("b",), ((1, 2), ()), {"x": 2.0})
    assert restored(Thing, {"name": "a", "size": 0, "share": 0.5}) == Thing("a", 0, 0.5)
    assert math.isnan(restored(Thing, WHOLE | {"share": None}, null_is_nan=True).share)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("name", 3, "has 3 where 'name' should be text"),
        ("name", None, "has null where 'name' should be text"),
        ("size", 3.0, "should be a whole number"),
        ("size", True, "should be a whole number"),
        ("size", -1, "has a size below zero"),
        ("share", "1", "should be a number"),
        ("share", None, "should be a number"),
        ("here", 1, "should be true or false"),
        ("level", ["word"], "should be 'word' or 'char'"),
        ("limit", "4", "should be a whole number"),
        ("parts", "b", "should be a list"),
        ("parts", [1], "has 1 where a value in 'parts' should be text"),
        ("pairs", [["1"]], "should be a whole number"),
        ("figures", [1], r"has \[1\] where 'figures' should be an object"),
        ("figures", {"x": "y" * 1000}, "should be a number"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: object, reason: str) -> None:
    with pytest.raises(Damaged, match=reason) as refused:
        restored(Thing, WHOLE | {name: value})
    assert len(str(refused.value)) < 120
    with pytest.raises(Damaged, match="has no 'size'"):
        restored(Thing, {"name": "a", "share": 1})
    with pytest.raises(Damaged, match=r"is .* and not an object"):
        restored(Thing, [WHOLE])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a JSON object"),
        ("3", "is not a JSON object"),
        ("{" * 100_000, "is not a JSON object"),
        ('{"a":' * 100_000, "is nested too deeply"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"a":' * 30 + "1" + "}" * 30, "is nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "has a number of 5,000 digits"),
        ('{"a": NaN}', "not finite"),
        ('{"a": -Infinity}', "not finite"),
        ('{"a": 1e400}', "not finite"),
        (b'{"a": "\xff"}', "is not UTF-8"),
    ],
)
def test_what_is_no_plain_object_is_refused(text: str | bytes, reason: str) -> None:
    with pytest.raises(Damaged, match=reason):
        plain_data.parsed(text)


def test_a_file_is_read_if_it_is_one_and_not_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(FileNotFoundError):
        plain_data.read(path)
    path.write_text(json.dumps(WHOLE))
    assert plain_data.read(path) == WHOLE
    path.write_text("[]")
    with pytest.raises(Damaged, match=r"^a\.json is not a JSON object$"):
        plain_data.read(path)
    os.truncate(path, plain_data.LARGEST + 1)
    with pytest.raises(Damaged, match=r"^a\.json has 16,000,001 bytes, more than 16,000,000$"):
        plain_data.read(path)
    with pytest.raises(Damaged, match="is not a file"):
        plain_data.read(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Damaged, match="pipe is not a file"):
        plain_data.read(tmp_path / "pipe")


@given(JSON)
def test_any_json_is_an_object_or_refused(value: Any) -> None:
    text = json.dumps(value)
    refused = error_of(plain_data.parsed, text)
    assert len(refused) < 200
    assert refused or plain_data.parsed(text) == value


@given(JSON | st.fixed_dictionaries(dict.fromkeys(WHOLE, JSON)))
def test_any_json_is_a_thing_or_refused(value: Any) -> None:
    refused = error_of(restored, Thing, value)
    assert len(refused) < 200
    assert refused or isinstance(restored(Thing, value), Thing)


def test_a_file_that_cannot_be_opened_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.symlink_to(path)
    with pytest.raises(Damaged, match=r"a\.json cannot be read \(Too many levels of symbolic links\)"):
        plain_data.read(path)
