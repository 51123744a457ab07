"""Small taggers and small data for the tests."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from lstmterm.nn.tagger import Tagger
from lstmterm.spec.tagger import DataPart, TaggerBatchPart, TaggerModelPart, TaggerSpec
from lstmterm.spec.training import TrainingPart
from lstmterm.tagging.tagged_data import TaggerData
from lstmterm.tagging.treebank import Level, Tagged
from lstmterm.tagging.words import TaggerVocabulary

TAGS = ("A", "B", "C")
SMALL = {"words": 8, "character_size": 6, "character_width": 8, "suffixes": 4, "shapes": 3, "hidden": 10}


def sentences(count: int, seed: int = 0, longest: int = 9) -> list[Tagged]:
    """Random sentences whose words tell their tags by their first letter."""
    random = np.random.Generator(np.random.PCG64(seed))
    made = []
    for length in random.integers(1, longest + 1, size=count):
        tags = [TAGS[i] for i in random.integers(len(TAGS), size=length)]
        words = [f"{tag.lower()}{'x' * random.integers(1, 4)}{random.integers(30)}" for tag in tags]
        made.append(Tagged(tuple(words), tuple(tags)))
    return made


def vocabulary_of(data: Sequence[Tagged]) -> TaggerVocabulary:
    """The vocabulary of some sentences."""
    tags = [tag for sentence in data for tag in sentence.tags]
    return TaggerVocabulary.build([s.words for s in data], tags, suffix_lengths=(2, 3))


def tagger(
    vocabulary: TaggerVocabulary, level: Level = "word", seed: int = 0, scale: float = 2.5, **knobs: Any
) -> Tagger:
    """An untrained tagger, its weights scaled up so that its scores are far from even."""
    torch.manual_seed(seed)
    model = Tagger(vocabulary, TaggerModelPart.from_dict({**SMALL, **knobs}), level)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
        if model.initial.kind == "learned":
            model.initial.h.normal_()
            model.initial.c.normal_()
    return model


def tensors_of(model: Tagger) -> dict[str, np.ndarray]:
    """A model's weights as its file holds them."""
    return {name: p.detach().numpy().copy() for name, p in model.named_parameters()}


def spec_of(level: Level = "word", steps: int = 30, name: str = "small", **knobs: Any) -> TaggerSpec:
    """The spec of a short run."""
    training = {"warmup": 3, "precision": "float32", "device": "cpu", "threads": 1, "learning_rate": 0.02}
    chosen = {**SMALL, **training, **knobs}
    return TaggerSpec(
        data=DataPart.from_dict({"source": "made", "name": "made", "level": level, **chosen}),
        model=TaggerModelPart.from_dict(chosen),
        batches=TaggerBatchPart.from_dict({"tokens": 40, **chosen}),
        training=TrainingPart.from_dict({"steps": steps, "evaluate_every": 10, **chosen}),
        name=name,
    )


def data_of(train: int = 60, dev: int = 20, test: int = 20) -> TaggerData:
    """Made-up data."""
    return TaggerData(
        name="made",
        source="made",
        layout="conllu",
        column="UPOS",
        train=tuple(sentences(train, 1)),
        dev=tuple(sentences(dev, 2)),
        test=tuple(sentences(test, 3)),
        sha256={},
        notes=(),
    )
