"""Adapting a model to a text in a process of its own, for a screen whose keys must not wait.

The process reads requests from its standard input and writes messages to its standard output, each a JSON
object on a line: first the text, then the names to save under. It ends when its input does, so it never
outlives the process that started it, however that ends.
"""

import contextlib
import hashlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np

from lstmterm import ending, priority
from lstmterm.errors import InputError, RunError, within_memory
from lstmterm.infer.adapt import AdaptingLibraryModel
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.model_text import Numbered, prompt_text, text_to_look_at, training_text
from lstmterm.infer.score import Score, surprisals, total
from lstmterm.models import library, model_file
from lstmterm.models.model_file import LoadedModel, ModelCard
from lstmterm.plain_data import parsed, restored
from lstmterm.runs import storage
from lstmterm.spec.character import AdaptPart

_NICE = 10
_BEAT = 0.1  # seconds between messages about progress at least
_MOST_OWN = 20_000  # characters of the model's own text that are scored


@dataclass(frozen=True)
class Step:
    """How much of a part of the work is done, of how much; 0 where that is not known."""

    doing: str
    done: int
    whole: int


@dataclass(frozen=True)
class Figures:
    """What is known so far, in bits per character: nothing is None once the model is adapted.

    `while_adapting` predicts each character before the model learns from it. `own_chars` is the length of the
    beginning of the model's own validation text; 0 if that is not available.
    """

    model: str  # its name
    chars: int  # scored
    unknown: int  # not scored, as the model does not know them
    before: float
    rule: str = ""  # by which it adapts, in a sentence
    while_adapting: float | None = None
    after: float | None = None
    own_chars: int = 0
    own_before: float | None = None
    own_after: float | None = None


@dataclass(frozen=True)
class Saved:
    """The adapted model is in the library."""

    name: str


@dataclass(frozen=True)
class Refused:
    """Why there is no adapted model, or why it was not saved, in a sentence."""

    reason: str


Message = Step | Figures | Saved | Refused
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Step, Figures, Saved, Refused)}


@dataclass(frozen=True)
class _Text:
    """A request: adapt this model to this text."""

    model: str
    text: str


@dataclass(frozen=True)
class _Name:
    """A request: save the adapted model."""

    name: str
    overwrite: bool


class AdaptingProcess:
    """The process, from where it is started; its methods may wait, so threads call them."""

    def __init__(self) -> None:
        command = [sys.executable, "-X", f"utf8={sys.flags.utf8_mode}", "-P", "-m", __name__]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process is)
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._log)

    def adapt(self, model: str, text: str) -> Iterator[Step | Figures]:
        """Adapt the model with this name or path to a text, and yield what is known; the last are all figures.

        Raises `InputError` if that is not possible, and `RunError` if the process ended.
        """
        self._send(_Text(model, text))
        while True:
            message = self._next()
            if isinstance(message, Refused):
                raise InputError(message.reason)
            if isinstance(message, Step | Figures):
                yield message
            if isinstance(message, Figures) and message.after is not None:
                return

    def save(self, name: str, *, overwrite: bool) -> None:
        """Save the adapted model in the library. Raises as `adapt`, and may be tried again."""
        self._send(_Name(name, overwrite))
        message = self._next()
        if isinstance(message, Refused):
            raise InputError(message.reason)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()

    def _send(self, request: _Text | _Name) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it ended; `_next` says why
            self._process.stdin.write(json.dumps(asdict(request)).encode() + b"\n")
            self._process.stdin.flush()

    def _next(self) -> Message:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise RunError(self._end())
        found = parsed(line)
        return restored(_KINDS[found["is"]], found)

    def _end(self) -> str:
        """Why the process ended."""
        self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        why = lines[-1].removeprefix(f"{ending.PROGRAM}: ") if lines else "it was killed"
        return f"The process that adapts the model ended early: {why}"


class _Work:
    """What the process does; `send` takes each message."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._sent = 0.0

    def adapt(self, request: _Text) -> tuple[AdaptingLibraryModel, Numbered]:
        """Adapt the model, and send each figure once it is known. Raises `InputError` or `RunError`."""
        model = model_file.load(library.find(request.model).path)
        card = model.card
        if card.kind != "charlm":
            raise InputError(f"{request.model} is a tagger, not a character model.")
        text, own = _passage(card, request.text), self._own_text(card)
        before = self._score("scoring the text", model, text.ids)
        if not before.chars:
            raise InputError("The model knows no character of this text, so there is nothing to learn.")
        figures = Figures(card.name, chars=before.chars, unknown=before.unknown, before=before.bits_per_char)
        self._send(figures)
        if own is not None:
            of_own = self._score("scoring the model's own text", model, own)
            figures = replace(figures, own_chars=of_own.chars, own_before=of_own.bits_per_char)
        training = training_text(card, self._step)
        adapting = AdaptingLibraryModel(
            model, AdaptPart(), training, self._doing("reading the training text")
        )
        figures = replace(figures, rule=adapting.describe())
        self._send(figures)
        losses = adapting.surprisals(text.ids)
        while_adapting = total(losses, len(text.ids) - 1, self._doing("adapting")).bits_per_char
        adapted = LoadedModel(card, adapting.tensors())
        if own is not None:
            of_own = self._score("scoring the model's own text again", adapted, own)
            figures = replace(figures, own_after=of_own.bits_per_char)
        after = self._score("scoring the text again", adapted, text.ids).bits_per_char
        self._send(replace(figures, while_adapting=while_adapting, after=after))
        return adapting, text

    def _own_text(self, card: ModelCard) -> np.ndarray | None:
        """The beginning of the model's validation text, (N,); None if it is no longer available as it was."""
        try:
            return np.asarray(text_to_look_at(card, 2, self._step).ids[:_MOST_OWN])
        except InputError:
            return None

    def _score(self, doing: str, model: LoadedModel, ids: np.ndarray) -> Score:
        losses = surprisals(CharLSTM.from_tensors(model.tensors), ids)
        return total(losses, len(ids) - 1, self._doing(doing))

    def _doing(self, doing: str) -> Callable[[int, int], None]:
        return lambda done, whole: self._step(doing, done, whole)

    def _step(self, doing: str, done: int, whole: int | None) -> None:
        now = time.monotonic()
        if now - self._sent >= _BEAT:
            self._sent = now
            self._send(Step(doing, done, whole or 0))


def _passage(card: ModelCard, text: str) -> Numbered:
    text = prompt_text(card, text)
    ids = card.vocabulary.encode(text)
    if len(ids) < 2:
        raise InputError("The text has fewer than two characters, so there is nothing to predict.")
    return Numbered("a passage", hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), ids)


def serve(requests: Iterable[str], send: Callable[[Message], None]) -> None:
    """Handle the requests until they end: a text to adapt to, then names to save the model under."""
    lines = iter(requests)
    try:
        with within_memory():
            adapting, text = _Work(send).adapt(restored(_Text, parsed(next(lines))))
    except (InputError, RunError, OSError) as error:
        send(Refused(str(error)))
        return
    for line in lines:
        name = restored(_Name, parsed(line))
        try:
            storage.refuse_running(name.name)
            adapting.save(name.name, text, overwrite=name.overwrite)
        except (ValueError, RunError, OSError) as error:
            send(Refused(str(error)))
        else:
            send(Saved(name.name))


def _requests() -> Iterator[str]:
    """The lines of the standard input; the process ends where they do, whatever it does then."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


def _print(message: Message) -> None:
    sys.stdout.write(json.dumps({"is": type(message).__name__, **asdict(message)}) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Be the process."""
    ending.end_on_signals()
    priority.lower(_NICE)
    serve(_requests(), _print)
    os._exit(0)  # a thread still reads


if __name__ == "__main__":
    main()
