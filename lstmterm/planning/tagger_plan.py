"""The plan of a tagger: from tagged data and a length of training to a spec.

A knob set by the user is kept, and the rest is planned around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lstmterm.planning import choose
from lstmterm.planning.length import Length
from lstmterm.planning.steps import EVALUATIONS, Limits
from lstmterm.spec.tagger import Level, TaggerBatchPart, TaggerModelPart

# Knobs that a plan may set to another value than the spec's default.
PLANNED = frozenset(
    {
        "learn", "words", "characters", "character_width", "suffixes", "shapes", "cased", "rare",
        "layers", "hidden", "directions", "dropout", "tokens", "optimizer", "learning_rate", "average",
        "steps", "evaluate_every", "warmup", "threads", "device", "precision",  # with the length of the run
    }
)  # fmt: skip
Cipher = Literal[
    "", "shift", "key"
]  # none; or which letter stands for which, always or by the letters before
CIPHER_LENGTHS: dict[Cipher, Length] = {"shift": Length("steps", 300), "key": Length("steps", 1_500)}
CIPHER_EVALUATIONS = 60  # so that its letters are seen falling into place
_FEWEST_STEPS = 50  # however short the time
_MOST_EPOCHS = 40  # planned for a time: more would overfit
_SMALL_STEPS = 600  # allowed for small data, however many epochs they are

# A tagger that is trained further. From few words only their embeddings are learned: that costs the least of what it
# knew (EWT, one to five sentences: at most 0.1 points of accuracy).
FEW_WORDS = 5_000
_FURTHER_FEW: tuple[dict[str, Any], dict[str, Any]] = (
    {"learn": "words", "dropout": 0.0, "rare": 0.0},
    {"learning_rate": 5e-3, "average": 0.0},
)
_FURTHER_FEW_ALL = 1e-4  # the rate for all weights: at 5e-3 they cost 3 to 9 points (EWT)
_FURTHER_MANY: tuple[dict[str, Any], dict[str, Any]] = ({}, {"learning_rate": 5e-4, "average": 0.0})
_FURTHER_STEPS = 60
_FURTHER_EPOCHS = 10

_PLAIN = {"characters": "none", "suffixes": 0, "shapes": 0, "cased": True, "rare": 0.0}  # letters alone
_CIPHER_MODEL = {**_PLAIN, "words": 32, "layers": 1, "hidden": 128, "directions": 1, "dropout": 0.0}
_KEY_MODEL = {**_CIPHER_MODEL, "layers": 2}  # the first counts letters
_CHAR_MODEL = {**_PLAIN, "words": 64, "layers": 2, "hidden": 128, "dropout": 0.25}
_SEQUENCE_MODEL = {"layers": 1, "hidden": 96}
# The shape for up to a number of training words: a larger tagger overfits a small treebank.
_WORD_MODELS = (
    (5_000, {"words": 48, "character_width": 48, "suffixes": 16, "layers": 1, "hidden": 64}),
    (30_000, {"words": 64, "character_width": 64, "layers": 1, "hidden": 128}),
    (float("inf"), {}),
)
# The words in a batch for up to a number of training words: small data gains from small steps.
_BATCHES = ((5_000, 100), (30_000, 250), (float("inf"), 500))


@dataclass(frozen=True)
class TaggerShape:
    """The parts of a spec that are planned."""

    model: TaggerModelPart
    batches: TaggerBatchPart
    training: Mapping[str, Any]  # fields of TrainingPart


def shape_for(
    level: Level,
    cipher: Cipher,
    words: int,
    given: Mapping[str, Any],
    further: Mapping[str, Any] | None = None,
) -> TaggerShape:
    """The tagger for data of `words` training words, around the knobs in `given`.

    `further` are the knobs of a tagger that is trained further.
    """
    if further is not None:
        few = words < FEW_WORDS and further.get("words") != 0
        planned, training = _FURTHER_FEW if few else _FURTHER_MANY
        if few and given.get("learn") == "all":
            training = {**training, "learning_rate": _FURTHER_FEW_ALL}
        model, tokens = {**further, **planned}, choose(_BATCHES, words)
    elif cipher:
        model, rate = (_KEY_MODEL, 1e-2) if cipher == "key" else (_CIPHER_MODEL, 4e-2)
        tokens, training = 1_500, {"learning_rate": rate, "warmup": 20, "average": 0.98}
    else:
        model = {"char": _CHAR_MODEL, "sequence": _SEQUENCE_MODEL, "word": choose(_WORD_MODELS, words)}[level]
        tokens = choose(_BATCHES, words)
        training = {"optimizer": "muon", "learning_rate": 5e-3, "average": 0.998}
    return TaggerShape(
        model=TaggerModelPart.from_dict({**model, **given}),
        batches=TaggerBatchPart.from_dict({"tokens": tokens, **given}),
        training=training,
    )


def limits(
    steps_per_epoch: float, *, cipher: bool, folds: int, further: bool = False, in_time: bool = False
) -> Limits:
    """The limits on the steps of each model of a run. With `in_time` it ends in its time, with few steps if it must."""
    fewest = 1 if in_time else _FEWEST_STEPS
    if further:
        most = int(max(_FURTHER_EPOCHS * steps_per_epoch, _FURTHER_STEPS))
        return Limits(steps_per_epoch, fewest, most, models=folds + 1)
    most = int(max(_MOST_EPOCHS * steps_per_epoch, _SMALL_STEPS))
    evaluations = CIPHER_EVALUATIONS if cipher else EVALUATIONS
    return Limits(steps_per_epoch, fewest, most, models=folds + 1, evaluations=evaluations)
