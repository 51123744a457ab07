"""The spec of a character model's run."""

from dataclasses import dataclass
from typing import Literal

from lstmterm.spec.base import Spec
from lstmterm.spec.knobs import Part, knob
from lstmterm.spec.training import TrainingPart


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
    token_dropout: float = knob(
        0.0, "Share of characters that are read as the unknown symbol while training.", low=0, high=0.95
    )
    init: Literal["orthogonal", "default"] = knob(
        "orthogonal", "First weights: orthogonal with forget bias 1, or torch's own."
    )
    initial_state: Literal["zero", "random", "learned"] = knob(
        "zero", "What a lane starts from: zeros, small random numbers, or a learned state."
    )


@dataclass(frozen=True, kw_only=True)
class CharBatchPart(Part):
    """How a text is cut for training."""

    batch_size: int = knob(16, "Contiguous streams of the text, read side by side.", low=1, high=65_536)
    seq_length: int = knob(48, "Characters of each stream in one step (the BPTT window).", low=1, high=65_536)


@dataclass(frozen=True, kw_only=True)
class AdaptPart(Part):
    """How a character model learns from a text while it is scored on it; None is the rule's default."""

    rule: Literal["rms", "sgd"] | None = knob(
        None,
        "The update rule: gradients scaled by their size on the training text (rms), or as they are (sgd). "
        "Default: rms if that text is available.",
        option="adapt-rule",
    )
    rate: float | None = knob(None, "The learning rate.", low=0, high=1000, option="adapt-rate")
    seq_length: int | None = knob(
        None,
        "Characters to predict before learning from them.",
        low=1,
        high=65_536,
        option="adapt-seq-length",
    )
    decay: float | None = knob(
        None, "How fast the weights return to the trained ones.", low=0, high=1, option="adapt-decay"
    )


@dataclass(frozen=True, kw_only=True)
class CharSpec(Spec):
    """Everything that decides a character model's run."""

    text: TextPart
    model: CharModelPart
    batches: CharBatchPart
    training: TrainingPart
    start_from: str | None = None  # the model whose weights it starts from, as the person named it
    task: str = "charlm"
