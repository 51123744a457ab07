"""What Start would do, worked out in a thread: the text is read, the model is planned.

The plan's rules are quick, but need to know how fast this machine is. Where that is not known yet,
a child process measures it, so that torch is never imported here.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from textual.message import Message

from lstmterm.amounts import count, progress
from lstmterm.errors import InputError
from lstmterm.plain_data import parsed, restored
from lstmterm.planning.length import DEFAULT_LENGTH
from lstmterm.planning.machine import Machine
from lstmterm.planning.request import TrainRequest
from lstmterm.ui.messages import on_screen
from lstmterm.ui.train.form import FormValues

if TYPE_CHECKING:
    from lstmterm.corpora.corpus import Corpus
    from lstmterm.planning.beside_run import Plan
    from lstmterm.planning.text_size import TextFacts
    from lstmterm.spec.character import TextPart


_MEASURED_IN = 6  # seconds, with the time that torch takes to load


@dataclass
class TextRead(Message):
    """A text was read, or cannot be (`wrong` says why)."""

    source: str
    reading: "SourceFacts | None"
    wrong: str = ""


@dataclass
class TextProgress(Message):
    """How much of a text is read."""

    line: str


@dataclass
class Planned(Message):
    """The plan for the form's values, or why there is none yet."""

    plan: str
    why: str = ""
    wrong: bool = False
    waits: str = ""  # for this machine to be "measured" here, or by a "run"
    rows: Mapping[str, str] = field(default_factory=dict)  # the plan at length, by titles
    beside: "Plan | None" = None  # to compare with runs


def measuring(seconds: float) -> str:
    """What happens while this machine is measured, after so many seconds."""
    so_far = f", {seconds:.0f} so far" if seconds >= 1 else ""
    return f"Measuring how fast this machine trains, once: some {_MEASURED_IN} seconds{so_far}. You can start now."


class Cancelled(Exception):
    """The result is no longer needed."""


@dataclass(frozen=True)
class SourceFacts:
    """What was read of the data: what the form shows, and what the plan needs."""

    source: str
    name: str  # of a model, if none is typed
    summary: str
    text: "TextFacts"
    check: tuple[tuple[str, str], ...]  # titles and values
    digest: str = field(default="", kw_only=True)  # of the content, as a spec has it
    spec_source: str = field(default="", kw_only=True)  # what a spec calls the source


def read_text(values: FormValues, say: Callable[[str], object], cancelled: Callable[[], bool]) -> SourceFacts:
    """Read and encode the form's text. Raises `ValueError` if it cannot be read, `Cancelled` on request."""
    from lstmterm.corpora import splits
    from lstmterm.corpora.corpus import open_text
    from lstmterm.planning.text_size import TextFacts
    from lstmterm.spec.character import TextPart

    def tell(stage: str, done: int, total: int | None) -> None:
        if cancelled():
            raise Cancelled
        say(progress(stage.capitalize(), done, total))

    text = TextPart.from_dict({"source": values.source, "name": "", **values.given()})
    corpus = open_text(text, tell)
    split = splits.cut(len(corpus), text.val, text.test, text.split_cap)
    summary = [f"{count(len(corpus))} characters, {len(corpus.vocabulary):,} distinct", corpus.encoding]
    facts = TextFacts(split.train[1] - split.train[0], len(corpus.vocabulary))
    check, warnings = _checked(corpus, text, cancelled)
    return SourceFacts(
        values.source,
        corpus.name,
        on_screen("\n".join([" · ".join(summary), *warnings, *corpus.notes])),
        facts,
        check,
        digest=corpus.digest,
        spec_source=corpus.source,
    )


def _checked(
    corpus: "Corpus", text: "TextPart", cancelled: Callable[[], bool]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The findings of a check, and its warnings; a very long text is not checked."""
    from lstmterm.corpora import checkup

    if cancelled():
        raise Cancelled
    found = checkup.quick(corpus, text.val, text.test)
    if found is None:
        return (
            ("size", f"{len(corpus):,} characters; `lstmterm corpora check` looks through all of them"),
        ), ()
    said = [(heading, on_screen(sentence)) for heading, sentence in checkup.sentences(found)]
    return (*checkup.rows(found), *said), found.warnings


def plan_text(request: TrainRequest, read: SourceFacts, machine: Machine) -> Planned:
    """The plan of a request: what it will bring, and why it is planned so. Raises `InputError`."""
    from lstmterm.models.starting import sizes_to_start_from
    from lstmterm.planning.beside_run import Plan, TextAsRead
    from lstmterm.planning.outlook import outlook
    from lstmterm.runs.earlier import nearest
    from lstmterm.runs.summary import summaries

    length = request.length or DEFAULT_LENGTH
    given = dict(request.given)
    if request.start_from is not None:
        given = sizes_to_start_from(request.start_from, given)
    found, shape = outlook(length, read.text, machine, given, further=request.start_from is not None)
    found = replace(found, earlier=nearest(summaries(), read.name, read.digest, found.seconds))
    plan = Plan(request, length, TextAsRead(read.spec_source, read.digest), shape, found.steps)
    return Planned("\n".join(found.card), found.why, rows=found.rows, beside=plan)


def measure(cancelled: Callable[[], bool], say: Callable[[float], object] = lambda seconds: None) -> Machine:
    """Measure this machine in a child process; `say` hears once a second how long that has taken.

    The result of a busy machine is kept as disturbed, until a quiet moment. Raises `InputError` with the child's
    sentence if it fails, `Cancelled` on request.
    """
    command = [sys.executable, "-P", "-m", "lstmterm", "doctor", "--machine"]
    with tempfile.TemporaryFile() as measured, tempfile.TemporaryFile() as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=measured, stderr=log)
        started, reported = time.monotonic(), 0.0
        while child.poll() is None:
            if cancelled():
                child.kill()
                child.wait()
                raise Cancelled
            time.sleep(0.05)
            if (passed := time.monotonic() - started) >= reported + 1:
                reported = passed
                say(passed)
        for file in (measured, log):
            file.seek(0)
        if child.returncode == 0:
            return restored(Machine, parsed(measured.read()))
        lines = log.read().decode("utf-8", "replace").strip().splitlines()
    raise InputError(lines[-1].removeprefix("lstmterm: ") if lines else "This machine could not be measured.")
