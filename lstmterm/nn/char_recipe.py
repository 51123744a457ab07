"""A character model's session: its text, its plan, its training on one rank or several.

Of several ranks the first reads the request, plans, and sends orders. The others need the text (found
by the spec, with the same content), but neither the run's folder nor any model file.
"""

import dataclasses
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import torch

from lstmterm.corpora import splits
from lstmterm.corpora.corpus import Corpus, open_text
from lstmterm.corpora.documents import OnProgress
from lstmterm.corpora.splits import Split
from lstmterm.models import library, model_file
from lstmterm.models.model_file import LoadedModel
from lstmterm.models.starting import with_sizes_of
from lstmterm.nn import calibrate
from lstmterm.nn.char_task import CharTask, streams_of, summary_of
from lstmterm.nn.charlm import need
from lstmterm.nn.device import checked_threads, refuse_precision, refuse_too_large, use_threads
from lstmterm.nn.ensemble import Ensemble, step_costs, teachers_training
from lstmterm.nn.in_turn import train_in_turn
from lstmterm.nn.left_out import LeftOut, refuse_ngrams
from lstmterm.nn.ranks import Ranks
from lstmterm.nn.recipe import AnySpec, Draft
from lstmterm.nn.task import Session, StopCheck
from lstmterm.nn.teachers import NO_TEACHERS, Teachers
from lstmterm.nn.train import train
from lstmterm.nn.transfer import start_from
from lstmterm.planning import char_plan, torchrun
from lstmterm.planning.char_plan import Shape
from lstmterm.planning.length import DEFAULT_LENGTH, Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.outlook import parameters
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.steps import Pace, Steps, seconds_of_steps
from lstmterm.planning.text_size import TextFacts
from lstmterm.planning.training_time import chars_per_second
from lstmterm.runs.events import Event
from lstmterm.spec.character import CharSpec, TextPart
from lstmterm.spec.training import TrainingPart

FAR_OFF = 1.6  # times faster or slower than expected: the model is planned again

Work = Literal["pace", "train", "resume"]


@dataclass(frozen=True)
class CharRecipe:
    """A text, split, and the knobs set by hand; implements `Recipe`."""

    text: TextPart
    corpus: Corpus
    split: Split
    device: torch.device
    given: Mapping[str, Any]
    earlier: LoadedModel | None  # the model to start from
    start_from: str | None  # what the user called it
    progress: OnProgress | None
    ranks: Ranks

    @classmethod
    def of_request(cls, request: TrainRequest, progress: OnProgress | None, ranks: Ranks) -> Self:
        """Read the text. Raises `InputError` for what cannot be trained as asked."""
        given = dict(request.given)
        if given.get("ensemble"):
            torchrun.refuse("An ensemble is trained by one process")
        text = TextPart.from_dict({"source": request.source, "name": "", **given})
        corpus, split = _read(text, progress)
        text = dataclasses.replace(
            text, name=corpus.name, source=corpus.source, sha256=corpus.sha256, digest=corpus.digest
        )
        earlier = _earlier(request.start_from, given) if request.start_from else None
        device = ranks.device(given.get("device", "auto"))
        return cls(text, corpus, split, device, given, earlier, request.start_from, progress, ranks)

    @classmethod
    def of_spec(cls, spec: CharSpec, progress: OnProgress | None, ranks: Ranks) -> Self:
        """Read the text of a run again. Raises `InputError` if it changed or is gone."""
        corpus, split = _read(spec.text, progress)
        device = ranks.device(spec.training.device)
        return cls(spec.text, corpus, split, device, {}, None, spec.start_from, progress, ranks)

    @property
    def default_name(self) -> str:
        return self.corpus.name

    @property
    def default_length(self) -> Length:
        return DEFAULT_LENGTH

    @property
    def facts(self) -> TextFacts:
        """What the plan's rules need to know."""
        return TextFacts(self.split.train[1] - self.split.train[0], len(self.corpus.vocabulary))

    # Planning

    def draft(self, name: str, length: Length, measured: bool, ends: float) -> Draft:
        """Plan a model and measure it; plan again for the speed and the time that the machine really has."""
        by = time.monotonic() + length.measuring_seconds
        if self.progress is not None:
            seconds = math.ceil(length.measuring_seconds)
            self.progress(
                f"measuring how fast this machine trains, about {seconds} seconds; Ctrl-C ends it", 0, None
            )
        machine = self._machine(by)
        shape, spec = self._plan(name, length, machine)
        pace = self._measure(spec, by) if measured or length.unit == "minutes" else None
        if pace is not None and length.seconds is not None:
            machine = self._as_it_is_now(machine, spec, pace)
            share = seconds_of_steps(pace, ends - time.monotonic()) / char_plan.seconds_of(
                length, self.facts, machine
            )
            another, drafted = self._plan(name, length, machine, min(share, 1.0))
            if another.size != shape.size:
                shape, spec, pace = another, drafted, self._measure(drafted, by)
        measured_threads = {} if pace is None else {"threads": pace.threads}

        def settle(steps: Steps) -> tuple[CharSpec, str]:
            """Dropout and the average of weights follow the number of steps."""
            settled = char_plan.for_steps(
                shape, self.facts, steps.count, self.given, is_taught=steps.is_taught
            )
            training = dataclasses.replace(spec.training, **(measured_threads | dict(settled.training)))
            parts = {"model": settled.model, "training": training, "ensemble": settled.ensemble}
            return dataclasses.replace(spec, **parts), settled.why

        streams = streams_of(spec, self.corpus.ids[slice(*self.split.train)])
        limits = char_plan.limits(shape, self.facts, streams.steps_per_epoch, self.given)
        return Draft(limits, pace, settle, machine)

    def _machine(self, by: float) -> Machine:
        """The machines of all ranks together."""
        one = calibrate.machine(self.device, self._most_threads, by=by)
        return dataclasses.replace(one, chars_per_second=self.ranks.count * one.chars_per_second)

    @property
    def _most_threads(self) -> int:
        return checked_threads(self.given.get("threads"), self.ranks.local_count)

    @property
    def _keeps_threads(self) -> bool:
        """Whether their number is the user's, or shared with other ranks, or of little importance."""
        return "threads" in self.given or self.ranks.count > 1 or self.device.type != "cpu"

    def _plan(
        self, name: str, length: Length, machine: Machine, share: float = 1.0
    ) -> tuple[Shape, CharSpec]:
        """What suits the length on a machine of this speed, where steps have this share of their usual time."""
        given = self.given
        seconds = share * char_plan.seconds_of(length, self.facts, machine)
        shape = char_plan.shape_for(
            self.facts,
            seconds,
            machine,
            given,
            length,
            further=self.earlier is not None,
            alone=self.ranks.count > 1,
        )
        precision = given.get("precision", "auto")
        threads = given.get("threads") or char_plan.threads_for(shape.model, self._most_threads)
        resolved = {
            "device": str(self.device) if self.ranks.count == 1 else self.device.type,
            "threads": threads,
            "most_threads": 0 if self._keeps_threads else threads,
            "precision": machine.precision if precision == "auto" else precision,
            "minutes": length.amount if length.unit == "minutes" else None,
        }
        spec = CharSpec(
            text=self.text,
            model=shape.model,
            batches=shape.batches,
            training=TrainingPart.from_dict(
                {"steps": 1, "evaluate_every": 1, **shape.training, **given, **resolved}
            ),
            ensemble=shape.ensemble,
            name=name,
            start_from=self.start_from,
        )
        refuse_precision(self.device, spec.training.precision)
        refuse_too_large(need(spec, self.facts.vocabulary_size, self.ranks.count), self.device)
        if spec.ensemble.ngram_share:
            refuse_ngrams(self.facts.chars, self.facts.vocabulary_size)
        return shape, spec

    def _measure(self, spec: CharSpec, by: float) -> Pace:
        """How long the parts of the run take, with the faster of all threads and one; in short after the time `by`."""
        most = spec.training.threads
        quick = dataclasses.replace(spec.model, init="default")  # orthogonal weights take longer to draw
        trial = dataclasses.replace(spec, model=quick)
        self._order("pace", trial)
        use_threads(most)
        threads = (most,) if self._keeps_threads else tuple(sorted({most, 1}, reverse=True))
        return pace_together(self.task(trial), threads, self.ranks, by)

    def _as_it_is_now(self, machine: Machine, spec: CharSpec, pace: Pace) -> Machine:
        """The machine at the speed measured with this spec, if that is far from what was expected.

        Other work may keep it busy, or the rules may not know its kind: a plan for a machine twice as
        fast makes too few steps to learn much.
        """
        size = self.facts.vocabulary_size
        expected = chars_per_second(spec.model, spec.batches, size, machine, spec.training.optimizer)
        share = pace.units_per_second / expected
        if 1 / FAR_OFF <= share <= FAR_OFF:
            return machine
        return dataclasses.replace(machine, chars_per_second=round(share * machine.chars_per_second))

    # Training

    def train(self, spec: AnySpec, session: Session) -> tuple[Iterator[Event], Sequence[str]]:
        """Train on all ranks."""
        assert isinstance(spec, CharSpec)
        self._order("resume" if session.resume else "train", spec, session.folder.name)
        return self.train_here(spec, session)

    def train_here(self, spec: CharSpec, session: Session) -> tuple[Iterator[Event], Sequence[str]]:
        """Train on this rank, as all others do."""
        set_threads(spec.training, self.ranks)
        if spec.ensemble.ensemble:
            return train_in_turn(self._ensemble(spec), spec.training, session), self.corpus.notes
        task = self.task(spec)
        notes = list(self.corpus.notes)
        if not session.resume:
            if self.earlier is not None:
                notes += start_from(task.model, self.corpus.vocabulary, self.earlier)
            self.ranks.broadcast(task.model)
        return train(task, spec.training, session, self.ranks), notes

    def task(self, spec: CharSpec, teachers: Teachers = NO_TEACHERS) -> CharTask:
        """The text with a fresh model."""
        left_out = self._left_out if spec.ensemble.ngram_share else None
        return CharTask(spec, self.corpus, self.split, self.device, self.ranks, teachers, left_out)

    @cached_property
    def _left_out(self) -> LeftOut:
        """What n-grams expect of the training text, counted once for all models."""
        return LeftOut(self.corpus.ids[slice(*self.split.train)], self.facts.vocabulary_size)

    def _ensemble(self, spec: CharSpec) -> Ensemble:
        """The models of a spec that has teachers."""
        streams = streams_of(spec, self.corpus.ids[slice(*self.split.train)])
        teachers, teacher = spec.ensemble.ensemble, spec.ensemble.teacher_of(spec.model)
        teaching = (
            f"{'a teacher' if teachers == 1 else f'{teachers} teachers'} ({teacher.layers}x{teacher.hidden})"
        )
        about = {
            "parameters": parameters(spec.model, self.facts.vocabulary_size),
            "summary": f"{summary_of(spec.model, streams)}, with {teaching}",
        }
        costs = step_costs(spec)
        return Ensemble(lambda k, files: self._member(spec, k, files), costs, about)

    def _member(self, spec: CharSpec, k: int, files: Sequence[Path]) -> CharTask:
        """Model `k` of an ensemble: one that learns from those in `files`, or a teacher."""
        if files:
            part = spec.ensemble.teacher_of(spec.model)
            return self.task(spec, Teachers.load(files, part, self.facts.vocabulary_size, self.device))
        training = teachers_training(k, spec.training)
        alone = dataclasses.replace(spec.ensemble, ensemble=0)
        model = spec.ensemble.teacher_of(spec.model)
        return self.task(dataclasses.replace(spec, model=model, training=training, ensemble=alone))

    def _order(self, work: Work, spec: CharSpec, run: str = "") -> None:
        self.ranks.send(vars(Order(work, spec.to_dict(), run)))


@dataclass(frozen=True)
class Order:
    """What all ranks do next, sent by the first."""

    work: Work
    spec: dict[str, Any]
    run: str = ""  # the name of its folder


def follow(ranks: Ranks, should_stop: StopCheck) -> Iterator[Event]:
    """Measure and train with the first rank, as it orders; only the caller sees the events."""
    while True:
        order = Order(**ranks.receive())
        spec = CharSpec.from_dict(order.spec)
        recipe = CharRecipe.of_spec(spec, None, ranks)
        if order.work != "pace":
            session = Session(Path(order.run), order.work == "resume", should_stop)
            events, _ = recipe.train_here(spec, session)
            yield from events
            return
        set_threads(spec.training, ranks)
        pace_together(recipe.task(spec), (spec.training.threads,), ranks)


def set_threads(part: TrainingPart, ranks: Ranks) -> None:
    """Use the spec's threads, or fewer if more ranks share the processors than planned."""
    most = part.threads if ranks.count == 1 else checked_threads(None, ranks.local_count)
    use_threads(min(part.threads, most))


def pace_together(trial: CharTask, threads: tuple[int, ...], ranks: Ranks, by: float = math.inf) -> Pace:
    """Measure the pace of the slowest rank while all work, including the reduction of gradients."""
    candidates = [dataclasses.replace(trial.spec.training, threads=count) for count in threads]
    _, pace = calibrate.pace(trial, candidates, by, keep=ranks.count == 1)
    step = ranks.slowest(pace.step) + ranks.reduction_seconds(trial.model)
    return dataclasses.replace(pace, step=step)


def _read(text: TextPart, progress: OnProgress | None) -> tuple[Corpus, Split]:
    corpus = open_text(text, progress)
    return corpus, splits.cut(len(corpus), text.val, text.test, text.split_cap)


def _earlier(reference: str, given: dict[str, Any]) -> LoadedModel:
    """The model to start from; its shape becomes the given one. Raises `InputError` where the two disagree."""
    earlier = model_file.load(library.find(reference).path)
    given |= with_sizes_of(earlier.card, reference, given)
    if "initial.h" in earlier.tensors:
        given.setdefault("initial_state", "learned")
    return earlier
