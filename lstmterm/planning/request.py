"""What the user asked to train, on the command line or in a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from lstmterm.errors import InputError
from lstmterm.paths import plain_name
from lstmterm.planning.length import Length
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import SPECS, knobs_of
from lstmterm.spec.knobs import arguments, check, parse

COMMANDS: dict[Kind, str] = {"charlm": "train", "tagger": "train-tagger"}
_SOURCE_PART: dict[Kind, str] = {"charlm": "text", "tagger": "data"}


@dataclass(frozen=True)
class TrainRequest:
    """A model to train: its data, a length, and the knobs set by hand; the rest is planned.

    Raises `InputError` or `NameRejected` for impossible values.
    """

    kind: Kind
    source: str
    name: str | None = None
    length: Length | None = None
    given: Mapping[str, Any] = field(default_factory=dict)  # knobs by name
    start_from: str | None = None  # a model, for its weights
    overwrite: bool = False  # an existing model of this name
    yes: bool = False  # train without asking

    def __post_init__(self) -> None:
        known = knobs_of(self.kind)
        for name, value in self.given.items():
            check(known[name], value)
        if self.name is not None:
            plain_name(self.name, "model's name")
        several = "ensemble" if self.given.get("ensemble") else "folds" if self.given.get("folds") else ""
        if several and self.given.get("deadline"):
            raise InputError(
                f"--deadline shortens the training of one model; leave out --deadline or --{several}."
            )
        if several == "ensemble" and self.start_from:
            raise InputError(
                "The models of an ensemble start from random weights; leave out --from or --ensemble."
            )

    @classmethod
    def from_options(cls, kind: Kind, source: str, **options: Any) -> Self:
        """The request of the options of a command: fields, a length and knobs. One that is None was not given."""
        given = {name: value for name, value in options.items() if value is not None}
        length = Length.of_options(*(given.pop(unit, None) for unit in ("minutes", "epochs", "steps")))
        own = {name: given.pop(name) for name in ("name", "start_from", "overwrite", "yes") if name in given}
        return cls(kind, source, length=length, given=given, **own)

    @classmethod
    def from_texts(
        cls, kind: Kind, source: str, name: str, length: str, typed: Mapping[str, str], start_from: str = ""
    ) -> Self:
        """The request of what was typed into a form; empty texts are not given."""
        knobs = parse_knobs(kind, typed)
        return cls(kind, source, name or None, Length.parse(length), knobs, start_from or None)

    @classmethod
    def from_spec(cls, kind: Kind, spec: Mapping[str, Any]) -> Self | None:
        """The request that trains a stored spec again on the same machine; None if the spec is incomplete.

        Every knob is given, since a knob that is left out is planned, and may be planned differently.
        """
        data = spec.get(_SOURCE_PART[kind])
        if not isinstance(data, Mapping) or not isinstance(data.get("source"), str):
            return None
        known, planned = knobs_of(kind), planned_knobs(kind)
        stored = {
            name: value
            for part in SPECS[kind].parts()
            if isinstance(values := spec.get(part), Mapping)
            for name, value in values.items()
            if name in known
        }
        # of an older version, which trained without what is planned now
        missing = {name: known[name].default for name in planned - stored.keys() - {"steps"}}
        given = {
            name: value
            for name, value in (missing | stored).items()
            if value is not None and (value is not False or name in planned)
        }
        steps, start_from = given.pop("steps", None), spec.get("start_from")
        if not isinstance(start_from, str | None):
            return None
        try:
            length = None if steps is None else Length("steps", steps)
            return cls(kind, data["source"], spec.get("name"), length, given, start_from)
        except (ValueError, TypeError, AttributeError):  # values that a spec cannot have
            return None

    def to_arguments(self) -> list[str]:
        """The arguments of `lstmterm` that make the same request."""
        source = f"./{self.source}" if self.source[:1] == "-" and self.source != "-" else self.source
        words = [COMMANDS[self.kind], source]
        if self.name is not None:
            words += ["--name", self.name]
        if self.start_from is not None:
            words += ["--from", self.start_from]
        if self.length is not None:
            words += self.length.arguments()
        for knob in knobs_of(self.kind).values():
            if knob.name in self.given:
                words += arguments(knob, self.given[knob.name])
        words += ["--overwrite"] if self.overwrite else []
        words += ["--yes"] if self.yes else []
        return words


def planned_knobs(kind: Kind) -> frozenset[str]:
    """The names of the knobs that a plan chooses when they are not given."""
    from lstmterm.planning import char_plan, tagger_plan  # not needed for the screen's first frame

    return {"charlm": char_plan.PLANNED, "tagger": tagger_plan.PLANNED}[kind]


def parse_knobs(kind: Kind, typed: Mapping[str, str]) -> dict[str, Any]:
    """The knobs in typed texts; empty texts are not given. Raises `InputError`."""
    return {
        knob.name: parse(knob, typed[knob.name])
        for knob in knobs_of(kind).values()
        if typed.get(knob.name, "").strip()
    }
