"""Ranks that torchrun started: how they exchange tensors, agree, and notice that one is lost.

A rank that is lost is noticed by the ranks that wait for it. Each rank that leaves, for whatever
reason, says so in torchrun's store first; a rank that did not was lost.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import torch
from safetensors.torch import load as from_safetensors
from safetensors.torch import save as to_safetensors
from torch import Tensor, nn

from lstmterm.errors import InputError, too_large
from lstmterm.nn import saved_state
from lstmterm.nn.device import choose_device
from lstmterm.nn.ranks import ALONE, RankLost, Ranks
from lstmterm.nn.task import Interrupted, Tensors
from lstmterm.planning.torchrun import Launch, launch

if TYPE_CHECKING:
    from torch.distributed import ProcessGroup

PATIENCE = timedelta(days=30)  # the first rank may read or score a large text for hours
LOST_AFTER = 5.0  # seconds in which a living rank announces that it leaves
REDUCTIONS = 10  # timed


class JoinedRanks(Ranks):
    """One of several ranks. All ranks call the collective methods in the same order.

    These raise `RankLost` when a rank is gone.
    """

    def __init__(self, found: Launch) -> None:
        """Connect to the other ranks as torchrun's environment variables say."""
        import torch.distributed as dist
        from torch.distributed.rendezvous import rendezvous

        self._dist = dist
        self.rank, self.count, self.local_count = found.rank, found.count, found.local_count
        self._local_rank = found.local_rank
        self.lost: RankLost | None = None
        self.reports = self.is_first
        self._store, _, _ = next(rendezvous("env://"))
        self._store.set(self._process(self.rank), str(os.getpid()))
        dist.init_process_group(
            "gloo", store=self._store, rank=self.rank, world_size=self.count, timeout=PATIENCE
        )
        self._hosts = self._group("gloo")  # destroyed on its own to wake ranks that wait for this one
        self._gpus: ProcessGroup | None = None
        self._has_left = False

    def _group(self, backend: str) -> "ProcessGroup":
        group = self._dist.new_group(backend=backend, timeout=PATIENCE)
        assert isinstance(group, self._dist.ProcessGroup)
        return group

    def _group_of(self, tensor: Tensor) -> "ProcessGroup":
        """Return the process group for a tensor; the one for GPUs is made when it is first needed."""
        if tensor.device.type != "cuda":
            return self._hosts
        if self._gpus is None:
            self._gpus = self._group("nccl")
        return self._gpus

    def device(self, name: str) -> torch.device:
        """Return this rank's own GPU, whatever number `name` has, or the CPU."""
        wanted = choose_device(name.partition(":")[0])
        if wanted.type == "mps":
            if name == "auto":
                return torch.device("cpu")
            raise InputError("Several processes train on CUDA or the CPU, not on MPS (use --device cpu).")
        if wanted.type == "cuda":
            if self._local_rank >= torch.cuda.device_count():
                raise InputError(
                    f"{self.local_count} processes need a GPU each, but this machine has {torch.cuda.device_count()}; "
                    "start fewer processes, or train on the CPU (--device cpu)."
                )
            wanted = torch.device("cuda", self._local_rank)
            torch.cuda.set_device(wanted)
        return wanted

    # The numbers of all

    def reduce(self, model: nn.Module, loss: Tensor) -> Tensor:
        learning = [p for p in model.parameters() if p.grad is not None]
        parts = [p.grad.flatten() for p in learning if p.grad is not None]
        flat = self._summed(torch.cat([*parts, loss.detach().reshape(1)]))
        *sums, total = flat.split([*(len(part) for part in parts), 1])
        for parameter, part in zip(learning, sums, strict=True):
            parameter.grad = part.view_as(parameter)
        return total[0]

    def gathered(self, own: Tensor, streams: int) -> Tensor:
        whole = own.new_zeros(own.shape[0], streams, own.shape[2])
        whole[:, self.streams(streams)] = own
        return self._summed(whole)

    def broadcast(self, model: nn.Module) -> None:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(self._sent(parameter.detach().clone()))

    def slowest(self, seconds: float) -> float:
        return self._reduced(torch.tensor([seconds], dtype=torch.float64), "MAX").item()

    def reduction_seconds(self, model: nn.Module) -> float:
        flat = torch.cat([p.detach().flatten() for p in model.parameters()])
        for count in (1, REDUCTIONS):  # the first round warms up
            started = time.perf_counter()
            for _ in range(count):
                self._summed(flat.zero_())
            if flat.device.type == "cuda":
                torch.cuda.synchronize(flat.device)
        return self.slowest((time.perf_counter() - started) / REDUCTIONS)

    # Agreement

    def agreed(self, reason: str | None) -> str | None:
        lowest = self._reduced(torch.tensor([self.count - self.rank if reason else 0]), "MAX").item()
        if not lowest:
            return None
        return json.loads(self._bytes(json.dumps(reason).encode(), self.count - int(lowest)))

    def as_first(self, *flags: bool) -> tuple[bool, ...]:
        return tuple(self._sent(torch.tensor(flags)).tolist())

    def send(self, values: Mapping[str, Any]) -> None:
        self._bytes(json.dumps(values).encode())

    def receive(self) -> dict[str, Any]:
        return json.loads(self._bytes(b""))

    def from_first(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if not self.is_first:
            answer = self.receive()
            if "interrupted" in answer:
                raise Interrupted(answer["interrupted"])
            return answer["values"]
        try:
            values = work()
        except Interrupted as request:
            self.send({"interrupted": str(request)})
            raise
        self.send({"values": values})
        return values

    def read_state(
        self, read: Callable[[], tuple[Tensors, dict[str, Any]]]
    ) -> tuple[Tensors, dict[str, Any]]:
        if self.is_first:
            tensors, numbers = read()
            self.send(numbers)
            self._bytes(to_safetensors(tensors))
            return tensors, numbers
        numbers = self.receive()
        # into new memory, like `saved_state.read`
        return {n: t.clone() for n, t in from_safetensors(self._bytes(b"")).items()}, numbers

    # Random numbers

    def seed(self, seed: int, step: int = 0) -> int:
        if self.is_first and step == 0:
            return seed
        return int(np.random.SeedSequence([seed, self.rank, step]).generate_state(1, np.uint64)[0])

    def random_tensors(self, device: torch.device) -> Tensors:
        gathered: Tensors = {}
        for name, own in saved_state.random_tensors(device).items():
            everyones = own.new_zeros(self.count, len(own))
            everyones[self.rank] = own
            gathered[name], *others = self._summed(everyones)
            gathered |= {f"{name}.{rank}": other for rank, other in enumerate(others, 1)}
        return gathered

    def restore_random(self, tensors: Tensors, device: torch.device, seed: int) -> None:
        suffix = "" if self.is_first else f".{self.rank}"
        own = {name: tensors[name + suffix] for name in ("cpu", "cuda") if name + suffix in tensors}
        if own:
            saved_state.restore_random(own, device)
        else:
            torch.manual_seed(seed)

    # Sending

    def _summed(self, tensor: Tensor) -> Tensor:
        return self._reduced(tensor, "SUM")

    def _reduced(self, tensor: Tensor, how: str) -> Tensor:
        """Reduce the tensors of all ranks in place."""
        rule = getattr(self._dist.ReduceOp, how)
        self._together(lambda: self._dist.all_reduce(tensor, rule, group=self._group_of(tensor)))
        return tensor

    def _sent(self, tensor: Tensor, source: int = 0) -> Tensor:
        """Broadcast the tensor of rank `source` in place."""
        self._together(lambda: self._dist.broadcast(tensor, source, group=self._group_of(tensor)))
        return tensor

    def _bytes(self, own: bytes, source: int = 0) -> bytes:
        """Broadcast the bytes of rank `source`."""
        size = int(self._sent(torch.tensor([len(own)]), source).item())
        content = np.zeros(size, dtype=np.uint8)
        if self.rank == source:
            content[:] = np.frombuffer(own, dtype=np.uint8)
        return self._sent(torch.from_numpy(content), source).numpy().tobytes()

    def _together(self, work: Callable[[], object]) -> None:
        """Run a collective operation. Raises `RankLost` if a rank is gone."""
        try:
            work()
        except RuntimeError as error:
            if too_large(error):
                raise
            self.lost = self._who_is_gone()
            raise self.lost from error

    # Leaving

    def leave(self, why: str = "") -> None:
        """Announce that this rank leaves, with its error if it has one, and wake ranks that wait for it."""
        if self._has_left:
            return
        self._has_left = True
        with contextlib.suppress(RuntimeError):  # the store may be gone with its machine
            self._store.set(self._farewell(self.rank), why)
        self._dist.destroy_process_group(self._hosts)

    def _farewell(self, rank: int) -> str:
        return f"lstmterm/left/{rank}"

    def _process(self, rank: int) -> str:
        return f"lstmterm/process/{rank}"

    def _is_seen_to_have_ended(self, rank: int) -> bool:
        """Whether a rank of this machine has no process any more; one that is only slow has."""
        first = self.rank - self._local_rank
        if rank not in range(first, first + self.local_count):
            return False
        try:
            process = psutil.Process(int(self._store.get(self._process(rank))))
            return process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def _who_is_gone(self) -> RankLost:
        """Wait for the others to leave, and say which ones are missing or had errors.

        If processes of missing ones are seen to have ended, only those were lost: the rest had no time to leave.
        """
        self.leave()
        missing = set(range(self.count)) - {self.rank}
        ended = set[int]()
        said: dict[int, str] = {}
        deadline = time.monotonic() + LOST_AFTER
        with contextlib.suppress(RuntimeError):
            while missing and time.monotonic() < deadline:
                for rank in sorted(missing):
                    if self._store.check([self._farewell(rank)]):
                        said[rank] = self._store.get(self._farewell(rank)).decode("utf-8", "replace")
                missing -= said.keys()
                time.sleep(0.05)
            ended = {rank for rank in missing if self._is_seen_to_have_ended(rank)}
        self.reports = missing >= set(range(self.rank))
        errors = [f"rank {rank} ended ({why.rstrip('.')})" for rank, why in sorted(said.items()) if why]
        return RankLost(" and ".join([*_lost(sorted(ended or missing)), *errors]))


def _lost(ranks: list[int]) -> list[str]:
    if not ranks:
        return []
    *others, last = map(str, ranks)
    return [f"ranks {', '.join(others)} and {last} were lost" if others else f"rank {last} was lost"]


@contextlib.contextmanager
def joined() -> Iterator[Ranks]:
    """Join the ranks that torchrun started; without torchrun the process is alone.

    A process that lost others exits here with code 1: an operation they started together, such as a
    reduction on the GPU, never ends, and a normal exit would wait for it.
    """
    found = launch()
    if found is None:
        yield ALONE
        return
    ranks = JoinedRanks(found)
    try:
        yield ranks
    except BaseException as error:
        ranks.leave("" if isinstance(error, RankLost) else str(error) or type(error).__name__)
        raise
    ranks.leave()
    if ranks.lost is not None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(RankLost.exit_code)
