"""What a person would see of a program that writes to a terminal.

The emulator knows as much as the screen uses: printing, moving the cursor, clearing. It is not a
terminal; it is enough to read words off the screen.
"""

import codecs
import re

_TOKEN = re.compile(
    r"\x1b\[(?P<args>[0-9;:<=>?]*)[ !]*(?P<final>[@-~])"  # CSI
    r"|\x1b[\]P_^][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS
    r"|\x1b[()][A-Z0-9]|\x1b."
    r"|(?P<control>[\x00-\x1f])|(?P<text>[^\x00-\x1f\x1b]+)"
)
_BEGUN = re.compile(r"\x1b(?:\[[0-9;:<=>? !]*|[\]P_^][^\x07\x1b]*|[()])?$")  # a sequence cut in two


class Emulator:
    """The characters on a terminal of a fixed size."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._pending = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def text(self) -> str:
        """Its lines, without the spaces at their ends."""
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def show(self, data: bytes) -> None:
        """Show what the program wrote next."""
        text = self._pending + self._decoder.decode(data)
        begun = _BEGUN.search(text)
        self._pending = begun[0] if begun else ""
        text = text.removesuffix(self._pending) if self._pending else text
        for token in _TOKEN.finditer(text):
            if token["text"]:
                self._print(token["text"])
            elif token["control"]:
                self._control(token["control"])
            elif token["final"]:
                self._move(token["args"] or "", token["final"])

    def _print(self, text: str) -> None:
        for character in text:
            if self._x < self.columns and self._y < self.rows:
                self.cells[self._y][self._x] = character
            self._x += 1

    def _control(self, character: str) -> None:
        if character == "\r":
            self._x = 0
        elif character == "\n":
            self._y = min(self._y + 1, self.rows - 1)
        elif character == "\b":
            self._x = max(self._x - 1, 0)

    def _move(self, arguments: str, final: str) -> None:
        numbers = [int(n) if n.isdigit() else 0 for n in arguments.lstrip("?<=>").split(";")]
        if final == "H":
            self._y = max(numbers[0], 1) - 1
            self._x = max(numbers[1] if len(numbers) > 1 else 1, 1) - 1
        elif final == "J" and numbers[0] == 2:
            self.cells = [[" "] * self.columns for _ in range(self.rows)]
        elif final == "K" and self._y < self.rows:
            self.cells[self._y][self._x :] = [" "] * (self.columns - self._x)
