"""A text and models small enough to train many times in a test."""

import random
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.splits import cut
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.left_out import LeftOut
from lstmterm.nn.train import Session, train
from lstmterm.runs.events import Event
from lstmterm.spec.character import CharBatchPart, CharModelPart, CharSpec, EnsemblePart, TextPart
from lstmterm.spec.training import TrainingPart

CPU = torch.device("cpu")
_WORDS = ("the", "tide", "a", "boat", "rope", "my", "lantern", "is", "low,", "night;", "gulls", "cry:\n")


def small_text(chars: int, seed: int = 0) -> str:
    """Words in a random order: something to learn, and never the same stretch twice."""
    choose = random.Random(seed).choice
    text = ""
    while len(text) < chars:
        text += choose(_WORDS) + " "
    return text[:chars]


def small_corpus(text: str | None = None, vocabulary: Vocabulary | None = None) -> Corpus:
    """A corpus in memory."""
    text = small_text(2000) if text is None else text
    vocabulary = vocabulary or Vocabulary("".join(sorted(set(text))))
    ids = cast(np.memmap, vocabulary.encode(text))
    return Corpus("small", "small", ids, vocabulary, "0" * 64, "0" * 64, "utf-8", ())


def small_spec(**knobs: Any) -> CharSpec:
    """A spec of a tiny model; knobs of any part by their field's name."""
    values = {
        "source": "small", "name": "small", "val": 0.2, "test": 0.1,
        "hidden": 12, "embedding": 8, "batch_size": 4, "seq_length": 10,
        "steps": 12, "evaluate_every": 5, "warmup": 2, "learning_rate": 1e-2,
        "device": "cpu", "precision": "float32", "threads": 1,
    } | knobs  # fmt: skip
    return CharSpec(
        text=TextPart.from_dict(values),
        model=CharModelPart.from_dict(values),
        batches=CharBatchPart.from_dict(values),
        ensemble=EnsemblePart.from_dict(values),
        training=TrainingPart.from_dict(values),
        name="small",
    )


def small_task(corpus: Corpus | None = None, kind: type[CharTask] = CharTask, **knobs: Any) -> CharTask:
    """A task of a tiny model on the CPU, or of a `kind` made to break a promise."""
    torch.set_num_threads(1)  # the threads of the spec: sums depend on them
    corpus = corpus or small_corpus()
    spec = small_spec(**knobs)
    split = cut(len(corpus), spec.text.val, spec.text.test)
    ids, size = corpus.ids[slice(*split.train)], len(corpus.vocabulary)
    left_out = LeftOut(ids, size) if spec.ensemble.ngram_share else None
    return kind(spec, corpus, split, CPU, left_out=left_out)


def trained(task: CharTask, folder: Path, **options: Any) -> list[Event]:
    """All events of a run in a folder."""
    folder.mkdir(exist_ok=True)
    return list(train(task, task.spec.training, Session(folder, **options)))


class Poisoned(CharTask):
    """A task of which some losses, or only their gradients, are multiplied by a factor."""

    calls = 0
    poison: dict[int, float] = {}  # by the number of the call
    gradients_only = False

    def next_loss(self) -> tuple[torch.Tensor, int]:
        loss, units = super().next_loss()
        self.calls += 1
        factor = self.poison.get(self.calls)
        if factor is not None and self.gradients_only:
            loss.register_hook(lambda gradient: gradient * factor)
            return loss, units
        return (loss if factor is None else loss * factor), units


def poisoned(poison: dict[int, float], gradients_only: bool = False, **knobs: Any) -> Poisoned:
    """A small task that is poisoned."""
    task = small_task(kind=Poisoned, **knobs)
    assert isinstance(task, Poisoned)
    task.poison, task.gradients_only = poison, gradients_only
    return task
