"""Plain data from disk, read without trust: a JSON object of known types, or what is damaged.

Runs, journals, models, measurements, caches and records of texts are read back here. A file may have
been cut, changed, or written by anyone, so its size, its nesting, its numbers and its types are
checked before anything else sees it.
"""

import contextlib
import dataclasses
import json
import math
import reprlib
import stat
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

LARGEST = 16_000_000  # bytes
_DEEPEST = 20  # objects and lists inside each other
_LONGEST_SHOWN = 60  # characters of a value in a sentence
_LONGEST_NUMBER = 20  # digits of a whole number, with its sign

T = TypeVar("T")


class Damaged(ValueError):
    """What is wrong with stored data, as the end of a sentence: "spec.json is not a JSON object"."""

    exit_code = 1


class _Wrong(Exception):
    """A value of another type than the one wanted."""

    def __init__(self, value: object, wanted: str) -> None:
        super().__init__(value, wanted)
        self.value, self.wanted = value, wanted


def content(path: Path, largest: int = LARGEST) -> bytes:
    """The bytes of a file. Raises `FileNotFoundError`, and `Damaged` for anything but a file of at most `largest`."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device would not end
            raise Damaged(f"{path.name} is not a file")
        if status.st_size > largest:
            raise Damaged(f"{path.name} has {status.st_size:,} bytes, more than {largest:,}")
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Damaged(f"{path.name} cannot be read ({error.strerror})") from None


def read(path: Path, largest: int = LARGEST) -> dict[str, Any]:
    """The JSON object in a file. Raises as `content`, and `Damaged` for anything else."""
    data = content(path, largest)
    with naming(path):
        return parsed(data)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put the file's name before what is damaged in the block."""
    try:
        yield
    except Damaged as error:
        raise Damaged(f"{path.name} {error}") from None


def parsed(text: str | bytes) -> dict[str, Any]:
    """The JSON object in a text.

    Its numbers are finite, its whole numbers have at most 20 digits, and it is not nested deeply. Raises
    `Damaged`.
    """
    try:
        value = _DECODER.decode(text if isinstance(text, str) else text.decode("utf-8"))
    except Damaged:
        raise
    except UnicodeDecodeError:
        raise Damaged("is not UTF-8") from None
    except RecursionError:
        raise Damaged("is nested too deeply") from None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Damaged("is not a JSON object")
    if is_deep(value):
        raise Damaged("is nested too deeply")
    return value


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise Damaged(f"has a number of {len(digits):,} digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Damaged("has a number that is not finite")
    return number


_DECODER = json.JSONDecoder(parse_int=_whole, parse_float=_finite, parse_constant=_finite)


def is_deep(value: Any, levels: int = _DEEPEST) -> bool:
    """Whether an object or a list is nested more deeply than anything that lstmterm writes."""
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(is_deep(v, levels - 1) for v in inside if isinstance(v, dict | list))


def restored(cls: type[T], values: object, *, null_is_nan: bool = False) -> T:
    """The dataclass with these values for its fields, each checked by the field's type.

    Fields may be strings, numbers, truths, literals, tuples and mappings of those, and optional. Unknown
    values are ignored. With `null_is_nan` a missing number is nan. Raises `Damaged` for a value of another
    type, for one that is missing, and for what the class itself refuses.
    """
    found = given(cls, values, null_is_nan=null_is_nan)
    for name, (_, required) in _fields(cls, null_is_nan).items():
        if required and name not in found:
            raise Damaged(f"has no {name!r}")
    try:
        return cls(**found)
    except ValueError as error:
        raise Damaged(str(error)) from None


def given(cls: type, values: object, *, of: str = "", null_is_nan: bool = False) -> dict[str, Any]:
    """Those fields of a dataclass that have a value, each checked as `restored` does.

    `of` is the name of the values, where they are a part of the data.
    """
    if not isinstance(values, dict):
        raise Damaged(
            instead(values, repr(of), "an object") if of else f"is {_as_json(values)} and not an object"
        )
    found: dict[str, Any] = {}
    for name, (converted, _) in _fields(cls, null_is_nan).items():
        if name in values:
            try:
                found[name] = converted(values[name])
            except _Wrong as wrong:
                subject = f"{name!r} of {of!r}" if of else repr(name)
                subject = f"a value in {subject}" if wrong.value is not values[name] else subject
                raise Damaged(instead(wrong.value, subject, wrong.wanted)) from None
    return found


def instead(value: object, subject: str, wanted: str) -> str:
    """The end of a sentence about a wrong value: "has 'x' where 'steps' should be a whole number"."""
    return f"has {_as_json(value)} where {subject} should be {wanted}"


def _as_json(value: object) -> str:
    constants = {None: "null", True: "true", False: "false"}
    return constants[value] if value is None or isinstance(value, bool) else shown(value)


@cache
def _fields(cls: type, null_is_nan: bool) -> dict[str, tuple[Callable[[Any], Any], bool]]:
    """By name: what makes the value of a field, and whether it must be there."""
    hints = typing.get_type_hints(cls)
    missing = dataclasses.MISSING
    return {
        f.name: (
            _converter(hints[f.name], null_is_nan),
            f.default is missing and f.default_factory is missing,
        )
        for f in dataclasses.fields(cls)
    }


def _converter(hint: Any, null_is_nan: bool) -> Callable[[Any], Any]:
    """A function from a JSON value to one of this type, which raises `_Wrong`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        (other,) = (argument for argument in arguments if argument is not types.NoneType)
        convert = _converter(other, null_is_nan)
        return lambda value: None if value is None else convert(value)
    if origin is typing.Literal:
        return lambda value: (
            value if value in arguments else _refuse(value, " or ".join(map(repr, arguments)))
        )
    if origin is tuple:
        convert = _converter(arguments[0], null_is_nan)
        return lambda value: (
            tuple(map(convert, value)) if isinstance(value, list) else _refuse(value, "a list")
        )
    if origin in (dict, Mapping):
        convert = _converter(arguments[1], null_is_nan)
        return lambda value: (
            {name: convert(v) for name, v in value.items()}
            if isinstance(value, dict)
            else _refuse(value, "an object")
        )
    if hint is float:

        def number(value: Any) -> float:
            if type(value) in (int, float):
                with contextlib.suppress(OverflowError):
                    return float(value)
            return math.nan if value is None and null_is_nan else _refuse(value, "a number")

        return number
    return lambda value: value if type(value) is hint else _refuse(value, NOUNS[hint])


NOUNS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    dict: "an object",
}  # of types in a sentence


def _refuse(value: Any, wanted: str) -> typing.NoReturn:
    raise _Wrong(value, wanted)


def shown(value: object) -> str:
    """A value from outside in a sentence: shortened, as Python writes it."""
    text = reprlib.repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "\u2026"
