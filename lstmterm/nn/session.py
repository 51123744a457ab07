"""From what a person asked for to a run: read, plan, measure, train; and resume."""

import dataclasses
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from lstmterm import atomic, paths
from lstmterm.corpora import opening, splits
from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.splits import Split
from lstmterm.errors import InputError, RunError
from lstmterm.models import library, model_file
from lstmterm.models.model_file import LoadedModel
from lstmterm.nn import calibrate, state, tagger_session
from lstmterm.nn.calibrate import Pace
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.device import checked_threads, refuse_too_large, use_threads
from lstmterm.nn.following import Order, pace_together, set_threads
from lstmterm.nn.ranks import ALONE, Ranks
from lstmterm.nn.recording import or_requested, with_notes
from lstmterm.nn.streams import Streams
from lstmterm.nn.task import StopCheck
from lstmterm.nn.train import STATE, train
from lstmterm.nn.transfer import start_from
from lstmterm.planning import plan, torchrun
from lstmterm.planning.plan import Shape, TextFacts
from lstmterm.runs import recording, storage
from lstmterm.runs.events import Event
from lstmterm.runs.folder import Run
from lstmterm.spec.character import CharSpec, TextPart
from lstmterm.spec.stored import spec_from_dict
from lstmterm.spec.tagger import TaggerSpec
from lstmterm.spec.training import TrainingPart

DEFAULT_MINUTES = 3.0
SAFETY = 0.95  # of the time that is left for steps: machines waver
EVALUATIONS = 20  # in a run, if their share of the time allows it
FEWEST_EVALUATIONS = 5
EVALUATION_SHARE = 0.06  # of the time
FAR_OFF = 2.5  # times faster or slower than expected: then it is planned anew
FEWEST_STEPS = 100  # however short the time: a model of fewer has learned nothing


@dataclass(frozen=True)
class TrainRequest:
    """What a person asked for: a corpus, a length, and the knobs set by hand."""

    source: str
    name: str | None = None
    minutes: float | None = None
    epochs: float | None = None
    given: Mapping[str, Any] = field(default_factory=dict)  # knobs of every part, by field name
    start_from: str | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class Prepared:
    """A request, fully resolved."""

    spec: CharSpec
    corpus: Corpus
    split: Split
    device: torch.device
    why: str  # of the plan
    seconds_per_step: float | None  # None where nothing was measured
    earlier: LoadedModel | None  # whose weights are the first ones
    machine: plan.Machine  # that it was planned for

    @property
    def epochs(self) -> float:
        """Passes over the training text that the steps make."""
        return _passes(self.spec, self.split)


def _passes(spec: CharSpec, split: Split) -> float:
    """Passes over the training text that the spec's steps make."""
    chars = split.train[1] - split.train[0]
    return spec.training.steps * spec.batches.batch_size * spec.batches.seq_length / chars


@dataclass(frozen=True)
class _Planner:
    """What stays as it is while a spec is drafted, measured, and perhaps drafted again."""

    request: TrainRequest
    minutes: float | None
    name: str
    text: TextPart
    corpus: Corpus
    split: Split
    device: torch.device
    progress: opening.Progress | None
    ranks: Ranks

    @property
    def facts(self) -> TextFacts:
        return TextFacts(self.split.train[1] - self.split.train[0], len(self.corpus.vocabulary))

    @property
    def most_threads(self) -> int:
        return checked_threads(self.request.given.get("threads"), self.ranks.here)

    def machine(self) -> plan.Machine:
        """What is known of all ranks' machines together."""
        one = calibrate.machine(self.device, self.most_threads)
        return dataclasses.replace(one, chars_per_second=self.ranks.count * one.chars_per_second)

    def draft(self, machine: plan.Machine) -> tuple[Shape, CharSpec]:
        """What is planned for a machine that fast; the steps are left open."""
        request, given = self.request, self.request.given
        shape = _shape(request, self.facts, machine, self.minutes)
        precision = given.get("precision", "auto")
        resolved = {
            "device": str(self.device) if self.ranks.count == 1 else self.device.type,
            "threads": given.get("threads") or plan.threads_for(shape.model, self.most_threads),
            "precision": machine.precision if precision == "auto" else precision,
            "minutes": self.minutes,
        }
        spec = CharSpec(
            text=self.text,
            model=shape.model,
            batches=shape.batches,
            training=TrainingPart.from_dict(
                {"steps": 1, "evaluate_every": 1, **shape.training, **given, **resolved}
            ),
            name=self.name,
            start_from=request.start_from,
        )
        refuse_too_large(spec, self.facts.symbols, self.device, self.ranks.count)
        return shape, spec

    def measure(self, spec: CharSpec) -> Pace:
        """How long the parts of the run take that `spec` describes."""
        if self.progress is not None:
            self.progress("measuring this machine", 0, None)
        most = spec.training.threads
        fixed = "threads" in self.request.given or self.ranks.count > 1
        self.ranks.tell(Order("pace", spec.to_dict()))
        use_threads(most)
        trial = CharTask(spec, self.corpus, self.split, self.device, self.ranks)
        return pace_together(trial, (most,) if fixed else tuple(sorted({most, 1}, reverse=True)), self.ranks)

    def windows(self, spec: CharSpec) -> int:
        """Steps in a pass over the training text."""
        cut = spec.batches
        return Streams(self.corpus.ids[slice(*self.split.train)], cut.batch_size, cut.seq_length).windows


def prepare(
    request: TrainRequest,
    started: float,
    progress: opening.Progress | None = None,
    *,
    measured: bool = False,
    ranks: Ranks = ALONE,
) -> Prepared:
    """Read the text, plan the model, and turn minutes into steps by measuring.

    `started` is when the process began (`time.monotonic()`): minutes count from there. With
    `measured`, the steps are timed also where their number is given. Of several `ranks` the first does this.
    Raises `InputError` for whatever cannot be trained as asked.
    """
    given = dict(request.given)
    text = TextPart.from_dict({"source": request.source, "name": "", **given})
    corpus = opening.open_text(text, progress)
    text = dataclasses.replace(text, name=corpus.name, source=corpus.source, sha256=corpus.sha256)
    split = splits.cut(len(corpus), text.val, text.test, text.split_cap)
    name = _free_name(request, corpus)
    earlier = _earlier(request.start_from, given) if request.start_from else None
    request = dataclasses.replace(request, given=given)  # with the shape of the model that it starts from
    minutes = request.minutes
    if minutes is None and request.epochs is None and "steps" not in given:
        minutes = DEFAULT_MINUTES
    device = ranks.device(given.get("device", "auto"))
    planner = _Planner(request, minutes, name, text, corpus, split, device, progress, ranks)

    machine = planner.machine()
    shape, spec = planner.draft(machine)
    pace = planner.measure(spec) if measured or minutes is not None else None
    if pace is not None and minutes is not None:
        machine = _as_it_is_now(machine, spec, planner.facts, pace)
        another, drafted = planner.draft(machine)
        if (another.model, another.batches) != (shape.model, shape.batches):
            shape, spec, pace = another, drafted, planner.measure(drafted)
    end = None if minutes is None else started + 60 * minutes
    most_steps = plan.most_steps(shape, planner.facts)
    length = _length(request, spec, planner.windows(spec), pace, end, most_steps)
    shape = plan.for_steps(shape, planner.facts, length["steps"], given)  # now that they are known
    training = dataclasses.replace(spec.training, **{**shape.training, **length})
    spec = dataclasses.replace(spec, model=shape.model, training=training)
    return Prepared(spec, corpus, split, device, shape.why, pace.step if pace else None, earlier, machine)


def _as_it_is_now(machine: plan.Machine, spec: CharSpec, facts: TextFacts, pace: Pace) -> plan.Machine:
    """The machine, as fast as it was with this spec where that is far from what was expected of it.

    It is busy otherwise, perhaps, or the rules do not know its kind: what is planned for a machine twice as
    fast makes too few steps to learn much.
    """
    expected = plan.chars_per_second(spec.model, spec.batches, facts.symbols, machine)
    share = pace.chars_per_second / expected
    if 1 / FAR_OFF <= share <= FAR_OFF:
        return machine
    return dataclasses.replace(machine, chars_per_second=round(share * machine.chars_per_second))


def _free_name(request: TrainRequest, corpus: Corpus) -> str:
    name = paths.plain_name(request.name or corpus.name, "model's name")
    library.refuse_taken(name, request.overwrite)
    storage.refuse_running(name)
    return name


def _earlier(reference: str, given: dict[str, Any]) -> LoadedModel:
    """The model to start from; its shape becomes the given one. Raises where the two disagree."""
    earlier = model_file.load(library.find(reference).path)
    if earlier.card.kind != "charlm":
        raise InputError(f"{reference} is a {earlier.card.kind}; --from takes a character model.")
    for knob in ("layers", "hidden", "embedding"):
        size = earlier.card.sizes[knob]
        if given.setdefault(knob, size) != size:
            raise InputError(f"--{knob} is {given[knob]}, but {reference} has {size}; leave --{knob} out.")
    if "initial.h" in earlier.tensors:
        given.setdefault("initial_state", "learned")
    return earlier


def _shape(request: TrainRequest, facts: TextFacts, machine: plan.Machine, minutes: float | None) -> Shape:
    """The plan; without minutes, for the time that the steps or epochs take the reference model."""
    given = request.given
    if minutes is not None:
        length = "minutes", minutes
    elif "steps" in given:
        length = "steps", given["steps"]
    else:
        length = "epochs", request.epochs or 1
    seconds = plan.seconds_of(*length, facts, machine)
    return plan.shape_for(facts, seconds, machine, given)


def _length(
    request: TrainRequest,
    spec: CharSpec,
    windows: int,
    pace: Pace | None,
    end: float | None,
    most_steps: int,
) -> dict[str, int]:
    """How many steps are made, how often they are validated, and with how many threads.

    `windows` make a pass over the text. `end` is when all has to be done (`time.monotonic()`), for a run of
    so many minutes; it has a `pace`.
    """
    evaluations = EVALUATIONS
    if end is not None and pace is not None:
        left = max(end - time.monotonic() - pace.finish, 0.0)
        affordable = EVALUATION_SHARE * left / pace.evaluation
        evaluations = int(min(max(affordable, FEWEST_EVALUATIONS), EVALUATIONS))
        affordable = int(SAFETY * (left - evaluations * pace.evaluation) / pace.step)
        steps = max(FEWEST_STEPS, min(affordable, most_steps))
    elif "steps" in request.given:
        steps = request.given["steps"]
    else:
        steps = max(1, round((request.epochs or 1) * windows))
    return {
        "steps": steps,
        "evaluate_every": request.given.get("evaluate_every", max(1, math.ceil(steps / evaluations))),
        "warmup": request.given.get("warmup", min(spec.training.warmup, max(1, steps // 10))),
        "threads": pace.threads if pace else spec.training.threads,
    }


# Running


def begin(prepared: Prepared, run_id: str | None = None) -> Run:
    """The folder of a new run for what was prepared."""
    return storage.create(run_id or storage.new_id(prepared.spec.name), prepared.spec.to_json())


def train_run(
    run: Run, prepared: Prepared, should_stop: StopCheck, started: float, ranks: Ranks = ALONE
) -> Iterator[Event]:
    """Train a new run from its beginning, recorded. Of several `ranks` the first does this."""
    spec = prepared.spec
    with run.held():
        ranks.tell(Order("train", spec.to_dict(), run.id))
        set_threads(spec.training, ranks)
        task = CharTask(spec, prepared.corpus, prepared.split, prepared.device, ranks)
        notes = list(prepared.corpus.notes)
        if prepared.earlier:
            notes += start_from(task.model, prepared.corpus.vocabulary, prepared.earlier)
        ranks.spread(task.model)
        stop = or_requested(run, should_stop)
        events = train(task, spec.training, run.folder, should_stop=stop, started=started, ranks=ranks)
        yield from recording.record(run, with_notes(events, notes))


def resume_run(
    run: Run,
    should_stop: StopCheck,
    started: float,
    minutes: float | None = None,
    progress: opening.Progress | None = None,
    ranks: Ranks = ALONE,
) -> Iterator[Event]:
    """Go on with a run exactly where its state was saved, recorded.

    Of several `ranks` the first does this. Their number may be another than before.

    `minutes` adds as many steps as the run made in so much time until now; the schedule is drawn
    out to the new end. Raises `RunError` for a run that is finished, when no minutes are added.
    """
    with run.held():
        if not run.spec:
            raise RunError(f"The run {run.id} ended before it had begun; its log says why: {run.log}")
        spec = spec_from_dict(dict(run.spec))
        if isinstance(spec, TaggerSpec):
            torchrun.refuse("A tagger is trained by one process")
        _refuse_taken_over(run)
        if minutes is not None:
            spec = _drawn_out(run, spec, minutes)
        elif run.outcome() == "finished":
            raise RunError(
                f"The run {run.id} is finished; `lstmterm resume {run.id} --minutes 5` adds five minutes to it."
            )
        run.clear_stop()
        stop = or_requested(run, should_stop)
        resumed = (
            tagger_session.resumed(spec, run.folder, stop, started)
            if isinstance(spec, TaggerSpec)
            else _resumed(spec, run.folder, stop, started, progress, ranks)
        )
        yield from recording.record(run, _with_spec_kept(run, spec, resumed))


def _refuse_taken_over(run: Run) -> None:
    """Raise `InputError` where another run's model has taken the name since."""
    path = library.own_path(run.spec["name"])
    if path.exists() and model_file.describe(path).metadata.get("run", run.id) != run.id:
        raise InputError(
            f"Another model is named {run.spec['name']!r} by now, and this run would replace it; "
            f"`lstmterm rename` that one first."
        )


def _with_spec_kept(run: Run, spec: CharSpec | TaggerSpec, events: Iterator[Event]) -> Iterator[Event]:
    """The events; before the first of them, when everything was found in order, the spec becomes the run's."""
    first = next(events)
    atomic.write_text(run.folder / "spec.json", spec.to_json())
    yield first
    yield from events


def _resumed(
    spec: CharSpec,
    folder: Path,
    should_stop: StopCheck,
    started: float,
    progress: opening.Progress | None,
    ranks: Ranks,
) -> Iterator[Event]:
    """The events of a character model's run that goes on where its state was saved."""
    corpus = opening.open_text(spec.text, progress)
    split = splits.cut(len(corpus), spec.text.val, spec.text.test, spec.text.split_cap)
    ranks.tell(Order("resume", spec.to_dict(), folder.name))
    set_threads(spec.training, ranks)
    task = CharTask(spec, corpus, split, ranks.device(spec.training.device), ranks)
    yield from train(
        task, spec.training, folder, resume=True, should_stop=should_stop, started=started, ranks=ranks
    )


def _drawn_out(run: Run, spec: CharSpec | TaggerSpec, minutes: float) -> CharSpec | TaggerSpec:
    """The spec with the steps of so many more minutes."""
    _, numbers = state.read(run.folder / STATE)
    pace = max(numbers["seconds"], 1e-3) / max(numbers["step"], 1)
    more = max(1, int(60 * minutes / pace))
    training = dataclasses.replace(
        spec.training,
        steps=spec.training.steps + more,
        minutes=None if spec.training.minutes is None else spec.training.minutes + minutes,
    )
    return dataclasses.replace(spec, training=training)
