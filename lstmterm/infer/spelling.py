"""The text of sampled symbols: bytes decoded as they come, and the string that stops it."""

import codecs

from lstmterm.corpora.vocabulary import Vocabulary


class Spelling:
    """Turns symbols into text one at a time, up to a stop string.

    Bytes come out when their character is complete. Bytes that are not UTF-8 become lone surrogates
    (Python's `surrogateescape`), so the exact bytes can be written again.
    """

    def __init__(self, vocabulary: Vocabulary, stop: str = "") -> None:
        self._symbols = vocabulary.symbols
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._bytes = vocabulary.level == "byte"
        self._stop = stop
        self._held = ""  # may be the beginning of the stop string
        self.stopped = False

    def add(self, symbol: int) -> str:
        """Take a symbol; returns the text that is now certain."""
        text = self._decoder.decode(bytes((symbol,))) if self._bytes else self._symbols[symbol]
        return self._before_stop(text) if self._stop else text

    def end(self) -> str:
        """The text still held back, when no symbol follows."""
        if self.stopped:
            return ""
        text = self._decoder.decode(b"", True) if self._bytes else ""
        text = self._before_stop(text) if self._stop else text
        return text if self.stopped else text + self._held

    def _before_stop(self, text: str) -> str:
        """The text before the stop string, without a tail that may be its beginning."""
        held = self._held + text
        found = held.find(self._stop)
        if found >= 0:
            self.stopped, self._held = True, ""
            return held[:found]
        longest = min(len(held), len(self._stop) - 1)
        kept = next(k for k in range(longest, -1, -1) if held.endswith(self._stop[:k]))
        certain = len(held) - kept
        self._held = held[certain:]
        return held[:certain]
