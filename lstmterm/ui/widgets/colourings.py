"""The scales on which a text is coloured by how surprising its characters are."""

from typing import NamedTuple

import numpy as np


class Colouring(NamedTuple):
    """How numbers become steps of a scale: the first is up to the first bound, and so on."""

    title: str
    bounds: tuple[float, ...]  # the lowest number of each step but the first
    labels: tuple[str, ...]
    signs: str

    def steps(self, numbers: np.ndarray) -> np.ndarray:
        """The step of each number, (n,), from 1."""
        return 1 + np.searchsorted(np.array(self.bounds), numbers, side="right")


COLOURINGS = {
    "bits": Colouring("bits", (1, 2, 3, 4, 5, 6, 8), ("<1", "1", "2", "3", "4", "5", "6", "8+"), "·1234568"),
    "ranks": Colouring("rank", (2, 3, 5, 9, 17, 33), ("1", "2", "3", "5", "9", "17", "33+"), "·2359AB"),
}
