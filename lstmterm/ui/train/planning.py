"""What Start would do, worked out beside the screen: the text is read, the model is planned.

The plan's rules are pure and quick, but need to know how fast this machine is. That is measured by
a child (`lstmterm plan CORPUS --json`) where it is not known yet; torch never comes in here.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstmterm import paths
from lstmterm.amounts import count, duration, size
from lstmterm.errors import InputError
from lstmterm.planning.plan import Machine, TextFacts
from lstmterm.ui.train.form import Wish

if TYPE_CHECKING:
    from lstmterm.corpora.corpus import Corpus
    from lstmterm.spec.character import TextPart

_CHECKED = 20_000_000  # characters up to which a text is looked through at once
_EVALUATIONS_SHARE = 0.9  # of the time that goes into steps, roughly


class Cancelled(Exception):
    """The work is of no use any more."""


@dataclass(frozen=True)
class Reading:
    """A text, read: what the form shows, and what the plan needs."""

    corpus: str
    name: str  # what a model of it is called
    told: str
    facts: TextFacts
    check: tuple[tuple[str, str], ...]  # all that a check of it finds, titles and values


def read_text(wish: Wish, say: Callable[[str], None], cancelled: Callable[[], bool]) -> Reading:
    """Read and encode the wished text. Raises `InputError` for what is none, `Cancelled` on request."""
    from lstmterm.corpora import opening, splits
    from lstmterm.spec.character import TextPart
    from lstmterm.ui.train.knobs import values

    def progress(stage: str, done: int, total: int | None) -> None:
        if cancelled():
            raise Cancelled
        share = f" {done / total:.0%}" if total else f" {size(done)}"
        say(f"{stage.capitalize()}{share}")

    text = TextPart.from_dict({"source": wish.corpus, "name": "", **values(wish.chosen)})
    corpus = opening.open_text(text, progress)
    split = splits.cut(len(corpus), text.val, text.test, text.split_cap)
    told = [f"{count(len(corpus))} characters, {len(corpus.vocabulary):,} distinct", corpus.encoding]
    facts = TextFacts(split.train[1] - split.train[0], len(corpus.vocabulary))
    check, warnings = _checked(corpus, text, cancelled)
    return Reading(
        wish.corpus, corpus.name, "\n".join([" · ".join(told), *warnings, *corpus.notes]), facts, check
    )


def _checked(
    corpus: "Corpus", text: "TextPart", cancelled: Callable[[], bool]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What a check finds, and its warnings; of a very long text only what is known anyway."""
    from lstmterm.corpora import checkup

    if cancelled():
        raise Cancelled
    if len(corpus) > _CHECKED:
        return (
            ("size", f"{len(corpus):,} characters; `lstmterm corpora check` looks through all of them"),
        ), ()
    found = checkup.check(corpus, text.val, text.test)
    return (*checkup.rows(found), *checkup.sentences(found)), found.warnings


def known_machine() -> Machine | None:
    """What was measured of this machine most recently; None if nothing was."""
    try:
        table = json.loads(paths.calibration().read_text("utf-8"))
        return [Machine(**values) for values in table.values()][-1]
    except (FileNotFoundError, ValueError, TypeError, AttributeError, IndexError):
        return None


def plan_text(wish: Wish, reading: Reading, machine: Machine) -> tuple[str, str]:
    """The plan of the wish: what and how long, and why."""
    from lstmterm.planning import plan
    from lstmterm.planning.budget import budget
    from lstmterm.ui.train.knobs import values

    given = values(wish.chosen)
    length = budget(wish.time)
    seconds = plan.seconds_of(length.unit, length.amount, reading.facts, machine)
    shape = plan.shape_for(reading.facts, seconds, machine, given)
    pace = plan.chars_per_second(shape.model, shape.batches, reading.facts.symbols, machine)
    per_step = shape.batches.batch_size * shape.batches.seq_length
    if length.unit == "minutes":
        steps = max(1, int(seconds * _EVALUATIONS_SHARE * pace / per_step))
        steps = min(steps, plan.most_steps(shape, reading.facts))
    elif length.unit == "steps":
        steps = int(length.amount)
    else:
        steps = max(1, round(length.amount * reading.facts.chars / per_step))
    shape = plan.for_steps(shape, reading.facts, steps, given)
    took = steps * per_step / pace / _EVALUATIONS_SHARE
    model = shape.model
    what = f"{model.layers}x{model.hidden}, {shape.batches.batch_size} lanes x {shape.batches.seq_length}"
    return f"{what}: about {count(steps)} steps in {duration(took)}.", shape.why


def measure(corpus: str, cancelled: Callable[[], bool]) -> Machine:
    """Let a child measure this machine; it is ended when it is of no use any more.

    What it measures on a busy machine is not remembered, but serves here. Raises `InputError` with its
    sentence if it cannot, `Cancelled` on request.
    """
    command = [sys.executable, "-P", "-m", "lstmterm", "plan", corpus, "--minutes", "1", "--json"]
    with tempfile.TemporaryFile() as planned, tempfile.TemporaryFile() as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=planned, stderr=log)
        while child.poll() is None:
            if cancelled():
                child.kill()
                child.wait()
                raise Cancelled
            time.sleep(0.05)
        for file in (planned, log):
            file.seek(0)
        if child.returncode == 0:
            return Machine(**json.loads(planned.read())["machine"])
        said = log.read().decode("utf-8", "replace").strip().splitlines()
    raise InputError(said[-1].removeprefix("lstmterm: ") if said else "The plan could not be made.")
