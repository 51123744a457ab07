"""What the user says about a run: tags, a note, archived or not; and the sweep that it belongs to.

It lies beside the run's figures in `marks.json`, and only commands of the user write it, never the training. The
reference run, with which others are compared, is one for all runs: its id stands in a file of the runs' folder.
"""

import contextlib
import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lstmterm import atomic, paths, plain_data
from lstmterm.errors import InputError, RunError
from lstmterm.plain_data import Damaged
from lstmterm.runs import lock
from lstmterm.runs.folder import LOCK_PATIENCE, Run

_LARGEST = 100_000  # bytes of a file
_LONGEST_TAG = 40  # characters
_LONGEST_NOTE = 500


@dataclass(frozen=True)
class Marks:
    """What is marked on a run."""

    tags: tuple[str, ...] = ()  # in alphabetical order, each once
    note: str = ""
    archived: bool = False
    group: str = ""  # the id of its sweep; empty for a run on its own
    cell: Mapping[str, str] = field(default_factory=dict)  # the settings that its sweep varies, as typed


def read(run: Run) -> Marks:
    """The marks of a run; none where the file is missing or damaged, so that a list still shows the run."""
    with contextlib.suppress(FileNotFoundError, Damaged):
        return plain_data.restored(Marks, plain_data.read(run.marks, _LARGEST))
    return Marks()


def write(run: Run, marks: Marks) -> None:
    """Replace the marks of a run."""
    atomic.write_text(run.marks, json.dumps(dataclasses.asdict(marks), indent=1))


def change(
    run: Run,
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    note: str | None = None,
    archived: bool | None = None,
) -> Marks:
    """Add and remove tags, and replace the note or whether it is archived where they are given.

    Returns the new marks. Several processes can do so at once. Raises `InputError` for an impossible tag or note, and
    `RunError` for a run that was removed.
    """
    more, less = map(tag, add), set(map(tag, remove))
    fields = {} if archived is None else {"archived": archived}
    if note is not None:
        fields |= {"note": _checked_note(note)}
    try:
        with lock.holding(run.folder / "marks.lock", LOCK_PATIENCE):
            before = read(run)
            tags = tuple(sorted({*before.tags, *more} - less))
            after = dataclasses.replace(before, tags=tags, **fields)
            if after != before:
                write(run, after)
            return after
    except FileNotFoundError:
        raise RunError(f"The run {run.id} has been removed.") from None
    except lock.Taken:
        raise RunError(f"Another process changes the tags of the run {run.id}; try again.") from None


def tag(text: str) -> str:
    """The text as a tag. Raises `InputError` if it is empty, too long, or has a space, a comma or a quote."""
    tidy = text.strip()
    if not tidy or len(tidy) > _LONGEST_TAG or any(c.isspace() or c in ",\"'" for c in tidy):
        raise InputError(
            f"A tag is one word of at most {_LONGEST_TAG} characters without commas and quotes, not {text!r}."
        )
    return tidy


def _checked_note(text: str) -> str:
    tidy = " ".join(text.split())
    if len(tidy) > _LONGEST_NOTE:
        raise InputError(f"A note has at most {_LONGEST_NOTE} characters, not {len(tidy):,}.")
    return tidy


def reference() -> str:
    """The id of the reference run; empty if there is none."""
    with contextlib.suppress(FileNotFoundError, Damaged, UnicodeDecodeError):
        return plain_data.content(_reference(), _LARGEST).decode().strip()
    return ""


def pin(run: Run | None) -> None:
    """Make a run the reference; None for no reference."""
    if run is None:
        _reference().unlink(missing_ok=True)
    else:
        atomic.write_text(_reference(), f"{run.id}\n")


def _reference() -> Path:
    return paths.runs() / ".reference"
