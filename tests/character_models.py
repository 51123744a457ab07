"""Character models for tests: torch modules with random weights, and the files made of them."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM, Reader, State
from lstmterm.infer.trace import GATES, looked_at, state_of
from lstmterm.models import library
from lstmterm.spec.units import Quantity

LETTERS = Vocabulary("\n " + "".join(map(chr, range(33, 127))))


class TorchModel:
    """nn.LSTM with an embedding (0: one-hot) and a linear layer; the reference for what numpy does."""

    def __init__(
        self,
        layers: int = 1,
        hidden: int = 32,
        embedding: int = 16,
        *,
        learned: bool = False,
        vocabulary: Vocabulary = LETTERS,
        seed: int = 1,
    ) -> None:
        torch.manual_seed(seed)
        self.vocabulary = vocabulary
        n = len(vocabulary)
        self.sizes = {"layers": layers, "hidden": hidden, "embedding": embedding, "vocabulary": n}
        self.embedding = torch.nn.Embedding(n + 1, embedding) if embedding else None
        self.lstm = torch.nn.LSTM(embedding or n, hidden, layers)
        self.output = torch.nn.Linear(hidden, n)
        scale = 0.6 if learned else 0.0
        self.start = tuple(scale * torch.randn(layers, 1, hidden) for _ in "hc")
        self.learned = learned
        with torch.no_grad():
            for parameter in self.lstm.parameters():
                parameter.mul_(2)
            self.output.weight.mul_(6)  # as sure of itself as a trained model

    def tensors(self) -> dict[str, np.ndarray]:
        """By the model file's names."""
        tensors = {f"lstm.{name}": p.detach().numpy() for name, p in self.lstm.named_parameters()}
        tensors |= {f"output.{name}": p.detach().numpy() for name, p in self.output.named_parameters()}
        if self.embedding is not None:
            tensors["embedding.weight"] = self.embedding.weight.detach().numpy()
        if self.learned:
            tensors |= {f"initial.{part}": s[:, 0].numpy() for part, s in zip("hc", self.start, strict=True)}
        return tensors

    @torch.no_grad()
    def logits(self, ids: np.ndarray) -> np.ndarray:
        """(T, n) from the initial state."""
        numbers = torch.from_numpy(ids.astype(np.int64))[:, None]
        n = len(self.vocabulary)
        if self.embedding is not None:
            inputs = self.embedding(numbers)
        else:
            inputs = torch.nn.functional.one_hot(numbers, n + 1)[..., :n].float()
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # small products, many of them
        try:
            return self.output(self.lstm(inputs, self.start)[0])[:, 0].numpy()
        finally:
            torch.set_num_threads(threads)

    def metadata(self, **more: Any) -> dict[str, Any]:
        """A header for it."""
        header = {"kind": "charlm", "name": "random", "complete": True, "sizes": self.sizes}
        return {**header, "vocabulary": self.vocabulary.to_dict(), **more}

    def publish(self, name: str, *, overwrite: bool = False, **more: Any) -> Path:
        """Its file, in the library."""
        return library.publish(name, self.tensors(), self.metadata(**more), overwrite=overwrite)


def trained_on(
    text: Path, ends: tuple[int, int, int], name: str = "own", source: str = "", **reading: object
) -> TorchModel:
    """A model in the library that says it was trained on `text`, or on what was read from `source`.

    `ends` are the ends of its training, validation and test parts, `reading` how it was read.
    """
    corpus = open_corpus(str(text))
    called, source = source or text.stem, source or str(text)
    model = TorchModel(vocabulary=corpus.vocabulary)
    model.publish(
        name,
        spec={"text": {"source": source, "name": text.stem, "level": "char", **reading}},
        corpus={"name": called, "source": source, "sha256": corpus.sha256, "chars": len(corpus)},
        split={
            part: [*cut] for part, cut in zip(("train", "val", "test"), pairwise((0, *ends)), strict=True)
        },
        metrics={"val_loss": 1.25},
        steps=7,
    )
    return model


def read_in_one_stream(
    model: CharLSTM, ids: np.ndarray, layer: int, quantity: Quantity, state: State | None = None
) -> np.ndarray:
    """A quantity of all units of a layer after each of `ids`, (T,): (T, H), character after character."""
    reader = Reader(model, model.initial() if state is None else state, watched=quantity in GATES)
    values = np.empty((len(ids), model.hidden), np.float32)
    for row, symbol in zip(values, ids, strict=True):
        reader.read(symbol)
        row[:] = looked_at(reader.layers[layer], state_of(quantity))
    return np.tanh(values) if quantity == "tanh_c" else values


def near(state: State, other: State, most: float) -> bool:
    """Whether no number of two states differs by more than `most`."""
    return all(np.abs(a - b).max() <= most for a, b in ((state.h, other.h), (state.c, other.c)))
