"""From a request to a run: prepare, begin, train, resume; the same way for every kind of model."""

import contextlib
import dataclasses
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lstmterm import atomic, paths
from lstmterm.corpora import checkup
from lstmterm.corpora.documents import OnProgress
from lstmterm.errors import InputError, RunError
from lstmterm.models import library, model_file
from lstmterm.nn.char_recipe import CharRecipe
from lstmterm.nn.checkpoints import states
from lstmterm.nn.ensemble import step_costs
from lstmterm.nn.lateness import too_short
from lstmterm.nn.ranks import ALONE, Ranks
from lstmterm.nn.recipe import AnySpec, Recipe
from lstmterm.nn.tagger_recipe import Confirm, TaggerRecipe
from lstmterm.nn.task import Session, StopCheck
from lstmterm.planning import char_plan, torchrun
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.outlook import Outlook, described
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.steps import Pace, steps_for
from lstmterm.planning.teaching import models_in_time
from lstmterm.runs import getting_ready, recording, storage
from lstmterm.runs.earlier import nearest
from lstmterm.runs.events import Event, Warned
from lstmterm.runs.folder import Run
from lstmterm.runs.summary import summaries
from lstmterm.spec.character import CharSpec
from lstmterm.spec.kinds import spec_from_dict
from lstmterm.spec.tagger import TaggerSpec
from lstmterm.tagging.tagged_data import UnusableFile

NOTHING: Mapping[str, str] = MappingProxyType({})
STOP_LOOKS_EVERY = 0.2  # seconds between looks for a request to stop


@dataclass(frozen=True)
class Prepared:
    """A request, fully resolved."""

    spec: AnySpec
    recipe: Recipe
    why: str  # of the plan, in words
    machine: Machine | None  # that it was planned for
    length: Length
    pace: Pace | None  # None where nothing was measured
    notes: tuple[str, ...] = ()  # on the plan, for the user


def prepare(
    request: TrainRequest,
    started: float,
    progress: OnProgress | None = None,
    *,
    confirm: Confirm = lambda doubt: None,
    measured: bool = False,
    ranks: Ranks = ALONE,
) -> Prepared:
    """Read the data, plan the model, and turn minutes into steps by measuring.

    `started` is when the process began (`time.monotonic()`): minutes count from there. `confirm` is
    asked about doubtful data. With `measured`, steps are timed also where their number is given. Of
    several `ranks` the first does this. Raises `InputError` for what cannot be trained as asked.
    """
    if request.kind == "tagger":
        recipe = TaggerRecipe.of_request(request, confirm)
    else:
        recipe = CharRecipe.of_request(request, progress, ranks)
    name = paths.plain_name(request.name or recipe.default_name, "model's name")
    library.refuse_taken(name, request.overwrite)
    storage.refuse_running(name)
    length = request.length or recipe.default_length
    ends = started + (length.seconds or 0.0)
    draft = recipe.draft(name, length, measured, ends)
    steps = steps_for(length, draft.limits, draft.pace, ends - time.monotonic())
    spec, why = draft.settle(steps)
    minutes, notes = spec.training.minutes, ()
    if minutes is not None and steps.over and not spec.training.deadline:
        minutes += steps.over / 60
        notes = (too_short(steps.count, 60 * minutes, length, spec.models),)
    training = dataclasses.replace(
        spec.training,
        minutes=minutes,
        steps=steps.count,
        evaluate_every=request.given.get("evaluate_every", steps.evaluate_every),
        warmup=request.given.get("warmup", min(spec.training.warmup, max(1, steps.count // 10))),
    )
    spec = dataclasses.replace(spec, training=training)
    return Prepared(spec, recipe, why, draft.machine, length, draft.pace, notes)


@dataclass(frozen=True)
class Planned:
    """What training a character model would do."""

    outlook: Outlook
    rows: Mapping[str, str]  # what is trained and how, by titles
    facts: Mapping[str, Any]  # the same as plain data
    warnings: tuple[str, ...]  # of a check of the text


def planned(request: TrainRequest, started: float, progress: OnProgress | None = None) -> Planned:
    """Plan a character model without training it."""
    prepared = prepare(request, started, progress, measured=True)
    spec, recipe, pace = prepared.spec, prepared.recipe, prepared.pace
    assert isinstance(spec, CharSpec) and isinstance(recipe, CharRecipe) and prepared.machine and pace  # noqa: PT018
    training, facts = spec.training, recipe.facts
    share = models_in_time(spec.model, spec.ensemble, spec.batches, training.optimizer)
    seconds = share * pace.seconds_of(training.steps, training.evaluate_every)
    outlook = described(
        prepared.length, facts, spec.model, spec.batches, training.steps, seconds, prepared.why, spec.models
    )
    earlier = nearest(summaries(), spec.text.name, spec.text.digest, seconds)
    outlook = dataclasses.replace(outlook, earlier=earlier)
    text = f"{spec.text.name}, {len(recipe.corpus):,} characters, {facts.vocabulary_size:,} distinct"
    data = {
        "seconds": round(seconds, 1),
        "parameters": outlook.parameters,
        "bytes": outlook.bytes,
        "expectation": outlook.expected.sentences,
        "earlier": dataclasses.asdict(earlier) if earlier else None,
        "why": outlook.why,
        "seconds_of_steps": round(share * training.steps * pace.step, 1),
        "epochs": round(outlook.epochs, 2),
        "spec": spec.to_dict(),
        "machine": dataclasses.asdict(prepared.machine),
    }
    found = checkup.quick(recipe.corpus, spec.text.val, spec.text.test)
    rows = {"text": text, **char_plan.in_words(spec, outlook.epochs)}
    return Planned(outlook, rows, data, found.warnings if found else ())


def begin(prepared: Prepared, run_id: str | None = None) -> Run:
    """The folder of a new run."""
    return storage.create(run_id or storage.new_run(prepared.spec.name).id, prepared.spec.to_json())


def train_run(run: Run, prepared: Prepared, should_stop: StopCheck, started: float) -> Iterator[Event]:
    """Train a new run from its beginning, recorded. Of several ranks the first does this."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(storage.writing(run))
        except InputError:  # a run of the same name began at the same moment
            storage.abandon(run)
            raise
        session = Session(run.folder, False, _or_requested(run, should_stop), started)
        yield from recording.record(run, _from_its_model_on(prepared, session))


@contextlib.contextmanager
def resuming(
    run: Run,
    should_stop: StopCheck,
    started: float,
    more: Length | None = None,
    progress: OnProgress | None = None,
    ranks: Ranks = ALONE,
    moved: Mapping[str, str] = NOTHING,
    *,
    deadline: bool = False,
) -> Iterator[Iterator[Event]]:
    """Continue a run exactly where its state was saved: its events, recorded, in the context.

    The data has been read before the context begins, and until the first event is asked for nothing is
    written to the run. Of several `ranks` the first does this. Their number may differ from before.

    With `deadline` it ends in its time from now on, with fewer steps if need be.

    `more` minutes add as many steps as the run made in that time until now; the schedule is
    stretched to the new end. `moved` is where the run's files are now: its `text` or tagged data, a tagger's
    `dev` and `test`. Raises `RunError` for a finished run when no minutes are added, and `InputError` for
    a file with other content.
    """
    with storage.writing(run):
        if not run.spec:
            raise RunError(f"The run {run.id} ended before its training started; its log says why: {run.log}")
        spec = spec_from_dict(dict(run.spec))
        if isinstance(spec, TaggerSpec):
            torchrun.refuse("A tagger is trained by one process")
        _refuse_taken_over(run)
        if more is not None:
            spec = _extended(run, spec, more)
        elif run.outcome() == "finished":
            raise RunError(
                f"The run {run.id} is finished; `lstmterm resume {run.id} --minutes 5` adds five minutes to it."
            )
        if deadline:
            spec = _ending_in_time(run, spec)
        with getting_ready.stoppable(run):
            recipe, spec = _read_again(run, spec, moved, progress, ranks)
        session = Session(run.folder, True, _or_requested(run, should_stop), started)
        events, _ = recipe.train(spec, session)
        yield recording.record(run, _with_spec_kept(run, spec, events))


def _read_again(
    run: Run, spec: AnySpec, moved: Mapping[str, str], progress: OnProgress | None, ranks: Ranks
) -> tuple[Recipe, AnySpec]:
    """Read a run's data from where it is now. Raises `InputError` if it changed or is gone."""
    roles = spec.data.sha256 if isinstance(spec, TaggerSpec) else ("train",)
    for option in moved:
        if not any(_option_of(role) == option for role in roles):
            raise InputError(f"The run {run.id} uses no --{option} file; leave out --{option}.")
    where = {"source" if option == "text" else option: file for option, file in moved.items()}
    try:
        if isinstance(spec, TaggerSpec):
            spec = dataclasses.replace(spec, data=dataclasses.replace(spec.data, **where))
            return TaggerRecipe.of_spec(spec), spec
        spec = dataclasses.replace(spec, text=dataclasses.replace(spec.text, **where))
        return CharRecipe.of_spec(spec, progress, ranks), spec
    except InputError as error:
        option = _option_of(error.role if isinstance(error, UnusableFile) else "train")
        hint = f" If it was moved: `lstmterm resume {run.id} --{option} FILE`."
        raise InputError(f"{error}{'' if option in moved else hint}") from None


def _option_of(role: str) -> str:
    """The option of `resume` that names the file of this role."""
    return "text" if role == "train" else role


def _refuse_taken_over(run: Run) -> None:
    """Raise `InputError` if the model of another run has taken the name since."""
    path = paths.model(run.spec["name"])
    if path.exists() and model_file.describe(path).metadata.get("run", run.id) != run.id:
        raise InputError(
            f"Another model now has the name {run.spec['name']!r}, and this run would replace it; "
            f"`lstmterm rename` that one first."
        )


def _extended(run: Run, spec: AnySpec, more: Length) -> AnySpec:
    """The spec with the steps of more minutes, which all models of the run share."""
    made = states(run.folder)
    costs = step_costs(spec) if isinstance(spec, CharSpec) else {}
    done = sum(one.step * costs.get(folder, 1.0) for folder, one in made.items())
    seconds = max(sum(one.seconds for one in made.values()), 1e-3) / max(done, 1e-3)
    steps = max(1, int((more.seconds or 0.0) / seconds / (sum(costs.values()) or spec.models)))
    minutes = spec.training.minutes
    # a run that ended early, for lack of improvement, has not made all that were planned
    before = max(one.step for one in made.values()) if run.outcome() == "finished" else spec.training.steps
    training = dataclasses.replace(
        spec.training,
        steps=before + steps,
        minutes=None if minutes is None else minutes + more.amount,
    )
    return dataclasses.replace(spec, training=training)


def _ending_in_time(run: Run, spec: AnySpec) -> AnySpec:
    """The spec, of a run that has a time. Raises `InputError` for one that has none, or trains several models."""
    if spec.models > 1:
        raise InputError(
            f"The run {run.id} trains several models in turn, for a number of steps each; leave out --deadline."
        )
    if spec.training.minutes is None:
        raise InputError(f"The run {run.id} was started without --minutes; leave out --deadline.")
    return dataclasses.replace(spec, training=dataclasses.replace(spec.training, deadline=True))


def _with_spec_kept(run: Run, spec: AnySpec, events: Iterator[Event]) -> Iterator[Event]:
    """The events; the spec becomes the run's before the first of them, when the run is known to resume."""
    first = next(events)
    atomic.write_text(run.folder / "spec.json", spec.to_json())
    yield first
    yield from events


def _from_its_model_on(prepared: Prepared, session: Session) -> Iterator[Event]:
    """The events, with notes on the data after the first of them. The model is made when that one is asked for."""
    events, notes = prepared.recipe.train(prepared.spec, session)
    yield next(events)
    for note in (*prepared.notes, *notes):
        yield Warned(step=0, time=time.time(), message=note)
    yield from events


def _or_requested(run: Run, should_stop: StopCheck) -> StopCheck:
    """`should_stop`, or a request to stop in the run's folder, looked for now and then."""
    looked = time.monotonic()

    def check() -> str | None:
        nonlocal looked
        if reason := should_stop():
            return reason
        if time.monotonic() - looked > STOP_LOOKS_EVERY:
            looked = time.monotonic()
            if run.stop_requested():
                return "requested"
        return None

    return check
