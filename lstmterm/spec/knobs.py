"""Hyperparameters, declared once: name, type, bounds, default and help.

The same declaration makes a dataclass field, an option of a command and a field of a form, checks
a value, reads a typed one, and prints one as an option.
"""

import contextlib
import dataclasses
import math
import re
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from lstmterm.errors import InputError, did_you_mean


def knob(
    default: Any,
    sentence: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    option: str | None = None,
    label: str | None = None,
    step: float = 1,
    beside: str | None = None,
) -> Any:
    """A field that the user can set: its help, its bounds (inclusive), the name of its option.

    A form shows it as `label` (default: the field's name) and changes it by `step` with a key. With `beside`
    it stands in the row of the setting before it, after this text.
    """
    declared = {
        "option": option,
        "low": low,
        "high": high,
        "sentence": sentence,
        "label": label,
        "step": step,
        "beside": beside,
    }
    return dataclasses.field(default=default, metadata=declared)


@dataclass(frozen=True)
class Knob:
    """A hyperparameter as the command line and the screen see it."""

    name: str  # the field
    option: str  # its option's name, without dashes
    type: type  # int, float, str or bool
    choices: tuple[str, ...]  # the allowed values; empty for all of the type
    optional: bool  # None is allowed
    low: float
    high: float
    default: Any
    sentence: str
    label: str  # what a form calls it
    step: float  # how far a key changes it
    several: bool = False  # a tuple of such values
    beside: str | None = (
        None  # what a form writes between it and the one before; None: it has a row of its own
    )


def knobs(part: type["Part"]) -> Iterator[Knob]:
    """The hyperparameters of a part of a spec, in order."""
    hints = typing.get_type_hints(part)
    for f in dataclasses.fields(part):  # pyright: ignore[reportArgumentType] - every part is a dataclass
        if "sentence" not in f.metadata:
            continue
        kind, choices, optional, several = _take_apart(hints[f.name])
        label = f.metadata["label"] or f.name.capitalize().replace("_", "-")
        if len(label) > part.longest_label and f.metadata["beside"] is None:
            raise TypeError(
                f"The label {label!r} of {part.__name__}.{f.name} has more than {part.longest_label} characters, "
                "which a form has no room for; give knob() a shorter `label`."
            )
        default = None if f.default is dataclasses.MISSING else f.default
        named = {"option": f.metadata["option"] or f.name.replace("_", "-"), "label": label}
        taken = {"type": kind, "choices": choices, "optional": optional, "several": several}
        yield Knob(f.name, **taken, default=default, **{**f.metadata, **named})


def _take_apart(hint: Any) -> tuple[type, tuple[str, ...], bool, bool]:
    optional = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        (hint,) = (h for h in typing.get_args(hint) if h is not type(None))
        optional = True
    if typing.get_origin(hint) is Literal:
        return str, typing.get_args(hint), optional, False
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], (), optional, True
    return hint, (), optional, False


class Part:
    """A frozen dataclass of hyperparameters that checks itself when built."""

    longest_label: ClassVar[float] = math.inf  # characters that a form has room for

    def __post_init__(self) -> None:
        for k in knobs(type(self)):
            check(k, getattr(self, k.name))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Make a part of the values of its fields; unknown fields are ignored."""
        known = {f.name for f in dataclasses.fields(cls)}  # pyright: ignore[reportArgumentType]
        return cls(**{name: value for name, value in values.items() if name in known})


def check(k: Knob, value: Any) -> None:
    """Raise `InputError` unless `value` is allowed."""
    if k.several and isinstance(value, tuple):
        for each in value:
            check(dataclasses.replace(k, several=False), each)
        return
    if value is None:
        if not k.optional:
            raise InputError(f"--{k.option} needs a value.")
        return
    if k.type is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    else:
        fits = type(value) is k.type and not k.several
    if k.choices:
        required = "" if value in k.choices else f"one of {', '.join(k.choices)}"
    elif not fits:
        required = _NOUNS[k.type]
    elif k.type in (int, float) and value < k.low:
        required = f"at least {number_text(k.low)}"
    elif k.type in (int, float) and value > k.high:
        required = f"at most {number_text(k.high)}"
    else:
        return
    if required:
        raise InputError(f"--{k.option} must be {required} (got {_shown(value)}).")


_NOUNS = {int: "a whole number", float: "a finite number", str: "a text", bool: "yes or no"}
GROUPED = r"[0-9]{1,3}(?:,[0-9]{3})+"  # a whole number as 1,000
_TEXT = re.compile(r"(?:\\.|[^|\\]|\\$)+", re.DOTALL)  # one of several, divided by |
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_ESCAPES = {"\\n": "\n", "\\|": "|", "\\\\": "\\"}
_ESCAPED = str.maketrans({"\n": "\\n", "|": "\\|", "\\": "\\\\"})
_TRUTHS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def _shown(value: Any) -> str:
    return number_text(value) if isinstance(value, int | float) else repr(value)


def number_text(value: float) -> str:
    """A number as it is typed: the shortest text that reads back as the same number."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def number(kind: type, text: str) -> Any:
    """The number in a typed `text`; commas may only divide a whole number, as in 1,000. Raises `ValueError`."""
    return kind(text.replace(",", "") if re.fullmatch(rf"\s*[+-]?{GROUPED}\s*", text) else text)


def parse(k: Knob, text: str) -> Any:
    """The value that a typed `text` gives, the inverse of `typed`. Raises `InputError`."""
    value: Any
    if k.several:
        value = tuple(_ESCAPE.sub(lambda e: _ESCAPES.get(e[0], e[0]), each) for each in _TEXT.findall(text))
        check(k, value)
        return value
    text = text.strip()
    if k.optional and not text and k.type is not str:
        return None
    value = text
    if k.type is bool:
        value = _TRUTHS.get(text.lower(), text)
    elif k.type in (int, float):
        with contextlib.suppress(ValueError):
            value = number(k.type, text)
    check(k, value)
    return value


def typed(value: Any) -> str:
    """A value as it is typed in a form. Several texts are divided by |; `\\n` is a line end, `\\|` and `\\\\` themselves."""
    if isinstance(value, tuple):
        return "|".join(each.translate(_ESCAPED) for each in value)
    if value is None:
        return ""
    return value.replace("\n", "\\n") if isinstance(value, str) else number_text(value)


def arguments(k: Knob, value: Any) -> list[str]:
    """The words of a command line that set this knob to `value`."""
    if isinstance(value, tuple):
        return [word for each in value for word in arguments(k, each)]
    if isinstance(value, bool):
        return [f"--{k.option}" if value else f"--no-{k.option}"]
    return [f"--{k.option}", value if isinstance(value, str) else number_text(value)]


def values_of(parts: Iterable[type[Part]], words: Sequence[str]) -> dict[str, Any]:
    """The values by name that the words of a command line give to knobs, the inverse of `chosen`. Raises `InputError`."""
    by_option = {f"--{k.option}": k for part in parts for k in knobs(part)}
    found: dict[str, Any] = {}
    waiting = iter(words)
    for word in waiting:
        k = by_option.get(word)
        if k is None:
            raise InputError(f"There is no setting {word!r}. {did_you_mean(word, by_option)}".rstrip())
        text = next(waiting, None)
        if text is None:
            raise InputError(f"{word} needs a value.")
        if k.several:
            found[k.name] = (*found.get(k.name, ()), text)
        elif k.type is str:
            check(k, text)
            found[k.name] = text
        else:
            found[k.name] = parse(k, text)
    return found


def chosen(part: Part, *without: str) -> list[str]:
    """The words of a command line for all knobs of a part that have not their default, but those named."""
    found = [(k, getattr(part, k.name)) for k in knobs(type(part)) if k.name not in without]
    return [word for k, value in found if value != k.default for word in arguments(k, value)]
