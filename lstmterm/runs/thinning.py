"""Which points of a long curve are kept, so that its memory and the time to draw it are bounded."""

import math
from collections.abc import Sequence
from itertools import groupby


def thinned(steps: Sequence[int], values: Sequence[float], most: int) -> list[int]:
    """The indices of at most `most` points, in order: their curve looks the same, and no spike is lost.

    The steps, which increase, are cut into equal stretches and also into stretches that are equal on a
    logarithmic axis; of each piece the lowest and the highest value are kept, and the last point of all.
    """
    stretches = max((most - 1) // 4, 1)
    last = max(steps[-1], 1)
    logarithm = math.log1p(last)

    def piece(index: int) -> tuple[int, int]:
        step = max(steps[index], 0)
        return step * stretches // (last + 1), int(math.log1p(step) / logarithm * (stretches - 1))

    kept = {len(steps) - 1}
    for _, indices in groupby(range(len(steps)), piece):
        group = [*indices]
        finite = [index for index in group if math.isfinite(values[index])] or group
        kept |= {min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)}
    return sorted(kept)[-most:]  # in a damaged journal the steps may fall, and the pieces be more
