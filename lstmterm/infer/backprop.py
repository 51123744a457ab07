"""The loss of one window of a text and its gradient, in numpy.

At batch one and some 20 characters an LSTM is a chain of matrix-vector products, which numpy does
two to three times faster than torch with its automatic gradients. So backpropagation through time
is written out here, for one stream; the state before a window is taken as given.

Shapes: T window, V symbols (and the unknown one, number V), E a layer's inputs, G = 4H its gates in
torch's order i, f, g, o, L layers. Everything is float32.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

State = list[tuple[np.ndarray, np.ndarray]]  # h and c of each layer, both (H,)


class Weights:
    """A model's weights, or a number for each of them, as one vector and as named views of it."""

    def __init__(self, tensors: Mapping[str, np.ndarray]) -> None:
        """A copy of `tensors`."""
        self.flat = np.concatenate([tensor.ravel() for tensor in tensors.values()], dtype=np.float32)
        stops = np.cumsum([tensor.size for tensor in tensors.values()])
        parts = np.split(self.flat, stops[:-1])
        self._views = {
            name: part.reshape(tensor.shape)
            for (name, tensor), part in zip(tensors.items(), parts, strict=True)
        }

    def __getitem__(self, name: str) -> np.ndarray:
        return self._views[name]

    def __contains__(self, name: str) -> bool:
        return name in self._views

    def copy(self) -> "Weights":
        """The same numbers elsewhere."""
        return Weights(self._views)

    def tensors(self) -> dict[str, np.ndarray]:
        """A copy of each tensor, by its name."""
        return {name: view.copy() for name, view in self._views.items()}


@dataclass(frozen=True)
class _Trace:
    """What reading a window leaves in a layer for the way back."""

    inputs_TE: np.ndarray
    before_TH: np.ndarray  # h before each character
    c_TH: np.ndarray  # c before the first character and after each: T + 1 rows
    gates_TG: np.ndarray
    tanh_c_TH: np.ndarray


class WindowReader:
    """Reads windows with weights that may change between them, and says how they should."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.gradient = weights.copy()  # of the latest window's summed loss
        self.layers = sum(f"lstm.weight_hh_l{k}" in weights for k in range(64))
        self.hidden = weights["lstm.weight_hh_l0"].shape[1]
        self.symbols = len(weights["output.bias"])
        # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so all gates take one tanh
        self._scale_G = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), self.hidden)
        self._shift_G = np.repeat(np.array([0.5, 0.5, 0, 0.5], np.float32), self.hidden)
        self._ids = np.empty(0, np.int64)
        self._traces: list[_Trace] = []
        self._top_TH = np.empty(0, np.float32)
        self._miss_TV = np.empty(0, np.float32)

    @np.errstate(over="ignore", invalid="ignore")  # who reads looks at the losses
    def read(self, ids: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """Read `ids`, shape (T + 1,), but for the last, each predicting the one behind it.

        Returns -ln p of the T characters that were predicted, nan for the unknown symbol, and the
        state behind those that were read.
        """
        w = self._weights
        self._ids = ids[:-1].astype(np.int64)
        if "embedding.weight" in w:
            hidden = w["embedding.weight"][self._ids]
        else:
            hidden = np.zeros((len(self._ids), self.symbols), np.float32)  # the unknown one stays zero
            known = self._ids < self.symbols
            hidden[known, self._ids[known]] = 1
        self._traces, after = [], []
        for k, (h, c) in enumerate(state):
            hidden, last = self._read_layer(k, hidden, h, c)
            after.append(last)
        self._top_TH = hidden
        logits = hidden @ w["output.weight"].T + w["output.bias"]
        return self._losses(logits, ids[1:].astype(np.int64)), after

    def _read_layer(
        self, k: int, inputs_TE: np.ndarray, h: np.ndarray, c: np.ndarray
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        w, size = self._weights, self.hidden
        recurrent = w[f"lstm.weight_hh_l{k}"]
        bias = w[f"lstm.bias_ih_l{k}"] + w[f"lstm.bias_hh_l{k}"]
        gates_TG = inputs_TE @ w[f"lstm.weight_ih_l{k}"].T + bias
        length = len(gates_TG)
        h_TH, c_TH = np.empty((2, length + 1, size), np.float32)
        tanh_c_TH = np.empty((length, size), np.float32)
        h_TH[0], c_TH[0] = h, c
        product = np.empty(4 * size, np.float32)
        for t in range(length):
            gates = gates_TG[t]
            np.dot(recurrent, h_TH[t], out=product)
            gates += product
            gates *= self._scale_G
            np.tanh(gates, out=gates)
            gates *= self._scale_G
            gates += self._shift_G
            i, f, g, o = gates.reshape(4, size)
            c = c_TH[t + 1]
            np.multiply(f, c_TH[t], out=c)
            c += i * g
            np.tanh(c, out=tanh_c_TH[t])
            np.multiply(o, tanh_c_TH[t], out=h_TH[t + 1])
        self._traces.append(_Trace(inputs_TE, h_TH[:-1], c_TH, gates_TG, tanh_c_TH))
        return h_TH[1:], (h_TH[-1], c_TH[-1])

    def _losses(self, logits_TV: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """-ln p of the targets; what the output missed them by is kept for the way back."""
        known = targets < self.symbols
        rows, columns = np.flatnonzero(known), targets[known]
        logits_TV -= logits_TV.max(axis=1, keepdims=True)
        losses = np.full(len(targets), np.nan, np.float32)
        p_TV = np.exp(logits_TV)
        total = p_TV.sum(axis=1, keepdims=True)
        losses[known] = np.log(total[known, 0]) - logits_TV[rows, columns]
        p_TV /= total
        p_TV[rows, columns] -= 1
        p_TV[~known] = 0
        self._miss_TV = p_TV
        return losses

    def look_back(self) -> Weights:
        """The gradient of the summed loss of the window that was read last; overwritten next time."""
        w, gradient = self._weights, self.gradient
        np.dot(self._miss_TV.T, self._top_TH, out=gradient["output.weight"])
        self._miss_TV.sum(axis=0, out=gradient["output.bias"])
        back_TH = self._miss_TV @ w["output.weight"]
        for k in reversed(range(self.layers)):
            back_TH = self._look_back_layer(k, back_TH)
        if "embedding.weight" in w:
            rows = gradient["embedding.weight"]
            rows[...] = 0
            np.add.at(rows, self._ids, back_TH)
        return gradient

    def _look_back_layer(self, k: int, back_TH: np.ndarray) -> np.ndarray:
        """Fills in layer k's gradient, of that by its h; returns that by its inputs."""
        w, gradient, trace, size = self._weights, self.gradient, self._traces[k], self.hidden
        length = len(back_TH)
        i, f, g, o = trace.gates_TG.reshape(length, 4, size).transpose(1, 0, 2)
        through_c = o * (1 - trace.tanh_c_TH**2)  # what h owes to c
        slopes = np.empty((length, 4, size), np.float32)  # what c owes to i, f, g, and h to o
        slopes[:, 0] = g * i * (1 - i)
        slopes[:, 1] = trace.c_TH[:-1] * f * (1 - f)
        slopes[:, 2] = i * (1 - g * g)
        slopes[:, 3] = trace.tanh_c_TH * o * (1 - o)
        recurrent = w[f"lstm.weight_hh_l{k}"]
        by_h, by_c = np.zeros((2, size), np.float32)
        for t in reversed(range(length)):
            by_h += back_TH[t]
            by_c += by_h * through_c[t]
            slopes[t, :3] *= by_c
            slopes[t, 3] *= by_h
            by_c *= f[t]
            np.dot(slopes[t].reshape(-1), recurrent, out=by_h)
        by_gates_TG = slopes.reshape(length, 4 * size)
        np.dot(by_gates_TG.T, trace.before_TH, out=gradient[f"lstm.weight_hh_l{k}"])
        np.dot(by_gates_TG.T, trace.inputs_TE, out=gradient[f"lstm.weight_ih_l{k}"])
        for bias in ("ih", "hh"):
            by_gates_TG.sum(axis=0, out=gradient[f"lstm.bias_{bias}_l{k}"])
        if k == 0 and "embedding.weight" not in w:
            return back_TH  # one-hot inputs are no weights
        return by_gates_TG @ w[f"lstm.weight_ih_l{k}"]
