"""What to train, fully resolved: every hyperparameter, its sentence and its check.

A spec is plain data. Its checks run when it is built and say in words what is wrong. The same
fields make the command line's options and the screen's form, so a knob is described once, here.
"""

import dataclasses
import json
import math
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

FORMAT = 1


class SpecError(ValueError):
    """A hyperparameter that cannot be: exit code 2."""

    exit_code = 2


def knob(
    default: Any,
    sentence: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    option: str | None = None,
) -> Any:
    """A field that a person can set: its sentence, its bounds (both allowed), its option's name."""
    metadata = {"sentence": sentence, "low": low, "high": high, "option": option}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Knob:
    """A settable field as the command line and the screen see it."""

    name: str  # the field
    option: str  # its option's name, without dashes
    type: type  # int, float, str or bool
    choices: tuple[str, ...]  # not empty: one of these
    optional: bool  # whether None is a value
    low: float
    high: float
    default: Any
    sentence: str


def knobs(part: type["Part"]) -> Iterator[Knob]:
    """The settable fields of a part of a spec, in order."""
    hints = typing.get_type_hints(part)
    for f in dataclasses.fields(part):  # pyright: ignore[reportArgumentType] - every part is a dataclass
        if "sentence" not in f.metadata:
            continue
        kind, choices, optional = _take_apart(hints[f.name])
        yield Knob(
            name=f.name,
            option=f.metadata["option"] or f.name.replace("_", "-"),
            type=kind,
            choices=choices,
            optional=optional,
            low=f.metadata["low"],
            high=f.metadata["high"],
            default=None if f.default is dataclasses.MISSING else f.default,
            sentence=f.metadata["sentence"],
        )


def _take_apart(hint: Any) -> tuple[type, tuple[str, ...], bool]:
    optional = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        (hint,) = (h for h in typing.get_args(hint) if h is not type(None))
        optional = True
    if typing.get_origin(hint) is Literal:
        return str, typing.get_args(hint), optional
    return hint, (), optional


class Part:
    """A frozen dataclass of knobs that checks itself when built."""

    def __post_init__(self) -> None:
        for k in knobs(type(self)):
            check(k, getattr(self, k.name))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The part that `dataclasses.asdict` made `values` of; unknown fields are left out."""
        known = {f.name for f in dataclasses.fields(cls)}  # pyright: ignore[reportArgumentType]
        return cls(**{name: value for name, value in values.items() if name in known})


def check(k: Knob, value: Any) -> None:
    """Raise `SpecError` unless `value` can be the value of this knob."""
    if value is None:
        if not k.optional:
            raise SpecError(f"--{k.option} needs a value.")
        return
    if k.choices:
        if value not in k.choices:
            raise SpecError(f"--{k.option} is {value!r}; it is one of {', '.join(k.choices)}.")
        return
    if k.type is float:
        right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    else:
        right = type(value) is k.type
    if not right:
        raise SpecError(f"--{k.option} is {value!r}; it is {_NOUNS[k.type]}.")
    if k.type in (int, float) and not k.low <= value <= k.high:
        raise SpecError(f"--{k.option} is {value!r}; it is {_bounds(k)}.")


_NOUNS = {int: "a whole number", float: "a finite number", str: "a text", bool: "yes or no"}


def _bounds(k: Knob) -> str:
    if math.isinf(k.high):
        return f"at least {k.low:g}"
    if math.isinf(k.low):
        return f"at most {k.high:g}"
    return f"from {k.low:g} to {k.high:g}"


@dataclass(frozen=True, kw_only=True)
class TextPart(Part):
    """Which text, how it is read, and how it is cut in splits."""

    source: str  # as the person gave it, made absolute where it is a file
    name: str
    sha256: str | None = None  # of the content, once it was read
    level: Literal["char", "byte"] = knob("char", "Learn characters, or the bytes of anything.")
    encoding: str | None = knob(None, "The text's encoding; without it UTF-8, a BOM's, or a detected one.")
    raw_newlines: bool = knob(False, "Keep CRLF and CR instead of making them LF.")
    nfc: bool = knob(False, "Normalise to composed characters (Unicode NFC).")
    glob: str | None = knob(None, "Which files of a folder to read, such as '**/*.py'.")
    vocab_limit: int | None = knob(
        None, "Keep this many characters; the rarest become one unknown symbol.", low=1, high=1_000_000
    )
    val: float = knob(0.05, "Share of the text for validation, cut from its end.", low=0, high=0.5)
    test: float = knob(0.05, "Share of the text for the test, behind the validation text.", low=0, high=0.5)
    split_cap: int = knob(200_000, "A split's most characters; 0 lifts the cap.", low=0)


@dataclass(frozen=True, kw_only=True)
class CharModelPart(Part):
    """The character model's shape."""

    layers: int = knob(1, "LSTM layers on top of each other.", low=1, high=8)
    hidden: int = knob(384, "Cells in each layer.", low=1, high=8192)
    embedding: int = knob(64, "Numbers that stand for a character; 0 is one-hot.", low=0, high=4096)
    dropout: float = knob(
        0.0,
        "Share of outputs silenced at random while training, between layers and at the end.",
        low=0,
        high=0.95,
    )
    layer_dropout: float | None = knob(
        None, "Share silenced between layers, where it is not as much as at the end.", low=0, high=0.95
    )
    noise: float = knob(
        0.0, "Share of characters that are read as the unknown symbol while training.", low=0, high=0.95
    )
    init: Literal["orthogonal", "default"] = knob(
        "orthogonal", "First weights: orthogonal with forget bias 1, or torch's own."
    )
    initial_state: Literal["zero", "random", "learned"] = knob(
        "zero", "What a lane starts from: zeros, small random numbers, or a learned state."
    )


@dataclass(frozen=True, kw_only=True)
class StreamPart(Part):
    """How a text is cut for training."""

    streams: int = knob(16, "Lanes that the text is cut in, read side by side.", low=1, high=65_536)
    window: int = knob(48, "Characters of every lane that one step learns from.", low=1, high=65_536)


@dataclass(frozen=True, kw_only=True)
class TrainingPart(Part):
    """How the weights are found; the same for every kind of model."""

    steps: int = knob(dataclasses.MISSING, "Optimizer steps in all.", low=1)
    evaluate_every: int = knob(dataclasses.MISSING, "Steps from one validation to the next.", low=1)
    optimizer: Literal["muon", "adamw", "adam", "sgd", "rmsprop"] = knob(
        "adamw", "The rule that moves the weights; muon learns most from a step, and its steps cost more."
    )
    learning_rate: float = knob(2e-3, "The highest learning rate.", low=1e-9, high=100, option="lr")
    schedule: Literal["cosine", "constant", "step"] = knob(
        "cosine", "How the learning rate falls: along a cosine, not at all, or halved in steps."
    )
    final_rate: float = knob(0.01, "Share of the learning rate that the cosine ends at.", low=0, high=1)
    warmup: int = knob(100, "Steps over which the learning rate rises from zero.", low=0)
    weight_decay: float = knob(0.0, "Pull of the weights towards zero.", low=0, high=10)
    clip: float = knob(1.0, "The longest gradient; a longer one is shortened to it. 0 is off.", low=0)
    loss: Literal["cross-entropy", "nll"] = knob(
        "cross-entropy",
        "Cross-entropy of the logits, or the negative log-likelihood of a log-softmax: the same.",
    )
    average: float = knob(
        0.0,
        "Decay of the moving average of weights that is validated and kept; 0 is off.",
        low=0,
        high=0.999999,
    )
    patience: int = knob(0, "Evaluations without improvement before stopping early; 0 is off.", low=0)
    seed: int = knob(1, "Where all randomness starts.", low=0, high=2**63 - 1)
    device: str = knob("auto", "Where to train: cpu, cuda, mps, or auto.")
    precision: Literal["float32", "bfloat16", "auto"] = knob(
        "auto", "Number format of the matrix products; auto takes what measured faster here."
    )
    threads: int = knob(0, "CPU threads; 0 takes what this process may use.", low=0, high=4096)
    minutes: float | None = None  # the time that the steps were planned for, if they were


@dataclass(frozen=True, kw_only=True)
class AdaptPart(Part):
    """How a character model learns from a text while it is scored on it; None is what the rule does best with."""

    rule: Literal["rms", "sgd"] | None = knob(
        None,
        "How it learns: gradients scaled by their size on the training text (rms), or as they are (sgd). "
        "Without it, rms where that text is at hand.",
        option="adapt-rule",
    )
    rate: float | None = knob(None, "How fast it learns.", low=0, high=1000, option="adapt-rate")
    window: int | None = knob(
        None,
        "Characters that are predicted before it learns from them.",
        low=1,
        high=65_536,
        option="adapt-window",
    )
    decay: float | None = knob(
        None, "How fast it returns to what it was trained to be.", low=0, high=1, option="adapt-decay"
    )


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


@dataclass(frozen=True, kw_only=True)
class CharSpec(Spec):
    """Everything that decides a character model's run."""

    text: TextPart
    model: CharModelPart
    streams: StreamPart
    training: TrainingPart
    name: str  # what the model is published as
    start_from: str | None = None  # the model whose weights it starts from, as the person named it
    task: str = "charlm"

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The spec that `to_dict` made `values` of."""
        cls.refuse_newer(values)
        return cls(
            text=TextPart.from_dict(values["text"]),
            model=CharModelPart.from_dict(values["model"]),
            streams=StreamPart.from_dict(values["streams"]),
            training=TrainingPart.from_dict(values["training"]),
            name=values["name"],
            start_from=values.get("start_from"),
        )


@dataclass(frozen=True, kw_only=True)
class DataPart(Part):
    """Which tagged data, how it is read, and what is held out of it."""

    source: str  # a file made absolute, a built-in name, or a cipher
    name: str
    level: Literal["word", "char", "sequence"] = knob(
        "word", "Tag each word, each character, or give the whole row one label."
    )
    column: str | None = knob(
        None, "The column with the tags: UPOS, XPOS, feats.Number, a number, or a CSV header's name."
    )
    dev: str | None = knob(None, "A file to validate on; without it a share of the data is held out.")
    test: str | None = knob(None, "A file for the test; without it a share of the data is held out.")
    val_share: float = knob(
        0.1, "Share of the sentences for validation, without --dev.", low=0, high=0.5, option="val"
    )
    test_share: float = knob(0.1, "Share of the sentences for the test, without --test.", low=0, high=0.5)
    folds: int = knob(
        0, "Train and test on this many parts in turn, then on all of it; 0 is off.", low=0, high=100
    )
    fold: int | None = None  # of the folds, the one that is trained now; None for all the data
    sha256: dict[str, str] = dataclasses.field(default_factory=dict)  # of the files, by their role


@dataclass(frozen=True, kw_only=True)
class TaggerModelPart(Part):
    """The tagger's shape."""

    words: int = knob(
        96, "Numbers that stand for a word; 0 leaves words to their characters.", low=0, high=4096
    )
    characters: Literal["none", "cnn", "lstm"] = knob(
        "cnn", "What reads a word's letters: nothing, a convolution, or an LSTM both ways."
    )
    character_size: int = knob(32, "Numbers that stand for a character.", low=1, high=1024)
    character_width: int = knob(96, "Numbers that the reader of letters gives for a word.", low=2, high=4096)
    suffixes: int = knob(
        32, "Numbers that stand for a word's endings, each length's; 0 is off.", low=0, high=1024
    )
    shapes: int = knob(
        16, "Numbers that stand for a word's shape (Word, WORD, 1,000); 0 is off.", low=0, high=1024
    )
    layers: int = knob(2, "LSTM layers on top of each other.", low=1, high=8)
    hidden: int = knob(128, "Cells in each layer, each way.", low=1, high=8192)
    directions: int = knob(2, "Read forwards only (1), or both ways (2).", low=1, high=2)
    dropout: float = knob(
        0.4, "Share of numbers silenced at random while training, before, between and behind the layers.",
        low=0, high=0.95,
    )  # fmt: skip
    init: Literal["orthogonal", "default"] = knob(
        "orthogonal", "First weights: orthogonal with forget bias 1, or torch's own."
    )
    initial_state: Literal["zero", "random", "learned"] = knob(
        "zero", "What a sentence starts from: zeros, small random numbers while training, or a learned state."
    )
    cased: bool = knob(False, "Tell words apart by their case too, not only by their letters and shapes.")
    min_count: int = knob(1, "Words seen less often have no embedding of their own.", low=1)
    rare: float = knob(
        3.0,
        "A word seen n times is taken for unknown with probability r/(r+n) while training.",
        low=0,
        high=1000,
    )


@dataclass(frozen=True, kw_only=True)
class BatchPart(Part):
    """How sentences are gathered for a step."""

    tokens: int = knob(800, "Words (or characters) that one step learns from, about.", low=1, high=10_000_000)


@dataclass(frozen=True, kw_only=True)
class TaggerSpec(Spec):
    """Everything that decides a tagger's run."""

    data: DataPart
    model: TaggerModelPart
    batches: BatchPart
    training: TrainingPart
    name: str  # what the model is published as
    task: str = "tagger"

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The spec that `to_dict` made `values` of."""
        cls.refuse_newer(values)
        return cls(
            data=DataPart.from_dict(values["data"]),
            model=TaggerModelPart.from_dict(values["model"]),
            batches=BatchPart.from_dict(values["batches"]),
            training=TrainingPart.from_dict(values["training"]),
            name=values["name"],
        )


def spec_from_dict(values: dict[str, Any]) -> CharSpec | TaggerSpec:
    """The spec of a run or a model, of whichever task it is. Raises `SpecError` for what is none."""
    try:
        return (TaggerSpec if values.get("task") == "tagger" else CharSpec).from_dict(values)
    except (AttributeError, KeyError, TypeError) as error:
        raise SpecError(f"The spec is damaged ({type(error).__name__}: {error}); train anew.") from None
