"""What the training of a tagger will bring, in words: how long it takes, how good and how large it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lstmterm.amounts import count, plural, size
from lstmterm.planning.length import Length
from lstmterm.planning.steps import steps_for
from lstmterm.planning.tagger_plan import FEW_WORDS, Cipher, TaggerShape, limits, shape_for
from lstmterm.runs.earlier import EarlierTagger
from lstmterm.spec.tagger import Level, TaggerModelPart

_TOO_FEW_ALONE = 500  # words, from which a new tagger would be of no use
_UNITS: dict[Level, tuple[str, str]] = {  # what is read, and what gets a tag
    "word": ("word", "word"),
    "char": ("letter", "letter"),
    "sequence": ("word", "line"),
}
# Training words, the accuracy in percent of taggers, and of counting tags: benchmarks/RESULTS.md, "The tagger".
MEASURED = (
    (1_000, 77.6, 62.2),
    (5_000, 87.1, 73.6),
    (20_000, 91.8, 80.2),
    (60_000, 93.9, 83.9),
    (204_000, 96.1, 86.2),
)


@dataclass(frozen=True)
class Counting:
    """What counting does on the validation data: each word gets the tag that it has most often in training.

    A word that training lacks gets the most frequent tag of all; so does every line of the level "sequence".
    """

    tagged: int  # validation words, letters or lines
    right: float  # share of their tags
    known: float  # share of validation words that occur in training


@dataclass(frozen=True)
class Size:
    """How large a tagger is."""

    parameters: int
    bytes: int  # of its file, approximately


@dataclass(frozen=True)
class TaggedText:
    """What a plan needs to know of tagged data."""

    level: Level
    cipher: Cipher
    words: int  # of the training sentences; letters for the level "char"
    counting: Counting | None = None  # None where nothing is held out
    further: Mapping[str, Any] | None = None  # the knobs of the tagger that is trained further
    size: Callable[[TaggerModelPart], Size] | None = None  # of a tagger for this data


@dataclass(frozen=True)
class TaggerOutlook:
    """What the training of a tagger will bring; and its plan."""

    what: str  # that is special about it, in a sentence; "" for nothing
    how_long: str
    how_good: str  # in sentences
    a_step: str  # what a step reads
    brief: str  # how good, in a few words
    why: str  # it is planned so
    shape: TaggerShape
    steps: int  # 0 where they depend on the pace
    size: Size | None = None
    earlier: EarlierTagger | None = None  # a run of the same data

    @property
    def card(self) -> tuple[str, ...]:
        """All of this in short lines."""
        what = (self.what,) if self.what else ()
        model = self.shape.model
        file = f"{size(self.size.bytes)} file" if self.size else self.a_step
        brief = self.earlier.brief if self.earlier else self.brief
        large = f"{model.layers}x{model.hidden} LSTM, {file}"
        return (*what, f"{self.how_long[0].upper()}{self.how_long[1:]}", large, brief)

    @property
    def how_large(self) -> str:
        """The size of the LSTM, of its steps, of the tagger and of its file."""
        model = self.shape.model
        ways = "bidirectional" if model.directions == 2 else "unidirectional"
        lstm = f"{model.layers}x{model.hidden} {ways} LSTM, {self.a_step}"
        if self.size is None:
            return lstm
        return f"{lstm}, {count(self.size.parameters)} parameters, a file of about {size(self.size.bytes)}"

    @property
    def rows(self) -> dict[str, str]:
        """All of this by titles."""
        what = {"what": self.what} if self.what else {}
        good = f"{self.earlier.sentence} {self.how_good}" if self.earlier else self.how_good
        return {**what, "how long": self.how_long, "how good": good, "how large": self.how_large}


def outlook(length: Length, text: TaggedText, given: Mapping[str, Any]) -> TaggerOutlook:
    """What a run of this length would bring."""
    shape = shape_for(text.level, text.cipher, text.words, given, text.further)
    model, tokens = shape.model, shape.batches.tokens
    per_epoch = max(1, -(-text.words // tokens))
    further = text.further is not None
    bounds = limits(per_epoch, cipher=bool(text.cipher), folds=given.get("folds", 0), further=further)
    steps = 0 if length.unit == "minutes" else steps_for(length, bounds).count
    if length.unit == "minutes" and further:
        how_long = f"{length}, at most {plural(bounds.most, 'step')}"
    elif length.unit == "minutes":
        how_long = f"{length}, at most {plural(-(-bounds.most // per_epoch), 'epoch')}"
    elif length.unit == "epochs":
        how_long = f"{length}, about {plural(steps, 'step')}"
    else:
        how_long = str(length)
    brief, how_good = _how_good(text, model, given)
    return TaggerOutlook(
        what=_what(text, model),
        how_long=how_long,
        how_good=how_good,
        a_step=f"{tokens:,} {_read(text)}s a step",
        brief=brief,
        why=_why(text, model),
        shape=shape,
        steps=steps,
        size=text.size(model) if text.size else None,
    )


def alone(words: int) -> str:
    """What a new tagger from so many words, and nothing else, would do."""
    return "know only them, and guess the rest" if words < FEW_WORDS else "know only what they say"


def _read(text: TaggedText) -> str:
    return _UNITS[text.level][0]


def _what(text: TaggedText, model: TaggerModelPart) -> str:
    if text.further is not None:
        return f"Learns the data's {_read(text)}s only." if model.learn == "words" else "Learns all weights."
    if text.level == "word" and text.words < _TOO_FEW_ALONE:
        amount = plural(text.words, "word").capitalize()
        return f"{amount} alone: it would {alone(text.words)}. Choose a tagger in From."
    return ""


def _how_good(text: TaggedText, model: TaggerModelPart, given: Mapping[str, Any]) -> tuple[str, str]:
    """How good the tagger becomes, in a few words and in sentences that say where each number is from."""
    if text.further is not None and model.learn == "words":
        return (
            "Keeps what it knew (0.01 points lost when measured)",
            "It learns the data and keeps what it knew: when english-upos learned 13 words in this way, all 13 tags were "
            "right afterwards, and its accuracy on other text fell by 0.01 points, to 95.5%.",
        )
    counting = text.counting
    if counting is None:
        if given.get("folds"):
            return "Measured on each fold in turn", "Unknown before: each fold is tested in turn."
        return (
            "Unknown: no validation data",
            "Unknown: no data is held out for validation, which would measure it.",
        )
    _, unit = _UNITS[text.level]
    by = f"each {unit}'s most frequent tag" if text.level != "sequence" else "the most frequent tag"
    right, known = f"{counting.right:.1%}", f"{counting.known:.1%}"
    sentences = (
        f"The baseline is counting: {by} is right for {right} of the {plural(counting.tagged, unit)} of "
        f"the validation data. {known} of its {_read(text)}s occur in the training data."
    )
    if text.level == "word" and text.further is None:
        sentences += _compared(text.words)
    return f"Baseline {right} right, {known} of {_read(text)}s known", sentences


def _compared(words: int) -> str:
    """What a tagger of about as many training words reached, in a sentence; "" for far fewer than were measured."""
    measured = [row for row in MEASURED if row[0] <= words]
    if not measured:
        return ""
    count, reached, counted = measured[-1]
    return (
        f" For comparison, {count:,} words of English with parts of speech (UD EWT) reach {reached:.1f}%, "
        f"where that baseline is {counted:.1f}%."
    )


def _why(text: TaggedText, model: TaggerModelPart) -> str:
    amount = f"{text.words:,} {_read(text)}s"
    if text.further is not None and model.learn == "words":
        return f"Only the embeddings of the {amount} are trained, so that the tagger forgets as little as possible."
    if text.further is not None:
        return f"All weights learn from {amount}, at a low learning rate, so that it keeps what it knew."
    if text.cipher == "key":
        return "A key that advances only on letters needs two layers and more training, because the model must count letters."
    if text.cipher:
        return "A cipher needs only a small tagger that reads letters from left to right."
    size = f"Its size suits {amount}: a larger one would overfit."
    if text.level == "char":
        return size
    reader = {"none": "", "cnn": "A convolution", "lstm": "An LSTM"}[model.characters]
    letters = f"{reader} reads each word's letters, so that unknown words are tagged too."
    return f"{size} {letters if reader else 'It does not read the letters of words.'}"
