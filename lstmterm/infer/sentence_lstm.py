"""A tagger's LSTM in numpy: it reads sentences side by side, in one direction or both at once.

Both directions step together, with one call for the products of both matrices. Words of sentences
of different lengths are laid into a rectangle for that.

Shapes: D directions, H hidden units, L layers, B sentences of at most T words, N words in all,
W numbers a word. All numbers are float32.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from lstmterm.infer.cell import Cell, arranged
from lstmterm.infer.lstm import State, depth

LayerState = tuple[np.ndarray, np.ndarray]  # h and c of one layer, each (D, B, H)


class SentenceLSTM:
    """The layers of a trained tagger's LSTM."""

    def __init__(self, tensors: Mapping[str, np.ndarray]) -> None:
        """`tensors` by torch's names, below `lstm.` and `initial.`."""
        ends = ["", "_reverse"] if "lstm.weight_hh_l0_reverse" in tensors else [""]
        self.directions = len(ends)
        self.hidden = tensors["lstm.weight_hh_l0"].shape[1]
        start = State.initial(tensors)  # one row for each direction of each layer
        self._layers = []
        for k in range(depth(tensors) // self.directions):
            rows = slice(k * self.directions, (k + 1) * self.directions)
            first = start.h[rows], start.c[rows]
            self._layers.append(_Layer.of(tensors, [f"l{k}{end}" for end in ends], first))

    @property
    def width(self) -> int:
        """How many gates a layer has in all directions, D*4H."""
        return len(self._layers[0].bias)

    def gates_of(self, inputs: np.ndarray) -> np.ndarray:
        """What inputs, (N, W), contribute to the first layer's gates, (N, D*4H)."""
        return self._layers[0].gates_of(inputs)

    def read(
        self, gates: np.ndarray, lengths: np.ndarray, state: list[LayerState] | None = None
    ) -> tuple[np.ndarray, list[LayerState]]:
        """Read sentences of `lengths`, (B,), from `state` or from the start of a sentence.

        `gates`, (N, D*4H), are what `gates_of` makes of their words, one sentence after another.
        Returns the top layer's h after each word, (N, D*H), and the state at the end, which means
        something if all sentences are equally long.
        """
        rectangle = Rectangle.of(lengths, self.directions)
        after, hidden = [], gates
        for k, layer in enumerate(self._layers):
            if k:
                gates = layer.gates_of(hidden)
            hidden, last = layer.read(gates, rectangle, None if state is None else state[k])
            after.append(last)
        return hidden, after


@dataclass(frozen=True)
class Rectangle:
    """Where N words of B sentences lie in T steps, in each direction."""

    steps: np.ndarray  # (D, N): at which step each direction reads each word
    sentence: np.ndarray  # (N,)
    sentences: int  # B
    longest: int  # T

    @classmethod
    def of(cls, lengths: np.ndarray, directions: int) -> Self:
        """The rectangle for sentences of these lengths, (B,)."""
        sentence = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(sentence)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        steps = np.stack([place, lengths[sentence] - 1 - place])[:directions]
        return cls(steps, sentence, len(lengths), int(lengths.max()))


@dataclass(frozen=True)
class _Layer:
    """One layer, in all its directions; gates as `cell` arranges them."""

    inputs: np.ndarray  # (W, D*4H)
    bias: np.ndarray  # (D*4H,)
    recurrent: np.ndarray  # (D, H, 4H)
    start: LayerState  # at the start of a sentence, with B = 1

    @classmethod
    def of(cls, tensors: Mapping[str, np.ndarray], names: list[str], start: LayerState) -> Self:
        """The layer with torch's tensors of these names, one for each direction."""
        inputs = [arranged(tensors[f"lstm.weight_ih_{name}"]).T for name in names]
        bias = [arranged(tensors[f"lstm.bias_ih_{name}"] + tensors[f"lstm.bias_hh_{name}"]) for name in names]
        recurrent = [arranged(tensors[f"lstm.weight_hh_{name}"]).T for name in names]
        return cls(np.concatenate(inputs, axis=1), np.concatenate(bias), np.stack(recurrent), start)

    def gates_of(self, inputs: np.ndarray) -> np.ndarray:
        """What inputs, (N, W), contribute to the gates, (N, D*4H)."""
        gates = inputs @ self.inputs
        gates += self.bias
        return gates

    def read(
        self, gates: np.ndarray, at: Rectangle, state: LayerState | None
    ) -> tuple[np.ndarray, LayerState]:
        """h after each word in its direction, (N, D*H), given its gates, (N, D*4H), and the last h and c.

        After a sentence's last word the steps continue over zeros, which nothing uses.
        """
        directions, hidden = self.recurrent.shape[:2]
        laid = np.zeros((at.longest, directions, at.sentences, 4 * hidden), np.float32)
        parts = gates.reshape(len(gates), directions, 4 * hidden)
        for d in range(directions):
            laid[at.steps[d], d, at.sentence] = parts[:, d]
        h, c = state or (np.repeat(part, at.sentences, axis=1) for part in self.start)
        read, c = self._steps(laid, h, c)
        picked = [read[at.steps[d], d, at.sentence] for d in range(directions)]
        return np.concatenate(picked, axis=1), (read[-1].copy(), c)

    def _steps(self, laid: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """h after each step, (T, D, B, H), and the last c, given the inputs' gates, (T, D, B, 4H)."""
        read = np.empty((*laid.shape[:3], h.shape[-1]), np.float32)
        cell = Cell(np.empty(laid.shape[1:], np.float32), c.copy())
        for t in range(len(laid)):
            np.matmul(h, self.recurrent, out=cell.gates)
            np.add(cell.gates, laid[t], out=cell.gates)
            h = read[t]
            cell.step(h)
        return read, cell.c
