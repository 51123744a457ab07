"""The spec of a character model's run."""

from dataclasses import dataclass, replace
from typing import Literal

from lstmterm.spec.base import Spec
from lstmterm.spec.knobs import Part, knob
from lstmterm.spec.training import TrainingPart

# fields of `TextPart` that say how a text becomes numbers
READING = ("level", "encoding", "raw_newlines", "nfc", "glob", "vocab_limit")


@dataclass(frozen=True, kw_only=True)
class TextPart(Part):
    """Which text, how it is read, and how it is split."""

    source: str  # as the user gave it; the path of a file is absolute
    name: str
    sha256: str | None = None  # of the content, once it has been read
    digest: str | None = None  # of the text's numbers and vocabulary, likewise
    level: Literal["char", "byte"] = knob("char", "Vocabulary: characters, or bytes (for any file).")
    encoding: str | None = knob(None, "Encoding of the text (default: detected; UTF-8 if it is valid).")
    raw_newlines: bool = knob(False, "Keep CRLF and CR instead of converting them to LF.")
    nfc: bool = knob(False, "Normalise the text to composed characters (Unicode NFC).")
    glob: str | None = knob(None, "Files of a folder or a zip file to read, such as '**/*.py'.")
    vocab_limit: int | None = knob(
        None, "Largest vocabulary; rarer characters become one unknown character.", low=1, high=1_000_000
    )
    val: float = knob(0.05, "Share of the text for validation, taken from its end.", low=0, high=0.5)
    test: float = knob(0.05, "Share of the text for the test, after the validation text.", low=0, high=0.5)
    split_cap: int = knob(
        200_000, "Most characters in the validation and test texts, each; 0 for no cap.", low=0
    )


@dataclass(frozen=True, kw_only=True)
class CharModelPart(Part):
    """The sizes of a character model, its dropout and its first weights."""

    layers: int = knob(1, "Number of LSTM layers.", low=1, high=8)
    hidden: int = knob(384, "Hidden units in each layer.", low=1, high=8192)
    embedding: int = knob(64, "Embedding size of a character; 0 for one-hot.", low=0, high=4096)
    dropout: float = knob(0.0, "Dropout after each LSTM layer.", low=0, high=0.95)
    layer_dropout: float | None = knob(
        None, "Dropout between layers, if different from that after the last.", low=0, high=0.95
    )
    token_dropout: float = knob(
        0.0, "Share of characters replaced by the unknown one while training.", low=0, high=0.95
    )
    init: Literal["orthogonal", "default"] = knob(
        "orthogonal", "Initial weights: orthogonal with a forget bias of 1, or torch's default."
    )
    initial_state: Literal["zero", "random", "learned"] = knob(
        "zero", "Initial hidden state of a stream: zeros, small random numbers, or learned."
    )


@dataclass(frozen=True, kw_only=True)
class CharBatchPart(Part):
    """How a text is cut into batches for training."""

    batch_size: int = knob(16, "Contiguous streams of the text read in parallel.", low=1, high=65_536)
    seq_length: int = knob(48, "Characters of each stream in a step (the BPTT window).", low=1, high=65_536)
    stream_starts: Literal["same", "random"] = knob(
        "same",
        "Where the streams start: at the same places in every epoch, or turned at random after the first.",
    )


@dataclass(frozen=True, kw_only=True)
class EnsemblePart(Part):
    """What a model learns from besides the text: models that are trained first, and n-grams of the text."""

    ensemble: int = knob(
        0,
        "Train this many models first; the last one learns from their averaged predictions, too.",
        low=0,
        high=16,
    )
    teacher_hidden: int | None = knob(
        None,
        "Hidden units in each layer of the models trained first, if not as many as in the last.",
        low=1,
        high=8192,
    )
    teacher_share: float = knob(
        0.5, "Share of these predictions in what it learns; the rest is the text itself.", low=0, high=1
    )
    ngram_share: float = knob(
        0.0,
        "Share of n-gram predictions in what it learns, at first; it falls to 0. Helps with short texts.",
        low=0,
        high=1,
    )

    def teacher_of(self, model: CharModelPart) -> CharModelPart:
        """The sizes and the dropout of the models that are trained before `model`."""
        return replace(model, hidden=self.teacher_hidden or model.hidden)


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
    """Everything that determines a character model's run."""

    text: TextPart
    model: CharModelPart
    batches: CharBatchPart
    training: TrainingPart
    ensemble: EnsemblePart = EnsemblePart()
    start_from: str | None = None  # the model whose weights it starts from, as the user named it
    task: str = "charlm"

    @property
    def models(self) -> int:
        """How many are trained in turn, each for the spec's steps."""
        return self.ensemble.ensemble + 1
