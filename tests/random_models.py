"""Models of random weights that are in no file; nothing here needs torch."""

from pathlib import Path

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.against import Predicted, by_model
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.surprise import Surprise
from lstmterm.models.model_file import ModelCard
from lstmterm.models.shapes import charlm_shapes


def random_tensors(symbols: int, layers: int = 1, seed: int = 1) -> dict[str, np.ndarray]:
    """Of a character model with eight hidden units."""
    chance = np.random.default_rng(seed)
    return {
        name: chance.normal(0, 1.5, shape).astype(np.float32)
        for name, shape in charlm_shapes(layers, 8, 4, symbols).items()
    }


def random_model(vocabulary: Vocabulary, seed: int = 1) -> CharLSTM:
    """A model of this vocabulary."""
    return CharLSTM.from_tensors(random_tensors(len(vocabulary), seed=seed))


def card_of(vocabulary: Vocabulary, name: str = "it") -> ModelCard:
    """The card of such a model, which tells no more than its vocabulary and its name."""
    return ModelCard(Path(f"{name}.safetensors"), 0, {"name": name, "vocabulary": vocabulary.to_dict()}, {})


def predicted(vocabulary: Vocabulary, text: str, seed: int = 1) -> tuple[Predicted, Surprise]:
    """What such a model expects of a text, by character and by number."""
    surprise = Surprise.of(random_model(vocabulary, seed), vocabulary.encode(text))
    return by_model(card_of(vocabulary), text, surprise), surprise
