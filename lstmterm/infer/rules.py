"""What sampling settings forbid and force: characters that are left out, loops, and how lines begin.

Shapes: V vocabulary size, B streams; B is the last axis and is left out for a single stream.
"""

from collections import deque
from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.loops import LoopGuard
from lstmterm.spec.character_set import CharacterSet, character_set
from lstmterm.spec.sampling import Sampling


def left_out(vocabulary: Vocabulary, sampling: Sampling) -> np.ndarray | None:
    """The numbers of the characters that `ban` and `only` leave out; None if they leave out none.

    Raises `InputError` if nothing is left, or if a model of bytes cannot tell the characters apart.
    """
    banned, only = character_set(sampling.ban), character_set(sampling.only)
    if vocabulary.level == "byte" and any(high > 0x7F for _, high in (*banned.ranges, *only.ranges)):
        raise InputError("A model of bytes takes only ASCII characters in --ban and --only.")
    out = [k for k, c in enumerate(vocabulary.symbols) if _is_out(c, banned, only)]
    if len(out) == len(vocabulary):
        raise InputError("--ban and --only leave no character that the model can write.")
    return np.array(out, np.intp) if out else None


def _is_out(character: str, banned: CharacterSet, only: CharacterSet) -> bool:
    return character in banned or (bool(only) and character not in only)


def line_start(vocabulary: Vocabulary, sampling: Sampling) -> list[int]:
    """The numbers of the characters that every line begins with. Raises `InputError` for unknown ones."""
    if missing := vocabulary.missing(sampling.line_start):
        raise InputError(f"The model does not know these characters of --line-start: {' '.join(missing)}")
    return vocabulary.encode(sampling.line_start).tolist()


def check(vocabulary: Vocabulary, sampling: Sampling) -> None:
    """Raise `InputError` if a model with this vocabulary cannot write by these settings."""
    left_out(vocabulary, sampling)
    line_start(vocabulary, sampling)


class Rules:
    """The rules of one setting for the streams of a sampler, whose characters they follow."""

    def __init__(self, vocabulary: Vocabulary, sampling: Sampling, begins_line: Sequence[bool]) -> None:
        """`begins_line` says of each stream whether its next character is the first of a line."""
        self._out = left_out(vocabulary, sampling)
        self._line_start = line_start(vocabulary, sampling)
        self._line_end = int(vocabulary.encode("\n")[0])
        self._push = sampling.loops == "push"
        self.guards = [LoopGuard() for _ in begins_line] if sampling.loops != "off" else []
        self._due = [deque(self._line_start if begins else ()) for begins in begins_line]

    @classmethod
    def of(
        cls, vocabulary: Vocabulary, sampling: Sampling, begins_line: Sequence[bool], before: "Rules | None"
    ) -> "Rules | None":
        """The rules of new settings after those `before`; None if there are none."""
        ruled = sampling.ban or sampling.only or sampling.line_start or sampling.loops != "off"
        if not ruled and sampling.temperature_end is None:
            return None
        rules = cls(vocabulary, sampling, begins_line)
        if before is not None:
            if rules.guards and before.guards:
                rules.guards = before.guards
            if rules._line_start == before._line_start:
                rules._due = before._due
        return rules

    def after(self, paths: Sequence[Sequence[int]]) -> "Rules":
        """The rules of as many streams, which have written `paths` after the first stream of these."""
        rules = copy(self)
        rules._due = [deque(self._due[0]) for _ in paths]
        rules.guards = [self.guards[0] if not path else LoopGuard() for path in paths] if self.guards else []
        for due, path in zip(rules._due, paths, strict=True):
            for symbol in path:
                self._follow(due, symbol)
        return rules

    def restricted(self, logits: np.ndarray) -> np.ndarray:
        """`logits`, (V,) or (V, B), with -inf for the characters that are left out."""
        pushed = [guard.followers for guard in self.guards] if self._push else []
        if self._out is None and not any(pushed):
            return logits
        logits = logits.copy()
        if self._out is not None:
            logits[self._out] = -np.inf
        for column, followers in zip(logits.reshape(len(logits), -1).T, pushed, strict=False):
            kept = column[followers]
            column[followers] = -np.inf
            if np.isneginf(column).all():  # nothing else can be written
                column[followers] = kept
        return logits

    def forced(self, chosen: Any) -> Any:
        """`chosen`, a number or (B,), with the characters of a line's beginning where they are due."""
        if not any(self._due):
            return chosen
        numbers = np.atleast_1d(chosen).copy()
        for stream, due in enumerate(self._due):
            if due:
                numbers[stream] = due[0]
        return numbers if np.ndim(chosen) else numbers[0]

    def certain(self, probabilities: np.ndarray) -> np.ndarray:
        """`probabilities`, (V,) or (V, B), with 1 for a character that is due."""
        for column, due in zip(probabilities.reshape(len(probabilities), -1).T, self._due, strict=True):
            if due:
                column[:] = 0
                column[due[0]] = 1
        return probabilities

    def read(self, symbols: Sequence[int]) -> None:
        """Take the character of every stream that was written."""
        for symbol, due in zip(symbols, self._due, strict=True):
            self._follow(due, symbol)
        for symbol, guard in zip(symbols, self.guards, strict=False):
            guard.read(symbol)

    def _follow(self, due: deque[int], symbol: int) -> None:
        if due:
            due.popleft()
        elif symbol == self._line_end:
            due.extend(self._line_start)

    def fed(self, text: str) -> None:
        """Take a text that every stream read."""
        for due in self._due:
            due.clear()
            due.extend(self._line_start if text.endswith("\n") else ())
