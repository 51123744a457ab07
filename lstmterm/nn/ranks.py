"""Several processes that train one model together, as torchrun starts them.

Each rank holds the whole model and some of the streams: rank r of N has streams r*B//N to (r+1)*B//N
of the B that one process would have. The loss of a rank is its share of the mean over the scored
characters of all streams, so the gradients of all ranks *add up* to those of a single process,
for any number of streams and unknown characters. The sum is one all-reduce of a flat tensor per
step, with the loss at its end.

`DistributedDataParallel` is not used: it averages where this needs a sum, requires its own forward
pass, and searches the graph for parameters without a gradient in every step (a learned initial state
has one only where streams start). Its advantage, sending gradients while others are still computed,
does not apply: the gradients of an LSTM come out of one fused call.

Ranks also agree on everything that a clock or a user decides: when to stop, to save, to report. This
uses gloo between the hosts, so no GPU has to wait. The first rank writes, validates and reports. The
others wait for it without a time limit, and notice at once when its connection breaks.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lstmterm.errors import InputError, RunError
from lstmterm.nn import saved_state
from lstmterm.nn.device import choose_device
from lstmterm.nn.task import Tensors


class RankLost(RunError):
    """Training cannot continue because ranks were lost, or ended with errors of their own."""


class Ranks:
    """A single process that trains alone: everything is passed through."""

    rank = 0
    count = 1
    local_count = 1  # ranks on this machine, which share its processors
    reports = True  # whether this rank reports: the first one, or the next if the first was lost

    @property
    def is_first(self) -> bool:
        """Whether this rank writes."""
        return self.rank == 0

    def device(self, name: str) -> torch.device:
        """Return the device of a `--device` value. Raises `InputError` for an unavailable one."""
        return choose_device(name)

    def streams(self, count: int) -> slice:
        """Return which of `count` streams are this rank's. Raises `InputError` if there are too few."""
        if count < self.count:
            raise InputError(
                f"--batch-size must be at least {self.count}, the number of processes (got {count})."
            )
        return slice(self.rank * count // self.count, (self.rank + 1) * count // self.count)

    def changed_from(self, count: int) -> str:
        """Return a warning that the run was saved by `count` processes instead of these."""
        return (
            f"This run was trained by {_processes(count)} and continues with {_processes(self.count)}. The streams "
            "and the state are the same; sums are rounded in another order, and dropout draws other random numbers."
        )

    # The numbers of all

    def reduce(self, model: nn.Module, loss: Tensor) -> Tensor:
        """Add up the gradients of all ranks in the model, and return the sum of the losses."""
        return loss

    def gathered(self, own: Tensor, streams: int) -> Tensor:
        """Return the state (L, B, H) of all streams from those of each rank."""
        return own

    def broadcast(self, model: nn.Module) -> None:
        """Copy the weights of the first rank to the others."""

    def slowest(self, seconds: float) -> float:
        """Return the longest time of all ranks."""
        return seconds

    def reduction_seconds(self, model: nn.Module) -> float:
        """Measure the seconds that `reduce` takes."""
        return 0.0

    # Agreement

    def agreed(self, reason: str | None) -> str | None:
        """Return the reason to stop of the lowest rank that has one."""
        return reason

    def as_first(self, *flags: bool) -> tuple[bool, ...]:
        """Return the flags of the first rank."""
        return flags

    def send(self, values: Mapping[str, Any]) -> None:
        """Send plain values to the other ranks."""

    def receive(self) -> dict[str, Any]:
        """Receive what the first rank sent with `send`."""
        raise RuntimeError("a single process receives nothing")

    def from_first(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Run `work` on the first rank and return its plain values on all ranks.

        Raises `Interrupted` on all ranks if the first one raised it.
        """
        return work()

    def read_state(
        self, read: Callable[[], tuple[Tensors, dict[str, Any]]]
    ) -> tuple[Tensors, dict[str, Any]]:
        """Read a saved state on the first rank and return it on all."""
        return read()

    # Random numbers

    def seed(self, seed: int, step: int = 0) -> int:
        """Return the seed of this rank: every rank draws its own dropout."""
        return seed

    def random_tensors(self, device: torch.device) -> Tensors:
        """Return the random states of all ranks: `cpu` of the first, `cpu.1` of the second, and so on."""
        return saved_state.random_tensors(device)

    def restore_random(self, tensors: Tensors, device: torch.device, seed: int) -> None:
        """Restore the random states; a rank that has none starts from `seed`."""
        saved_state.restore_random(tensors, device)


ALONE = Ranks()


def _processes(count: int) -> str:
    return "one process" if count == 1 else f"{count} processes"
