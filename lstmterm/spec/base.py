"""What the specs of all kinds of model share."""

import dataclasses
import json
import typing
from dataclasses import dataclass
from typing import Any, Literal, Self

from lstmterm.errors import InputError
from lstmterm.spec.knobs import Part

Kind = Literal["charlm", "tagger"]  # of model

FORMAT = 2  # 1: 0.1.0, whose knobs had other names (`kinds.upgraded`)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Parts with knobs, and a few plain fields; plain data on disk."""

    name: str  # what the model is published as

    @classmethod
    def parts(cls) -> dict[str, type[Part]]:
        """The parts with knobs, by the name of their field."""
        hints = typing.get_type_hints(cls)
        return {
            f.name: hints[f.name]
            for f in dataclasses.fields(cls)
            if isinstance(hints[f.name], type) and issubclass(hints[f.name], Part)
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain data: what `spec.json` and a model's header hold."""
        return {"format": FORMAT} | dataclasses.asdict(self)

    def to_json(self) -> str:
        """`to_dict` as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The inverse of `to_dict`. Raises `InputError` for a format of a newer version."""
        if values.get("format", 0) > FORMAT:
            raise InputError("This run or model was made by a newer lstmterm; update to read it.")
        fields: dict[str, Any] = {f.name: values[f.name] for f in dataclasses.fields(cls) if f.name in values}
        for name, part in cls.parts().items():
            if name in fields:  # one that older versions did not have has a default
                fields[name] = part.from_dict(fields[name])
        return cls(**fields)
