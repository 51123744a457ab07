"""Which of several ranks is said to be lost."""

import os
import subprocess
import sys

import pytest
from torch._C._distributed_c10d import HashStore

from lstmterm.nn import joined_ranks
from lstmterm.nn.joined_ranks import JoinedRanks


def test_a_slow_rank_is_not_lost_beside_one_whose_process_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joined_ranks, "LOST_AFTER", 0.0)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    store = HashStore()
    for processes, said in (
        ((ended.pid, os.getpid()), "rank 1 was lost"),
        ((os.getpid(), os.getpid()), "ranks 1 and 2 were lost"),
    ):
        ranks = JoinedRanks.__new__(JoinedRanks)
        ranks.__dict__ |= {
            "rank": 0, "count": 3, "local_count": 3, "_local_rank": 0, "_has_left": True, "_store": store,
        }  # fmt: skip
        for rank, process in enumerate(processes, 1):
            store.set(f"lstmterm/process/{rank}", str(process))
        assert str(ranks._who_is_gone()) == said
