"""A text as contiguous streams, for truncated backpropagation through time.

The text is cut into B streams that are read side by side, T characters of each per step:

    stream 0   | t0 | t1 | t2 | ...      every row is one contiguous part of the text;
    stream 1   | t0 | t1 | t2 | ...      a step reads one column, and the next step continues
    stream 2   | t0 | t1 | t2 | ...      each stream exactly where it stopped

n characters hold n-1 predictions. A stream has ceil((n-1)/B) predictions, and the last one ends with
the text, so each prediction is made at least once per epoch (at most B-1 of them twice, where two
streams overlap). The last step of an epoch is shorter where the length does not divide.
"""

import numpy as np


class Streams:
    """The streams of a text, and the position in them."""

    def __init__(self, ids: np.ndarray, batch_size: int, seq_length: int) -> None:
        """Cut `ids`, character numbers of shape (n,) with n >= 2, which may be memory-mapped.

        There are at most as many streams as predictions.
        """
        predictions = len(ids) - 1
        if predictions < 1:
            raise ValueError("a stream needs at least two characters")
        self.ids = ids
        self.count = min(batch_size, predictions)
        self.seq_length = seq_length
        self.length = -(-predictions // self.count)  # of each stream
        spare = predictions - self.length
        self.starts = np.array([b * spare // max(self.count - 1, 1) for b in range(self.count)])
        self.offset = 0  # characters read of each stream in this epoch
        self.epochs = 0  # completed

    @property
    def steps_per_epoch(self) -> int:
        """Steps in an epoch, including the last, shorter one."""
        return -(-self.length // self.seq_length)

    def go_to(self, offset: int, epochs: int) -> None:
        """Return to a position. Raises `ValueError` for one that the streams do not have."""
        if type(offset) is not int or not 0 <= offset < self.length or epochs < 0:
            raise ValueError(f"has a position, {offset} of {self.length:,}, that the text does not have")
        self.offset, self.epochs = offset, epochs

    @property
    def at_start(self) -> bool:
        """Whether the streams start again, so that no state is carried over."""
        return self.offset == 0

    def next(self) -> np.ndarray:
        """Return the next step's numbers (T+1, B): inputs are rows 0 to T-1, targets rows 1 to T."""
        size = min(self.seq_length, self.length - self.offset)
        begin = self.starts + self.offset
        block = np.stack([self.ids[b : b + size + 1] for b in begin], axis=1)
        self.offset += size
        if self.offset == self.length:
            self.offset = 0
            self.epochs += 1
        return block.astype(np.int64)

    def epoch(self) -> float:
        """Return the position in epochs."""
        return self.epochs + self.offset / self.length
