"""The runs folder: create, list, find and remove runs."""

import contextlib
import errno
import os
import time
from collections.abc import Iterator

from lstmterm import atomic, paths
from lstmterm.errors import InputError, RunError, not_found
from lstmterm.runs import ids, lock
from lstmterm.runs.folder import LOCK_PATIENCE, Run


def run_of(run_id: str) -> Run:
    """The run with this id, whether it exists or not. Raises `NameRejected` for an id that cannot be a folder's."""
    return Run(paths.plain_name(run_id, "run's id"), paths.runs() / run_id)


def refuse_unwritable() -> None:
    """Raise `InputError` where training cannot write its run or its model."""
    for folder in (paths.runs(), paths.models()):
        if wrong := atomic.unwritable(folder):
            raise InputError(f"Training keeps its run and its model in files. {wrong}")


def new_run(name: str) -> Run:
    """The empty folder of a new run of `name`. Raises `NameRejected` for a name that cannot be a file's."""
    while True:
        latest = max((max(run.began, ids.began(run.id)) for run in known_runs()), default=0.0)
        run = run_of(ids.new_id(name, latest, time.time()))
        atomic.make_folder(run.folder.parent)
        try:
            run.folder.mkdir(mode=0o700)
        except FileExistsError:  # by another process at the same time
            continue
        except OSError as error:
            raise atomic.WriteError(run.folder, error) from None
        return run


def create(run_id: str, spec_json: str) -> Run:
    """A new run with its spec. Its folder may exist already, with a log.

    Raises `RunError` for an id in use, and `WriteError`, leaving no empty folder, if the disk is full.
    """
    run = run_of(run_id)
    if run.has_spec():
        raise RunError(f"A run {run_id} exists already.")
    try:
        atomic.write_text(run.folder / "spec.json", spec_json)
    except atomic.WriteError:
        with contextlib.suppress(OSError):  # it holds a log
            run.folder.rmdir()
        raise
    return run


def all_runs() -> list[Run]:
    """All runs, the one that began last first."""
    return sorted(known_runs(), key=_order, reverse=True)


def known_runs() -> list[Run]:
    """All runs in any order; it reads none of their files."""
    return [Run(f.name, f) for f in paths.entries(paths.runs()) if f.is_dir() and f.name[:1] != "."]


def _order(run: Run) -> tuple[float, str]:
    return run.began, run.id


def find(reference: str) -> Run:
    """The run with this id, or the one with this name that began last. Raises `InputError` if there is none."""
    known = known_runs()
    if found := [r for r in known if r.id == reference] or [r for r in known if r.name == reference]:
        return max(found, key=_order)
    names = [run.id for run in known] + [run.name for run in known]
    none_yet = "There are no runs yet; `lstmterm train` starts one."
    raise not_found("run", reference, names, "`lstmterm runs` lists them all.", none_yet)


def find_whole(reference: str) -> Run:
    """As `find`. Raises `RunError` for a run that is damaged."""
    run = find(reference)
    if run.status() != "running":
        run.refuse_damaged()
    return run


def refuse_running(name: str, besides: Run | None = None) -> None:
    """Raise `InputError` if a run (other than `besides`) is training a model with this name, in any case."""
    for run in known_runs():
        if run.name.casefold() == name.casefold() and run != besides and run.is_held():
            raise InputError(
                f"The run {run.id} is training a model named {name!r}; choose another name "
                f"(--name), or stop it with `lstmterm stop {run.id}`."
            )


@contextlib.contextmanager
def writing(run: Run) -> Iterator[None]:
    """Be the one writer of a run and of the model that it publishes.

    Raises `RunError` when another process trains it, and `InputError` when another run trains a model of
    this name: each would replace the other's.
    """
    with contextlib.ExitStack() as held:
        try:
            path = paths.runs() / f".{run.name}.lock"
            with atomic.explaining(path):
                held.enter_context(lock.holding(path, LOCK_PATIENCE))
        except lock.Taken:
            refuse_running(run.name, besides=run)  # names the run
            with run.held():  # or it is this one, and this raises
                raise InputError(f"Another run is training a model named {run.name!r}.") from None
        refuse_running(run.name, besides=run)  # of a version that has no such lock
        held.enter_context(run.held())
        yield


def abandon(run: Run) -> None:
    """Delete a new run that was refused before it began; the log of one in the background stays."""
    (run.folder / "spec.json").unlink(missing_ok=True)
    if not run.log.exists():
        remove(run)


def remove(run: Run) -> None:
    """Delete a run that is not running; the model that it published stays. Raises `RunError` if it is running."""
    if run.folder.is_symlink():  # what it points to stays as it is
        run.folder.unlink()
        return
    with contextlib.ExitStack() as held:
        for lock_it in (run.started, run.held):
            try:
                held.enter_context(lock_it())
            except OSError as error:
                if error.errno != errno.EISDIR:  # a lock that nobody can hold: the run is damaged
                    raise
        discard(run)


def discard(run: Run) -> None:
    """Delete a run that this process alone may write to."""
    doomed = atomic.temporary_beside(run.folder)
    atomic.sweep(doomed.parent)
    os.replace(run.folder, doomed)
    with contextlib.suppress(OSError):
        atomic.delete(doomed)  # what is left is swept by a later process
