"""A text as contiguous streams, for truncated backpropagation through time.

The text is cut in B long lanes that are read side by side, T characters of each at a time:

    lane 0   | w0 | w1 | w2 | ...      every row is one unbroken stretch of the text;
    lane 1   | w0 | w1 | w2 | ...      a step takes one column of windows, and the next step
    lane 2   | w0 | w1 | w2 | ...      goes on exactly where each lane was left

n characters hold n-1 predictions. The lanes are ceil((n-1)/B) predictions long and the last one
ends with the text, so every prediction is made at least once a pass (at most B-1 of them twice,
where two lanes overlap). The last window of a lane is shorter where the length does not divide.
"""

import numpy as np


class Streams:
    """The lanes of a text and the position in them, which moves on by a window a step."""

    def __init__(self, ids: np.ndarray, streams: int, window: int) -> None:
        """`ids`: numbers of shape (n,), n >= 2, which may be a memory map: it is read as it is needed.

        More lanes than predictions are cut to one prediction a lane.
        """
        predictions = len(ids) - 1
        if predictions < 1:
            raise ValueError("a stream needs at least two characters")
        self.ids = ids
        self.lanes = min(streams, predictions)
        self.window = window
        self.length = -(-predictions // self.lanes)
        spare = predictions - self.length
        self.starts = np.array([b * spare // max(self.lanes - 1, 1) for b in range(self.lanes)])
        self.offset = 0  # the lanes' position: characters of every lane that have been read
        self.passes = 0  # over the whole text

    @property
    def windows(self) -> int:
        """Windows in a pass, the last shorter one counted."""
        return -(-self.length // self.window)

    @property
    def at_start(self) -> bool:
        """Whether the next window is a lane's first: nothing is carried into it."""
        return self.offset == 0

    def next_window(self) -> np.ndarray:
        """Numbers of shape (T+1, B): inputs are rows 0 to T-1, targets rows 1 to T."""
        size = min(self.window, self.length - self.offset)
        begin = self.starts + self.offset
        block = np.stack([self.ids[b : b + size + 1] for b in begin], axis=1)
        self.offset += size
        if self.offset == self.length:
            self.offset = 0
            self.passes += 1
        return block.astype(np.int64)

    def epoch(self) -> float:
        """The position in passes over the text."""
        return self.passes + self.offset / self.length
