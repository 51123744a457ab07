"""What differs between the settings of two runs, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lstmterm.amounts import duration, figure
from lstmterm.runs.rows import Row
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import SPECS, knobs_of
from lstmterm.spec.knobs import knobs, typed
from lstmterm.visible import shorten

_LONGEST = 60  # columns of a value in a sentence
_SILENT = frozenset(
    ("sha256", "digest", "most_threads", "fold")
)  # follow from other settings, or are compared below
_OTHERS = {"source": "the text or the data", "name": "the name of the text", "minutes": "minutes planned"}


@dataclass(frozen=True)
class Difference:
    """A setting that two runs have differently; an empty text is one that has no value."""

    name: str  # as its option, without dashes
    first: str
    second: str
    sentence: str  # what the setting is

    def __str__(self) -> str:
        first, second = self._shortened
        return f"{self.name}: {first} -> {second}"

    @property
    def of_the_second(self) -> str:
        """What the second has, beside what the first one has."""
        first, second = self._shortened
        if not self.first:
            return f"{self.name} {second} (it had none)"
        return (
            f"{self.name} {second} instead of {first}"
            if self.second
            else f"{self.name} not given (instead of {first})"
        )

    @property
    def _shortened(self) -> tuple[str, str]:
        return shorten(self.first, _LONGEST) or "nothing", shorten(self.second, _LONGEST) or "nothing"


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """The settings that differ between two stored specs, in the order of the specs."""
    kind, other = _kind(first), _kind(second)
    if kind != other:
        words = {"charlm": "a character model", "tagger": "a tagger"}
        return [Difference("kind", words[kind], words[other], "What is trained.")]
    return [*_differing(kind, first, second)]


def _differing(kind: Kind, first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Difference]:
    if first.get("start_from") != second.get("start_from"):
        yield Difference(
            "from", _text(first.get("start_from")), _text(second.get("start_from")), "Starting weights."
        )
    for name, part in SPECS[kind].parts().items():
        known = {knob.name: knob for knob in knobs(part)}
        values = tuple(_part(spec, name) for spec in (first, second))
        for field in dict.fromkeys([*values[0], *values[1]]):
            defaults = known[field].default if field in known else None
            one, other = (each.get(field, defaults) for each in values)
            if one == other or field in _SILENT:
                continue
            knob = knobs_of(kind).get(field)
            sentence = knob.sentence if knob else _OTHERS.get(field, "")
            yield Difference(knob.option if knob else field, _text(one), _text(other), sentence)
        digests = [each.get("digest") or each.get("sha256") for each in values]
        sources = [each.get("source") for each in values]
        if all(digests) and digests[0] != digests[1] and sources[0] == sources[1]:
            yield Difference("content", "as it was then", "another since", "What the text or the data held.")


def in_words(first: Row, second: Row) -> list[str]:
    """The differences of two runs as sentences: the settings, and what came of them."""
    sentences = [f"{each}  ({each.sentence.rstrip('.')})" if each.sentence else str(each)
                 for each in differences(first.spec, second.spec)]  # fmt: skip
    if not sentences:
        sentences.append("The settings are the same.")
    one, other = first.summary.val_loss, second.summary.val_loss
    if one is not None and other is not None and _kind(first.spec) == _kind(second.spec):
        gap = other - one
        side = (
            "the same"
            if abs(gap) < 5e-5
            else f"{figure(abs(gap), 4)} nats {'lower' if gap < 0 else 'higher'}"
        )
        sentences.append(
            f"The validation loss of the second is {side}: {figure(one, 4)} -> {figure(other, 4)}."
        )
    took = first.summary.seconds, second.summary.seconds
    if took[0] is not None and took[1] is not None:
        sentences.append(f"They trained for {duration(took[0])} and {duration(took[1])}.")
    return sentences


def _kind(spec: Mapping[str, Any]) -> Kind:
    return "tagger" if spec.get("task") == "tagger" else "charlm"


def _part(spec: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    values = spec.get(name)
    return values if isinstance(values, Mapping) else {}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "|".join(map(str, value))
    return value if isinstance(value, str) else typed(value)
