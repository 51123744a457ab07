"""What `generate` writes: a text as it comes, or a line of JSON for each sample."""

import dataclasses
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from lstmterm import ending
from lstmterm.cli.progress import progress_bar
from lstmterm.corpora.copied import CopyIndex
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.draft_writing import Keeper
from lstmterm.infer.text_stream import Chunk, TextStream
from lstmterm.spec.sampling import Generation
from lstmterm.stopwatch import Stopwatch
from lstmterm.visible import visible_lines

_TERMINAL_INTERVAL = 1 / 30  # seconds between writes
_PIPE_INTERVAL = 0.2
_LONG_PROMPT = 10_000  # characters that take a moment to read


@dataclass(frozen=True)
class Samples:
    """The samples to write: a stream for each seed, after the same prompt."""

    stream: TextStream
    prompt: str
    generation: Generation
    seeds: Sequence[int]
    echo: bool
    quiet: bool = False  # whether to show no progress while a long prompt is read
    copies: CopyIndex | None = None  # of the model's training text, for `write_json`
    keeper: Keeper | None = None  # of a draft that they are added to

    def write(self) -> Iterator[Chunk]:
        """Read the prompt, and write them."""
        with progress_bar("reading the prompt", self.quiet or len(self.prompt) < _LONG_PROMPT) as read:
            self.stream.start(self.prompt, self.seeds, read)
        if self.keeper is None:
            return self.stream.write()
        return self.keeper.keep(self.stream.write())

    @property
    def opening(self) -> str:
        """What precedes a sample."""
        return self.prompt if self.echo else ""


class Output:
    """Buffered text on stdout: control characters made visible on a terminal, raw in a pipe."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._terminal = sys.stdout.isatty()
        self._interval = _TERMINAL_INTERVAL if self._terminal else _PIPE_INTERVAL
        # A surrogate is a byte that is not UTF-8 in a model of bytes, and a character of its own elsewhere.
        self._surrogates = "surrogateescape" if vocabulary.level == "byte" else "surrogatepass"
        self._pending: list[str] = []
        self._due = 0.0
        self._last = "\n"

    def write(self, text: str) -> None:
        """Add `text`; flushes if the last flush was long enough ago."""
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
            sys.stdout.buffer.write(text.encode("utf-8", self._surrogates))
            sys.stdout.buffer.flush()
        self._due = time.monotonic() + self._interval

    def end_line(self, always: bool = False) -> None:
        """End an unfinished line: on a terminal for the shell's prompt, in a pipe only if `always`."""
        self.flush()
        if self._last != "\n" and (self._terminal or always):
            self.write("\n")
            self.flush()

    def at_end(self) -> bytes:
        """Write what is pending before a signal ends the process."""
        self.flush()
        return b""


def write_plain(samples: Samples) -> None:
    """Print each sample's text, the first one while it is written; several have a heading each."""
    out = Output(samples.stream.vocabulary)
    several = len(samples.seeds) > 1
    later: list[list[str]] = [[] for _ in samples.seeds]  # the samples after the first
    try:
        out.write(_heading(samples.seeds[0]) if several else "")
        out.write(samples.opening)
        with ending.first(out.at_end):
            for written in samples.write():
                if written.stream == 0:
                    out.write(written.text)
                else:
                    later[written.stream].append(written.text)
        for seed, texts in zip(samples.seeds[1:], later[1:], strict=True):
            out.end_line(always=True)
            out.write(_heading(seed) + samples.opening + "".join(texts))
    finally:
        out.end_line(always=several)


def _heading(seed: int) -> str:
    return f"--- seed {seed} ---\n"


def write_json(samples: Samples) -> None:
    """Print a line of JSON for each sample: its text and figures, and how it was made.

    `log_probability` is the natural logarithm of the text's probability by the model as it is, with the stop string
    that ends it, and `nats_per_char` its loss per character. `copied` is what
    they copy from the model's training text: the longest stretch, and the shares of windows; null without that text.
    `ended` says why the text ends, `loops` how many loops were found in it.
    """
    stream = samples.stream
    texts: list[list[str]] = [[] for _ in samples.seeds]
    watch = Stopwatch()
    for written in samples.write():
        texts[written.stream].append(written.text)
        watch.read()
    seconds = watch.read()
    for k, (seed, text) in enumerate(zip(samples.seeds, map("".join, texts), strict=True)):
        nats = stream.nats_per_char(k)
        sample = {
            "text": valid(samples.opening + text),
            "seed": None if stream.beam else seed,
            "prompt": valid(samples.prompt),
            "sampling": None if stream.beam else dataclasses.asdict(stream.sampling),
            "generation": {**dataclasses.asdict(samples.generation), "seed": None if stream.beam else seed},
            "held": {f"{layer}:{unit}": value for (layer, unit), value in (stream.held or {}).items()},
            "ended": stream.endings[k],
            "loops": stream.loops[k],
            "log_probability": None if math.isnan(nats) else round(-stream.nats[k], 6),
            "nats_per_char": None if math.isnan(nats) else round(nats, 6),
            "chars_per_second": round(stream.chars[k] / seconds, 1),
            "copied": samples.copies.copying(text).figures() if samples.copies else None,
        }
        click.echo(json.dumps(sample))


def valid(text: str) -> str:
    """`text` with lone surrogates replaced by U+FFFD, so that any JSON reader takes it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
