"""The loss of one sequence of a text and its gradient by the top layer and the output, in numpy.

What lies below the top layer stays as it was trained, so nothing flows back through it. At batch size one
and some 30 characters an LSTM is a chain of matrix-vector products, which numpy computes two to three
times faster than torch with autograd. So backpropagation through time is written out here, for one
stream; the state before the sequence is taken as given.

A gradient flows back through the cell states without limit, but through h only by a few characters
(`hops`): each of these takes one matrix product for the whole sequence, where the whole gradient takes a
matrix-vector product for each character. Hochreiter & Schmidhuber (1997) leave out all paths through h.

The gradient of a matrix is a product of two factors with a row for each character. It is computed some
rows at a time and never kept whole: a part is used while it is in the processor's cache, and the weights,
which every character reads twice, stay in the larger one.

Shapes: T sequence length, V vocabulary size (the unknown character is number V), L layers, H hidden
units, E inputs of the top layer, G = 4H its gates. Weights have torch's order of gates, i, f, g, o;
activated gates that of `cell`, o, i, f, g. All numbers are float32.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from lstmterm.infer import blas
from lstmterm.infer.cell import HALF, Cell
from lstmterm.infer.lstm import CharLSTM, State, depth

HOPS = 1  # characters by which a gradient flows back through h
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


def trainable(tensors: Mapping[str, np.ndarray]) -> Weights:
    """A copy of the tensors that adapt: those of the top layer and of the output."""
    top = f"_l{depth(tensors) - 1}"
    return Weights(
        {name: tensor for name, tensor in tensors.items() if name.startswith("output.") or name.endswith(top)}
    )


class _Below:
    """What the top layer reads: the h of the layer below it or, in a model of one layer, the characters."""

    def __init__(self, tensors: Mapping[str, np.ndarray]) -> None:
        embedding = tensors.get("embedding.weight")
        self._embedding = None if embedding is None else np.asarray(embedding, np.float32)
        self._vocabulary_size = len(tensors["output.bias"])
        top = depth(tensors) - 1
        below = {
            name: tensor[:-1] if name.startswith("initial.") else tensor
            for name, tensor in tensors.items()
            if not name.endswith(f"_l{top}")
        }
        self._layers = CharLSTM.from_tensors(below) if top else None

    def read(self, ids: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """The inputs of the top layer at `ids`, (T, E), and the state after them of the layers below."""
        if self._layers is not None:
            return self._layers.run(ids, state)
        if self._embedding is not None:
            return self._embedding[ids], state
        one_hot = np.zeros((len(ids), self._vocabulary_size), np.float32)
        known = ids < self._vocabulary_size
        one_hot[known, ids[known]] = 1  # and zeros for the unknown character
        return one_hot, state


class _Trace:
    """What the top layer remembers of T characters for its gradient, in buffers that the next sequence reuses."""

    def __init__(self, length: int, size: int) -> None:
        self.h_TH = np.empty((length + 1, size), np.float32)  # before the first character and after each
        blocks = np.empty((length + 1, 5 * size), np.float32)  # a character's gates and c before it
        self.gates_TG = blocks[:-1, : 4 * size]
        self.c_TH = blocks[:, 4 * size :]  # before the first character and after each
        self.slopes, self.by_gates = np.empty((2, length, 4, size), np.float32)
        self.steps = [  # of each character: its cell, h before it, h after it
            (Cell.in_block(blocks[t], self.c_TH[t + 1]), self.h_TH[t], self.h_TH[t + 1])
            for t in range(length)
        ]


class SequenceReader:
    """Reads sequences with weights that may change between them, and computes the gradient of each."""

    def __init__(self, tensors: Mapping[str, np.ndarray], hops: int = HOPS) -> None:
        """`tensors` by the model file's names; `weights` is a copy of those that may change.

        From `hops` = the length of a sequence - 1 on the gradient is the whole one.
        """
        blas.limit()
        self._hops = hops
        self.weights = trainable(tensors)
        self.vocabulary_size = len(tensors["output.bias"])
        self._below = _Below(tensors)
        top = f"l{depth(tensors) - 1}"
        self._inputs, self._recurrent = (self.weights[f"lstm.weight_{part}_{top}"] for part in ("ih", "hh"))
        self._biases = [self.weights[f"lstm.bias_{part}_{top}"] for part in ("ih", "hh")]
        self._size = self._recurrent.shape[1]
        self._trace = _Trace(0, self._size)
        self._inputs_TE = self._error_TV = self._part = np.empty(0, np.float32)
        self.log_p_TV = np.empty(
            (0, self.vocabulary_size), np.float32
        )  # ln p of what follows each character read last

    @np.errstate(over="ignore", invalid="ignore")  # the caller checks the losses
    def read(self, ids: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """Read the first T of `ids`, shape (T + 1,), each of which predicts the next.

        Returns -ln p of the T predicted characters, nan for the unknown one, and the state after the
        characters that were read.
        """
        read, targets = ids[:-1].astype(np.int64), ids[1:].astype(np.int64)
        if len(self._trace.steps) != len(read):
            self._trace = _Trace(len(read), self._size)
        trace = self._trace
        self._inputs_TE, below = self._below.read(read, State(state.h[:-1], state.c[:-1]))
        trace.h_TH[0], trace.c_TH[0] = state.h[-1, 0], state.c[-1, 0]
        self._run()
        after = State(
            *(
                np.concatenate([of_below, of_top[-1, None, None]])
                for of_below, of_top in ((below.h, trace.h_TH), (below.c, trace.c_TH))
            )
        )
        logits = trace.h_TH[1:] @ self.weights["output.weight"].T + self.weights["output.bias"]
        return self._losses(logits, targets), after

    def _run(self) -> None:
        """Compute the top layer's h, c and gates at each character."""
        size = self._size
        from_inputs_TG = self._inputs_TE @ self._inputs.T + (self._biases[0] + self._biases[1])
        from_h = np.empty(4 * size, np.float32)
        (inputs_ifg, inputs_o), (h_ifg, h_o) = (
            (part[..., : 3 * size], part[..., 3 * size :]) for part in (from_inputs_TG, from_h)
        )
        for t, (cell, h, h_after) in enumerate(self._trace.steps):
            np.dot(self._recurrent, h, out=from_h)
            np.add(h_ifg, inputs_ifg[t], out=cell.ifg)
            np.add(h_o, inputs_o[t], out=cell.o)
            np.multiply(cell.sigmoids, HALF, out=cell.sigmoids)
            cell.step(h_after)

    def _losses(self, logits_TV: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """-ln p of the targets; keeps the gradient by the logits."""
        known = targets < self.vocabulary_size
        rows, columns = np.flatnonzero(known), targets[known]
        logits_TV -= logits_TV.max(axis=1, keepdims=True)
        losses = np.full(len(targets), np.nan, np.float32)
        p_TV = np.exp(logits_TV)
        total = p_TV.sum(axis=1, keepdims=True)
        logits_TV -= np.log(total)
        self.log_p_TV = logits_TV
        losses[known] = -logits_TV[rows, columns]
        p_TV /= total
        p_TV[rows, columns] -= 1
        p_TV[~known] = 0
        self._error_TV = p_TV
        return losses

    def backward(self) -> Iterator[tuple[slice, np.ndarray]]:
        """The gradient of the last sequence's summed loss, in parts that make up `weights.flat`.

        Each is the place of its numbers, and the numbers, (n,); the next overwrites it. Nothing depends on
        the weights once there is a first part, so they may move by each.
        """
        by_gates_TG, h_TH = self._by_gates(), self._trace.h_TH
        for name, start in self.weights.starts.items():
            of_outputs = self._error_TV if name.startswith("output.") else by_gates_TG
            if name.startswith("output.weight"):
                yield from self._products(start, of_outputs, h_TH[1:])
            elif name.startswith("lstm.weight_hh"):
                yield from self._products(start, of_outputs, h_TH[:-1])
            elif name.startswith("lstm.weight_ih"):
                yield from self._products(start, of_outputs, self._inputs_TE)
            else:
                yield slice(start, start + len(self.weights[name])), of_outputs.sum(axis=0)

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

    def _by_gates(self) -> np.ndarray:
        """The gradient by the inputs of the top layer's gates, (T, G)."""
        trace, size = self._trace, self._size
        back_TH = self._error_TV @ self.weights["output.weight"]
        length = len(back_TH)
        o, i, f, g = np.split(trace.gates_TG, 4, axis=1)
        tanh_c_TH = np.tanh(trace.c_TH[1:])
        h_by_c_TH = o * (1 - tanh_c_TH**2)
        slopes = trace.slopes  # of c by i's, f's and g's inputs, of h by o's
        slopes[:, 0] = g * i * (1 - i)
        slopes[:, 1] = trace.c_TH[:-1] * f * (1 - f)
        slopes[:, 2] = i * (1 - g * g)
        slopes[:, 3] = tanh_c_TH * o * (1 - o)
        by_gates, by_h_TH = trace.by_gates, back_TH
        by_gates_TG = by_gates.reshape(length, 4 * size)
        for hop in range(min(self._hops, length - 1) + 1):
            if hop:
                by_h_TH = back_TH.copy()
                by_h_TH[:-1] += by_gates_TG[1:] @ self._recurrent
            by_c_TH = by_h_TH * h_by_c_TH
            for by_c, after, f_after in zip(by_c_TH[-2::-1], by_c_TH[:0:-1], f[:0:-1], strict=True):
                by_c += after * f_after
            np.multiply(slopes[:, :3], by_c_TH[:, None], out=by_gates[:, :3])
            np.multiply(slopes[:, 3], by_h_TH, out=by_gates[:, 3])
        return by_gates_TG
