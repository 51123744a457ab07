"""What `generate` writes: a text as it comes, or a line of JSON for each sample."""

import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.sample import Sampling, Written, generate
from lstmterm.visible import visible_lines

_EVERY_ON_A_TERMINAL = 1 / 30  # seconds between writes
_EVERY_IN_A_PIPE = 0.2


@dataclass(frozen=True)
class Request:
    """What is to be written, fully resolved; `length` None is without end."""

    model: CharLSTM
    vocabulary: Vocabulary
    prompt: str
    length: int | None
    sampling: Sampling
    seeds: Sequence[int]
    stop: str
    echo: bool

    def generate(self, measure: bool = False) -> Iterator[Written]:
        """Write it."""
        return generate(
            self.model,
            self.vocabulary,
            prompt=self.prompt,
            length=self.length,
            sampling=self.sampling,
            seeds=self.seeds,
            stop=self.stop,
            measure=measure,
        )

    @property
    def opening(self) -> str:
        """What stands before a sample."""
        return self.prompt if self.echo else ""


class Outlet:
    """Text on stdout, gathered for a moment: made visible on a terminal, raw in a pipe."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._terminal = sys.stdout.isatty()
        self._every = _EVERY_ON_A_TERMINAL if self._terminal else _EVERY_IN_A_PIPE
        # What is no UTF-8 in a model of bytes is the very byte; a character alone is never one.
        self._odd = "surrogateescape" if vocabulary.level == "byte" else "surrogatepass"
        self._pending: list[str] = []
        self._due = 0.0
        self._last = "\n"

    def write(self, text: str) -> None:
        """Add `text`; it is out at latest when the next comes after a moment."""
        self._pending.append(text)
        if time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write what is pending."""
        text = "".join(self._pending)
        self._pending.clear()
        self._last = text[-1:] or self._last
        if self._terminal:
            sys.stdout.write(visible_lines(text))
            sys.stdout.flush()
        else:
            sys.stdout.buffer.write(text.encode("utf-8", self._odd))
            sys.stdout.buffer.flush()
        self._due = time.monotonic() + self._every

    def end_line(self, always: bool = False) -> None:
        """End the line that is begun: on a terminal for the shell's prompt, in a pipe only if `always`."""
        self.flush()
        if self._last != "\n" and (self._terminal or always):
            self.write("\n")
            self.flush()


def write_plain(request: Request) -> None:
    """Each sample's text on stdout, the first as it is written; several have a headline each."""
    out = Outlet(request.vocabulary)
    several = len(request.seeds) > 1
    later: list[list[str]] = [[] for _ in request.seeds]  # the samples but the first
    try:
        out.write(_headline(request.seeds[0]) if several else "")
        out.write(request.opening)
        for written in request.generate():
            if written.stream == 0:
                out.write(written.text)
            else:
                later[written.stream].append(written.text)
        for seed, texts in zip(request.seeds[1:], later[1:], strict=True):
            out.end_line(always=True)
            out.write(_headline(seed) + request.opening + "".join(texts))
    finally:
        out.end_line(always=several)


def _headline(seed: int) -> str:
    return f"--- seed {seed} ---\n"


def write_json(request: Request) -> None:
    """A line for each sample: `text`, `seed`, `prompt`, `nats_per_char`, `chars_per_second`.

    `nats_per_char` is the model's own loss (temperature 1) over the characters that it wrote.
    """
    texts: list[list[str]] = [[request.opening] for _ in request.seeds]
    nats: list[list[float]] = [[] for _ in request.seeds]
    begun = time.perf_counter()
    for written in request.generate(measure=True):
        texts[written.stream].append(written.text)
        nats[written.stream].append(written.nats)
    seconds = time.perf_counter() - begun
    for seed, text, losses in zip(request.seeds, texts, nats, strict=True):
        sample = {
            "text": _proper("".join(text)),
            "seed": seed,
            "prompt": _proper(request.prompt),
            "nats_per_char": round(math.fsum(losses) / len(losses), 6) if losses else None,
            "chars_per_second": round(len(losses) / seconds, 1),
        }
        click.echo(json.dumps(sample))


def _proper(text: str) -> str:
    """`text` with what is no Unicode as U+FFFD, since JSON is read by anything."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
