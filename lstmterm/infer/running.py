"""A layer of a character LSTM while it runs, from character to character.

Shapes: H hidden units, B streams, R rows of weights (see `lstm`). B is the last axis and is left out for
a single stream. All numbers are float32.
"""

from collections.abc import Mapping

import numpy as np

from lstmterm.infer.cell import Cell


class RunningLayer:
    """A layer's h and c, of shape (H,) or (H, B), and the products of its weights with h.

    One block holds the products, (R,) or (R, B), of which the last are the gates, and then c.
    """

    def __init__(self, weights: np.ndarray, h: np.ndarray, c: np.ndarray) -> None:
        rows, size = weights.shape
        block = np.empty((rows + size, *h.shape[1:]), np.float32)
        self._weights = weights
        self.products = block[:rows]
        self._block, self._gates = block, block[rows - 4 * size : rows]
        self.c = block[rows:]
        self.c[...] = c
        self.h = np.array(h, np.float32, order="C")
        self._cell, self._h_T = Cell.in_block(block[rows - 4 * size :].T), self.h.T
        np.dot(weights, self.h, out=self.products)

    @property
    def activated(self) -> np.ndarray:
        """The gates of the last step: output, input, forget and g, (4H,) or (4H, B), if the layer is watched."""
        raise ValueError("only a watched layer keeps its gates")

    def step(self, inputs: np.ndarray) -> None:
        """Read one character that contributes `inputs`, (4H,) or (4H, B), to the gates."""
        np.add(self._gates, inputs, out=self._gates)
        self._cell.step(self._h_T)
        np.dot(self._weights, self.h, out=self.products)

    def take(self, streams: np.ndarray) -> None:
        """Let each stream continue from the state of another one: numbers of streams, (B,)."""
        self._block[...] = self._block[:, streams]
        self.h[...] = self.h[:, streams]


class WatchedLayer(RunningLayer):
    """A layer that holds the c of some units, and keeps a copy of its gates if it is `watched`."""

    def __init__(
        self, weights: np.ndarray, h: np.ndarray, c: np.ndarray, held: Mapping[int, float], watched: bool
    ) -> None:
        super().__init__(weights, h, c)
        self._activated = np.full_like(self._gates, np.nan) if watched else None
        self._units = np.fromiter(held, np.intp, len(held))
        values = np.fromiter(held.values(), np.float32, len(held))
        self._values = values.reshape(-1, *(1 for _ in h.shape[1:]))
        self._tanh_values = np.tanh(self._values)
        self.c[self._units] = self._values

    @property
    def activated(self) -> np.ndarray:
        return super().activated if self._activated is None else self._activated

    def step(self, inputs: np.ndarray) -> None:
        np.add(self._gates, inputs, out=self._gates)
        self._cell.step(self._h_T)
        if self._activated is not None:
            self._activated[...] = self._gates
        if len(self._units):
            self.c[self._units] = self._values
            self.h[self._units] = self._gates[self._units] * self._tanh_values  # output gates come first
        np.dot(self._weights, self.h, out=self.products)


def running_layer(
    weights: np.ndarray, h: np.ndarray, c: np.ndarray, held: Mapping[int, float], watched: bool = False
) -> RunningLayer:
    """A layer that runs; one that does nothing more costs nothing more."""
    if held or watched:
        return WatchedLayer(weights, h, c, held, watched)
    return RunningLayer(weights, h, c)
