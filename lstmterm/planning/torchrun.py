"""What torchrun passes to the processes that it starts: how many they are, and which one this is."""

import os
from dataclasses import dataclass

from lstmterm.errors import InputError

_VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class Launch:
    """This process among those that train a model together."""

    rank: int  # of this process, over all machines; rank 0 writes and prints
    count: int  # of processes, over all machines; at least 2
    local_rank: int  # of this process, on its machine
    local_count: int  # of processes on this machine


def launch() -> Launch | None:
    """This process among those that torchrun started; None if it is alone."""
    if not all(name in os.environ for name in _VARIABLES) or int(os.environ["WORLD_SIZE"]) < 2:
        return None
    rank, count, local_rank = (int(os.environ[name]) for name in _VARIABLES[:3])
    return Launch(rank, count, local_rank, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def is_first() -> bool:
    """Whether this process prints and writes: it is alone, or the first of several."""
    found = launch()
    return found is None or found.rank == 0


def refuse(what: str) -> None:
    """Raise `InputError` if torchrun started several processes; `what` is the first half of the sentence."""
    if launch() is not None:
        raise InputError(f"{what}; start it without torchrun.")
