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
    """Which tagged data, how it is read, and what is held out of it."""

    source: str  # a file made absolute, a built-in name, or a cipher
    name: str
    level: Level = knob("word", "Tag each word, each character, or give the whole row one label.")
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
class TaggerBatchPart(Part):
    """How sentences are gathered for a step."""

    tokens: int = knob(800, "Words (or characters) that one step learns from, about.", low=1, high=10_000_000)


@dataclass(frozen=True, kw_only=True)
class TaggerSpec(Spec):
    """Everything that decides a tagger's run."""

    data: DataPart
    model: TaggerModelPart
    batches: TaggerBatchPart
    training: TrainingPart
    task: str = "tagger"
