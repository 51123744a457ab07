"""The loss of one sequence of a text and its gradient, in numpy.

At batch size one and some 20 characters an LSTM is a chain of matrix-vector products, which numpy
computes two to three times faster than torch with autograd. So backpropagation through time is
written out here, for one stream; the state before the sequence is taken as given.

The gradient of a matrix is a product of two factors with a row for each character. It is computed some
rows at a time and never kept whole: a part is used while it is in the processor's cache, and the weights,
which every character reads twice, stay in the larger one.

Shapes: T sequence length, V vocabulary size (the unknown character is number V), L layers, H hidden
units, E inputs of a layer, G = 4H its gates. Weights have torch's order of gates, i, f, g, o;
activated gates that of `cell`, o, i, f, g. All numbers are float32.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from lstmterm.infer import blas
from lstmterm.infer.cell import HALF, Cell
from lstmterm.infer.lstm import State, depth

_PART = 98_304  # numbers of a gradient that are computed at a time, so that they stay in the cache


class Weights(dict[str, np.ndarray]):
    """A model's weights, or one number for each of them: named views of one vector, `flat`."""

    def __init__(self, tensors: Mapping[str, np.ndarray]) -> None:
        """A copy of `tensors`."""
        self.flat = np.concatenate([tensor.ravel() for tensor in tensors.values()], dtype=np.float32)
        stops = np.cumsum([tensor.size for tensor in tensors.values()])
        self.starts = dict(zip(tensors, (0, *stops.tolist()), strict=False))  # in `flat`
        parts = np.split(self.flat, stops[:-1])
        super().__init__(
            (name, part.reshape(tensor.shape))
            for (name, tensor), part in zip(tensors.items(), parts, strict=True)
        )


class _Trace:
    """What a layer remembers of T characters for its gradient, in buffers that the next sequence reuses."""

    def __init__(self, length: int, size: int) -> None:
        self.inputs_TE = np.empty(0, np.float32)
        self.h_TH = np.empty((length + 1, size), np.float32)  # before the first character and after each
        blocks = np.empty((length + 1, 5 * size), np.float32)  # a character's gates and c before it
        self.gates_TG = blocks[:-1, : 4 * size]
        self.c_TH = blocks[:, 4 * size :]  # before the first character and after each
        self.steps = [  # of each character: its cell, h before it, h after it
            (Cell.in_block(blocks[t], self.c_TH[t + 1]), self.h_TH[t], self.h_TH[t + 1])
            for t in range(length)
        ]


class SequenceReader:
    """Reads sequences with weights that may change between them, and computes the gradient of each."""

    def __init__(self, weights: Weights) -> None:
        blas.limit()
        self._weights = weights
        self.layers = depth(weights)
        self.hidden = weights["lstm.weight_hh_l0"].shape[1]
        self.vocabulary_size = len(weights["output.bias"])
        self._embeds = "embedding.weight" in weights
        self._ids = np.empty(0, np.int64)
        self._traces: list[_Trace] = []
        self._error_TV = np.empty(0, np.float32)
        self._part = np.empty(0, np.float32)

    @np.errstate(over="ignore", invalid="ignore")  # the caller checks the losses
    def read(self, ids: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """Read the first T of `ids`, shape (T + 1,), each of which predicts the next.

        Returns -ln p of the T predicted characters, nan for the unknown one, and the state after the
        characters that were read.
        """
        w = self._weights
        self._ids = ids[:-1].astype(np.int64)
        if not self._traces or len(self._traces[0].steps) != len(self._ids):
            self._traces = [_Trace(len(self._ids), self.hidden) for _ in range(self.layers)]
        after = State(np.empty_like(state.h), np.empty_like(state.c))
        hidden = self._inputs()
        for k, trace in enumerate(self._traces):
            trace.h_TH[0], trace.c_TH[0] = state.h[k, 0], state.c[k, 0]
            hidden = self._read_layer(k, hidden)
            after.h[k, 0], after.c[k, 0] = trace.h_TH[-1], trace.c_TH[-1]
        logits = hidden @ w["output.weight"].T + w["output.bias"]
        return self._losses(logits, ids[1:].astype(np.int64)), after

    def _inputs(self) -> np.ndarray:
        """The first layer's inputs, (T, E): embeddings, or one-hot with zeros for the unknown character."""
        if self._embeds:
            return self._weights["embedding.weight"][self._ids]
        one_hot = np.zeros((len(self._ids), self.vocabulary_size), np.float32)
        known = self._ids < self.vocabulary_size
        one_hot[known, self._ids[known]] = 1
        return one_hot

    def _read_layer(self, k: int, inputs_TE: np.ndarray) -> np.ndarray:
        """h of layer `k` after each character, (T, H)."""
        w, trace, size = self._weights, self._traces[k], self.hidden
        trace.inputs_TE = inputs_TE
        recurrent = w[f"lstm.weight_hh_l{k}"]
        bias = w[f"lstm.bias_ih_l{k}"] + w[f"lstm.bias_hh_l{k}"]
        from_inputs_TG = inputs_TE @ w[f"lstm.weight_ih_l{k}"].T + bias
        from_h = np.empty(4 * size, np.float32)
        (inputs_ifg, inputs_o), (h_ifg, h_o) = (
            (part[..., : 3 * size], part[..., 3 * size :]) for part in (from_inputs_TG, from_h)
        )
        for t, (cell, h, h_after) in enumerate(trace.steps):
            np.dot(recurrent, h, out=from_h)
            np.add(h_ifg, inputs_ifg[t], out=cell.ifg)
            np.add(h_o, inputs_o[t], out=cell.o)
            np.multiply(cell.sigmoids, HALF, out=cell.sigmoids)
            cell.step(h_after)
        return trace.h_TH[1:]

    def _losses(self, logits_TV: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """-ln p of the targets; keeps the gradient by the logits."""
        known = targets < self.vocabulary_size
        rows, columns = np.flatnonzero(known), targets[known]
        logits_TV -= logits_TV.max(axis=1, keepdims=True)
        losses = np.full(len(targets), np.nan, np.float32)
        p_TV = np.exp(logits_TV)
        total = p_TV.sum(axis=1, keepdims=True)
        losses[known] = np.log(total[known, 0]) - logits_TV[rows, columns]
        p_TV /= total
        p_TV[rows, columns] -= 1
        p_TV[~known] = 0
        self._error_TV = p_TV
        return losses

    def backward(self) -> Iterator[tuple[slice, np.ndarray]]:
        """The gradient of the last sequence's summed loss, in parts that make up `Weights.flat`.

        Each is the place of its numbers, and the numbers, (n,); the next overwrites it. Nothing depends on
        the weights once there is a first part, so they may move by each.
        """
        w, error_TV = self._weights, self._error_TV
        factors = {"output": (error_TV, self._traces[-1].h_TH[1:])}
        back_TH = error_TV @ w["output.weight"]
        for k in reversed(range(self.layers)):
            by_gates_TG, back_TH = self._backward_layer(k, back_TH)
            factors[f"hh_l{k}"] = by_gates_TG, self._traces[k].h_TH[:-1]
            factors[f"ih_l{k}"] = by_gates_TG, self._traces[k].inputs_TE
        for name, start in w.starts.items():
            if name == "embedding.weight":
                rows = np.zeros_like(w[name])
                np.add.at(rows, self._ids, back_TH)
                yield slice(start, start + rows.size), rows.reshape(-1)
                continue
            of_outputs, of_inputs = factors[name.split("_", 1)[-1] if name.startswith("lstm.") else "output"]
            if w[name].ndim == 1:
                yield slice(start, start + w[name].size), of_outputs.sum(axis=0)
            else:
                yield from self._products(start, of_outputs, of_inputs)

    def _products(
        self, start: int, of_outputs: np.ndarray, of_inputs: np.ndarray
    ) -> Iterator[tuple[slice, np.ndarray]]:
        """The parts of a matrix's gradient from its factors, (T, rows) and (T, columns)."""
        columns = of_inputs.shape[1]
        most = max(_PART // columns, 1)
        if len(self._part) < most * columns:
            self._part = np.empty(most * columns, np.float32)
        for a in range(0, of_outputs.shape[1], most):
            rows = of_outputs[:, a : a + most].T
            part = self._part[: len(rows) * columns]
            np.dot(rows, of_inputs, out=part.reshape(len(rows), columns))
            yield slice(start + a * columns, start + a * columns + len(part)), part

    def _backward_layer(self, k: int, back_TH: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The gradient by layer `k`'s gates, (T, G), and by its inputs, (T, E), given that by its h."""
        w, trace, size = self._weights, self._traces[k], self.hidden
        length = len(back_TH)
        o, i, f, g = np.split(trace.gates_TG, 4, axis=1)
        tanh_c_TH = np.tanh(trace.c_TH[1:])
        h_by_c_TH = o * (1 - tanh_c_TH**2)
        slopes = np.empty((length, 4, size), np.float32)  # of c by i's, f's and g's inputs, of h by o's
        slopes[:, 0] = g * i * (1 - i)
        slopes[:, 1] = trace.c_TH[:-1] * f * (1 - f)
        slopes[:, 2] = i * (1 - g * g)
        slopes[:, 3] = tanh_c_TH * o * (1 - o)
        recurrent = w[f"lstm.weight_hh_l{k}"]
        by_h, by_c = np.zeros((2, size), np.float32)
        for t in reversed(range(length)):
            by_h += back_TH[t]
            by_c += by_h * h_by_c_TH[t]
            slopes[t, :3] *= by_c
            slopes[t, 3] *= by_h
            by_c *= f[t]
            np.dot(slopes[t].reshape(-1), recurrent, out=by_h)
        by_gates_TG = slopes.reshape(length, 4 * size)
        if k == 0 and not self._embeds:
            return by_gates_TG, back_TH  # one-hot inputs are not trained
        return by_gates_TG, by_gates_TG @ w[f"lstm.weight_ih_l{k}"]
