"""From what a person asked for to a tagger's run: read, plan, measure, train."""

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.models import library
from lstmterm.nn import calibrate
from lstmterm.nn.device import checked_threads, choose_device, use_threads
from lstmterm.nn.folds import train_folds
from lstmterm.nn.recording import or_requested, with_notes
from lstmterm.nn.tagger_task import TaggerTask
from lstmterm.nn.task import StopCheck
from lstmterm.nn.train import train
from lstmterm.planning import tagger_plan
from lstmterm.runs import recording, storage
from lstmterm.runs.events import Event
from lstmterm.runs.folder import Run
from lstmterm.spec.tagger import DataPart, TaggerSpec
from lstmterm.spec.training import TrainingPart
from lstmterm.tagging import ciphers, tagged_data
from lstmterm.tagging.tagged_data import TaggerData

DEFAULT_MINUTES = 3.0
CIPHER_STEPS = 300  # without a length; a cipher is solved in seconds
SAFETY = 0.94  # of the time that is left for steps: machines waver
EVALUATIONS = 20  # in a run, if their share of the time allows it
CIPHER_EVALUATIONS = 60  # a cipher is solved in few steps, and its letters are watched falling into place
FEWEST_EVALUATIONS = 5
EVALUATION_SHARE = 0.05  # of the time
PACE_SECONDS = 0.8  # of measuring, each precision and number of threads
FEWEST_STEPS = 50  # however short the time
FINISH_SECONDS = 1.0  # reading and writing the last model
TAGGED_PER_SECOND = 20_000  # words, for the final figures
BFLOAT16_GAIN = 1.1  # how much faster bfloat16 has to be, to be chosen


@dataclass(frozen=True)
class TaggerRequest:
    """What a person asked for: data, a length, and the knobs set by hand."""

    source: str
    name: str | None = None
    minutes: float | None = None
    epochs: float | None = None
    given: Mapping[str, Any] = field(default_factory=dict)  # knobs of every part, by field name
    overwrite: bool = False


@dataclass(frozen=True)
class PreparedTagger:
    """A request, fully resolved."""

    spec: TaggerSpec
    data: TaggerData
    device: torch.device


Confirm = Callable[[TaggerData], None]  # raises where a person must agree and does not


def prepare(request: TaggerRequest, started: float, confirm: Confirm = lambda data: None) -> PreparedTagger:
    """Read the data, plan the tagger, and turn minutes into steps by measuring.

    `started` is when the process began (`time.monotonic()`): minutes count from there. `confirm`
    sees the data before anything is trained. Raises `InputError` for what cannot be trained as asked.
    """
    if request.source == "-":
        raise InputError("A run reads its data again when it is resumed; give a file instead of `-`.")
    given = dict(request.given)
    cipher = ciphers.is_cipher(request.source)
    if cipher:
        given.setdefault("level", "char")
    if given.get("folds") in (1, 2):
        raise InputError(
            "--folds takes at least 3: one to test on, one to validate on, and one to learn from."
        )
    part = DataPart.from_dict({**given, "source": _absolute(request.source), "name": ""})
    part = dataclasses.replace(
        part, **{role: _absolute(f) for role in ("dev", "test") if (f := given.get(role))}
    )
    data = tagged_data.read(part)
    part = dataclasses.replace(part, sha256=data.sha256)
    confirm(data)
    name = paths.plain_name(
        request.name or (request.source.replace(":", "-") if cipher else data.name), "model's name"
    )
    library.refuse_taken(name, request.overwrite)
    storage.refuse_running(name)
    part = dataclasses.replace(part, name=name if cipher else data.name)
    device = choose_device(given.get("device", "auto"))
    threads = checked_threads(given.get("threads"))
    use_threads(threads)
    minutes = request.minutes
    if minutes is None and request.epochs is None and "steps" not in given:
        if cipher:
            given["steps"] = CIPHER_STEPS
        else:
            minutes = DEFAULT_MINUTES
    if part.folds:
        data = tagged_data.for_fold(data, part, None)
    words = sum(len(s.words) for s in data.train)
    shape = tagger_plan.shape_for(part.level, cipher, words, given)
    resolved = {"device": str(device), "threads": threads, "minutes": minutes}
    training = TrainingPart.from_dict(
        {"steps": 1, "evaluate_every": 1, **shape.training, **given, **resolved}
    )
    spec = TaggerSpec(data=part, model=shape.model, batches=shape.batches, training=training, name=name)
    length = _with_length(spec, data, device, request.epochs, given, started)
    return PreparedTagger(dataclasses.replace(spec, training=length), data, device)


def _absolute(source: str) -> str:
    """A file's path made absolute, so that a run can be resumed from anywhere; a name stays."""
    return str(Path(source).expanduser().absolute()) if paths.is_file_argument(source) else source


def _with_length(
    spec: TaggerSpec,
    data: TaggerData,
    device: torch.device,
    epochs: float | None,
    given: Mapping[str, Any],
    started: float,
) -> TrainingPart:
    """The training part with its precision, its steps, and how often they are validated."""
    part, minutes = spec.training, spec.training.minutes
    trial = TaggerTask(spec, data, device)
    evaluations = CIPHER_EVALUATIONS if ciphers.is_cipher(spec.data.source) else EVALUATIONS
    if minutes is None:
        part = dataclasses.replace(part, precision="float32" if part.precision == "auto" else part.precision)
        steps = given.get("steps") or max(1, round((epochs or 1) * trial.steps_per_epoch))
    else:
        part, step = _measured(trial, part, fixed_threads="threads" in given)
        evaluation = _evaluation_seconds(trial)
        tagged = sum(len(s.words) for s in (*data.dev, *data.test))
        end = started + 60 * minutes - FINISH_SECONDS - tagged / TAGGED_PER_SECOND
        left = max(end - time.monotonic(), 0.0) / (spec.data.folds + 1)
        evaluations = int(min(max(EVALUATION_SHARE * left / evaluation, FEWEST_EVALUATIONS), EVALUATIONS))
        affordable = int(SAFETY * (left - evaluations * evaluation) / step)
        most = max(tagger_plan.MOST_EPOCHS * trial.steps_per_epoch, tagger_plan.SMALL_STEPS)
        steps = max(FEWEST_STEPS, min(affordable, int(most)))
    return dataclasses.replace(
        part,
        steps=steps,
        evaluate_every=given.get("evaluate_every", max(1, -(-steps // evaluations))),
        warmup=given.get("warmup", min(part.warmup, max(1, steps // 10))),
    )


def _measured(trial: TaggerTask, part: TrainingPart, fixed_threads: bool) -> tuple[TrainingPart, float]:
    """The part with the precision and the threads that are fastest, where they are left open, and
    the seconds that a step takes with them."""
    precisions = ("float32", "bfloat16") if part.precision == "auto" else (part.precision,)
    counts = (part.threads,) if fixed_threads else tuple({part.threads, 1})
    seconds: dict[TrainingPart, float] = {}
    for precision, threads in itertools.product(precisions, counts):
        tried = dataclasses.replace(part, precision=precision, threads=threads)
        use_threads(threads)
        trial.spec = dataclasses.replace(trial.spec, training=tried)
        step = calibrate.stepping(trial, tried)
        seconds[tried] = calibrate.seconds_each(step, trial.device, PACE_SECONDS)
    handicap = {"float32": 1.0, "bfloat16": BFLOAT16_GAIN}
    best = min(seconds, key=lambda tried: seconds[tried] * handicap[tried.precision])
    use_threads(best.threads)
    return best, seconds[best]


def _evaluation_seconds(trial: TaggerTask) -> float:
    trial.model.eval()
    with torch.no_grad():
        begun = time.perf_counter()
        trial.evaluate()
        trial.sample()
    return time.perf_counter() - begun + 0.2  # and two files written


# Running


def begin(prepared: PreparedTagger, run_id: str | None = None) -> Run:
    """The folder of a new run for what was prepared."""
    return storage.create(run_id or storage.new_id(prepared.spec.name), prepared.spec.to_json())


def train_run(run: Run, prepared: PreparedTagger, should_stop: StopCheck, started: float) -> Iterator[Event]:
    """Train a new run from its beginning, recorded."""
    with run.held():
        run.clear_stop()
        stop = or_requested(run, should_stop)
        events = training_of(
            prepared.spec, prepared.data, run.folder, resume=False, should_stop=stop, started=started
        )
        yield from recording.record(run, with_notes(events, prepared.data.notes))


def resumed(spec: TaggerSpec, folder: Path, should_stop: StopCheck, started: float) -> Iterator[Event]:
    """The events of a run that goes on where its state was saved."""
    use_threads(spec.training.threads)
    data = tagged_data.read(spec.data)
    if spec.data.folds:
        data = tagged_data.for_fold(data, spec.data, None)
    yield from training_of(spec, data, folder, resume=True, should_stop=should_stop, started=started)


def training_of(
    spec: TaggerSpec,
    data: TaggerData,
    folder: Path,
    *,
    resume: bool,
    should_stop: StopCheck,
    started: float,
) -> Iterator[Event]:
    """One model's training, or that of all folds; `data` is all of it where there are folds."""
    device = choose_device(spec.training.device)

    def task_of(fold: int | None) -> TaggerTask:
        part = dataclasses.replace(spec.data, fold=fold)
        return TaggerTask(
            dataclasses.replace(spec, data=part), tagged_data.for_fold(data, part, fold), device
        )

    if spec.data.folds:
        return train_folds(
            task_of,
            spec.data.folds,
            spec.training,
            folder,
            resume=resume,
            should_stop=should_stop,
            started=started,
        )
    task = TaggerTask(spec, data, device)
    return train(task, spec.training, folder, resume=resume, should_stop=should_stop, started=started)
