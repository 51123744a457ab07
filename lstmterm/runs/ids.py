"""The id of a run, which names its folder: date, time and the name of its model."""

import time

from lstmterm import paths


def new_id(name: str) -> str:
    """A fresh id for a run of `name`. Raises `NameRejected` for a name that cannot be a file's."""
    paths.plain_name(name)
    while (paths.runs() / (run_id := f"{time.strftime('%Y%m%d-%H%M%S')}-{name}")).exists():
        time.sleep(0.2)
    return run_id


def name_in(run_id: str) -> str:
    """The name of the model that a run with this id trains."""
    return run_id.split("-", 2)[-1]
