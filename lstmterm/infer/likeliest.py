"""The likeliest text that follows another one, found by beam search.

The search keeps the `width` likeliest texts of a length and reads a further character of all of them in one
product; of every way to go on it keeps the likeliest again. A text that has reached a stop string is complete, and
its probability includes that string; others are complete at the given length. The search ends when no text is
likelier than a complete one. The probabilities are those of the model as it is.

With a width of 1 each character is the likeliest one. A wider search mostly finds a likelier text, which is not
certain: what it drops could have gone on well. It is certain that nothing is likelier if nothing was dropped.

Shapes: V vocabulary size, B the width.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lstmterm.infer.lstm import Reader
from lstmterm.infer.sample import Sampler

_LOOK = 8  # characters after which it is asked again how far all texts agree


class BeamSearch:
    """Looks for the likeliest text after what a sampler's one stream has read; the sampler is not changed."""

    def __init__(
        self, sampler: Sampler, width: int, length: int | None = None, stop: Sequence[str] = ()
    ) -> None:
        """`length` counts characters, or bytes; without it the text ends at a stop string, or never."""
        self._length = length
        self._stops = [tuple(sampler.vocabulary.encode(text).tolist()) for text in stop if text]
        self._longest_stop = max(map(len, self._stops), default=0)
        self._reader = Reader(sampler.model, sampler.state.repeated(width))
        self._totals = np.full(width, -math.inf)  # log-probabilities of the texts; -inf for none
        self._totals[0] = 0.0
        self._tails = [()] * width if self._stops else []  # the last characters of each text
        # The characters that are not certain yet, a row for each position: of which text each is a
        # continuation, and its character.
        self._rows: list[tuple[np.ndarray, np.ndarray]] = []
        self._complete: tuple[float, list[int]] | None = None  # the likeliest text that reached a stop string

    def symbols(self, stopping: Callable[[], bool] = lambda: False) -> Iterator[int]:
        """The text's characters, each as soon as all texts that are left agree on it.

        Once `stopping` says so, the text ends there: it is that of a search of as many characters as were read.
        """
        step = 0
        while (self._length is None or step < self._length) and not self._is_decided() and not stopping():
            self._extend()
            step += 1
            if self._complete is None and step % _LOOK == 0:
                yield from self._agreed()
        best = int(np.argmax(self._totals))
        if self._complete is not None and self._complete[0] >= self._totals[best]:
            yield from self._complete[1]
        else:
            yield from self._text(best, len(self._rows))

    def _is_decided(self) -> bool:
        """Whether a complete text is at least as likely as any other can become."""
        return self._complete is not None and self._complete[0] >= self._totals.max()

    def _extend(self) -> None:
        """Replace the texts by the likeliest that are a character longer."""
        logits = self._reader.logits().reshape(-1, self._reader.batch)
        logs = np.subtract(logits, np.maximum.reduce(logits), dtype=np.float64)
        logs -= np.log(np.exp(logs).sum(axis=0))
        totals = (logs + self._totals).ravel()
        kept = np.sort(np.argpartition(-totals, self._reader.batch - 1)[: self._reader.batch])
        kept = kept[np.argsort(-totals[kept], kind="stable")]
        symbols, texts = np.divmod(kept, self._reader.batch)
        self._totals = totals[kept]
        self._rows.append((texts, symbols))
        self._reader.take(texts)
        self._reader.read(symbols if self._reader.batch > 1 else symbols[0])
        if self._stops:
            self._complete_texts(texts, symbols)

    def _complete_texts(self, texts: np.ndarray, symbols: np.ndarray) -> None:
        """Take out the texts that have reached a stop string, and keep the likeliest of them."""
        self._tails = [
            (*self._tails[text], symbol)[-self._longest_stop :]
            for text, symbol in zip(texts.tolist(), symbols.tolist(), strict=True)
        ]
        for k, tail in enumerate(self._tails):
            total = float(self._totals[k])
            if total > -math.inf and any(tail[-len(stop) :] == stop for stop in self._stops):
                if self._complete is None or total > self._complete[0]:
                    self._complete = total, self._text(k, len(self._rows))
                self._totals[k] = -math.inf

    def _agreed(self) -> list[int]:
        """The characters on which all texts agree; they are no longer kept."""
        left = np.flatnonzero(self._totals > -math.inf)
        row = len(self._rows)
        while row and len(left) > 1:
            row -= 1
            left = np.unique(self._rows[row][0][left])
        if not row:
            return []
        agreed = self._text(int(left[0]), row)
        del self._rows[:row]
        return agreed

    def _text(self, text: int, rows: int) -> list[int]:
        """The characters of a text in the first rows that are kept."""
        symbols = list[int]()
        for texts, chosen in reversed(self._rows[:rows]):
            symbols.append(int(chosen[text]))
            text = int(texts[text])
        return symbols[::-1]
