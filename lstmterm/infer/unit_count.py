"""Counting the lines or sentences of a text while it is written."""

from typing import Literal

from lstmterm.tagging.sentences import CLOSERS, ENDS, WIDE_ENDS


class UnitCount:
    """Counts lines or sentences of a text that comes in pieces.

    A line is complete with its line end. A sentence is complete with the white space after . ! ? and the like and
    their closing quotes and brackets, or with a blank line.
    """

    def __init__(self, unit: Literal["lines", "sentences"]) -> None:
        self.complete = 0
        self._lines = unit == "lines"
        self._ended = False  # whether white space now completes the sentence
        self._begun = False  # whether the sentence has any character but white space
        self._last = ""

    def read(self, text: str) -> None:
        """Take the next piece."""
        if self._lines:
            self.complete += text.count("\n")
        else:
            for character in text:
                self._read(character)

    def _read(self, character: str) -> None:
        if character.isspace():
            if self._begun and (self._ended or character == self._last == "\n"):
                self._finish()
        elif character in WIDE_ENDS:
            self._finish()
        else:
            self._begun = True
            self._ended = character in ENDS or (self._ended and character in CLOSERS)
        self._last = character

    def _finish(self) -> None:
        self.complete += 1
        self._begun = self._ended = False
