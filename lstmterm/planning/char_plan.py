"""The plan of a character model: from a text, a length of training and a machine to a spec.

The size of the model comes first (`char_size.py`): it decides the batches and the learning rate; the number of
epochs decides the dropout. A knob set by the user is kept, and the rest is planned around it. All of this is
pure: nothing is measured or read here.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lstmterm.amounts import plural
from lstmterm.planning import char_size, text_size
from lstmterm.planning.char_size import MEASURED, Available, batches_of, with_teacher
from lstmterm.planning.length import Length, time_in_words
from lstmterm.planning.machine import Machine
from lstmterm.planning.steps import Limits, steps_share
from lstmterm.planning.teaching import models_in_time
from lstmterm.planning.text_size import Size, TextFacts
from lstmterm.planning.training_time import REFERENCE_BATCHES, units
from lstmterm.spec.character import CharBatchPart, CharModelPart, CharSpec, EnsemblePart

_HIGHEST_WITHOUT_MUON = 5e-3  # learning rate
# The same for a model that starts from the weights of another one: a higher rate loses what they know.
_HIGHEST_FURTHER = 5e-3
_FEWEST_STEPS = 100  # however short the time: a model of fewer has learned nothing
# The share of its peak to which Muon's learning rate falls, for few epochs and for many. A rate that stays high prevents
# overfitting, and the moving average of weights does most of what a deeper fall would.
_FINAL_RATE, _FINAL_RATE_FOR_MANY_EPOCHS = 0.01, 0.3
# The share of the steps in which the rate of a model with a teacher falls to zero: it overfits later, so it gains.
_COOLDOWN_IF_TAUGHT = 0.3
_AVERAGE_OVER = 0.07  # share of the steps that the moving average of weights covers
_LONGEST_AVERAGE = 1000  # steps
_WEIGHT_DECAY = 0.1
_MUONS_WEIGHT_DECAY = 0.2  # at the peak of the learning rate, with which it falls
_CHARS_OF_A_STREAM = 500  # at least: shorter streams restart too often

# Knobs that a plan may set to another value than the spec's default.
PLANNED = frozenset(
    {
        "layers", "hidden", "embedding", "dropout", "layer_dropout", "token_dropout", "batch_size", "seq_length",
        "stream_starts", "ngram_share",
        "optimizer", "learning_rate", "final_rate", "cooldown", "weight_decay", "decay_follows_rate", "average",
        "steps", "evaluate_every", "warmup", "threads", "device", "precision",
        "ensemble", "teacher_hidden",  # with the length of the run
    }
)  # fmt: skip

# A model with at most this many hidden units is too small to be shared among threads.
_UNITS_OF_ONE_THREAD = 128


@dataclass(frozen=True)
class Shape:
    """The parts of a spec that are planned before anything is measured."""

    model: CharModelPart
    batches: CharBatchPart
    training: Mapping[str, Any]  # fields of TrainingPart
    size_reason: str  # a sentence
    dropout_reason: str
    ensemble: EnsemblePart = field(default_factory=EnsemblePart)
    is_timed: bool = True  # whether a time was given, in which training stops after `most_epochs`
    is_further: bool = False  # whether it starts from the weights of a model
    taught: EnsemblePart | None = (
        None  # what it learns from if there is time for a teacher; None: it has none
    )

    @property
    def size(self) -> tuple[int, int, int, CharBatchPart]:
        """What decides how long a step takes."""
        return self.model.layers, self.model.hidden, self.model.embedding, self.batches

    @property
    def why(self) -> str:
        """Why it was planned so, in a few sentences."""
        return f"{self.size_reason} {self.dropout_reason}"


def shape_for(
    text: TextFacts,
    seconds: float,
    machine: Machine,
    given: Mapping[str, Any],
    length: Length | None = None,
    *,
    further: bool = False,
    alone: bool = False,
) -> Shape:
    """The model and its training for `seconds` of steps. `given` holds the knobs set by the user.

    The reason speaks of the `length` that the user asked for, where it is not these seconds. With `further` the model
    starts from the weights of another one. With `alone` no model may be trained before it.
    """
    is_timed = length is None or length.unit == "minutes"
    alone = alone or further or not is_timed or "ensemble" in given or given.get("deadline", False)
    ensemble = EnsemblePart.from_dict({**given})
    # a number of steps or epochs is that of each model
    available = Available(text, seconds, machine, given, ensemble if is_timed else EnsemblePart())
    size = (None if alone else char_size.largest_taught(available)) or char_size.largest(available)
    optimizer = available.optimizer
    model = CharModelPart.from_dict({**vars(available.model_of(size)), **given})
    streams = min(size.batch_size, max(1, text.chars // _CHARS_OF_A_STREAM))
    cut = {"batch_size": streams, "seq_length": size.seq_length, "stream_starts": "random"}
    batches = CharBatchPart.from_dict({**cut, **given})
    rate = size.learning_rate if optimizer == "muon" else min(size.learning_rate, _HIGHEST_WITHOUT_MUON)
    if further:
        rate = min(rate, _HIGHEST_FURTHER)
    is_muon = optimizer == "muon"
    decay = _MUONS_WEIGHT_DECAY if is_muon else _WEIGHT_DECAY
    training = {
        "optimizer": optimizer,
        "learning_rate": rate,
        "weight_decay": decay,
        "decay_follows_rate": is_muon,
    }
    training |= {"average": 0.99, "patience": 0}
    training = {name: given.get(name, value) for name, value in training.items()}
    reason = _size_reason(size, model, available, str(length or time_in_words(seconds)))
    taught = None if alone else with_teacher(model, text, given)
    shape = Shape(
        model,
        batches,
        training,
        reason,
        "",
        ensemble=ensemble,
        is_timed=is_timed,
        is_further=further,
        taught=taught,
    )
    return for_steps(shape, text, available.read_by(model, batches) / units(batches), given)


def seconds_of(length: Length, text: TextFacts, machine: Machine) -> float:
    """The time to plan for: what the steps of all models have of the length's, or what the reference model takes for it."""
    if length.seconds is not None:
        return steps_share(length.seconds) * length.seconds
    chars = units(REFERENCE_BATCHES) if length.unit == "steps" else text.chars
    return length.amount * chars / machine.chars_per_second


def epochs(cut: CharBatchPart, text: TextFacts, steps: float) -> float:
    """Epochs in a number of steps."""
    return steps * units(cut) / text.chars


def for_steps(
    shape: Shape, text: TextFacts, steps: float, given: Mapping[str, Any], *, is_taught: bool = False
) -> Shape:
    """The shape with dropout and averaging for a number of steps; what the user set is kept.

    `is_taught` tells whether there is time for a teacher.
    """
    model, cut = shape.model, shape.batches
    epochs_made = epochs(cut, text, steps)
    against = text_size.dropouts(text.chars, epochs_made, model.layers)
    if "dropout" in given:
        del against["layer_dropout"]  # the given one is after each layer
    model = dataclasses.replace(model, **{name: v for name, v in against.items() if name not in given})
    # a model that is trained further knows more than n-grams of a short text
    ngram_share = 0.0 if shape.is_further else text_size.ngram_share(text.chars, text.vocabulary_size)
    ensemble = dataclasses.replace(
        shape.taught if is_taught and shape.taught else shape.ensemble,
        ngram_share=given.get("ngram_share", ngram_share),
    )
    training = dict(shape.training)
    if "average" not in given:
        training["average"] = round(1 - 1 / min(max(_AVERAGE_OVER * steps, 1), _LONGEST_AVERAGE), 4)
    if "final_rate" not in given and training["optimizer"] == "muon":
        falls = text_size.rate_should_fall(text.chars, epochs_made, model.layers)
        training["final_rate"] = _FINAL_RATE if falls else _FINAL_RATE_FOR_MANY_EPOCHS
    if "cooldown" not in given and training["optimizer"] == "muon" and ensemble.ensemble:
        training["cooldown"] = _COOLDOWN_IF_TAUGHT
    reason = _dropout_reason(text, epochs_made, model, "dropout" in given)
    most = text_size.most_epochs(text.chars)
    if shape.is_timed and epochs_made >= most:
        reason += f" It stops after {most} epochs: more would only overfit."
    if ensemble.ngram_share and "ngram_share" not in given:
        reason += " The text is short, so at first it also learns from n-gram predictions."
    if is_taught:
        teacher = ensemble.teacher_of(model)
        size = "" if teacher.hidden == model.hidden else f" ({teacher.layers}x{teacher.hidden})"
        reason += f" There is time for two models in turn: the second one also learns what the first one{size} predicts."
    elif ensemble.ensemble:
        reason += f" {ensemble.ensemble + 1} models are trained in turn: the last one also learns what the others predict."
    return dataclasses.replace(
        shape, model=model, training=training, dropout_reason=reason, ensemble=ensemble
    )


def limits(shape: Shape, text: TextFacts, steps_per_epoch: float, given: Mapping[str, Any]) -> Limits:
    """The limits on the steps of a run with this shape."""
    ends_in_time = given.get("deadline", False)
    step, optimizer = units(shape.batches), shape.training["optimizer"]

    def shared_by(ensemble: EnsemblePart) -> float:
        return models_in_time(shape.model, ensemble, shape.batches, optimizer)

    epochs_alone = text_size.epochs_before_teaching(text.chars, shape.model.layers)
    return Limits(
        steps_per_epoch,
        fewest=1 if ends_in_time else _FEWEST_STEPS,
        most=math.ceil(text_size.most_epochs(text.chars) * text.chars / step),
        models=shared_by(shape.ensemble),
        models_if_taught=shared_by(shape.taught) if shape.taught else 0.0,
        worth_teaching=max(_FEWEST_STEPS, math.ceil(epochs_alone * text.chars / step)),
    )


def in_words(spec: CharSpec, epochs_made: float) -> dict[str, str]:
    """What a spec trains and how: titles and values."""
    model, cut, training = spec.model, spec.batches, spec.training
    cooldown = f", falling to zero in the last {100 * training.cooldown:g}%" if training.cooldown else ""
    return {
        "model": f"{model.layers}x{model.hidden}, embedding {model.embedding or 'one-hot'}, "
        f"dropout {model.dropout:g}{_between_layers(model)}, token dropout {model.token_dropout:g}",
        "batches": f"{cut.batch_size} streams x {cut.seq_length} characters",
        "training": f"{plural(training.steps, 'step')} ({epochs_made:.1f} epochs), {training.optimizer}, "
        f"learning rate {training.learning_rate:g}, {training.schedule}{cooldown}",
        "machine": f"{training.device}, {plural(training.threads, 'thread')}, {training.precision}",
    }


def threads_for(model: CharModelPart, most: int) -> int:
    """CPU threads for a model that is not measured."""
    return 1 if model.hidden <= _UNITS_OF_ONE_THREAD else most


def _between_layers(model: CharModelPart) -> str:
    """The dropout between layers, in words, where it is another one than after the last."""
    if model.layers == 1 or model.layer_dropout in (None, 0.0, model.dropout):
        return ""
    return f" ({model.layer_dropout:g} between layers)"


def _size_reason(size: Size, model: CharModelPart, available: Available, length: str) -> str:
    if available.size_is_given:
        return f"The size, {model.layers}x{model.hidden}, keeps to what was given."
    if size is text_size.largest(available.text.chars):
        chars = f"{available.text.chars:,} characters"
        return f"A larger model than {size} overfits a text of {chars}, however long it is trained."
    read = available.read(size)
    beyond = " (extrapolated from shorter runs)" if read > MEASURED else ""
    return (
        f"A {size} LSTM learns most in {length} on this machine, which trains it at about "
        f"{available.speed(model, batches_of(size)):,.0f} characters a second{beyond}."
    )


def _dropout_reason(text: TextFacts, epochs_made: float, model: CharModelPart, by_hand: bool) -> str:
    if epochs_made < 0.95:
        amount = f"It reads about {100 * epochs_made:.2g}% of the {text.chars:,} characters"
    else:
        times = f"{epochs_made:.1f}" if epochs_made < 10 else f"{epochs_made:.0f}"
        amount = f"It reads the {text.chars:,} characters for about {times} epochs"
    if by_hand:
        dropout = f", with dropout {model.dropout:g}{_between_layers(model)} as given"
    elif model.dropout:
        tokens = f" and token dropout {model.token_dropout:g}" if model.token_dropout else ""
        dropout = f", with dropout {model.dropout:g}{_between_layers(model)}{tokens} against overfitting"
    else:
        dropout = ": too few to overfit, so it needs no dropout"
    return f"{amount}{dropout}."
