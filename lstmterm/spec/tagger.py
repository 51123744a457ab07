"""The spec of a tagger's run."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

from lstmterm.spec.base import Spec
from lstmterm.spec.knobs import Part, knob
from lstmterm.spec.training import TrainingPart

Level = Literal["word", "char", "sequence"]  # what gets a tag


@dataclass(frozen=True, kw_only=True)
class DataPart(Part):
    """Which tagged data, how it is read, and what is held out."""

    source: str  # an absolute path, a built-in name, or a cipher
    name: str
    level: Level = knob("word", "What gets a tag: each word, each character, or the whole sequence.")
    column: str | None = knob(
        None, "Column with the tags: UPOS, XPOS, feats.Number, a number, or the name in a CSV header."
    )
    encoding: str | None = knob(None, "Encoding of the files (default: detected; UTF-8 if it is valid).")
    text_column: str | None = knob(
        None,
        "Column with the words or the text: a number, or its name in the first line.",
        label="Text column",
    )
    dev: str | None = knob(None, "File for validation (default: a share of the data).")
    test: str | None = knob(None, "File for the test (default: a share of the data).")
    val_share: float = knob(
        0.1, "Share of the sentences for validation, if no file is given.", low=0, high=0.5, option="val"
    )
    test_share: float = knob(
        0.1, "Share of the sentences for the test, if no file is given.", low=0, high=0.5
    )
    folds: int = knob(
        0,
        "K-fold validation: train and test on K parts in turn, then train on all; 0 turns it off.",
        low=0,
        high=100,
    )
    fold: int | None = None  # the fold being trained; None for all the data
    sha256: dict[str, str] = dataclasses.field(default_factory=dict)  # of each file, by its role


@dataclass(frozen=True, kw_only=True)
class TaggerModelPart(Part):
    """The sizes of a tagger, its dropout and its first weights."""

    words: int = knob(96, "Embedding size of a word; 0 reads only its characters.", low=0, high=4096)
    characters: Literal["none", "cnn", "lstm"] = knob(
        "cnn", "Encoder of a word's characters: none, a convolution, or a bidirectional LSTM."
    )
    character_size: int = knob(32, "Embedding size of a character.", low=1, high=1024)
    character_width: int = knob(96, "Output size of the character encoder.", low=2, high=4096)
    suffixes: int = knob(32, "Embedding size of each suffix of a word; 0 for none.", low=0, high=1024)
    shapes: int = knob(
        16, "Embedding size of a word's shape (Word, WORD, 1,000); 0 for none.", low=0, high=1024
    )
    layers: int = knob(2, "Number of LSTM layers.", low=1, high=8)
    hidden: int = knob(128, "Hidden units in each layer and direction.", low=1, high=8192)
    directions: int = knob(2, "Unidirectional (1) or bidirectional (2) LSTM.", low=1, high=2)
    dropout: float = knob(0.4, "Dropout before, between and after the LSTM layers.", low=0, high=0.95)
    init: Literal["orthogonal", "default"] = knob(
        "orthogonal", "Initial weights: orthogonal with a forget bias of 1, or torch's default."
    )
    initial_state: Literal["zero", "random", "learned"] = knob(
        "zero", "Initial hidden state of a sentence: zeros, small random numbers while training, or learned."
    )
    cased: bool = knob(False, "Distinguish words by case, not only by letters and shape.")
    min_count: int = knob(1, "Rarer words have no embedding of their own.", low=1)
    learn: Literal["all", "words"] = knob(
        "all", "What training changes: all weights, or only the embeddings of the data's words (with --from)."
    )
    rare: float = knob(
        3.0,
        "Word dropout: a word seen n times becomes unknown with probability r/(r+n) while training.",
        low=0,
        high=1000,
    )


@dataclass(frozen=True, kw_only=True)
class TaggerBatchPart(Part):
    """How sentences are gathered into batches."""

    tokens: int = knob(800, "Words (or characters) in a step, approximately.", low=1, high=10_000_000)


@dataclass(frozen=True, kw_only=True)
class TaggerSpec(Spec):
    """Everything that determines a tagger's run."""

    data: DataPart
    model: TaggerModelPart
    batches: TaggerBatchPart
    training: TrainingPart
    start_from: str | None = None  # the tagger whose weights it starts from, as the user named it
    task: str = "tagger"

    @property
    def models(self) -> int:
        """How many are trained in turn, each for the spec's steps."""
        return self.data.folds + 1
