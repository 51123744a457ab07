"""One step of an LSTM cell in numpy: everything that follows its matrix products.

sigmoid(x) = (1 + tanh(x / 2)) / 2, so one tanh serves all four gates if the inputs of the three
sigmoid gates are halved beforehand; `arranged` halves their weights. The gates are in the order
o, i, f, g, so that the sigmoid gates are contiguous.

Shapes: H hidden units, on the last axis; the axes before it are streams, words or directions. All
numbers are float32.
"""

from typing import Self

import numpy as np

HALF = np.float32(0.5)
_ORDER = (3, 0, 1, 2)  # torch's gates i, f, g, o in the order o, i, f, g


class Cell:
    """Computes c and h from the gates, which its caller writes into `gates` before each step."""

    def __init__(
        self,
        gates: np.ndarray,
        c: np.ndarray,
        c_after: np.ndarray | None = None,
        g_and_c: np.ndarray | None = None,
    ) -> None:
        """`gates`, (..., 4H), are overwritten by a step; `c`, (..., H), is the state before it.

        The state after it goes to `c_after`, or replaces `c`. `g_and_c`, (..., 2H), is the memory of
        both where they are adjacent: then one product computes both terms of the sum, and the
        activated gates stay in `gates`.
        """
        size = c.shape[-1]
        self.gates, self.sigmoids = gates, gates[..., : 3 * size]
        self.o, self.ifg = gates[..., :size], gates[..., size:]
        self.c, self._c_after = c, c if c_after is None else c_after
        self._i_and_f, self._g = self.ifg[..., :-size], self.ifg[..., -size:]
        self._f = self._i_and_f[..., size:]
        self._g_and_c = g_and_c
        self._terms = self._i_and_f if g_and_c is None else np.empty_like(self._i_and_f)
        self._ig, self._fc = self._terms[..., :size], self._terms[..., size:]

    @classmethod
    def in_block(cls, block: np.ndarray, c_after: np.ndarray | None = None) -> Self:
        """A cell with its gates and c side by side in `block`, (..., 5H)."""
        size = block.shape[-1] // 5
        return cls(block[..., :-size], block[..., -size:], c_after, block[..., -2 * size :])

    def step(self, h: np.ndarray) -> None:
        """Activate the gates, then compute c, and write h to the given array, (..., H)."""
        gates, sigmoids, ig, c = self.gates, self.sigmoids, self._ig, self._c_after
        np.tanh(gates, out=gates)
        np.multiply(sigmoids, HALF, out=sigmoids)
        np.add(sigmoids, HALF, out=sigmoids)
        if self._g_and_c is None:
            np.multiply(ig, self._g, out=ig)
            np.multiply(self._f, self.c, out=c)
            np.add(ig, c, out=c)
        else:
            np.multiply(self._i_and_f, self._g_and_c, out=self._terms)
            np.add(ig, self._fc, out=c)
        np.tanh(c, out=h)
        np.multiply(self.o, h, out=h)


def arranged(rows: np.ndarray) -> np.ndarray:
    """Rows of torch's gates, (4H, ...), in the order of a `Cell`, with those of the sigmoid gates halved."""
    gates = rows.reshape(4, len(rows) // 4, *rows.shape[1:])[list(_ORDER)]
    gates[:3] /= 2
    return gates.reshape(rows.shape)
