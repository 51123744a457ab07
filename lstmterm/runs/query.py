"""The small language in which runs are filtered: `text:harbour val<1.5 tag:good`.

A query is terms with spaces between them, and a run must match all:

    word          the word is in one of the texts, such as its id, its text, its tags or its note
    text:harbour  the column has this in it; a tag begins with it
    state=failed  the column is exactly this, and a number is this when it is rounded as this one: val=1.39, time=3min
    val<1.5       also <=, > and >=; a number may have k or M, a time s, min, h or d
    hidden=96     a setting, by its option, as in lr<1e-2 or optimizer=muon
    -tag:bad      does not match the term after the dash

Spaces may stand around a comparison, as in `val < 1.5`.

Texts are compared without case; `"two words"` in quotes is one word. The names are those of the columns
(`lstmterm.runs.columns`) and the settings (`lstmterm.runs.setting_columns`). A run without a value matches no comparison of it.
"""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lstmterm.errors import InputError
from lstmterm.runs.columns import COLUMNS, column
from lstmterm.runs.rows import Column, Row

_PART = re.compile(r'(?:"[^"]*"?|(?<=\w)\s*(?:[<>]=?|=)\s*|[^\s"])+')
_TERM = re.compile(
    r"(?P<not>-?)(?P<name>[A-Za-z_]+(?:-[A-Za-z_]+)*)\s*(?P<sign>:|<=|>=|<|>|=)(?P<value>.*)", re.DOTALL
)
_NUMBER = re.compile(
    r"(?P<number>[0-9][0-9,_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee](?P<exponent>[+-]?[0-9]{1,2}))?\s*(?P<unit>[A-Za-z]*)"
)
_CLOCK = re.compile(r"(?P<minutes>[0-9]{1,4}):(?P<seconds>[0-9]{2})")  # as a short duration is shown
_COUNTS = {"": 1.0, "k": 1e3, "m": 1e6}
_SECONDS = {"": 1.0, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}

Test = Callable[[Row], bool]


@dataclass(frozen=True)
class Query:
    """What a run must match."""

    tests: tuple[Test, ...] = ()
    words: frozenset[str] = frozenset()  # the values that it names, without case

    def matches(self, row: Row) -> bool:
        """Whether a run matches all terms."""
        return all(test(row) for test in self.tests)

    def kept(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that match. Archived ones are kept only where the query says `archived`."""
        return [row for row in rows if self.matches(row) and (not row.marks.archived or self.names_archived)]

    @property
    def names_archived(self) -> bool:
        """Whether it asks for archived runs."""
        return "archived" in self.words


def parse(text: str, *, typing: bool = False) -> Query:
    """The query in a text; an empty one matches all.

    Raises `InputError` for a term that means nothing. A term without a value does so too, since without it a query
    would match more runs than are meant; while the user is `typing`, it is left out.
    """
    tests: list[Test] = []
    words: set[str] = set()
    for part in _PART.findall(text):
        match = _TERM.fullmatch(part)
        if match is None:
            negated, word = part.startswith("-"), part.removeprefix("-").replace('"', "").casefold()
            if not word:
                _refuse_unfinished(part, typing)
                continue
            tests.append(_negated(_contains(word), negated))
            words.add(word)
            continue
        asked = column(match["name"])
        value = match["value"].replace('"', "").strip()
        if not value:
            _refuse_unfinished(part, typing)
            continue
        words.add(value.casefold())
        tests.append(_negated(_test(asked, match["sign"], value), bool(match["not"])))
    return Query(tuple(tests), frozenset(words))


def _refuse_unfinished(term: str, typing: bool) -> None:
    if not typing:
        raise InputError(
            f"The term {term!r} of the query has no value; write one after it, or leave the term out."
        )


def _negated(test: Test, negated: bool) -> Test:
    return (lambda row: not test(row)) if negated else test


def _contains(word: str) -> Test:
    """Whether a word is in one of the texts of a row."""
    texts = [each for each in COLUMNS if each.kind in ("text", "words")]
    return lambda row: any(word in each.shown(row).casefold() for each in texts)


def _test(asked: Column, sign: str, value: str) -> Test:
    if asked.kind in ("text", "words"):
        return _text_test(asked, sign, value.casefold())
    return _number_test(asked, "=" if sign == ":" else sign, value)


def _text_test(asked: Column, sign: str, value: str) -> Test:
    if sign not in (":", "="):
        raise InputError(
            f"{asked.name} is a text, so ask for {asked.name}:{value} and not {asked.name}{sign}{value}."
        )

    def test(row: Row) -> bool:
        found = asked.value(row)
        if isinstance(found, tuple):
            return any(_alike(each, value, begins=True, exact=sign == "=") for each in found)
        return isinstance(found, str) and _alike(found, value, begins=False, exact=sign == "=")

    return test


def _alike(found: str, value: str, *, begins: bool, exact: bool) -> bool:
    found = found.casefold()
    if exact:
        return found == value
    return found.startswith(value) if begins else value in found


def _number_test(asked: Column, sign: str, value: str) -> Test:
    is_time = asked.kind in ("duration", "moment")
    wanted, unit = _number(asked, value, _SECONDS if is_time else _COUNTS)
    # a time in the past is cut, as where it is shown
    least, most = (
        (wanted, wanted + unit) if asked.kind == "moment" else (wanted - unit / 2, wanted + unit / 2)
    )

    def test(row: Row) -> bool:
        found = asked.value(row)
        if not isinstance(found, int | float):
            return False
        found = time.time() - found if asked.kind == "moment" else found
        match sign:
            case "<":
                return found < wanted
            case "<=":
                return found <= wanted
            case ">":
                return found > wanted
            case ">=":
                return found >= wanted
        return least <= found < most or found == wanted

    return test


def _number(asked: Column, value: str, units: dict[str, float]) -> tuple[float, float]:
    """A number, and the unit of its last digit."""
    if asked.kind == "duration" and (clock := _CLOCK.fullmatch(value.strip())):
        return 60.0 * int(clock["minutes"]) + int(clock["seconds"]), 1.0
    match = _NUMBER.fullmatch(value.strip())
    if match is None or match["unit"].casefold() not in units:
        examples = "30s, 5min, 2h or 3d" if units is _SECONDS else "1.5, 200 or 70k"
        raise InputError(f"{asked.name} is compared with a number such as {examples}, not with {value!r}.")
    unit = units[match["unit"].casefold()] * 10.0 ** int(match["exponent"] or 0)
    _, _, decimals = match["number"].partition(".")
    return float(re.sub("[,_]", "", match["number"])) * unit, unit / 10.0 ** len(decimals)
