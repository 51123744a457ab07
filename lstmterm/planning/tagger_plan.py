"""From tagged data and a time to a tagger's shape: pure rules, in plain sight.

A knob that the person set is kept, and the rest is planned around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lstmterm.spec.tagger import Level, TaggerBatchPart, TaggerModelPart

# Knobs that a plan may give another value than the spec's default.
PLANNED = frozenset(
    {
        "words", "characters", "character_width", "suffixes", "shapes", "cased", "rare",
        "layers", "hidden", "directions", "dropout", "tokens", "optimizer", "learning_rate", "average",
        "steps", "evaluate_every", "warmup", "threads", "device", "precision",  # with the length of the run
    }
)  # fmt: skip
MOST_EPOCHS = 40  # passes over the data that are planned for minutes: more would learn it by heart
SMALL_STEPS = 600  # that are allowed small data, however few batches it makes

_PLAIN = {"characters": "none", "suffixes": 0, "shapes": 0, "cased": True, "rare": 0.0}  # letters alone
_CIPHER_MODEL = {**_PLAIN, "words": 32, "layers": 1, "hidden": 128, "directions": 1, "dropout": 0.0}
_CHAR_MODEL = {**_PLAIN, "words": 64, "layers": 2, "hidden": 128, "dropout": 0.25}
_SEQUENCE_MODEL = {"layers": 1, "hidden": 96}
# For up to so many training words, this shape: a small treebank is soon known by heart.
_WORD_MODELS = (
    (5_000, {"words": 48, "character_width": 48, "suffixes": 16, "layers": 1, "hidden": 64}),
    (30_000, {"words": 64, "character_width": 64, "layers": 1, "hidden": 128}),
    (float("inf"), {}),
)
# For up to so many training words, this many in a batch: small data makes more of small steps.
_BATCHES = ((5_000, 100), (30_000, 250), (float("inf"), 500))


@dataclass(frozen=True)
class TaggerShape:
    """The planned parts of a spec that do not depend on exact timing."""

    model: TaggerModelPart
    batches: TaggerBatchPart
    training: Mapping[str, Any]  # fields of TrainingPart


def shape_for(level: Level, cipher: bool, words: int, given: Mapping[str, Any]) -> TaggerShape:
    """The tagger for data of `words` training words, around the knobs in `given`."""
    if cipher:
        model, tokens, training = _CIPHER_MODEL, 1_500, {"learning_rate": 4e-2, "warmup": 20, "average": 0.98}
    else:
        model = {"char": _CHAR_MODEL, "sequence": _SEQUENCE_MODEL, "word": _row(_WORD_MODELS, words)}[level]
        tokens = _row(_BATCHES, words)
        training = {"optimizer": "muon", "learning_rate": 5e-3, "average": 0.998}
    return TaggerShape(
        model=TaggerModelPart.from_dict({**model, **given}),
        batches=TaggerBatchPart.from_dict({"tokens": tokens, **given}),
        training=training,
    )


def _row(table: Any, words: int) -> Any:
    return next(value for limit, value in table if words <= limit)
