"""The text of sampled symbols: bytes decoded as they come, and the strings that stop it."""

import codecs
from collections.abc import Collection

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.unit_count import UnitCount


class Spelling:
    """Turns symbols into text one at a time, up to the first of some stop strings.

    Bytes come out when their character is complete. Bytes that are not UTF-8 become lone surrogates
    (Python's `surrogateescape`), so the exact bytes can be written again. `units` counts lines or sentences.
    """

    def __init__(
        self, vocabulary: Vocabulary, stops: Collection[str] = (), units: UnitCount | None = None
    ) -> None:
        self._symbols = vocabulary.symbols
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._bytes = vocabulary.level == "byte"
        self._stops = tuple(filter(None, stops))
        self._held = ""  # may be the beginning of a stop string
        self._units = units
        self.stopped = False

    def add(self, symbol: int) -> str:
        """Take a symbol; returns the text that is now certain."""
        text = self._decoder.decode(bytes((symbol,))) if self._bytes else self._symbols[symbol]
        if self._units is not None:
            self._units.read(text)
        return self._before_stop(text) if self._stops else text

    @property
    def units(self) -> int:
        """The lines or sentences that are complete; 0 if they are not counted."""
        return 0 if self._units is None else self._units.complete

    @property
    def holds_back(self) -> bool:
        """Whether the last characters may be the beginning of a stop string, or the last bytes that of a character."""
        return bool(self._held or self._decoder.getstate()[0])

    def end(self) -> str:
        """The text still held back, when no symbol follows."""
        if self.stopped:
            return ""
        text = self._decoder.decode(b"", True) if self._bytes else ""
        text = self._before_stop(text) if self._stops else text
        return text if self.stopped else text + self._held

    def _before_stop(self, text: str) -> str:
        """The text before the first stop string, without a tail that may be the beginning of one."""
        held = self._held + text
        found = [place for stop in self._stops if (place := held.find(stop)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return held[: min(found)]
        certain = len(held) - max(_begun(held, stop) for stop in self._stops)
        self._held = held[certain:]
        return held[:certain]


def _begun(text: str, stop: str) -> int:
    """How many characters at the end of a text may be the beginning of `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next(k for k in range(longest, -1, -1) if text.endswith(stop[:k]))
