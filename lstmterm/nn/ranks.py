"""Several processes that train one model together, as torchrun starts them.

Every rank holds the whole model and a part of the lanes: rank r of N has lanes r*B//N to
(r+1)*B//N of the B that one process would have. A rank's loss is its share of the mean over all
lanes' scored characters, so the gradients of all ranks *add up* to the one that a single process
has, whatever the lanes' number and however many unknown characters each rank meets. The sum is one
all-reduce of one flat tensor a step, with the loss at its end.

`DistributedDataParallel` would do the same less plainly: it averages where this needs a sum, wants
its own forward pass, and searches the graph for parameters without a gradient in every step (a
learned initial state has one only where lanes start). What it offers for that, sending gradients
while others are still computed, has nothing to work with: the LSTM's come out of one fused call.

Ranks also agree on whatever a clock or a person decides: when to stop, to save, to look. That goes
over gloo between the hosts, so that no GPU is waited for. The first rank writes, validates and
speaks; the others wait for it without a time limit, and hear at once when its connection breaks.

A rank that is gone is noticed by whoever waits for it. Each rank that leaves, for whatever reason,
says so in torchrun's store first; those that did not were lost.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from lstmterm.errors import InputError, RunError
from lstmterm.nn import state
from lstmterm.nn.device import choose_device
from lstmterm.nn.task import Tensors

if TYPE_CHECKING:
    pass

T = TypeVar("T")


class RankLost(RunError):
    """The others cannot go on: ranks are gone without a word, or ended by errors of their own."""


class Ranks:
    """The ranks' simplest form: one process that trains alone. It passes everything through."""

    rank = 0
    count = 1
    here = 1  # ranks on this machine, which share its processors
    speaks = True  # the first one does; or the next, when that was lost

    @property
    def is_first(self) -> bool:
        """Whether this rank writes."""
        return self.rank == 0

    def device(self, name: str) -> torch.device:
        """The device of a `--device` value. Raises `InputError` for one that is not there."""
        return choose_device(name)

    def lanes(self, count: int) -> slice:
        """Which of `count` lanes are this rank's. Raises `InputError` where there are too few."""
        if count < self.count:
            raise InputError(
                f"{self.count} ranks cannot share {count} lanes; start fewer ranks, or give more --batch-size."
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
        """Add up the gradients of all ranks, in the model, and the losses, which are returned."""
        return loss

    def assembled(self, own: Tensor, lanes: int) -> Tensor:
        """The state (L, B, H) of all lanes from that of each rank's own."""
        return own

    def spread(self, model: nn.Module) -> None:
        """Give every rank the first one's weights."""

    def slowest(self, seconds: float) -> float:
        """The longest of the ranks' times."""
        return seconds

    def reduction_seconds(self, model: nn.Module) -> float:
        """How long `reduce` takes."""
        return 0.0

    # Agreement

    def agreed(self, reason: str | None) -> str | None:
        """A reason to stop that some rank has; the lowest such rank's."""
        return reason

    def as_first(self, *flags: bool) -> tuple[bool, ...]:
        """The flags as the first rank sees them."""
        return flags

    def tell(self, value: object) -> None:
        """Send a dataclass, or a mapping, of plain values to the other ranks."""

    def told(self) -> dict[str, Any]:
        """What the first rank tells, on the others."""
        raise RuntimeError("nobody tells anything to a process that is alone")

    def from_first(self, work: Callable[[], T], kind: type[T]) -> T:
        """What `work` gives on the first rank (a dataclass or mapping of plain values), for all.

        Raises `Interrupted` on all ranks where it was raised on the first.
        """
        return work()

    def read_state(
        self, read: Callable[[], tuple[Tensors, dict[str, Any]]]
    ) -> tuple[Tensors, dict[str, Any]]:
        """A saved state, which the first rank reads."""
        return read()

    # Random numbers

    def seed(self, seed: int, step: int = 0) -> int:
        """Where this rank's random numbers start: others' dropout silences other numbers."""
        return seed

    def random_tensors(self, device: torch.device) -> Tensors:
        """The states of all ranks' random generators: `cpu` is the first one's, `cpu.1` the second's."""
        return state.random_tensors(device)

    def restore_random(self, tensors: Tensors, device: torch.device, seed: int) -> None:
        """Return to what `random_tensors` took; a rank that was not there then starts from `seed`."""
        state.restore_random(tensors, device)


ALONE = Ranks()


def _processes(count: int) -> str:
    return "one process" if count == 1 else f"{count} processes"
