"""A text as contiguous streams, for truncated backpropagation through time.

The text is cut into B streams that are read side by side, T characters of each per step:

    stream 0   | t0 | t1 | t2 | ...      every row is one contiguous part of the text;
    stream 1   | t0 | t1 | t2 | ...      a step reads one column, and the next step continues
    stream 2   | t0 | t1 | t2 | ...      each stream exactly where it stopped

n characters hold n-1 predictions. A stream has ceil((n-1)/B) predictions, and the last one ends with
the text, so each prediction is made at least once per epoch (at most B-1 of them twice, where two
streams overlap). The last step of an epoch is shorter where the length does not divide.

The same cuts in every epoch would put the same parts of the text side by side each time. So the text may be read
as a ring, its end followed by its beginning, which is turned by a random number of characters after every epoch: each
prediction is still made at least once, and one more, from the last character to the first, is made as well. The first
epoch is not turned: where only a part of it is read, another part for every seed would decide how good a model is.
"""

import numpy as np


class Streams:
    """The streams of a text, and the position in them."""

    def __init__(self, ids: np.ndarray, batch_size: int, seq_length: int, turning: int | None = None) -> None:
        """Cut `ids`, character numbers of shape (n,) with n >= 2, which may be memory-mapped.

        There are at most as many streams as predictions. `turning` is the seed of the turns of a ring, which depend
        on it and on the epoch alone; None reads the text from its beginning in every epoch.
        """
        if len(ids) < 2:
            raise ValueError("a stream needs at least two characters")
        predictions = len(ids) - (turning is None)
        self.ids = ids
        self.turning = turning
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

    def places(self) -> np.ndarray:
        """Return where in the text the targets of the next step are, (T, B)."""
        begin, size = self._next_stretches()
        return (begin + np.arange(1, size + 1)[:, None]) % len(self.ids)

    def next(self) -> np.ndarray:
        """Return the next step's numbers (T+1, B): inputs are rows 0 to T-1, targets rows 1 to T."""
        begin, size = self._next_stretches()
        block = np.stack([self._stretch(b, size + 1) for b in begin], axis=1)
        self.offset += size
        if self.offset == self.length:
            self.offset = 0
            self.epochs += 1
        return block.astype(np.int64)

    def _next_stretches(self) -> tuple[np.ndarray, int]:
        """Where each stream's inputs of the next step begin, (B,), and how many there are."""
        return self.starts + self.offset + self.turn, min(self.seq_length, self.length - self.offset)

    @property
    def turn(self) -> int:
        """By how many characters the ring is turned in this epoch."""
        if self.turning is None or self.epochs == 0:
            return 0
        random = np.random.Generator(np.random.PCG64([self.turning, self.epochs]))
        return int(random.integers(len(self.ids)))

    def _stretch(self, begin: int, length: int) -> np.ndarray:
        """`length` numbers from `begin` on, around the ring if need be."""
        begin %= len(self.ids)
        found = self.ids[begin : begin + length]
        return found if len(found) == length else np.concatenate([found, self.ids[: length - len(found)]])

    def epoch(self) -> float:
        """Return the position in epochs."""
        return self.epochs + self.offset / self.length
