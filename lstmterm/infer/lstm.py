"""A character LSTM that reads and predicts, in numpy.

At batch one an LSTM's step is a matrix-vector product and a little arithmetic, so the cost is
memory traffic and calls. Four rearrangements keep both low, none of which changes the function:

- Embedding, input weights and both biases of the first layer are one table with a row of gates for
  each symbol: reading a character is an addition.
- A layer's h is multiplied once, with all that is made of it: its own gates at the next character
  and, stacked above them in one matrix, the gates of the layer above or the logits.
- sigmoid(x) = (1 + tanh(x / 2)) / 2, and the halving of x is in the weights, so all four gates
  take one tanh.
- The gates lie in the order o, i, f, g with the cell c behind them, so that i and f times g and c
  is one product of neighbours.

Shapes: L layers, H hidden, n symbols (and the unknown one, number n), B streams, T characters.
Inside, B is the last axis and is left out for a single stream, which makes the same code a
matrix-vector product. All numbers are float32.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

_OURS = (3, 0, 1, 2)  # torch's gates i, f, g, o in the order o, i, f, g


@dataclass(frozen=True)
class State:
    """What an LSTM remembers of what it read: two arrays of shape (L, B, H), float32."""

    h: np.ndarray
    c: np.ndarray

    def repeated(self, batch: int) -> "State":
        """The same for each of `batch` streams, of a state of one."""
        return State(np.repeat(self.h, batch, axis=1), np.repeat(self.c, batch, axis=1))

    @classmethod
    def joined(cls, states: Iterable["State"]) -> "State":
        """The streams of all of them, one after another."""
        h, c = zip(*((state.h, state.c) for state in states), strict=True)
        return cls(np.concatenate(h, axis=1), np.concatenate(c, axis=1))

    def lane(self, k: int) -> "State":
        """Stream number `k` alone."""
        return State(self.h[:, k : k + 1], self.c[:, k : k + 1])

    def near(self, other: "State", most: float) -> bool:
        """Whether no number differs by more than `most`."""
        return all(np.abs(a - b).max() <= most for a, b in ((self.h, other.h), (self.c, other.c)))


@dataclass(frozen=True)
class _Layer:
    """A layer's h is multiplied with `weights`: U rows for above, some zeros, 4H rows for its own gates.

    U is 4H below another layer and n at the top. Rows of gates are in our order, those of the
    sigmoid gates halved. The zeros make the rows a multiple of 16, which OpenBLAS's threads share
    evenly, so that its results do not depend on how many there are.
    """

    weights: np.ndarray  # (R, H)
    bias: np.ndarray  # (U,), of the rows for above

    @classmethod
    def of(cls, above: np.ndarray, bias: np.ndarray, recurrent: np.ndarray) -> Self:
        """The layer of its two matrices, (U, H) and (4H, H), and the bias (U,)."""
        gap = np.zeros((-(len(above) + len(recurrent)) % 16, recurrent.shape[1]))
        return cls(np.concatenate([above, gap, recurrent], dtype=np.float32), bias.astype(np.float32))

    @property
    def above(self) -> np.ndarray:
        """What the layer above, or the output, makes of this one's h: (U, H)."""
        return self.weights[: len(self.bias)]

    @property
    def recurrent(self) -> np.ndarray:
        """What its gates make of its own h: (4H, H)."""
        return self.weights[-4 * self.weights.shape[1] :]


class CharLSTM:
    """A trained character model. Its weights never change; who reads keeps a `Reader` or a `State`."""

    def __init__(self, table: np.ndarray, layers: tuple[_Layer, ...], start: State) -> None:
        self._table = table  # (n + 1, 4H): what a symbol adds to the first layer's gates
        self._layers = layers
        self._start = start  # of batch 1

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        """The model of a file's tensors (names and shapes as `models.charlm_shapes`)."""
        exact = {name: np.asarray(tensor, np.float64) for name, tensor in tensors.items()}
        depth = sum(name.startswith("lstm.weight_hh_l") for name in exact)
        inputs = [arranged(exact[f"lstm.weight_ih_l{k}"]) for k in range(depth)]
        biases = [arranged(exact[f"lstm.bias_ih_l{k}"] + exact[f"lstm.bias_hh_l{k}"]) for k in range(depth)]
        above = [*inputs[1:], exact["output.weight"]]
        above_bias = [*biases[1:], exact["output.bias"]]
        layers = tuple(
            _Layer.of(above[k], above_bias[k], arranged(exact[f"lstm.weight_hh_l{k}"])) for k in range(depth)
        )
        n = len(exact["output.bias"])
        symbols = exact.get("embedding.weight", np.eye(n + 1, n))  # one-hot: the unknown one is zero
        table = np.ascontiguousarray(symbols @ inputs[0].T + biases[0], np.float32)
        zero = np.zeros((depth, layers[0].weights.shape[1]))
        h, c = (np.array(exact.get(f"initial.{part}", zero), np.float32)[:, None] for part in "hc")
        return cls(table, layers, State(h, c))

    @property
    def layers(self) -> int:
        """L."""
        return len(self._layers)

    @property
    def hidden(self) -> int:
        """H."""
        return self._layers[0].weights.shape[1]

    @property
    def symbols(self) -> int:
        """n: how many symbols it predicts; n itself is the unknown one."""
        return len(self._layers[-1].bias)

    def initial(self, batch: int = 1) -> State:
        """The state before the first character: zero, or the learned one, for each of `batch` streams."""
        return self._start.repeated(batch)

    def run(self, ids: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """Read `ids`, shape (T,), in one stream from `state`.

        Returns the top layer's h after each character, shape (T, H), and the state after the last.
        Layer by layer, so that only the recurrence itself goes character by character.
        """
        h_last, c_last = np.empty_like(state.h), np.empty_like(state.c)
        gates = self._table[ids]
        hidden = np.empty((len(ids), self.hidden), np.float32)
        for k, layer in enumerate(self._layers):
            cell = _Cell(layer.recurrent, state.h[k, 0], state.c[k, 0])
            for t in range(len(ids)):
                cell.step(gates[t])
                hidden[t] = cell.h
            h_last[k, 0], c_last[k, 0] = cell.h, cell.c
            if k + 1 < self.layers:
                gates = hidden @ layer.above.T + layer.bias
        return hidden, State(h_last, c_last)

    def logits(self, hidden: np.ndarray) -> np.ndarray:
        """What comes next, unnormalised: (T, n) of the top layer's h, (T, H)."""
        top = self._layers[-1]
        return hidden @ top.above.T + top.bias


class Reader:
    """A model reading one or several streams a character at a time, in buffers that it reuses."""

    def __init__(self, model: CharLSTM, state: State) -> None:
        self.batch = state.h.shape[1]
        self._table = model._table
        self._cells = [
            _Cell(layer.weights, self._inside(h), self._inside(c))
            for layer, h, c in zip(model._layers, state.h, state.c, strict=True)
        ]
        above = [
            (cell.products[: len(layer.bias)], layer.bias if self._single else layer.bias[:, None])
            for cell, layer in zip(self._cells, model._layers, strict=True)
        ]
        *self._between, (self._output, self._output_bias) = above
        self._upper = self._cells[1:]
        self._logits = np.empty_like(self._output)

    @property
    def _single(self) -> bool:
        return self.batch == 1

    def _inside(self, rows: np.ndarray) -> np.ndarray:
        """(B, H) as it lies in here: (H,) for a single stream, else (H, B)."""
        return rows[0] if self._single else rows.T

    @property
    def state(self) -> State:
        """A copy of what is remembered now."""
        h, c = (np.stack(parts) for parts in zip(*((cell.h, cell.c) for cell in self._cells), strict=True))
        if self._single:
            return State(h[:, None], c[:, None])
        return State(*(np.ascontiguousarray(part.transpose(0, 2, 1)) for part in (h, c)))

    def read(self, symbols: Any) -> None:
        """Read one character of every stream: a number for a single stream, else numbers (B,)."""
        self._cells[0].step(self._table[symbols].T)
        for (product, bias), cell in zip(self._between, self._upper, strict=True):
            cell.step(product + bias)

    def logits(self) -> np.ndarray:
        """What comes next, unnormalised: (n,) for a single stream, else (n, B); overwritten next time."""
        return np.add(self._output, self._output_bias, out=self._logits)


class _Cell:
    """One layer's memory, h and c of shape (H,) or (H, B), and what its h is multiplied to.

    One block holds the products, (R,) or (R, B), whose last are the gates o, i, f, g, and behind
    them c.
    """

    def __init__(self, weights: np.ndarray, h: np.ndarray, c: np.ndarray) -> None:
        rows, size = weights.shape
        block = np.empty((rows + size, *h.shape[1:]), np.float32)
        self._weights = weights
        self.products = block[:rows]
        self._gates = block[rows - 4 * size : rows]
        self._sigmoids = self._gates[: 3 * size]
        self._o = self._gates[:size]
        self._i_and_f = self._gates[size : 3 * size]
        self._g_and_c = block[rows - size :]
        self.c = block[rows:]
        self.c[...] = c
        self.h = np.array(h, np.float32, order="C")
        self._ig_and_fc = np.empty((2 * size, *h.shape[1:]), np.float32)
        self._ig, self._fc = self._ig_and_fc[:size], self._ig_and_fc[size:]
        np.dot(weights, self.h, out=self.products)

    def step(self, inputs: np.ndarray) -> None:
        """Read one character whose share of the gates is `inputs`, (4H,) or (4H, B)."""
        gates, sigmoids, h = self._gates, self._sigmoids, self.h
        np.add(gates, inputs, out=gates)
        np.tanh(gates, out=gates)
        np.multiply(sigmoids, _HALF, out=sigmoids)
        np.add(sigmoids, _HALF, out=sigmoids)
        np.multiply(self._i_and_f, self._g_and_c, out=self._ig_and_fc)
        np.add(self._ig, self._fc, out=self.c)
        np.tanh(self.c, out=h)
        np.multiply(self._o, h, out=h)
        np.dot(self._weights, h, out=self.products)


_HALF = np.float32(0.5)


def arranged(rows: np.ndarray) -> np.ndarray:
    """Rows of torch's gates, (4H, ...), in our order, those of the sigmoid gates halved."""
    gates = rows.reshape(4, len(rows) // 4, *rows.shape[1:])[list(_OURS)]
    gates[:3] /= 2
    return gates.reshape(rows.shape)
