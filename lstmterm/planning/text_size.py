"""What the size of a text decides: how large a model the plan takes for it, how much dropout, and how good it becomes.

A check of a text and a plan for it both speak from these tables, so that they agree.
"""

import math
from dataclasses import dataclass

from lstmterm.planning import choose


@dataclass(frozen=True)
class TextFacts:
    """What the rules need to know about a text."""

    chars: int  # of the training split
    vocabulary_size: int


@dataclass(frozen=True)
class Size:
    """The size of a model, and the batches and the learning rate that suit it."""

    layers: int
    hidden: int
    batch_size: int
    seq_length: int
    learning_rate: float

    def __str__(self) -> str:
        return f"{self.layers}x{self.hidden}"


@dataclass(frozen=True)
class Expectation:
    """How good a model of a text becomes, given enough time."""

    brief: str  # in a few words
    sentences: str


EPOCHS = 20  # at most in a given time, except for short texts

_LONG_TEXT = 3_000_000  # characters, of which larger models learn more

# The largest size for texts up to a number of characters: a larger model soon overfits a small text.
_LARGEST = (
    (15_000, Size(1, 256, 16, 32, 1.2e-2)),
    (60_000, Size(2, 192, 32, 32, 1.6e-2)),
    (120_000, Size(1, 384, 32, 48, 1.2e-2)),
    (800_000, Size(2, 384, 64, 64, 2.4e-2)),
    (_LONG_TEXT, Size(2, 768, 128, 64, 2e-2)),
    (math.inf, Size(2, 1024, 128, 64, 1e-2)),
)
# Texts up to this number of characters gain from more epochs, with dropout.
_SHORT_TEXT = 300_000
_EPOCHS_OF_SHORT = 40
# For longer texts: the epochs of both models for which a plan takes a teacher, in place of a larger model; and those
# for which it still takes one if the machine is slower than expected.
_EPOCHS_TO_TEACH, _STILL_TO_TEACH = 16, 13
_MOST_OF_TEACHER = 384  # hidden units that are enough for a teacher of a larger model
# Up to so many epochs a learning rate that falls to 1 % is best. With more, the model overfits as it falls; one layer
# overfits a text that is not short later than two.
_EPOCHS_OF_FALLING_RATE, _EPOCHS_OF_ONE_LAYER = 6, 9
_DROPOUT_OF_MORE_EPOCHS = ((12, 0.3), (21, 0.4), (math.inf, 0.5))
# Dropout for texts up to a number of characters, for up to a number of epochs: short texts are overfitted sooner.
_DROPOUT = (
    (60_000, ((4, 0.0), (8, 0.25), (12, 0.4), (math.inf, 0.6))),
    (_SHORT_TEXT, ((4, 0.0), (8, 0.25), (12, 0.4), (math.inf, 0.5))),
    (math.inf, ((_EPOCHS_OF_FALLING_RATE, 0.0), *_DROPOUT_OF_MORE_EPOCHS)),
)
_DROPOUT_OF_ONE_LAYER = (*_DROPOUT[:-1], (math.inf, ((_EPOCHS_OF_ONE_LAYER, 0.0), *_DROPOUT_OF_MORE_EPOCHS)))
# The same between layers, which slows learning down at first, and pays off with more epochs.
_LAYER_DROPOUT = (
    (60_000, ((math.inf, 0.0),)),
    (_SHORT_TEXT, ((20, 0.0), (math.inf, 0.3))),
    (math.inf, ((math.inf, 0.0),)),
)
_TOKEN_DROPOUT = ((12, 0.0), (math.inf, 0.05))  # for up to a number of epochs
# The share of n-grams in what is learned at first, for texts up to a number of characters, with few distinct ones: of
# many, a short text shows too few n-grams.
_NGRAM_SHARE = ((100_000, 0.5), (math.inf, 0.0))
_FEW_DISTINCT = 500

_EXPECTATIONS = (
    (
        2_000,
        Expectation(
            "far too little text: noise",
            "Far too little: a model will repeat the text or produce noise. Use at least ten times as much.",
        ),
    ),
    (
        20_000,
        Expectation(
            "little text: some short words",
            "Very little: a model learns common letter sequences and some short words, and then overfits; more text "
            "helps more than anything else.",
        ),
    ),
    (
        200_000,
        Expectation(
            "words and layout, no sense",
            "A small text: spelling, common words and the layout come out well; sentences are rarely coherent. "
            "The validation loss stops falling early.",
        ),
    ),
    (
        3_000_000,
        Expectation(
            "words, names, style, phrases",
            "A good size: words, names, punctuation and style come out well within minutes, and phrases are coherent; "
            "sentences in sequence are not. For comparison, 1.1 million characters of Shakespeare reach about "
            "1.4 nats (2.0 bits) per character in one minute.",
        ),
    ),
    (
        30_000_000,
        Expectation(
            "better with every minute",
            "A large text: time is the limit, not the text. A model improves for as long as it is trained.",
        ),
    ),
    (
        math.inf,
        Expectation(
            "better with every hour",
            "A very large text: a short run reads only part of it and cannot overfit. The best model is the largest "
            "that the time allows.",
        ),
    ),
)

_LITTLE = 20_000  # characters: of a text this short the text says more than the time
# The same for trainings that read up to a number of characters, which are too short for what a text allows.
_SHORT_TRAINING = (
    (
        200_000,
        Expectation(
            "short: invented words",
            "A short training: common letter sequences and short words, most words invented. More time helps most.",
        ),
    ),
    (
        800_000,
        Expectation(
            "short: words, some invented",
            "A short training: common words and the layout come out right, longer words are often invented. More time "
            "helps most.",
        ),
    ),
)


def expectation(chars: int, read: float = math.inf) -> Expectation:
    """What to expect of a model for a training part of this many characters, after a training that reads `read`."""
    if chars > _LITTLE and read <= _SHORT_TRAINING[-1][0]:
        return choose(_SHORT_TRAINING, read)
    return choose(_EXPECTATIONS, chars)


def largest(chars: int) -> Size:
    """The largest size that is planned for a training part of this many characters, however long the time."""
    return choose(_LARGEST, chars)


def rate_should_fall(chars: int, epochs: float, layers: int) -> bool:
    """Whether training has so few epochs of a training part that its learning rate should fall to almost nothing."""
    is_one_layer = layers == 1 and chars > _SHORT_TEXT
    return epochs <= (_EPOCHS_OF_ONE_LAYER if is_one_layer else _EPOCHS_OF_FALLING_RATE)


def dropouts(chars: int, epochs: float, layers: int) -> dict[str, float]:
    """What is planned for a training part, a number of epochs and of layers: fields of `CharModelPart`."""
    dropout = _DROPOUT_OF_ONE_LAYER if layers == 1 else _DROPOUT
    return {
        "dropout": choose(choose(dropout, chars), epochs),
        "layer_dropout": choose(choose(_LAYER_DROPOUT, chars), epochs),
        "token_dropout": choose(_TOKEN_DROPOUT, epochs),
    }


def ngram_share(chars: int, vocabulary_size: int) -> float:
    """The planned share, at first, of n-gram predictions in what a model learns from a training part."""
    return choose(_NGRAM_SHARE, chars) if vocabulary_size <= _FEW_DISTINCT else 0.0


def most_epochs(chars: int) -> int:
    """The epochs of a model for a training part in a given time: more would only overfit."""
    return _EPOCHS_OF_SHORT if chars <= _SHORT_TEXT else EPOCHS


def epochs_before_teaching(chars: int, layers: int) -> int:
    """The epochs in a given time after which a model learns more from another one than from more epochs."""
    if chars > _SHORT_TEXT:
        return _STILL_TO_TEACH
    most = most_epochs(chars)
    gains_from_more = layers > 1 and dropouts(chars, most, layers)["layer_dropout"] > 0
    return most if gains_from_more else EPOCHS


def epochs_for_smaller_taught(chars: int) -> float:
    """The epochs from which on a model with a teacher is better than a larger one without, which takes as long.

    A larger model overfits a text of some million characters. Of more, it learns more.
    """
    return _EPOCHS_TO_TEACH if _SHORT_TEXT < chars <= _LONG_TEXT else math.inf


def teachers_hidden(chars: int, layers: int, hidden: int) -> int:
    """The planned hidden units of a model that teaches one of this size.

    A smaller teacher leaves more of the time to the model, but one that is too small teaches little. That was measured with two
    layers and a longer text.
    """
    return hidden if chars <= _SHORT_TEXT or layers == 1 else min(hidden, _MOST_OF_TEACHER)


def planned_for(chars: int) -> str:
    """What a plan for a training part of this many characters keeps to, however long the time: two sentences."""
    size = largest(chars)
    without, _ = choose(_DROPOUT, chars)[0]
    most = dropouts(chars, most_epochs(chars), size.layers)["dropout"]
    one_layer = f" ({_EPOCHS_OF_ONE_LAYER} with one layer)" if chars > _SHORT_TEXT else ""
    return (
        f"The plan takes a model of at most {size} for it, with dropout (up to {most:g}) for more than "
        f"{without} epochs{one_layer}. In a given time it stops after {most_epochs(chars)} epochs, or trains a second model that also learns "
        "from the first; the weights with the lowest validation loss are kept."
    )
