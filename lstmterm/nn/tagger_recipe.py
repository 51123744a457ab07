"""A tagger's session: its data, its plan, its training, on folds where they are asked for."""

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch

from lstmterm import atomic
from lstmterm.corpora.sources import default_name
from lstmterm.errors import InputError
from lstmterm.models import model_file
from lstmterm.models.model_file import LoadedModel, StoredModel
from lstmterm.nn import calibrate
from lstmterm.nn.device import checked_threads, choose_device, precisions, use_threads
from lstmterm.nn.folds import Folds
from lstmterm.nn.in_turn import train_in_turn
from lstmterm.nn.recipe import AnySpec, Draft
from lstmterm.nn.tagger_task import TaggerTask
from lstmterm.nn.tagger_transfer import new_tags, to_train_further
from lstmterm.nn.task import Session
from lstmterm.nn.train import train
from lstmterm.planning import tagger_plan
from lstmterm.planning.length import DEFAULT_LENGTH, Length
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.steps import Pace
from lstmterm.runs.events import Event
from lstmterm.spec.tagger import DataPart, TaggerSpec
from lstmterm.spec.training import TrainingPart
from lstmterm.tagging import ciphers, tagged_data
from lstmterm.tagging.tagged_data import TaggerData
from lstmterm.visible import shorten

START = "start.safetensors"  # in a run's folder: the tagger that it trains further

Confirm = Callable[[str], None]  # asks about a doubt; raises where the user does not agree


@dataclass(frozen=True)
class TaggerRecipe:
    """Tagged data and the knobs set by hand; implements `Recipe`."""

    part: DataPart
    data: TaggerData
    given: Mapping[str, Any]
    device: torch.device
    earlier: StoredModel | None = None  # the tagger that is trained further
    start_from: str | None = None  # what the user called it

    @classmethod
    def of_request(cls, request: TrainRequest, confirm: Confirm) -> Self:
        """Read the data. Raises `InputError` for what cannot be trained as asked."""
        if request.source == "-":
            raise InputError("A run reads its data again when it is resumed; give a file instead of `-`.")
        given = dict(request.given)
        earlier = None
        if request.start_from:
            earlier, given = to_train_further(request.start_from, request.source, given)
        if given.get("folds") in (1, 2):
            raise InputError(
                "--folds must be at least 3: one to test on, one to validate on, and one to learn from."
            )
        part = tagged_data.part_of(request.source, given)
        data = tagged_data.read(part)
        doubt = tagged_data.doubt(data, part.level)
        if doubt and not request.yes:
            confirm(doubt)
        part = dataclasses.replace(part, sha256=data.sha256)
        device = choose_device(given.get("device", "auto"))
        return cls(part, data, given, device, earlier, request.start_from)

    @classmethod
    def of_spec(cls, spec: TaggerSpec) -> Self:
        """Read the data of a run again. Raises `InputError` if it changed or is gone."""
        device = choose_device(spec.training.device)
        return cls(spec.data, tagged_data.read(spec.data), {}, device, start_from=spec.start_from)

    @property
    def cipher(self) -> tagger_plan.Cipher:
        """Which kind of cipher it learns, if it does."""
        return ciphers.kind_of(self.part.source)

    @property
    def default_name(self) -> str:
        return default_name(self.part.source)

    @property
    def default_length(self) -> Length:
        return tagger_plan.CIPHER_LENGTHS.get(self.cipher, DEFAULT_LENGTH)

    # Planning

    def draft(self, name: str, length: Length, measured: bool, ends: float) -> Draft:
        """Plan a tagger, and measure the precision and the threads that train it fastest."""
        given, cipher = self.given, self.cipher
        threads = checked_threads(given.get("threads"))
        use_threads(threads)
        part = dataclasses.replace(self.part, name=name if cipher else self.data.name)
        words = sum(len(s.words) for s in self.data.train)
        further = None if self.earlier is None else self.earlier.card.spec["model"]
        shape = tagger_plan.shape_for(part.level, cipher, words, given, further)
        minutes = length.amount if length.unit == "minutes" else None
        resolved = {
            "device": str(self.device),
            "threads": threads,
            "most_threads": threads if "threads" not in given and self.device.type == "cpu" else 0,
            "minutes": minutes,
        }
        training = TrainingPart.from_dict(
            {"steps": 1, "evaluate_every": 1, **shape.training, **given, **resolved}
        )
        spec = TaggerSpec(
            data=part,
            model=shape.model,
            batches=shape.batches,
            training=training,
            name=name,
            start_from=self.start_from,
        )
        trial = TaggerTask(spec, self.data, self.device, self.earlier)
        limits = tagger_plan.limits(
            trial.steps_per_epoch,
            cipher=bool(cipher),
            folds=part.folds,
            further=further is not None,
            in_time=training.deadline,
        )
        pace = None
        if measured or minutes is not None:
            training, pace = self._measure(trial, time.monotonic() + length.measuring_seconds)
        elif training.precision == "auto":
            training = dataclasses.replace(training, precision="float32")
        spec = dataclasses.replace(spec, training=training)
        return Draft(limits, pace, lambda _: (spec, ""))

    def _measure(self, trial: TaggerTask, by: float) -> tuple[TrainingPart, Pace]:
        """The fastest precision and threads, where they are left open, and the pace with them."""
        part = trial.spec.training
        open_to = precisions(self.device) if part.precision == "auto" else (part.precision,)
        counts = (part.threads,) if "threads" in self.given else tuple({part.threads, 1})
        candidates = [
            dataclasses.replace(part, precision=precision, threads=threads)
            for precision, threads in itertools.product(open_to, counts)
        ]
        return calibrate.pace(trial, candidates, by)

    # Training

    def train(self, spec: AnySpec, session: Session) -> tuple[Iterator[Event], Sequence[str]]:
        """Train one tagger, or one on every fold and one on all the data."""
        assert isinstance(spec, TaggerSpec)
        use_threads(spec.training.threads)
        earlier, notes = self._kept(session.run_folder / START, session), list(self.data.notes)
        if earlier is not None and (new := new_tags(earlier, self.data.train)):
            notes.append(f"Tags that are new to {earlier.card.name}: {shorten(new, 80)}")

        def task_of(fold: int | None) -> TaggerTask:
            part = dataclasses.replace(spec.data, fold=fold)
            data = self.data if fold is None else tagged_data.for_fold(self.data, part, fold)
            return TaggerTask(dataclasses.replace(spec, data=part), data, self.device, earlier)

        if folds := spec.data.folds:
            events = train_in_turn(Folds(task_of, folds), spec.training, session)
        else:
            events = train(task_of(None), spec.training, session)
        return events, notes

    def _kept(self, path: Path, session: Session) -> LoadedModel | None:
        """The tagger that is trained further, from a copy in the run's folder: its own file may change."""
        if self.start_from is None:
            return None
        if self.earlier is not None and not session.resume:
            atomic.write_bytes(path, self.earlier.content)
        return model_file.load(path)
