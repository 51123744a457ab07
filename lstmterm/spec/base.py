"""What the specs of every kind of model share."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from lstmterm.spec.knobs import SpecError

FORMAT = 2  # 1: 0.1.0, whose knobs had other names (`stored.upgraded`)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What the specs of all tasks share: their plain form."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data: what `spec.json` and a model's header hold."""
        return {"format": FORMAT} | dataclasses.asdict(self)

    def to_json(self) -> str:
        """`to_dict` as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    @staticmethod
    def refuse_newer(values: dict[str, Any]) -> None:
        """Raise `SpecError` for plain data of a format that this version does not know."""
        if values.get("format", 0) > FORMAT:
            raise SpecError("This run or model was made by a newer lstmterm; update to read it.")
