"""A character LSTM in numpy that reads text and predicts the next character.

At batch size one an LSTM step is a matrix-vector product and a little arithmetic, so it costs memory
traffic and calls. Four rearrangements reduce both without changing the function:

- Embedding, input weights and both biases of the first layer become one table with a row of gates
  for each character: reading a character is an addition.
- A layer's h is multiplied once by everything that uses it: its own gates at the next character
  and, stacked above them in one matrix, the gates of the layer above or the logits.
- All four gates take one tanh (see `cell`).
- The gates and the cell state c are adjacent, so i and f times g and c is one product.

Shapes: L layers, H hidden units, V vocabulary size (the unknown character is number V), B streams,
T characters. Inside, B is the last axis and is left out for a single stream, which makes the same
code a matrix-vector product. All numbers are float32.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lstmterm.errors import InputError
from lstmterm.infer import blas
from lstmterm.infer.cell import arranged
from lstmterm.infer.running import RunningLayer, running_layer

_TABLE_ROWS = 4096  # of a character table that are computed at a time

_PIECE = 1024  # characters of a long text between which its gates are computed

Progress = Callable[[int, int], None]  # takes how much is done and in all
Held = Mapping[tuple[int, int], float]  # (layer, unit) -> the value at which its c is held; both from 0


@dataclass(frozen=True)
class State:
    """The hidden and cell states of all layers: two arrays of shape (L, B, H), float32."""

    h: np.ndarray
    c: np.ndarray

    @classmethod
    def initial(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        """The state before the first character, of batch 1: the learned one of a model's tensors, or zero."""
        zero = np.zeros((depth(tensors), tensors["lstm.weight_hh_l0"].shape[1]), np.float32)
        h, c = (np.array(tensors.get(f"initial.{part}", zero), np.float32)[:, None] for part in "hc")
        return cls(h, c)

    def repeated(self, batch: int) -> "State":
        """A state of batch 1 repeated for `batch` streams."""
        return State(np.repeat(self.h, batch, axis=1), np.repeat(self.c, batch, axis=1))

    @classmethod
    def joined(cls, states: Iterable["State"]) -> "State":
        """The streams of all `states`, in their order."""
        h, c = zip(*((state.h, state.c) for state in states), strict=True)
        return cls(np.concatenate(h, axis=1), np.concatenate(c, axis=1))

    def streams(self, first: int, end: int | None = None) -> "State":
        """Streams `first` to `end`, or to the last one."""
        return State(self.h[:, first:end], self.c[:, first:end])


def depth(tensors: Iterable[str]) -> int:
    """L, from the names of a character model's tensors."""
    return sum(name.startswith("lstm.weight_hh_l") for name in tensors)


@dataclass(frozen=True)
class _Layer:
    """A layer's h is multiplied by `weights`: U rows for above, some zeros, 4H rows for its own gates.

    U is 4H below another layer and V at the top. Rows of gates are arranged as `cell` wants them.
    The zeros make the rows a multiple of 16, which OpenBLAS's threads share evenly, so that its
    results do not depend on the number of threads.
    """

    weights: np.ndarray  # (R, H)
    bias: np.ndarray  # (U,), of the rows for above

    @classmethod
    def of(cls, above: np.ndarray, bias: np.ndarray, recurrent: np.ndarray) -> Self:
        """The layer with these matrices, (U, H) and (4H, H), and the bias (U,)."""
        gap = np.zeros((-(len(above) + len(recurrent)) % 16, recurrent.shape[1]))
        return cls(np.concatenate([above, gap, recurrent], dtype=np.float32), bias.astype(np.float32))

    @property
    def above(self) -> np.ndarray:
        """The weights of the layer above, or of the output, for this layer's h: (U, H)."""
        return self.weights[: len(self.bias)]

    @property
    def recurrent(self) -> np.ndarray:
        """The weights of its own gates for its h: (4H, H)."""
        return self.weights[-4 * self.weights.shape[1] :]


def _bias(tensors: Mapping[str, np.ndarray], k: int) -> np.ndarray:
    """The sum of both biases of a layer, (4H,), float64."""
    first, second = (np.asarray(tensors[f"lstm.bias_{part}_l{k}"], np.float64) for part in ("ih", "hh"))
    return arranged(first + second)


@np.errstate(
    over="ignore"
)  # a gate that adds up to infinity is open or closed, in a model whose training exploded
def _table(embedding: np.ndarray | None, inputs: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """What each character and the unknown one add to the first layer's gates, (V + 1, 4H), float32.

    It is computed in float64, for some characters at a time: a large vocabulary needs no second table.
    Without an `embedding`, a character is a column of the `inputs`' weights (4H, V), and the unknown one zeros.
    """
    rows = inputs.shape[1] + 1 if embedding is None else len(embedding)
    inputs_T = inputs.T if embedding is None else inputs.T.astype(np.float64)
    table = np.empty((rows, len(bias)), np.float32)
    for a in range(0, rows, _TABLE_ROWS):
        b = min(a + _TABLE_ROWS, rows)
        if embedding is None:
            part = np.zeros((b - a, len(bias)))
            part[: len(inputs_T[a:b])] = inputs_T[a:b]
        else:
            part = embedding[a:b].astype(np.float64) @ inputs_T
        table[a:b] = part + bias
    return table


class CharLSTM:
    """A trained character model. Its weights never change; the state is kept by a `Reader` or a `State`."""

    def __init__(
        self,
        table: np.ndarray,
        layers: tuple[_Layer, ...],
        start: State,
        held: tuple[Mapping[int, float], ...] = (),
    ) -> None:
        blas.limit()
        self._table = table  # (V + 1, 4H): what a character adds to the first layer's gates
        self._layers = layers
        self._start = start  # of batch 1
        self._held = held or ({},) * len(layers)  # of each layer: unit -> value of c

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        """The model with a file's tensors (names and shapes as in `models.shapes`)."""
        numbers = range(depth(tensors))
        first, *inputs = (arranged(tensors[f"lstm.weight_ih_l{k}"]) for k in numbers)
        biases = [_bias(tensors, k) for k in numbers]
        above = [*inputs, tensors["output.weight"]]
        above_bias = [*biases[1:], tensors["output.bias"]]
        layers = tuple(
            _Layer.of(above[k], above_bias[k], arranged(tensors[f"lstm.weight_hh_l{k}"])) for k in numbers
        )
        table = _table(tensors.get("embedding.weight"), first, biases[0])
        return cls(table, layers, State.initial(tensors))

    def holding(self, held: Held) -> "CharLSTM":
        """The same model with the c of some hidden units held at a value after every step; itself if none is.

        Their h is the output gate times tanh of the value. What was held before no longer is. Raises
        `InputError` for a unit that the model does not have.
        """
        by_layer: tuple[dict[int, float], ...] = tuple({} for _ in self._layers)
        for (layer, unit), value in held.items():
            self.check_unit(layer, unit)
            by_layer[layer][unit] = float(value)
        return self if by_layer == self._held else CharLSTM(self._table, self._layers, self._start, by_layer)

    def layers_as_in(self, other: "CharLSTM") -> int:
        """How many layers, from the first, compute the same as in the same model that holds other units."""
        same = [a == b for a, b in zip(self._held, other._held, strict=True)]
        return [*same, False].index(False)

    def has_unit(self, layer: int, unit: int) -> bool:
        """Whether the model has this hidden unit."""
        return 0 <= layer < self.layers and 0 <= unit < self.hidden

    def check_unit(self, layer: int, unit: int) -> None:
        """Raise `InputError` unless the model has this hidden unit."""
        if not self.has_unit(layer, unit):
            raise InputError(
                f"The model has no hidden unit {layer}:{unit}; its layers are 0 to {self.layers - 1}, "
                f"and the units of each are 0 to {self.hidden - 1}."
            )

    @property
    def layers(self) -> int:
        """The number of layers, L."""
        return len(self._layers)

    @property
    def hidden(self) -> int:
        """The number of hidden units of a layer, H."""
        return self._layers[0].weights.shape[1]

    @property
    def vocabulary_size(self) -> int:
        """The number of characters that it predicts, V; number V itself is the unknown one."""
        return len(self._layers[-1].bias)

    def initial(self, batch: int = 1) -> State:
        """The state before the first character, zero or learned, for `batch` streams."""
        return self._start.repeated(batch)

    def gate_inputs(self, layer: int, below: np.ndarray) -> np.ndarray:
        """What is added to the gates of a layer, (..., 4H), by all but its own h.

        `below` are the characters that layer 0 reads, (...,), or the h of the layer below, (..., H).
        """
        blas.limit()
        if not layer:
            return self._table[below]
        lower = self._layers[layer - 1]
        rows = below.reshape(-1, self.hidden) @ lower.above.T + lower.bias
        return rows.reshape(*below.shape[:-1], -1)

    def running(self, layer: int, h: np.ndarray, c: np.ndarray, *, watched: bool = False) -> RunningLayer:
        """A layer that runs alone from h and c, (H,) or (H, B), given its `gate_inputs`."""
        return running_layer(self._layers[layer].recurrent, h, c, self._held[layer], watched)

    def run(self, ids: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """Read `ids`, shape (T,), in one stream from `state`.

        Returns the top layer's h after each character, shape (T, H), and the state after the last.
        It runs layer by layer, so that only the recurrence itself goes character by character.
        """
        h_last, c_last = np.empty_like(state.h), np.empty_like(state.c)
        hidden = np.empty((len(ids), self.hidden), np.float32)
        for k in range(self.layers):
            gates = self.gate_inputs(k, hidden if k else ids)
            running = self.running(k, state.h[k, 0], state.c[k, 0])
            for t in range(len(ids)):
                running.step(gates[t])
                hidden[t] = running.h
            h_last[k, 0], c_last[k, 0] = running.h, running.c
        return hidden, State(h_last, c_last)

    def read(self, ids: np.ndarray, state: State, progress: Progress = lambda done, whole: None) -> State:
        """The state after `ids`, shape (T,), read in one stream from `state`, in memory that T does not change.

        `progress` is called with the number of characters read and in all.
        """
        for start in range(0, len(ids), _PIECE):
            _, state = self.run(ids[start : start + _PIECE], state)
            progress(min(start + _PIECE, len(ids)), len(ids))
        return state

    def logits(self, hidden: np.ndarray) -> np.ndarray:
        """Unnormalised log-probabilities of the next character: (..., V), of the top layer's h, (..., H)."""
        top = self._layers[-1]
        rows = hidden.reshape(-1, self.hidden) @ top.above.T + top.bias
        return rows.reshape(*hidden.shape[:-1], -1)


class Reader:
    """Reads one or several streams a character at a time, in buffers that it reuses."""

    def __init__(
        self, model: CharLSTM, state: State, held: Held | None = None, *, watched: bool = False
    ) -> None:
        """`held` takes the place of what the model holds. `layers` run,
        and the next step overwrites what they are; only those of a `watched` reader have `activated` gates.
        """
        if held is not None:
            model = model.holding(held)
        self.batch = state.h.shape[1]
        self._table = model._table
        self.layers = [
            running_layer(layer.weights, self._inside(h), self._inside(c), units, watched)
            for layer, h, c, units in zip(model._layers, state.h, state.c, model._held, strict=True)
        ]
        above = [
            (running.products[: len(layer.bias)], layer.bias if self._single else layer.bias[:, None])
            for running, layer in zip(self.layers, model._layers, strict=True)
        ]
        *between, (self._output, self._output_bias) = above
        self._upper = [(*below, layer) for below, layer in zip(between, self.layers[1:], strict=True)]
        self._logits = np.empty_like(self._output)

    @property
    def _single(self) -> bool:
        return self.batch == 1

    def _inside(self, rows: np.ndarray) -> np.ndarray:
        """(B, H) in the layout used here: (H,) for a single stream, else (H, B)."""
        return rows[0] if self._single else rows.T

    @property
    def state(self) -> State:
        """A copy of the current state."""
        h, c = (np.stack(parts) for parts in zip(*((x.h, x.c) for x in self.layers), strict=True))
        if self._single:
            return State(h[:, None], c[:, None])
        return State(*(np.ascontiguousarray(part.transpose(0, 2, 1)) for part in (h, c)))

    def read(self, symbols: Any) -> None:
        """Read one character of every stream: a number for a single stream, else numbers (B,)."""
        blas.limit()
        self.layers[0].step(self._table[symbols].T)
        for product, bias, layer in self._upper:
            layer.step(product + bias)

    def take(self, streams: np.ndarray) -> None:
        """Let each of the B streams continue from the state of another one: numbers of streams, (B,)."""
        if not self._single:
            for layer in self.layers:
                layer.take(streams)

    def logits(self) -> np.ndarray:
        """As `CharLSTM.logits`: (V,) for a single stream, else (V, B). The next call overwrites them."""
        return np.add(self._output, self._output_bias, out=self._logits)
