"""What torchrun tells the processes that it starts: how many they are, and which of them this is."""

import os
from dataclasses import dataclass

from lstmterm.errors import InputError

_TOLD = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class Launch:
    """This process among those that train one model together."""

    rank: int  # of this process, over all machines; the first one, 0, writes and speaks
    count: int  # of processes, over all machines; at least 2
    local_rank: int  # of this process, on its machine
    local_count: int  # of processes on this machine


def launch() -> Launch | None:
    """What torchrun said; None for a process that is alone."""
    if not all(name in os.environ for name in _TOLD) or int(os.environ["WORLD_SIZE"]) < 2:
        return None
    rank, count, local_rank = (int(os.environ[name]) for name in _TOLD[:3])
    return Launch(rank, count, local_rank, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def is_first() -> bool:
    """Whether this process speaks and writes: it is alone, or the first of several."""
    found = launch()
    return found is None or found.rank == 0


def refuse(what: str) -> None:
    """Raise `InputError` where torchrun started several processes; `what` says what takes one."""
    if launch() is not None:
        raise InputError(f"{what}; start it without torchrun.")
